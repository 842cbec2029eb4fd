/** Whatever a D0 line carries: no throw, the same however it is cut, and nothing but what BCC or grammar allow. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { asciiBytes } from "#hal/protocols/ascii.ts";
import { IEC62056_TELEGRAM_BYTES_MAX, Iec62056Decoder } from "#hal/protocols/iec62056-21/iec62056-decoder.ts";
import { beginSignOn, stepSignOn, type SignOnInput } from "#hal/protocols/iec62056-21/sign-on.ts";
import { decodeAll, readAlike } from "#test/builders/telegram-runs.ts";
import { chunksOf, mutated } from "#test/builders/telegram-mutations.ts";

const SETTINGS = { seed: 20_261_122, numRuns: 700 };
const make = (): Iec62056Decoder => new Iec62056Decoder();

const anyLine = fc
  .tuple(
    fc.constantFrom("1-0:1.8.1*255", "F.F", "C.1.0", "6.26*01", "P.01", ""),
    fc.array(fc.constantFrom("000123.456*kWh", "00", "", "088*C&082*C", "&&", "L1-L2"), { maxLength: 3 }),
    fc.constantFrom("\r\n", ""),
  )
  .map(([code, values, end]) => code + values.map((value) => `(${value})`).join("") + end);

const anyReadout = fc
  .tuple(fc.array(anyLine, { maxLength: 5 }), fc.constantFrom("right", "wrong", "unchecked", "pushed", "no end"))
  .map(([lines, form]) => {
    const data = `${lines.join("")}!\r\n`;
    const sum = asciiBytes(`${data}\x03`).reduce((total, byte) => total ^ byte, form === "wrong" ? 1 : 0);
    const head = "/ISk5MT174-0001\r\n";
    if (form === "pushed") return asciiBytes(`${head}\r\n${data}`);
    const end = form === "right" || form === "wrong" ? `\x03${String.fromCharCode(sum)}` : "";
    return asciiBytes(`${head}\x02${form === "no end" ? data.slice(0, -3) : data}${end}`);
  });

const anyStream = fc
  .array(fc.oneof(anyReadout, mutated(anyReadout), fc.uint8Array({ maxLength: 40 })), { maxLength: 5 })
  .map((parts) => concatBytes(...parts));

const test = suite("D0 readouts, fuzzed");

test("any stream gives the same readouts, whole, byte by byte and in any pieces", () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat(30), { minLength: 1 }), (stream, sizes) => {
      readAlike((pieceBytes) => decodeAll(make, stream, pieceBytes), chunksOf(sizes), { runs: 1 });
    }),
    SETTINGS,
  );
});

test("readouts lie behind one another in the stream, and only intact ones have values", () => {
  fc.assert(
    fc.property(anyStream, (stream) => {
      let end = 0;
      for (const { offset, lengthBytes, problem, values } of decodeAll(make, stream)) {
        assert.ok(offset >= end && lengthBytes > 0 && lengthBytes <= IEC62056_TELEGRAM_BYTES_MAX);
        end = offset + lengthBytes;
        assert.is(values.length > 0, problem === undefined);
      }
      assert.ok(end <= stream.length);
    }),
    SETTINGS,
  );
});

test("one changed byte in a readout with a BCC gives no other value", () => {
  const whole = asciiBytes("/ISk5MT174-0001\r\n\x021-0:1.8.0*255(0008048.375*kWh)\r\n!\r\n\x03");
  const sum = whole.subarray(18).reduce((total, byte) => total ^ byte, 0);
  const readout = concatBytes(whole, Uint8Array.of(sum));
  const right = decodeAll(make, readout);
  assert.is(right[0]?.problem, undefined);
  for (let at = 18; at < readout.length; at += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const damaged = readout.slice();
      damaged[at] = byte;
      const found = decodeAll(make, damaged).filter(({ problem }) => problem === undefined);
      assert.equal(found, byte === readout[at] ? right : []);
    }
  }
});

test("a sign-on ends, whatever comes and however", () => {
  const anyInput: fc.Arbitrary<SignOnInput> = fc.oneof(
    fc.constant<SignOnInput>({ kind: "silent" }),
    fc
      .oneof(fc.uint8Array({ maxLength: 30 }), mutated(fc.constant(asciiBytes("/?!\r\n/ISk5MT174\r\n"))))
      .map((bytes): SignOnInput => ({ kind: "received", bytes })),
  );
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 20 }), (inputs) => {
      let { state } = beginSignOn();
      const silences = Array.from({ length: 3 }, (): SignOnInput => ({ kind: "silent" }));
      for (const input of [...inputs, ...silences]) ({ state } = stepSignOn(state, input));
      assert.ok(state.phase === "reading" || state.phase === "failed");
    }),
    SETTINGS,
  );
});

test.run();
