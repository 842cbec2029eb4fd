/** What hal/ports/charge-point.ts promises, for any charge point in simulated time with hands on its socket. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { LEASE_MS, type ChargePoint, type ChargePointFault, type PlugState } from "#hal/ports/charge-point.ts";

export interface ChargePointFixture {
  readonly point: ChargePoint;
  readonly clock: SimulatedClock;
  /** Brings it to where a gateway has it after its start: whatever was on before is off. */
  start(): Promise<void>;
  /** What may flow at the socket now. */
  currentA(): number;
  /** A current that the charge point can be told, A. */
  readonly permittedA: number;
  plug(state: PlugState): void;
  /** States of the plug that this device can tell apart. */
  readonly plugStates: readonly PlugState[];
  /** Of devices that can fall silent. */
  readonly line?: { fallSilent(): void; speakAgain(): void };
  /** Of devices that show their contactor. */
  readonly showsContactor?: true;
}

/** A driver that looked after every second, as the station does, would hide what it does by itself. */
const LOOK_MS = 1_000;

export function chargePointContract(name: string, make: () => ChargePointFixture): void {
  const test = suite(`charge point: ${name}`);

  const started = async (): Promise<ChargePointFixture> => {
    const fixture = make();
    await fixture.start();
    fixture.plug("plugged");
    return fixture;
  };
  const settle = <Value>({ clock }: ChargePointFixture, promise: Promise<Value>): Promise<Value> =>
    clock.runUntilSettled(promise);

  test("no current flows before the first permit, whatever the device came up with", async () => {
    const fixture = await started();
    assert.is(fixture.currentA(), 0);
    for (let look = 0; look < 3; look += 1) given(await settle(fixture, fixture.point.look()));
    assert.is(fixture.currentA(), 0);
  });

  test("a permit has let the current flow when it resolves, and never more than it says", async () => {
    const fixture = await started();
    given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
    assert.ok(fixture.currentA() > 0 && fixture.currentA() <= fixture.permittedA, `${fixture.currentA()} A`);
  });

  test("who varies its limit follows each change within a second, down and up", async () => {
    const fixture = await started();
    if (!fixture.point.variesLimit) return;
    const topA = Math.floor(fixture.permittedA);
    const steps = [0, 2, 0, 0, 1, 0, 2].map((down) => topA - down).filter((currentA) => currentA >= 6);
    for (const currentA of steps) {
      given(await settle(fixture, fixture.point.permit(currentA)));
      await fixture.clock.runFor(1_000);
      assert.is(fixture.currentA(), currentA);
      given(await settle(fixture, fixture.point.look()));
    }
    given(await settle(fixture, fixture.point.forbid()));
    assert.is(fixture.currentA(), 0);
  });

  test("a forbid has taken it away when it resolves", async () => {
    const fixture = await started();
    given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
    given(await settle(fixture, fixture.point.forbid()));
    assert.is(fixture.currentA(), 0);
  });

  test("a forbid overtakes a permit that is under way, and the permit says so or is over", async () => {
    const fixture = await started();
    const permit = fixture.point.permit(fixture.permittedA);
    const forbid = fixture.point.forbid();
    await settle(fixture, Promise.all([permit, forbid]));
    assert.is(fixture.currentA(), 0);
    await fixture.clock.runFor(5_000);
    assert.is(fixture.currentA(), 0);
  });

  test("a permit after a forbid counts, although both wait for the same line", async () => {
    const fixture = await started();
    const all = [
      fixture.point.permit(fixture.permittedA),
      fixture.point.forbid(),
      fixture.point.permit(fixture.permittedA),
    ];
    const [, , last] = await settle(fixture, Promise.all(all));
    assert.ok(last?.ok);
    assert.ok(fixture.currentA() > 0);
  });

  test("a lease ends by itself", async () => {
    const fixture = await started();
    given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
    await fixture.clock.runFor(LEASE_MS + 3_000);
    assert.is(fixture.currentA(), 0);
  });

  test("a lease that is renewed in time goes on, however long", async () => {
    const fixture = await started();
    const { clock, point } = fixture;
    for (let second = 0; second < 150; second += 1) {
      given(await settle(fixture, point.permit(fixture.permittedA)));
      assert.ok(fixture.currentA() > 0, `after ${second} s`);
      given(await settle(fixture, point.look()));
      assert.ok(fixture.currentA() > 0, `after ${second} s and a look`);
      await clock.runFor(LOOK_MS / 2);
    }
  });

  test("it stays without current as long as nobody permits it", async () => {
    const fixture = await started();
    given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
    given(await settle(fixture, fixture.point.forbid()));
    for (let second = 0; second < 150; second += 1) {
      given(await settle(fixture, fixture.point.look()));
      assert.is(fixture.currentA(), 0, `after ${second} s`);
      await fixture.clock.runFor(LOOK_MS);
    }
  });

  test("the plug is seen as it is", async () => {
    const fixture = await started();
    for (const state of fixture.plugStates) {
      // Nobody takes a current that is not offered.
      if (state === "charging") given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
      fixture.plug(state);
      await fixture.clock.runFor(100);
      assert.is(given(await settle(fixture, fixture.point.look())).plug, state);
    }
  });

  test("a contactor that shows itself is seen, and one that does not is unknown", async () => {
    const fixture = await started();
    const open = given(await settle(fixture, fixture.point.look()));
    assert.is(open.contactor, fixture.showsContactor === true ? "open" : "unknown");
    given(await settle(fixture, fixture.point.permit(fixture.permittedA)));
    fixture.plug("charging");
    const closed = given(await settle(fixture, fixture.point.look()));
    assert.is(closed.contactor, fixture.showsContactor === true ? "closed" : "unknown");
    assert.is(closed.trouble, undefined);
  });

  for (const currentA of [0, 5.9, Number.NaN, -16]) {
    test(`${currentA} A cannot be told to a car and is refused`, async () => {
      const fixture = await started();
      const permit = await settle(fixture, fixture.point.permit(currentA));
      assert.is(permit.ok ? "" : permit.fault.code, "CHARGE_POINT_REFUSED");
      assert.is(fixture.currentA(), 0);
    });
  }

  test("a device that falls silent is told as unreachable, and a forbid is repeated until it hears", async () => {
    const fixture = await started();
    const { line, clock, point } = fixture;
    if (line === undefined) return;
    given(await settle(fixture, point.permit(fixture.permittedA)));
    line.fallSilent();
    assert.is(codeOf(await settle(fixture, point.look())), "CHARGE_POINT_UNREACHABLE");
    assert.is(codeOf(await settle(fixture, point.forbid())), "CHARGE_POINT_UNREACHABLE");
    await clock.runFor(5_000);
    line.speakAgain();
    await clock.runFor(6_000);
    assert.is(fixture.currentA(), 0);
    given(await settle(fixture, point.look()));
  });

  test("the end of a lease is told until the device hears it", async () => {
    const fixture = await started();
    const { line, clock, point } = fixture;
    if (line === undefined) return;
    given(await settle(fixture, point.permit(fixture.permittedA)));
    line.fallSilent();
    await clock.runFor(LEASE_MS + 10_000);
    line.speakAgain();
    await clock.runFor(6_000);
    assert.is(fixture.currentA(), 0);
  });

  test("closing leaves the socket without current, and nothing is permitted after it", async () => {
    const fixture = await started();
    const { clock, point } = fixture;
    given(await settle(fixture, point.permit(fixture.permittedA)));
    await settle(fixture, point.close());
    assert.is(fixture.currentA(), 0);
    const permit = await settle(fixture, point.permit(fixture.permittedA));
    assert.is(permit.ok ? "" : permit.fault.code, "CHARGE_POINT_REFUSED");
    assert.is(fixture.currentA(), 0);
    await clock.runFor(LEASE_MS);
    assert.is(fixture.currentA(), 0);
  });

  test.run();
}

function given<Value>(result: Result<Value, ChargePointFault>): Value {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.fault));
}

function codeOf(result: Result<unknown, ChargePointFault>): string {
  return result.ok ? "" : result.fault.code;
}
