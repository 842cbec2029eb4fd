/** When a gateway gives signs of life, and when it stops to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fail, ok, type Result } from "#base/result.ts";
import { Supervision } from "#firmware/commands/supervision.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { PendingCalls } from "#hal/linux/pending-calls.ts";
import type { SupervisorFault, SupervisorNews } from "#hal/ports/supervisor.ts";

const WATCHDOG_MS = 10_000;
const test = suite("supervision");

interface Scene {
  readonly clock: SimulatedClock;
  readonly supervision: Supervision;
  readonly news: SupervisorNews[];
  readonly faults: SupervisorFault[];
  /** Milliseconds at which a sign of life was given. */
  readonly aliveAtMs: number[];
  isReachable: boolean;
}

function scene(watch: { readonly watchdogMs: number | undefined } = { watchdogMs: WATCHDOG_MS }): Scene {
  const clock = new SimulatedClock();
  const news: SupervisorNews[] = [];
  const faults: SupervisorFault[] = [];
  const aliveAtMs: number[] = [];
  const tell = (told: SupervisorNews): Result<void, SupervisorFault> => {
    news.push(told);
    if (told.alive === true) aliveAtMs.push(clock.monotonicMs());
    return made.isReachable ? ok(undefined) : fail({ code: "SUPERVISOR_UNREACHABLE", errno: 111 });
  };
  const supervisor = { ...watch, tell };
  const supervision = new Supervision({ supervisor, clock, onFault: (fault) => faults.push(fault) });
  const made: Scene = { clock, supervision, news, faults, aliveAtMs, isReachable: true };
  return made;
}

const noTrouble = (): undefined => undefined;

test("a sign of life comes at once and then at each half of the watchdog's time", async () => {
  const { clock, supervision, news, aliveAtMs } = scene();
  supervision.take("started", { name: "charger", did: "00", serial: 7 });
  assert.equal(news, [], "nothing is told before it is ready");
  supervision.ready(noTrouble);
  assert.equal(news[0], { ready: true, status: "block 7, no mesh" });
  await clock.runFor(21_000);
  assert.equal(aliveAtMs, [0, 5000, 10_000, 15_000, 20_000]);
});

test("a supervisor that does not watch gets no signs of life", async () => {
  const { clock, supervision, aliveAtMs } = scene({ watchdogMs: undefined });
  supervision.ready(noTrouble);
  await clock.runFor(60_000);
  assert.equal(aliveAtMs, []);
  assert.is(clock.pendingWakes, 0);
});

test("a lost meter and a failed charge point are told, and signs of life go on", async () => {
  const { clock, supervision, news, aliveAtMs } = scene();
  supervision.take("started", { name: "charger", did: "00", serial: 0 });
  supervision.ready(noTrouble);
  supervision.take("meterLost", { code: "METER_TIMEOUT", detail: "{}" });
  assert.is(news.at(-1)?.status, "block 0, no mesh, meter: METER_TIMEOUT");
  supervision.take("meterLost", { code: "METER_TIMEOUT", detail: "{}" });
  supervision.take("chargePointFailed", { code: "GUARD_LOST", detail: "{}" });
  await clock.runFor(11_000);
  assert.equal(aliveAtMs, [0, 5000, 10_000]);
  supervision.take("meterBack", { awayMs: 11_000 });
  assert.is(news.at(-1)?.status, "block 0, no mesh, charge point: GUARD_LOST");
  assert.is(news.filter(({ alive }) => alive !== true).length, 4, "each state is told once");
});

test("charges are counted from contract to completion", () => {
  const { supervision, news } = scene();
  supervision.take("started", { name: "charger", did: "00", serial: 0 });
  supervision.take("meshConnected", { up: true });
  supervision.ready(noTrouble);
  for (const address of ["aa", "bb"])
    supervision.take("contractSigned", { address, station: "00", vehicle: "11", evse: 1 });
  assert.is(news.at(-1)?.status, "block 0, mesh connected, 2 charges");
  supervision.take("completed", { address: "aa", role: "station", reason: "unplugged" });
  assert.is(news.at(-1)?.status, "block 0, mesh connected, 1 charge");
});

test("while it cannot work it gives no sign of life, and says why", async () => {
  const { clock, supervision, news, aliveAtMs } = scene();
  let trouble: string | undefined;
  supervision.ready(() => trouble);
  trouble = "flash has not answered for 31 s";
  await clock.runFor(12_000);
  assert.equal(aliveAtMs, [0]);
  assert.is(news.at(-1)?.status, trouble);
  trouble = undefined;
  await clock.runFor(10_000);
  assert.equal(aliveAtMs, [0, 15_000, 20_000]);
});

test("after a failure there is one last sign of life, for the last steps, and then none", async () => {
  const { clock, supervision, news, aliveAtMs } = scene();
  supervision.ready(noTrouble);
  await clock.runFor(7000);
  supervision.fail("FLASH_IO: ledger");
  await clock.runFor(60_000);
  assert.equal(aliveAtMs, [0, 5000, 7000]);
  assert.equal(news.at(-1), { alive: true, status: "failed: FLASH_IO: ledger" });
  supervision.stop();
  assert.equal(news.at(-1)?.stopping, undefined, "what it failed of stands");
});

test("a gateway that is asked to end says so, and no more", async () => {
  const { clock, supervision, news } = scene();
  supervision.ready(noTrouble);
  supervision.stop();
  assert.equal(news.at(-1), { stopping: true, status: "stopping" });
  const count = news.length;
  supervision.take("meshConnected", { up: false });
  await clock.runFor(60_000);
  assert.is(news.length, count);
});

test("a supervisor that cannot be told is said once, and again only after it could be told", async () => {
  const made = scene();
  made.isReachable = false;
  made.supervision.ready(noTrouble);
  await made.clock.runFor(30_000);
  assert.is(made.faults.length, 1);
  made.isReachable = true;
  await made.clock.runFor(10_000);
  made.isReachable = false;
  await made.clock.runFor(10_000);
  assert.is(made.faults.length, 2);
});

test("without a supervisor nothing happens at all", async () => {
  const clock = new SimulatedClock();
  let asked = 0;
  const count = (): undefined => {
    asked += 1;
  };
  const supervision = new Supervision({ supervisor: undefined, clock, onFault: count });
  supervision.ready(count);
  supervision.take("meshConnected", { up: true });
  await clock.runFor(60_000);
  supervision.stop();
  assert.is(asked, 0);
});

test("the oldest call that has not come back is known by its age", async () => {
  const clock = new SimulatedClock();
  const calls = new PendingCalls(clock);
  let answerFirst: () => void = () => undefined;
  const first = calls.watch(new Promise<void>((resolve) => (answerFirst = resolve)));
  await clock.runFor(100);
  void calls.watch(new Promise<void>(() => undefined));
  const failing = calls.watch(Promise.reject(new Error("refused"))).catch(() => "told");
  assert.is(await failing, "told");
  await clock.runFor(100);
  assert.is(calls.oldestMs, 200);
  answerFirst();
  await first;
  assert.is(calls.oldestMs, 100);
});

test("a call to a folder of flash counts for as long as it takes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "calls-"));
  let nowMs = 0;
  const calls = new PendingCalls({ monotonicMs: () => nowMs });
  const flash = await openFlash(folder, calls);
  const creating = flash.create("a", 4096);
  nowMs = 31_000;
  assert.is(calls.oldestMs, 31_000);
  const file = await creating;
  assert.is(calls.oldestMs, 0);
  const writing = file.write(0, new Uint8Array(1));
  nowMs += 500;
  assert.is(calls.oldestMs, 500);
  await writing;
  await file.close();
  await flash.close();
  rmSync(folder, { recursive: true });
});

test.run();
