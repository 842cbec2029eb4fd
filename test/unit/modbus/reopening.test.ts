/** When a line that cannot be opened is tried again: later and later, and not all gateways at once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fail, ok } from "#base/result.ts";
import { registerBusOver } from "#hal/linux/modbus/open-register-bus.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import { readOf } from "./rtu-line.ts";

const LONGEST_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 30_000];

/** Times between the attempts to open a link that nobody answers, when somebody wants to read all the time. */
async function waits(seed: string): Promise<readonly number[]> {
  const clock = new SimulatedClock();
  const attemptsMs: number[] = [];
  const link: ByteLink = {
    ...{ endpoint: "nowhere", isOpen: false },
    open: () => {
      attemptsMs.push(clock.monotonicMs());
      return Promise.resolve(fail({ code: "LINK_UNREACHABLE", reason: "refused" }));
    },
    write: () => Promise.resolve(ok(undefined)),
    close: () => Promise.resolve(),
  };
  const endpoint = { kind: "tcp", host: "nowhere", port: 502 } as const;
  const bus = registerBusOver(link, endpoint, clock, new SeededRandomness(seed));
  while (attemptsMs.length <= LONGEST_MS.length) {
    const answer = await clock.runUntilSettled(bus.read(readOf(1, 0)));
    assert.ok(!answer.ok && answer.fault.code === "BUS_UNREACHABLE" && answer.fault.reason === "refused");
    await clock.runFor(10);
  }
  return attemptsMs.slice(1).map((atMs, index) => atMs - (attemptsMs[index] ?? 0));
}

const test = suite("reopening of a line");

test("each wait is between half of its step and all of it", async () => {
  const found = await waits("one gateway");
  for (const [index, longestMs] of LONGEST_MS.entries()) {
    const waitMs = found[index] ?? 0;
    assert.ok(waitMs >= longestMs / 2 && waitMs <= longestMs + 10, `${waitMs} ms in place of ${longestMs} at most`);
  }
});

test("two gateways do not try at the same times", async () => {
  assert.not.equal(await waits("one gateway"), await waits("another gateway"));
});

test("a link whose write failed is closed before it is opened again", async () => {
  const clock = new SimulatedClock();
  let opened = 0;
  let isOpen = false;
  // As a socket that was reset: the write fails before the link says that it has ended.
  const link: ByteLink = {
    endpoint: "reset",
    get isOpen() {
      return isOpen;
    },
    open: () => {
      if (isOpen) throw new Error("bug: opened twice");
      [isOpen, opened] = [true, opened + 1];
      return Promise.resolve(ok(undefined));
    },
    write: () => Promise.resolve(fail({ code: "LINK_CLOSED", reason: "broken pipe" })),
    close: () => {
      isOpen = false;
      return Promise.resolve();
    },
  };
  const bus = registerBusOver(link, { kind: "tcp", host: "reset", port: 502 }, clock, new SeededRandomness("reset"));
  for (const attempt of [1, 2]) {
    const answer = await clock.runUntilSettled(bus.read(readOf(1, 0)));
    assert.ok(!answer.ok && answer.fault.code === "BUS_UNREACHABLE", JSON.stringify(answer));
    assert.is(opened, attempt);
  }
});

test.run();
