/** The parts that stand between the bus and the protocol: budgets and lanes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LANES, laneOf, PriorityLanes } from "#core/mesh/priority-lanes.ts";
import { TokenBucket } from "#core/mesh/token-bucket.ts";

const test = suite("mesh admission");

test("a bucket gives its burst at once and its rate for ever", () => {
  const bucket = new TokenBucket({ perSecond: 5, burst: 50 }, 1000);
  let taken = 0;
  while (bucket.take(1000)) taken += 1;
  assert.is(taken, 50);
  assert.not.ok(bucket.take(1199));
  assert.ok(bucket.take(1200));
  assert.not.ok(bucket.take(1200));
  taken = 0;
  for (let nowMs = 1200; nowMs <= 101_200; nowMs += 10) if (bucket.take(nowMs)) taken += 1;
  assert.is(taken, 500);
});

test("a bucket fills up to its burst only, and a step back of the time gives nothing", () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, 0);
  assert.ok(bucket.take(1_000_000));
  assert.ok(bucket.take(1_000_000));
  assert.not.ok(bucket.take(1_000_000));
  assert.not.ok(bucket.take(0));
  assert.not.ok(bucket.take(1_000_500), "the time before the step back is not counted again");
  assert.ok(bucket.take(1_001_000));
});

test("a debt is paid before anything is given again", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 10 }, 0);
  assert.is(bucket.spend(0, 10), 0);
  assert.is(bucket.spend(0, 20), 2000);
  assert.not.ok(bucket.take(1999));
  assert.not.ok(bucket.take(2000));
  assert.ok(bucket.take(2100));
});

test("topics have the lane of what they carry", () => {
  assert.equal(
    (["open", "rep", "fin", "mem", "evd"] as const).map((each) => laneOf({ kind: "fact", class: each })),
    ["open", "report", "report", "open", "evidence"],
  );
  assert.is(laneOf({ kind: "reply", token: "" }), "handshake");
  assert.is(laneOf({ kind: "tip", node: "" }), "sync");
});

test("the most important lane goes first, each in the order of arrival", () => {
  const lanes = new PriorityLanes<string>();
  for (const lane of [...LANES].reverse()) for (const number of [1, 2]) lanes.push(lane, `${lane} ${number}`, 1);
  const taken = Array.from({ length: lanes.size }, () => lanes.take());
  assert.equal(
    taken,
    LANES.flatMap((lane) => [`${lane} 1`, `${lane} 2`]),
  );
  assert.is(lanes.take(), undefined);
  assert.is(lanes.bytes, 0);
});

test("when full, the newest of the least important lane goes", () => {
  const lanes = new PriorityLanes<string>({ messagesMax: 3, bytesMax: 1000 });
  lanes.push("sync", "s1", 1);
  lanes.push("sync", "s2", 1);
  lanes.push("vote", "v1", 1);
  assert.equal(lanes.push("open", "o1", 1), ["s2"]);
  assert.equal(lanes.push("sync", "s3", 1), ["s3"], "a flood of the least important drops itself");
  assert.equal(lanes.push("evidence", "e1", 1), ["s1"]);
  assert.equal([lanes.take(), lanes.take(), lanes.take()], ["e1", "v1", "o1"]);
});

test("long messages are bounded by their bytes", () => {
  const lanes = new PriorityLanes<string>({ messagesMax: 100, bytesMax: 10 });
  lanes.push("sync", "s1", 4);
  lanes.push("open", "o1", 4);
  assert.equal(lanes.push("block", "b1", 10), ["s1", "o1"]);
  assert.equal(lanes.push("evidence", "e1", 11), ["e1"], "what is longer than all lanes does not empty them");
  assert.is(lanes.bytes, 10);
  assert.is(lanes.take(), "b1");
});

test.run();
