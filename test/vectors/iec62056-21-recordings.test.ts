/**
 * Recorded D0 readouts of several meters against what another decoder made of them. The recordings lie beside the
 * checkout, in shared/data.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { protocolModeOf, readIdentification } from "#hal/protocols/iec62056-21/identification.ts";
import { Iec62056Decoder } from "#hal/protocols/iec62056-21/iec62056-decoder.ts";
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

interface Readout {
  readonly identification: string;
  readonly manufacturer: string;
  readonly baudChar: string;
  readonly modeEscape: string | null;
  readonly meterId: string;
  readonly proposedBaud: number | null;
  readonly stx: boolean;
  readonly bcc: { readonly ok: boolean } | null;
  readonly dataSets: readonly { readonly address: string; readonly values: readonly ExpectedValue[] }[];
}

/** One file's list was made by the decoder for P1, which leaves out filling zeros. */
interface P1Readout {
  readonly objects: readonly { readonly obis: string; readonly values: readonly ExpectedValue[] }[];
}

const test = suite("recorded D0 readouts");
const folder = recordingsFolder("iec62056-21");
const make = (): Iec62056Decoder => new Iec62056Decoder();

if (folder === undefined) {
  console.log("no recordings beside the checkout: the recorded D0 readouts are not decoded");
  test.skip("each value is the expected one");
} else {
  const all = Object.entries(readExpected(folder)).map(([file, entry]) => ({
    file,
    bytes: readRecording(folder, file),
    expected: (entry as { readonly expected: Readout | P1Readout }).expected,
  }));
  const readouts = all.flatMap(({ file, bytes, expected }) =>
    "dataSets" in expected ? [{ file, bytes, expected }] : [],
  );
  const checked = readouts.filter(({ expected }) => expected.bcc?.ok === true);

  test("each readout is intact or not, and has the expected values in their order, with the meter's own digits", () => {
    let values = 0;
    for (const { file, bytes, expected } of readouts) {
      const isRight = expected.bcc?.ok !== false;
      const found = decodeAll(make, bytes);
      assert.is(found.length, 1, file);
      assert.is(found[0]?.offset, 0, file);
      assert.is(found[0]?.lengthBytes, bytes.length, file);
      assert.is(found[0]?.problem?.code, isRight ? undefined : "TELEGRAM_BAD_SUM", file);
      const lines = expected.dataSets.flatMap((set) => set.values.map((value) => lineOf(set.address, value)));
      assert.equal(valueLines(found), isRight ? lines : [], file);
      values += valueLines(found).length;
    }
    console.log(`D0: ${readouts.length} readouts, ${values} values equal to the expected ones`);
    assert.ok(readouts.length >= 5 && values > 300);
  });

  test("a push that is as good as a P1 telegram has the same values, with their filling zeros", () => {
    for (const { file, bytes, expected } of all) {
      if (!("objects" in expected)) continue;
      const found = decodeAll(make, bytes).flatMap(({ values }) => values);
      assert.equal(
        found.map(({ code, value, unit }) => [code, unit === null ? value : Number(value), unit]),
        expected.objects.flatMap(({ obis, values }) =>
          values.map(({ raw, value, unit = null }) => [obis, value === undefined ? raw : Number(value), unit]),
        ),
        file,
      );
    }
  });

  test("the identification tells the manufacturer, the meter, its abilities and the speed", () => {
    for (const { expected } of readouts) {
      const identification = readIdentification(expected.identification);
      assert.equal(identification, {
        manufacturer: expected.manufacturer,
        speed: expected.baudChar,
        ability: expected.modeEscape,
        meter: expected.meterId,
      });
      assert.ok(identification);
      assert.is(protocolModeOf(identification).baud, expected.proposedBaud ?? 300);
    }
  });

  test("byte by byte and in random pieces the same is found as in one", () => {
    const random = new SeededRandom("D0 in pieces");
    for (const { bytes } of all) {
      readAlike(
        (pieceBytes) => decodeAll(make, bytes, pieceBytes),
        () => random.integer(1, 100),
        { runs: 2 },
      );
    }
  });

  test("all recordings behind one another give what each gives alone", () => {
    let start = 0;
    const alone = all.flatMap(({ bytes }) => {
      const found = decodeAll(make, bytes).map((each) => ({ ...each, offset: each.offset + start }));
      start += bytes.length;
      return found;
    });
    assert.equal(decodeAll(make, concatBytes(...all.map(({ bytes }) => bytes))), alone);
  });

  test("with the parity bits still in it, and told so, a readout is the same", () => {
    for (const { bytes } of all) {
      const withParity = bytes.map((byte) => byte | (isOdd(byte) ? 0x80 : 0));
      assert.equal(
        decodeAll(() => new Iec62056Decoder({ clearsParityBit: true }), withParity),
        decodeAll(make, bytes),
      );
    }
  });

  test("a readout with a BCC that is cut gives nothing, but for a cut just behind the end mark", () => {
    for (const { bytes } of checked) {
      const right = valueLines(decodeAll(make, bytes));
      // Every length at the ends, and some of the thousands between.
      for (let length = 0; length < bytes.length; length += length < 100 || length > bytes.length - 100 ? 1 : 37) {
        const cut = bytes.subarray(0, length);
        const strict = decodeAll(() => new Iec62056Decoder({ requiresBlockCheck: true }), cut);
        assert.equal(valueLines(strict), []);
        assert.equal(valueLines(decodeAll(make, cut)), length === bytes.length - 2 ? right : []);
      }
    }
  });

  test("a readout with a BCC gives no value once one bit of what it covers is flipped", () => {
    const random = new SeededRandom("D0 flipped");
    for (const { bytes } of checked) {
      const from = bytes.indexOf(0x02);
      for (let run = 0; run < 500; run += 1) {
        assert.equal(valueLines(decodeAll(make, withFlippedBits(bytes, random, { from }))), []);
      }
    }
  });

  test("of damaged readouts without a BCC most are refused", () => {
    const random = new SeededRandom("D0 without BCC flipped");
    let refused = 0;
    let wrong = 0;
    for (const { bytes } of readouts.filter(({ expected }) => expected.bcc === null)) {
      const right = valueLines(decodeAll(make, bytes));
      for (let run = 0; run < 500; run += 1) {
        const values = valueLines(decodeAll(make, withFlippedBits(bytes, random)));
        if (values.length === 0) refused += 1;
        else if (values.join() !== right.join()) wrong += 1;
      }
    }
    console.log(`D0 without BCC, one bit flipped: ${refused} refused, ${wrong} with another value`);
    assert.ok(refused > wrong);
  });
}

function lineOf(address: string, { raw, value = raw, unit = "" }: ExpectedValue): string {
  return `${address}=${value} ${unit}`;
}

function isOdd(byte: number): boolean {
  let ones = 0;
  for (let bit = 0; bit < 8; bit += 1) ones += (byte >> bit) & 1;
  return ones % 2 === 1;
}

test.run();
