/**
 * Recorded P1 telegrams of many meters against what an independent decoder made of them. The recordings lie beside the
 * checkout, in shared/data.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { DsmrDecoder } from "#hal/protocols/dsmr/dsmr-decoder.ts";
import type { DecodedTelegram } from "#hal/protocols/telegram.ts";
import {
  decodeAll,
  readAlike,
  readExpected,
  readRecording,
  recordingsFolder,
  valueLines,
  withFlippedBits,
  type ExpectedValue,
} from "#test/builders/telegram-runs.ts";

interface SingleTelegram {
  readonly telegram: {
    readonly prefixBytes: number;
    readonly crc: { readonly present: boolean; readonly ok: boolean | null };
    readonly objects: readonly { readonly obis: string; readonly values: readonly ExpectedValue[] }[];
  };
}

interface Stream {
  /** Offset, length, CRC, time, and four values without their units. */
  readonly telegrams: readonly (readonly [number, number, boolean, string, ...string[]])[];
}

const test = suite("recorded P1 telegrams");
const folder = recordingsFolder("dsmr");
const make = (): DsmrDecoder => new DsmrDecoder();

if (folder === undefined) {
  console.log("no recordings beside the checkout: the recorded P1 telegrams are not decoded");
  test.skip("each value is the expected one");
} else {
  const all = Object.entries(readExpected(folder)).map(([file, expected]) => ({
    file,
    bytes: readRecording(folder, file),
    expected: expected as SingleTelegram | Stream,
  }));
  const singles = all.flatMap(({ file, bytes, expected }) =>
    "telegram" in expected ? [{ file, bytes, telegram: expected.telegram }] : [],
  );
  const streams = all.flatMap(({ file, bytes, expected }) =>
    "telegrams" in expected ? [{ file, bytes, telegrams: expected.telegrams }] : [],
  );

  test("each telegram stands where it stands, is intact or not, and has the expected values in their order", () => {
    let values = 0;
    for (const { bytes, telegram, file } of singles) {
      const isRight = telegram.crc.ok !== false;
      const found = decodeAll(make, bytes);
      assert.equal(
        found.map(({ offset }) => offset),
        [telegram.prefixBytes],
        file,
      );
      assert.equal(valueLines(found), isRight ? expectedLines(telegram.objects) : [], file);
      assert.is(found[0]?.problem?.code, isRight ? undefined : "TELEGRAM_BAD_SUM", file);
      values += valueLines(found).length;
    }
    console.log(`P1: ${singles.length} telegrams, ${values} values equal to the expected ones`);
    assert.ok(singles.length >= 30 && values > 500);
  });

  test("each telegram of a continuous recording is found at its place, with its time and counters", () => {
    for (const { bytes, telegrams, file } of streams) {
      const found = decodeAll(make, bytes);
      assert.equal(found.map(row), telegrams, file);
    }
    assert.ok(streams.length > 0);
  });

  test("byte by byte and in random pieces the same is found as in one", () => {
    const random = new SeededRandom("P1 in pieces");
    for (const { bytes } of all) {
      readAlike(
        (pieceBytes) => decodeAll(make, bytes, pieceBytes),
        () => random.integer(1, 300),
        { runs: 2 },
      );
    }
  });

  test("all recordings behind one another give what each gives alone", () => {
    const glued = decodeAll(make, concatBytes(...all.map(({ bytes }) => bytes)));
    let start = 0;
    const expected = all.flatMap(({ bytes }) => {
      const found = decodeAll(make, bytes).map((each) => ({ ...each, offset: each.offset + start }));
      start += bytes.length;
      return found;
    });
    // What one file's end cuts short, another's begin cuts short here.
    assert.equal(glued.map(withoutReason), expected.map(withoutReason));
  });

  test("a telegram with a CRC that is cut anywhere gives nothing once it has said its version, and never another value", () => {
    for (const { bytes, telegram } of singles.filter(({ telegram: { crc } }) => crc.ok === true)) {
      const [whole] = decodeAll(make, bytes);
      const right = valueLines(decodeAll(make, bytes));
      const sumEnd = telegram.prefixBytes + (whole?.lengthBytes ?? 0) - 2;
      const versionAt = right.findIndex((line) => line.startsWith("1-3:0.2.8=") || line.startsWith("0-0:96.1.4="));
      for (let length = 0; length < bytes.length; length += 1) {
        const values = valueLines(decodeAll(make, bytes.subarray(0, length)));
        assert.equal(values, right.slice(0, values.length));
        if (versionAt >= 0 && length < sumEnd) assert.ok(values.length <= versionAt);
      }
    }
  });

  test("a telegram with a CRC gives no value once any bit of what the CRC covers is flipped", () => {
    const random = new SeededRandom("P1 flipped");
    for (const { bytes, telegram } of singles.filter(({ telegram: { crc } }) => crc.ok === true)) {
      const right = valueLines(decodeAll(make, bytes));
      const to = telegram.prefixBytes + (decodeAll(make, bytes)[0]?.lengthBytes ?? 0) - 2;
      for (let run = 0; run < 150; run += 1) {
        const damaged = withFlippedBits(bytes, random, { from: telegram.prefixBytes, to, flips: random.integer(1, 4) });
        const values = valueLines(decodeAll(make, damaged));
        // Two flips may undo one another.
        if (values.length > 0) assert.equal(values, right);
      }
    }
  });

  test("of damaged telegrams without a CRC most are refused", () => {
    const random = new SeededRandom("P1 without CRC flipped");
    let refused = 0;
    let wrong = 0;
    for (const { bytes } of singles.filter(({ telegram: { crc } }) => !crc.present)) {
      const right = valueLines(decodeAll(make, bytes));
      for (let run = 0; run < 500; run += 1) {
        const values = valueLines(decodeAll(make, withFlippedBits(bytes, random)));
        if (values.length === 0) refused += 1;
        else if (values.join() !== right.join()) wrong += 1;
      }
    }
    console.log(`P1 without CRC, one bit flipped: ${refused} refused, ${wrong} with another value`);
    assert.ok(refused > wrong);
  });

  test("a damaged telegram in a stream costs itself and no other", () => {
    const random = new SeededRandom("P1 stream damaged");
    for (const { bytes, telegrams } of streams) {
      for (let run = 0; run < 10; run += 1) {
        const [offset, length] = random.pick(telegrams.slice(1, -1));
        const damaged = withFlippedBits(bytes, random, { from: offset, to: offset + length - 2 });
        const intact = decodeAll(make, damaged).filter(({ problem }) => problem === undefined);
        assert.equal(
          intact.map((each) => each.offset),
          telegrams.map(([at]) => at).filter((at) => at !== offset),
        );
      }
    }
  });
}

function expectedLines(objects: SingleTelegram["telegram"]["objects"]): readonly string[] {
  return objects.flatMap(({ obis, values }) =>
    values.map(({ raw, value = raw, unit = "" }) => `${obis}=${value} ${unit}`),
  );
}

/** As the list of the continuous recording has it: counters there are with their filling zeros. */
function row({ offset, lengthBytes, problem, values }: DecodedTelegram): unknown {
  const valueOf = (code: string): string => values.find((each) => each.code === code)?.value ?? "";
  const filled = (code: string, digits: number): string => valueOf(code).padStart(digits, "0");
  return [
    offset,
    lengthBytes,
    problem === undefined,
    valueOf("0-0:1.0.0"),
    filled("1-0:1.8.1", 10),
    filled("1-0:1.8.2", 10),
    filled("1-0:1.7.0", 6),
    filled("1-0:2.7.0", 6),
  ];
}

function withoutReason({ offset, lengthBytes, problem, values }: DecodedTelegram): unknown {
  return { offset, lengthBytes, problem: problem?.code, values };
}

test.run();
