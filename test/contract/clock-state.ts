/** What hal/ports/clock-state.ts promises, for any source. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ClockStateSource } from "#hal/ports/clock-state.ts";

export interface ClockStateUnderTest {
  readonly source: ClockStateSource;
  readonly monotonicMs: () => number;
  /** Something outside sets the date, to within so many milliseconds. */
  readonly sync: (errorMs: number) => void;
  /** What was known of the date is known no more. */
  readonly lose: () => void;
  readonly pass: (durationMs: number) => void;
  readonly end?: () => void;
}

export function clockStateContract(name: string, make: () => ClockStateUnderTest): void {
  const test = suite(`clock state contract: ${name}`);
  const world = (claim: string, check: (under: ClockStateUnderTest) => void): void => {
    test(claim, () => {
      const under = make();
      try {
        check(under);
      } finally {
        under.end?.();
      }
    });
  };

  world("a date that nothing has set is not synchronised", ({ source, lose, monotonicMs }) => {
    lose();
    const state = source.look();
    assert.is(state.kind, "unsynced");
    assert.ok(state.sinceMs <= monotonicMs());
  });

  world("after a time server's answer the date has a bound, and keeps its start", ({ source, sync, lose, pass }) => {
    lose();
    source.look();
    pass(10_000);
    sync(20);
    const first = source.look();
    assert.is(first.kind, "synced");
    assert.ok(first.kind === "synced" && first.errorMs >= 20 && first.errorMs < 1000, JSON.stringify(first));
    pass(60_000);
    const later = source.look();
    assert.is(later.kind, "synced");
    assert.is(later.sinceMs, first.sinceMs);
  });

  world("the bound never shrinks by itself", ({ source, sync, pass }) => {
    sync(20);
    let before = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      const state = source.look();
      assert.ok(state.kind === "synced" && state.errorMs >= before, JSON.stringify({ before, state }));
      before = state.errorMs;
      pass(60_000);
    }
  });

  world("what is lost is told at the next look, from then on", ({ source, sync, lose, pass, monotonicMs }) => {
    sync(20);
    const before = source.look();
    pass(5_000);
    lose();
    const lost = source.look();
    assert.is(lost.kind, "unsynced");
    assert.ok(lost.sinceMs > before.sinceMs && lost.sinceMs <= monotonicMs());
    pass(5_000);
    assert.is(source.look().sinceMs, lost.sinceMs);
    sync(20);
    assert.is(source.look().kind, "synced");
  });

  test.run();
}
