/**
 * Recorded pushes of Nordic, Austrian and Slovenian meters against what their own library lists. The recordings lie
 * beside the checkout, in shared/data.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DlmsDecoder, type DlmsDecoderOptions, type DlmsTelegram } from "#hal/protocols/dlms/dlms-decoder.ts";
import { physicalValues } from "#hal/protocols/dlms/physical-values.ts";
import type { TelegramValue } from "#hal/protocols/telegram.ts";
import { decipherGcm } from "#hal/linux/decipher-gcm.ts";
import { readExpected, readRecording, recordingsFolder } from "#test/builders/telegram-runs.ts";

interface Expected {
  readonly bytes: number;
  readonly expected: {
    readonly cosem: { readonly knownObjects: readonly string[]; readonly unknownObjects: readonly string[] };
  } | null;
}

const test = suite("recorded DLMS pushes");
const folder = recordingsFolder("dlms-hdlc");

if (folder === undefined) {
  console.log("no recordings beside the checkout: the recorded DLMS pushes are not read");
  test.skip("every value is found");
} else {
  const files = Object.entries(readExpected(folder)) as readonly (readonly [string, Expected])[];

  test("there are recordings", () => {
    assert.ok(files.length >= 6, `only ${files.length}`);
  });

  test("each plain recording is one telegram with the codes, values and units that are listed", () => {
    let values = 0;
    for (const [file, { bytes, expected }] of files) {
      if (expected === null) continue;
      const telegrams = read(folder, file);
      assert.equal(
        telegrams.map(({ lengthBytes, problem }) => [lengthBytes, problem]),
        [[bytes, undefined]],
        file,
      );
      const ours = telegrams.flatMap((telegram) => telegram.values.map(ourLine));
      // "null" is what the list says of codes that the meter announces and does not send.
      const listed = [...expected.cosem.knownObjects, ...expected.cosem.unknownObjects];
      const theirs = listed.filter((line) => !line.endsWith("(null)"));
      assert.equal(ours.toSorted(), theirs.map(theirLine).toSorted(), file);
      values += ours.length;
    }
    assert.ok(values > 60, `only ${values} values`);
  });

  test("makers' scales are put in: 2346 of a Slovenian meter is 234.6 V", () => {
    const [telegram] = read(folder, "slovenia-list-1.bin");
    const physical = physicalLines(telegram);
    assert.ok(physical.includes("1-0:72.7.0(234.6*V)"));
    assert.ok(physical.includes("1-0:71.7.0(0.00*A)"));
  });

  test("the Austrian recording is encrypted, and its key, which ends the file, opens it", () => {
    const file = "austria-example-1.bin";
    assert.equal(
      read(folder, file).map(({ problem }) => problem?.code),
      ["TELEGRAM_ENCRYPTED"],
    );
    const key = readRecording(folder, file).slice(-16);
    const [telegram] = read(folder, file, { key, decipher: decipherGcm });
    assert.equal(telegram?.values.map(ourLine), [
      ...["1-0:1.8.0(12937*Wh)", "1-0:2.8.0(0*Wh)", "1-0:1.7.0(0*W)", "1-0:2.7.0(0*W)"],
      ...["1-0:32.7.0(233.7*V)", "1-0:52.7.0(0*V)", "1-0:72.7.0(0*V)"],
      ...["1-0:31.7.0(0*A)", "1-0:51.7.0(0*A)", "1-0:71.7.0(0*A)", "1-0:13.7.0(1)"],
    ]);
  });
}

function read(folder: string, file: string, options: DlmsDecoderOptions = {}): readonly DlmsTelegram[] {
  const decoder = new DlmsDecoder(options);
  return [...decoder.push(readRecording(folder, file)), ...decoder.end()];
}

function physicalLines(telegram: DlmsTelegram | undefined): readonly string[] {
  if (telegram?.layout === undefined) return [];
  const { layout, values } = telegram;
  return physicalValues({ layout, values }).map(({ code, value, unit }) => `${code}(${value}*${unit})`);
}

/** The list was written by a program that computes with floats: 250 for our 250.0, 230.70000000000002 for 230.7. */
function ourLine({ code, value, kind, unit }: TelegramValue): string {
  return `${code}(${kind === "number" ? Number(value) : value}${unit === null ? "" : `*${unit}`})`;
}

function theirLine(line: string): string {
  return line.replace(/\d+\.\d{6,}/, (float) => `${Number(Number(float).toFixed(6))}`);
}

test.run();
