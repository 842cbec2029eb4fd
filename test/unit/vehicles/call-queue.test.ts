/** Calls that overlap, done in order. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { CallQueue } from "#hal/vehicles/call-queue.ts";

const test = suite("call queue");

test("a call begins when the one before is over, and one that throws does not hold up those behind it", async () => {
  const calls = new CallQueue();
  const seen: string[] = [];
  let finish: () => void = () => undefined;
  const first = calls.run(async () => {
    seen.push("first begins");
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    seen.push("first ends");
    throw new Error("lost");
  });
  const second = calls.run(() => {
    seen.push("second");
    return Promise.resolve(2);
  });
  await Promise.resolve();
  finish();
  assert.is(await first.catch((error: unknown) => error instanceof Error && error.message), "lost");
  assert.is(await second, 2);
  assert.equal(seen, ["first begins", "first ends", "second"]);
});

test("it is settled when everything that was called is over, whatever came of it", async () => {
  const calls = new CallQueue();
  let isDone = false;
  const failed = calls.run(async () => {
    await Promise.resolve();
    isDone = true;
    throw new Error("lost");
  });
  await calls.settled();
  assert.ok(isDone);
  assert.is(await failed.catch(() => "rejected"), "rejected");
});

test.run();
