/** The three sources of the clock state keep one contract; and what the kernel's source adds to it. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FileClockState } from "#hal/linux/time/file-clock-state.ts";
import { KernelClockState } from "#hal/linux/time/kernel-clock-state.ts";
import { kernelTimeIn, openKernelTime, type KernelTime } from "#hal/linux/time/kernel-time.ts";
import { openClockState } from "#hal/linux/time/open-clock-state.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { clockStateContract } from "./clock-state.ts";

/** A clock whose date and monotonic time a test moves, and a kernel that says what it is told to. */
class Machine {
  nowMs = 1_000_000;
  offsetMs = Date.UTC(2026, 10, 23);
  /** What the kernel would say; its bound grows by 500 millionths, and 16 s are the end (kernel/time/ntp.c). */
  #corrected: { readonly atMs: number; readonly errorMs: number } | undefined;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs + this.offsetMs;
  }

  correct(errorMs: number): void {
    this.#corrected = { atMs: this.nowMs, errorMs };
  }

  /** By hand: the kernel forgets what it knew. */
  setDate(byMs: number): void {
    this.offsetMs += byMs;
    this.#corrected = undefined;
  }

  readonly read = (): KernelTime => {
    if (this.#corrected === undefined) return { isUnsynced: true, errorMaxMs: 16_000 };
    const errorMaxMs = this.#corrected.errorMs + ((this.nowMs - this.#corrected.atMs) * 500) / 1e6;
    return { isUnsynced: errorMaxMs > 16_000, errorMaxMs: Math.min(errorMaxMs, 16_000) };
  };
}

clockStateContract("what a test says", () => {
  const machine = new Machine();
  const source = new SettableClockState(machine);
  return {
    source,
    monotonicMs: () => machine.nowMs,
    sync: (errorMs) => {
      source.sync(errorMs);
    },
    lose: () => {
      source.lose();
    },
    pass: (durationMs) => {
      machine.nowMs += durationMs;
    },
  };
});

clockStateContract("the kernel", () => {
  const machine = new Machine();
  return {
    source: new KernelClockState(machine, machine.read),
    monotonicMs: () => machine.nowMs,
    sync: (errorMs) => {
      machine.correct(errorMs);
    },
    lose: () => {
      machine.setDate(-3_600_000);
    },
    pass: (durationMs) => {
      machine.nowMs += durationMs;
    },
  };
});

clockStateContract("the file of systemd-timesyncd", () => {
  const machine = new Machine();
  const folder = mkdtempSync(join(tmpdir(), "timesync-"));
  const path = join(folder, "synchronized");
  return {
    source: new FileClockState(machine, path),
    monotonicMs: () => machine.nowMs,
    sync: () => {
      writeFileSync(path, "");
      utimesSync(path, machine.wallMs() / 1000, machine.wallMs() / 1000);
    },
    lose: () => {
      rmSync(path, { force: true });
    },
    pass: (durationMs) => {
      machine.nowMs += durationMs;
    },
    end: () => {
      rmSync(folder, { recursive: true });
    },
  };
});

const test = suite("clock state of the kernel");

test("between the questions of a time service the bound grows by what a quartz does, not by what the kernel fears", () => {
  const machine = new Machine();
  const source = new KernelClockState(machine, machine.read);
  machine.correct(5);
  assert.is(errorAt(source), 5);
  // The longest that systemd-timesyncd waits; the kernel says 1,029 ms by then.
  machine.nowMs += 2_048_000;
  assert.is(errorAt(source), 5 + 102.4);
});

test("a clock that was synchronised is so for days without a time server, with a bound that says how well", () => {
  const machine = new Machine();
  const source = new KernelClockState(machine, machine.read);
  machine.correct(0);
  source.look();
  for (let hour = 0; hour < 24; hour += 1) {
    machine.nowMs += 3_600_000;
    source.look();
  }
  assert.ok(machine.read().isUnsynced);
  assert.is(Math.round(errorAt(source)), 4_320);
  machine.nowMs += 4 * 86_400_000;
  assert.is(source.look().kind, "unsynced");
});

test("a date that is set by hand counts for nothing until something outside has corrected it", () => {
  const machine = new Machine();
  const source = new KernelClockState(machine, machine.read);
  machine.correct(5);
  source.look();
  machine.setDate(3_000);
  assert.is(source.look().kind, "unsynced");
  machine.nowMs += 10_000;
  assert.is(source.look().kind, "unsynced");
  machine.correct(5);
  assert.is(source.look().kind, "synced");
});

test("a step that the time service itself makes does not end it", () => {
  const machine = new Machine();
  const source = new KernelClockState(machine, machine.read);
  machine.correct(5);
  source.look();
  machine.offsetMs += 3_000;
  machine.correct(1);
  assert.is(errorAt(source), 1);
});

test("the kernel's structure is read where it keeps status and bound", () => {
  const timex = new Uint8Array(256);
  const view = new DataView(timex.buffer);
  view.setBigInt64(24, 12_345n, true);
  view.setInt32(40, 0x2001, true);
  assert.equal(kernelTimeIn(timex, 0), { isUnsynced: false, errorMaxMs: 12.345 });
  assert.is(kernelTimeIn(timex, 5).isUnsynced, true);
  view.setInt32(40, 0x2041, true);
  assert.is(kernelTimeIn(timex, 0).isUnsynced, true);
});

test("this machine's kernel answers, with a bound within its own limit", async () => {
  const read = await openKernelTime();
  const told = read?.();
  if (told === undefined) {
    console.log("skipped: this kernel cannot be asked here");
    return;
  }
  assert.ok(told.errorMaxMs >= 0 && told.errorMaxMs <= 16_000 + 1, JSON.stringify(told));
  const state = (await openClockState(new SystemClock())).look();
  assert.is(state.kind, told.isUnsynced ? "unsynced" : "synced");
});

test.run();

function errorAt(source: KernelClockState): number {
  const state = source.look();
  assert.is(state.kind, "synced");
  return state.kind === "synced" ? state.errorMs : NaN;
}
