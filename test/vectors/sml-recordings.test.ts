/**
 * Recorded streams of German meters against what two other decoders make of them. The recordings lie beside the
 * checkout, in shared/data; they are nobody's to copy.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SmlDecoder, type SmlTelegram } from "#hal/protocols/sml/sml-decoder.ts";
import { readExpected, readRecording, recordingsFolder } from "#test/builders/telegram-runs.ts";

interface Expected {
  readonly transport: readonly { readonly offset: number; readonly length: number; readonly crc: string }[];
  readonly decoded: readonly { readonly ok: boolean; readonly lists?: readonly ExpectedList[] }[];
}

interface ExpectedList {
  readonly serverId: string;
  readonly actSensorTime: { readonly SecIndex: number } | null;
  readonly values: readonly {
    readonly obis: string;
    readonly unit?: string | null;
    readonly value?: string;
    readonly text?: string;
    readonly hex?: string;
  }[];
}

const test = suite("recorded SML telegrams");
const folder = recordingsFolder("sml");

if (folder === undefined) {
  console.log("no recordings beside the checkout: the recorded SML telegrams are not read");
  test.skip("every telegram and value is found");
} else {
  const files = Object.entries(readExpected(folder)) as readonly (readonly [string, Expected])[];
  const recordings = files.map(([file, expected]) => ({ file, expected, telegrams: read(folder, file) }));

  test("there are recordings", () => {
    assert.ok(files.length >= 15, `only ${files.length}`);
  });

  test("telegrams begin, end and are damaged where another scan of the bytes says so", () => {
    for (const { file, expected, telegrams } of recordings) {
      const scanned = expected.transport.map(({ offset, length, crc }) => `${offset}+${length} ${crc}`);
      assert.equal(telegrams.map(place), scanned, file);
    }
  });

  test("each value is the other decoders', in their order, but for those that are known to be wrong there", () => {
    const wrongThere: string[] = [];
    let values = 0;
    for (const { file, expected, telegrams } of recordings) {
      const lists = expected.decoded.flatMap((each) => (each.ok ? (each.lists ?? []) : []));
      const theirs = lists.flatMap((list) => list.values.map(theirLine));
      const ours = telegrams.flatMap((telegram) => telegram.values.map(ourLine));
      assert.is(ours.length, theirs.length, file);
      values += ours.length;
      wrongThere.push(
        ...ours.flatMap((line, index) => (line === theirs[index] ? [] : [`${theirs[index]} -> ${line}`])),
      );
    }
    assert.ok(values > 800, `only ${values} values`);
    // DZG DVS74: device-quirks.ts.
    assert.equal(wrongThere, ["1-0:16.7.0*255=-299.12 W -> 1-0:16.7.0*255=356.24 W"]);
  });

  test("each list says of which meter it is, and its time", () => {
    for (const { file, expected, telegrams } of recordings) {
      const lists = expected.decoded.flatMap((each) => (each.ok ? (each.lists ?? []) : []));
      assert.equal(
        telegrams.flatMap((telegram) => telegram.lists.map(({ serverId, sensorTimeS }) => [serverId, sensorTimeS])),
        lists.map(({ serverId, actSensorTime }) => [serverId, actSensorTime?.SecIndex ?? null]),
        file,
      );
    }
  });
}

function read(folder: string, file: string): readonly SmlTelegram[] {
  const decoder = new SmlDecoder();
  return [...decoder.push(readRecording(folder, file)), ...decoder.end()];
}

function place({ offset, lengthBytes, problem }: SmlTelegram): string {
  const verdicts: Readonly<Record<string, string>> = { TELEGRAM_BAD_SUM: "bad", TELEGRAM_CUT_SHORT: "truncated" };
  return `${offset}+${lengthBytes} ${problem === undefined ? "x25" : (verdicts[problem.code] ?? problem.code)}`;
}

function ourLine({ code, value, unit }: SmlTelegram["values"][number]): string {
  return `${code}=${value} ${unit ?? ""}`;
}

/** Units are compared of numbers: with texts some meters send a code that means none. */
function theirLine({ obis, value, text, hex, unit }: ExpectedList["values"][number]): string {
  return `${obis}=${value ?? text ?? hex ?? ""} ${value === undefined ? "" : (unit ?? "")}`;
}

test.run();
