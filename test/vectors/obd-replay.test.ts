/**
 * Recorded replies through the command, started as a program, judged by the rule of the recordings: never a wrong
 * payload. And the same replies damaged in every way that real adapters damage theirs.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { toHex } from "#base/bytes.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { idDigits } from "#hal/protocols/obd/ecu-address.ts";
import { replayExchange, requestOfRecording } from "#hal/vehicles/replay-exchange.ts";
import { type ObdRecord, readObdRecords } from "../builders/obd-recordings.ts";
import { TallystickProcess } from "../builders/tallystick-process.ts";

const test = suite("replayed OBD replies");
const records = readObdRecords();

interface Printed {
  readonly id: string;
  readonly outcome: "payload" | "ask-again";
  readonly payload?: string;
  readonly reason?: string;
  readonly values?: Readonly<Record<string, number | null>> | null;
}

if (records === undefined) {
  test("skipped: the recordings are not beside the checkout", () => {
    console.log("no recorded OBD replies beside this checkout; nothing was replayed");
  });
} else {
  test("each record through the program: a clean one exactly, and nothing wrong ever", async () => {
    const printed = await replayAll(records);
    assert.is(printed.length, records.length);
    const counts = { exact: 0, askedAgain: 0, wrong: 0, withValues: 0 };
    records.forEach((record, index) => {
      const result = printed[index];
      assert.is(result?.id, record.id);
      const isRight = result?.outcome === "payload" && isExpected(record, result.payload ?? "");
      if (result?.outcome === "ask-again") counts.askedAgain += 1;
      else if (isRight) counts.exact += 1;
      else counts.wrong += 1;
      if (result?.values != null) counts.withValues += 1;
      if (record.kind === "clean" || record.kind === "multi")
        assert.ok(isRight, `${record.id}: ${result?.reason ?? ""}`);
    });
    console.log(`replayed: ${JSON.stringify(counts)} of ${records.length}`);
    assert.is(counts.wrong, 0);
    // Whoever asks again too often reads no car: all that can be recovered is, in these.
    assert.is(counts.askedAgain, records.filter(({ kind }) => kind === "reject").length);
    assert.ok(counts.withValues > 1_000, `${counts.withValues} with values`);
  });

  test("only id, request and response are looked at", async () => {
    const sample = records.filter((_record, index) => index % 50 === 0);
    const bare = sample.map(({ id, request, response }) => ({ id, request, response }));
    assert.equal(await replayAll(bare), await replayAll(sample));
  });

  for (const [name, damage] of Object.entries(damages())) {
    test(`a clean reply ${name}: its payload, or asked again`, () => {
      const random = new SeededRandom(`damage ${name}`);
      const counts = { exact: 0, askedAgain: 0 };
      records.forEach((record, index) => {
        // Every other one, for the time it takes; which ones differs from damage to damage.
        if (record.kind !== "clean" || (index + name.length) % 2 === 0) return;
        // Two whole messages in one reply that trade frames are two whole messages: no framing can tell.
        if (name.includes("swapped") && firstFramesIn(record) > 1) return;
        const lines = damage(record.response, random, records[Math.max(0, index - 1)]?.response ?? []);
        const payload = payloadOf(record, lines);
        if (payload === undefined) counts.askedAgain += 1;
        else {
          assert.is(payload, record.payload, `${record.id}: ${lines.join(" | ")}`);
          counts.exact += 1;
        }
      });
      console.log(`${name}: ${JSON.stringify(counts)}`);
      assert.ok(counts.exact + counts.askedAgain > 2_000);
    });
  }
}

type Damage = (lines: readonly string[], random: SeededRandom, before: readonly string[]) => readonly string[];

function damages(): Readonly<Record<string, Damage>> {
  return {
    "that lost a line": (lines, random) => without(lines, random.integer(0, lines.length - 1)),
    "with a line twice": (lines, random) => {
      const at = random.integer(0, lines.length - 1);
      return [...lines.slice(0, at + 1), ...lines.slice(at)];
    },
    // Sequence numbers count to 16: frames that far apart look alike, and no adapter swaps those.
    "with two lines swapped": (lines, random) => {
      const first = random.integer(0, Math.max(0, lines.length - 2));
      const second = Math.min(lines.length - 1, first + random.integer(1, 15));
      const swapped = [...lines];
      swapped[first] = lines[second] ?? "";
      swapped[second] = lines[first] ?? "";
      return swapped;
    },
    "with two lines merged": (lines, random) => {
      const at = random.integer(0, Math.max(0, lines.length - 2));
      return [...lines.slice(0, at), `${lines[at] ?? ""}${lines[at + 1] ?? ""}`, ...lines.slice(at + 2)];
    },
    "with a line that lost an odd number of characters": (lines, random) => {
      const at = random.integer(0, lines.length - 1);
      const line = (lines[at] ?? "").replaceAll(" ", "");
      const start = random.integer(0, line.length - 3);
      const cut = line.slice(0, start) + line.slice(start + (random.chance(0.5) ? 1 : 3));
      return [...lines.slice(0, at), cut, ...lines.slice(at + 1)];
    },
    "behind the end of the reply before": (lines, _random, before) => [...before.slice(1), ...lines],
    "behind its own end": (lines) => [...lines.slice(1), ...lines],
    "behind its own beginning": (lines, random) => [...lines.slice(0, random.integer(0, lines.length)), ...lines],
    "in front of its own beginning": (lines, random) => [...lines, ...lines.slice(0, random.integer(0, lines.length))],
    "cut off by the adapter": (lines, random) => [
      ...lines.slice(0, random.integer(0, lines.length - 1)),
      "BUFFER FULL",
    ],
    "that was interrupted": (lines) => [...lines, "STOPPED"],
    "of an adapter that started anew": (lines) => [...lines, "", "ELM327 v1.5"],
    "with echo, spaces and a search": (lines) => [
      "SEARCHING...",
      ...lines.map((line) => line.replaceAll(/(..)/g, "$1 ")),
    ],
  };
}

function without(lines: readonly string[], at: number): readonly string[] {
  return [...lines.slice(0, at), ...lines.slice(at + 1)];
}

function firstFramesIn(record: ObdRecord): number {
  const request = requestOfRecording(record.request);
  assert.ok(request.ok);
  const { ecu } = request.value;
  const start = idDigits(ecu.responseId, ecu.idBits).length + (ecu.extension === undefined ? 0 : 2);
  return record.response.filter((line) => line.replaceAll(" ", "")[start] === "1").length;
}

function payloadOf(record: ObdRecord, lines: readonly string[]): string | undefined {
  const request = requestOfRecording(record.request);
  assert.ok(request.ok);
  const command = `${record.request.service}${record.request.did}`;
  const chunk = new TextEncoder().encode(`${lines.join("\r")}\r\r>`);
  const { payload } = replayExchange(request.value, command, [chunk]);
  return payload === undefined ? undefined : toHex(payload).toUpperCase();
}

/** One reply that two units gave in full is recorded without a payload; its right one is the asked unit's. */
function isExpected(record: ObdRecord, payload: string): boolean {
  return payload === record.payload || (record.kind === "multi" && record.payload === undefined);
}

async function replayAll(all: readonly Pick<ObdRecord, "id" | "request" | "response">[]): Promise<readonly Printed[]> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-replay-"));
  try {
    const file = join(folder, "records.jsonl");
    writeFileSync(file, all.map((record) => `${JSON.stringify(record)}\n`).join(""));
    const { exitCode, out, err } = await new TallystickProcess(["vehicle", "replay", file, "--json"]).ended;
    assert.is(exitCode, 0, err);
    return out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.run();
