/** Whatever a P1 line carries: no throw, the same however it is cut, and nothing but what CRC or grammar allow. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { DSMR_TELEGRAM_BYTES_MAX, DsmrDecoder } from "#hal/protocols/dsmr/dsmr-decoder.ts";
import { asciiBytes } from "#hal/protocols/ascii.ts";
import { crc16Arc } from "#hal/protocols/crc16.ts";
import { decodeAll, readAlike, valueLines } from "#test/builders/telegram-runs.ts";
import { chunksOf, mutated } from "#test/builders/telegram-mutations.ts";

const SETTINGS = { seed: 20_261_122, numRuns: 700 };
const make = (): DsmrDecoder => new DsmrDecoder();

const anyLine = fc
  .tuple(
    fc.constantFrom("1-0:1.8.1", "0-0:96.1.1", "1-0:1.8.0*255", "0-1:24.2.1", "C.1", "1-3:0.2.8", ""),
    fc.array(fc.constantFrom("000123.456*kWh", "181106140429W", "", "4B38", "1.5", "-01*W"), { maxLength: 3 }),
  )
  .map(([code, values]) => `${code}${values.map((value) => `(${value})`).join("")}\r\n`);

/** Telegrams with a right, a wrong or no CRC. */
const anyTelegram = fc
  .tuple(fc.array(anyLine, { maxLength: 5 }), fc.constantFrom("right", "wrong", "none", "no end"))
  .map(([lines, end]) => {
    const text = `/ISK5\\2M550T-1011\r\n\r\n${lines.join("")}`;
    const sum = crc16Arc(asciiBytes(`${text}!`))
      .toString(16)
      .padStart(4, "0");
    return asciiBytes(text + { right: `!${sum}\r\n`, wrong: "!0000\r\n", none: "!\r\n", "no end": "" }[end]);
  });

const anyStream = fc
  .array(fc.oneof(anyTelegram, mutated(anyTelegram), fc.uint8Array({ maxLength: 40 })), { maxLength: 5 })
  .map((parts) => concatBytes(...parts));

const test = suite("P1 telegrams, fuzzed");

test("any stream gives the same telegrams, whole, byte by byte and in any pieces", () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat(30), { minLength: 1 }), (stream, sizes) => {
      readAlike((pieceBytes) => decodeAll(make, stream, pieceBytes), chunksOf(sizes), { runs: 1 });
    }),
    SETTINGS,
  );
});

test("telegrams lie behind one another in the stream, and only intact ones have values", () => {
  fc.assert(
    fc.property(anyStream, (stream) => {
      let end = 0;
      for (const { offset, lengthBytes, problem, values } of decodeAll(make, stream)) {
        assert.ok(offset >= end && lengthBytes > 0 && lengthBytes <= DSMR_TELEGRAM_BYTES_MAX);
        end = offset + lengthBytes;
        assert.is(values.length > 0, problem === undefined);
        assert.ok(String.fromCharCode(...stream.subarray(offset, end)).startsWith("/"));
      }
      assert.ok(end <= stream.length);
    }),
    SETTINGS,
  );
});

test("a number in the result stands in the stream, digit for digit", () => {
  fc.assert(
    fc.property(anyStream, (stream) => {
      const text = String.fromCharCode(...stream);
      for (const { values } of decodeAll(make, stream)) {
        for (const { value, unit, kind } of values) {
          const digits = value.replace(/^[+-]/, "");
          assert.ok(text.includes(kind === "number" && unit !== null ? `${digits}*${unit})` : `(${value})`));
        }
      }
    }),
    SETTINGS,
  );
});

test("an undamaged telegram with a CRC is found behind any noise", () => {
  const whole = asciiBytes("/ABC5x\r\n\r\n1-0:1.8.0(1*Wh)\r\n!");
  const sum = asciiBytes(`${crc16Arc(whole).toString(16)}\r\n`);
  fc.assert(
    fc.property(anyStream, (noise) => {
      const lines = valueLines(decodeAll(make, concatBytes(noise, whole, sum)));
      assert.is(lines.at(-1), "1-0:1.8.0=1 Wh");
    }),
    SETTINGS,
  );
});

test.run();
