/** The guard of a controller on a bus: switches it off in the place of a host that has died or stands still. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import type { Duty } from "#firmware/guard/guard-message.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { simulatedController } from "#hal/mock/modbus/charge-controllers/registry.ts";
import type { SimulatedController } from "#hal/mock/modbus/charge-controllers/controller-parts.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import type { ChargePointFault, ChargePointState } from "#hal/ports/charge-point.ts";
import { GuardHost, until } from "#test/builders/guard-site.ts";
import { openPtyPair } from "#test/builders/pty-pair.ts";

type Done = Result<null, ChargePointFault>;
type Look = Result<ChargePointState, ChargePointFault>;

const MODEL = "phoenix-ev-cc-eth";
const UNIT = 1;

interface Site {
  readonly controller: SimulatedController;
  readonly duty: Duty;
  readonly home: string;
  currentA(): number;
  newHost(): GuardHost;
  dispose(): Promise<void>;
}

const test = suite("guard with a last will");

test("a host that is killed with a permit: the guard forbids in its place, and goes", async () => {
  const site = await openTcpSite();
  const { host, guard } = await permitted(site);
  const sinceMs = performance.now();
  host.kill("SIGKILL");
  await until(() => site.currentA() === 0);
  const tookMs = performance.now() - sinceMs;
  console.log(`  kill -9: forbidden after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 2_000);
  await until(() => !isAlive(guard));
  await site.dispose();
});

test("a controller that does not hear is told until it does, and the next host takes an unfinished will over", async () => {
  const site = await openTcpSite();
  const { host, guard } = await permitted(site);
  site.controller.faults.silent = true;
  host.kill("SIGKILL");
  await pass(1_500);
  assert.ok(isAlive(guard), "it goes on trying");
  const next = site.newHost();
  await next.started();
  await until(() => !isAlive(guard));
  const second = await next.tell<number>({ order: "pid" });
  // The next host dies, too, before it could switch off: what its guard has taken over is not forgotten.
  next.kill("SIGKILL");
  site.controller.faults.silent = false;
  await until(() => site.currentA() === 0);
  await until(() => !isAlive(second));
  await site.dispose();
});

test("a host that is killed without a permit, or closed, leaves no guard behind", async () => {
  const site = await openTcpSite();
  const { host, guard } = await permitted(site);
  await host.tell({ order: "close" });
  assert.is(site.currentA(), 0);
  await until(() => !isAlive(guard));
  const next = site.newHost();
  await next.started();
  const second = await next.tell<number>({ order: "pid" });
  await next.tell({ order: "forbid" });
  next.kill("SIGKILL");
  await until(() => !isAlive(second));
  await site.dispose();
});

test("a host that stands still on a serial line is ended, for its line is needed", async () => {
  if (spawnSync("socat", ["-V"]).status !== 0) {
    console.log("skipped: socat is not installed");
    return;
  }
  const site = await openSerialSite();
  const { host, guard } = await permitted(site);
  const sinceMs = performance.now();
  host.kill("SIGSTOP");
  await until(() => site.currentA() === 0, 8_000);
  const tookMs = performance.now() - sinceMs;
  console.log(`  SIGSTOP on a serial line: forbidden after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
  await until(() => host.child.signalCode === "SIGKILL");
  await until(() => !isAlive(guard));
  await site.dispose();
});

test("without its guard a host permits nothing, and forbids", async () => {
  const site = await openTcpSite();
  const { host, guard } = await permitted(site);
  process.kill(guard, "SIGKILL");
  await until(() => site.currentA() === 0, 1_000);
  const look = await host.tell<Look>({ order: "look" });
  assert.is(look.ok ? look.value.trouble?.code : look.fault.code, "GUARD_LOST");
  const refused = await host.tell<Done>({ order: "permit", currentA: 16 });
  assert.is(refused.ok ? "" : refused.fault.code, "GUARD_LOST");
  await host.tell({ order: "close" });
  await site.dispose();
});

test.run();

async function permitted(site: Site): Promise<{ readonly host: GuardHost; readonly guard: number }> {
  const host = site.newHost();
  const started = (await host.started()) as Done;
  assert.ok(started.ok, JSON.stringify(started));
  const permit = await host.tell<Done>({ order: "permit", currentA: 16 });
  assert.ok(permit.ok, JSON.stringify(permit));
  assert.is(site.currentA(), 16);
  return { host, guard: await host.tell<number>({ order: "pid" }) };
}

async function openTcpSite(): Promise<Site> {
  const { controller, current, clock } = newController();
  const server = new TcpSlaves({ clock, units: new Map([[UNIT, controller]]) }, { host: "127.0.0.1", port: 0 });
  const port = await server.start();
  const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
  return site(controller, current, endpoint, () => server.stop());
}

async function openSerialSite(): Promise<Site> {
  const { controller, current, clock } = newController();
  const cable = await openPtyPair();
  const line = { baudRate: 38_400, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const slaves = new RtuSlaves({
    ...{ link: new SerialLink({ ...line, path: cable.farPath }), clock },
    units: new Map([[UNIT, controller]]),
  });
  await slaves.start();
  return site(controller, current, { kind: "serial", path: cable.nearPath, ...line }, async () => {
    await slaves.stop();
    await cable.dispose();
  });
}

function newController(): {
  readonly controller: SimulatedController;
  readonly current: { a: number };
  readonly clock: SystemClock;
} {
  const clock = new SystemClock();
  const current = { a: 0 };
  const target = {
    plugState: () => "plugged" as const,
    setPermittedCurrent: (currentA: number) => {
      current.a = currentA;
    },
  };
  const controller = simulatedController(MODEL, { target, clock });
  if (controller === undefined) throw new Error("no such controller");
  return { controller, current, clock };
}

function site(
  controller: SimulatedController,
  current: { readonly a: number },
  endpoint: Extract<Duty, { readonly kind: "last-will" }>["endpoint"],
  close: () => Promise<void>,
): Site {
  const home = mkdtempSync(join(tmpdir(), "tallystick-guard-"));
  const duty: Duty = { kind: "last-will", model: MODEL, unit: UNIT, pauseMs: 0, endpoint };
  const hosts: GuardHost[] = [];
  return {
    ...{ controller, duty, home },
    currentA: () => current.a,
    newHost: () => {
      const host = new GuardHost(home, duty);
      hosts.push(host);
      return host;
    },
    dispose: async () => {
      for (const { child } of hosts) child.kill("SIGKILL");
      await close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
