/** Every recorded reply through the production path. The rule: never a wrong payload. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { replayExchange, type ReplayVerdict, requestOfRecording } from "#hal/vehicles/replay-exchange.ts";
import { type ObdRecord, readObdRecords } from "../builders/obd-recordings.ts";

const test = suite("recorded OBD replies");
const records = readObdRecords();
const random = new SeededRandom("recorded OBD replies");

if (records === undefined) {
  test("skipped: the recordings are not beside the checkout", () => {
    console.log("no recorded OBD replies beside this checkout; nothing was checked against them");
  });
} else {
  test("the recordings are read at all", () => {
    assert.ok(records.length > 5000, `${records.length} records`);
  });

  test("a clean reply gives exactly its payload, and no reply gives a wrong one", () => {
    const counts = judgeAll(records, (record) => replay(record, [1e6, 1e6]));
    console.log(`recorded replies: ${JSON.stringify(counts)}`);
    assert.is(counts.wrong, 0);
    assert.is(counts.clean.askedAgain, 0);
    assert.is(counts.multi.returned, 22);
    // Ask again too often and no car can be read: nearly all that is recoverable must be recovered.
    assert.ok(counts.recoverable.returned > 0.95 * (counts.recoverable.returned + counts.recoverable.askedAgain));
  });

  test("the same replies cut into random chunks give the same", () => {
    const counts = judgeAll(records, (record) => replay(record, [1, 30]));
    assert.is(counts.wrong, 0);
    assert.is(counts.clean.askedAgain, 0);
    assert.equal(
      counts,
      judgeAll(records, (record) => replay(record, [1, 1])),
    );
  });
}

interface Tally {
  returned: number;
  askedAgain: number;
}

interface Counts extends Record<ObdRecord["kind"], Tally> {
  wrong: number;
}

function judgeAll(all: readonly ObdRecord[], run: (record: ObdRecord) => ReplayVerdict): Counts {
  const tally = (): Tally => ({ returned: 0, askedAgain: 0 });
  const counts: Counts = { wrong: 0, clean: tally(), recoverable: tally(), reject: tally(), multi: tally() };
  for (const record of all) {
    const verdict = run(record);
    if (verdict.outcome === "ask-again") {
      counts[record.kind].askedAgain += 1;
      continue;
    }
    counts[record.kind].returned += 1;
    const payload = toHex(verdict.payload ?? new Uint8Array()).toUpperCase();
    if (payload === record.payload) continue;
    // The one reply that two units gave in full is recorded without a payload; its right one is the asked unit's.
    if (record.kind === "multi" && record.payload === undefined) continue;
    counts.wrong += 1;
    console.log(`wrong payload for ${record.id} (${record.kind} ${record.command_id}): ${payload}`);
  }
  return counts;
}

function replay(record: ObdRecord, [pieceMin, pieceMax]: readonly [number, number]): ReplayVerdict {
  const request = requestOfRecording(record.request);
  if (!request.ok) throw new Error(request.fault.reason);
  const bytes = new TextEncoder().encode(`${record.response.join("\r")}\r\r>`);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + random.integer(pieceMin, pieceMax);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return replayExchange(request.value, `${record.request.service}${record.request.did}`, chunks);
}

test.run();
