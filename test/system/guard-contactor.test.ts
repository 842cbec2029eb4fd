/** The guard of a contactor, as a process of its own beside a host that is killed, stopped and held up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import type { ChargePointFault, ChargePointState } from "#hal/ports/charge-point.ts";
import type { GuardHost } from "#test/builders/guard-site.ts";
import { openContactorSite, until } from "#test/builders/guard-site.ts";

type Done = Result<null, ChargePointFault>;
type Look = Result<ChargePointState, ChargePointFault>;

/** What the product promises for the coil, from the event to the open line. */
const OPEN_MS_MAX = 500;

/** One site for all: a host and its guard take a second to start, so the tests that end the host come last. */
const test = suite("guard of a contactor");
const site = await openContactorSite();
const host = await newHost();
test.after(() => site.dispose());
test.before.each(async () => {
  site.gpio.drive("ESTOP", 0);
  site.gpio.drive("STOP", 1);
  site.gpio.drive("PLUG", 0);
  // A stop that has ended is over with the forbid after it, and a lost guard with the next one.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await host.tell({ order: "forbid" });
    const look = await host.tell<Look>({ order: "look" });
    if (look.ok && look.value.trouble === undefined && look.value.contactor === "open") return;
    await pass(50);
  }
  throw new Error("the site does not come to rest");
});

async function newHost(): Promise<GuardHost> {
  const made = site.newHost();
  const started = (await made.started()) as Done;
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  return made;
}

async function close(): Promise<void> {
  const permitted = await host.tell<Done>({ order: "keep", currentA: 16 });
  assert.ok(permitted.ok, JSON.stringify(permitted));
  await until(() => site.gpio.level("AUX") === 0);
}

async function opensWithin(what: string, sinceMs: number): Promise<void> {
  await until(() => site.openedAfterMs(sinceMs) !== undefined, 5_000);
  const tookMs = site.openedAfterMs(sinceMs) ?? Infinity;
  console.log(`  ${what}: open after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs <= OPEN_MS_MAX, `${what}: ${tookMs} ms`);
}

test("it stays closed as long as the host lives, and opens at a forbid", async () => {
  await close();
  const sinceMs = performance.now();
  await pass(1_000);
  assert.is(site.openedAfterMs(sinceMs), undefined);
  assert.ok((await host.tell<Done>({ order: "forbid" })).ok);
  assert.not(site.isClosed());
});

test("a host that is stopped leaves it open within half a second, and closed it is only by a new permit", async () => {
  await close();
  const sinceMs = performance.now();
  host.kill("SIGSTOP");
  await opensWithin("SIGSTOP", sinceMs);
  await pass(300);
  assert.not(site.isClosed());
  host.kill("SIGCONT");
  await until(() => site.isClosed());
});

test("a host whose event loop is held up leaves it open within half a second", async () => {
  await close();
  const sinceMs = performance.now();
  host.order({ order: "block", forMs: 1_200 });
  await opensWithin("busy loop", sinceMs);
});

test("a hiccup of 150 ms does not open it", async () => {
  await close();
  const sinceMs = performance.now();
  await host.tell({ order: "block", forMs: 150 });
  await pass(400);
  assert.is(site.openedAfterMs(sinceMs), undefined);
});

for (const [what, press] of [
  [
    "emergency stop",
    () => {
      site.gpio.drive("ESTOP", 1);
    },
  ],
  [
    "a torn wire of the emergency stop",
    () => {
      site.gpio.drive("ESTOP", undefined);
    },
  ],
  [
    "stop button",
    () => {
      site.gpio.drive("STOP", 0);
    },
  ],
] as const) {
  test(`${what}: it opens at once, and the host's permits do not close it`, async () => {
    await close();
    const sinceMs = performance.now();
    press();
    await opensWithin(what, sinceMs);
    const permit = await host.tell<Done>({ order: "permit", currentA: 16 });
    assert.is(permit.ok ? "" : permit.fault.code, "CHARGE_POINT_STOPPED");
    assert.not(site.isClosed());
  });
}

test("a guard that is killed is noticed at once, the contactor is open, and a new guard takes over", async () => {
  await close();
  const pid = await host.tell<number>({ order: "pid" });
  const sinceMs = performance.now();
  process.kill(pid, "SIGKILL");
  await opensWithin("the guard is killed", sinceMs);
  const trouble = await troubleWithin(500);
  assert.is(trouble?.code, "GUARD_LOST");
  assert.match(trouble?.code === "GUARD_LOST" ? trouble.reason : "", /SIGKILL|closed its pipe/);
  const refused = await host.tell<Done>({ order: "permit", currentA: 16 });
  assert.is(refused.ok ? "" : refused.fault.code, "GUARD_LOST");
  await until(() => site.isClosed(), 15_000);
  assert.is(await troubleWithin(0), undefined);
});

test("a guard that stands still is ended by the host, which releases the line", async () => {
  await close();
  const pid = await host.tell<number>({ order: "pid" });
  const sinceMs = performance.now();
  process.kill(pid, "SIGSTOP");
  await until(() => site.openedAfterMs(sinceMs) !== undefined, 5_000);
  const tookMs = site.openedAfterMs(sinceMs) ?? Infinity;
  console.log(`  the guard stands still: open after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 2_000, `${tookMs} ms`);
});

test("a second guard on the same lines says who holds them, and disturbs nothing", async () => {
  await close();
  const second = site.newHost();
  const started = (await second.started()) as Done;
  assert.is(started.ok ? "" : started.fault.code, "GUARD_LOST");
  assert.match(JSON.stringify(started), /line COIL is held by tallystick/);
  assert.ok(site.isClosed());
});

test("a host that is killed leaves it open within half a second", async () => {
  await close();
  const sinceMs = performance.now();
  host.kill("SIGKILL");
  await opensWithin("kill -9", sinceMs);
  // The line is free again: the guard has gone, too.
  await until(() => site.gpio.open().holdOutput({ line: "COIL", isActive: false }).ok);
});

test.run();

async function troubleWithin(durationMs: number): Promise<ChargePointFault | undefined> {
  const untilMs = performance.now() + durationMs;
  for (;;) {
    const look = await host.tell<Look>({ order: "look" });
    const trouble = look.ok ? look.value.trouble : look.fault;
    if (trouble !== undefined || performance.now() > untilMs) return trouble;
    await pass(20);
  }
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
