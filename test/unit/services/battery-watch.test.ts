import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Clock } from "#hal/ports/clock.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { decodeBatteryJournal, encodeBatteryJournal } from "#services/battery-journal.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import type { IntervalRecord } from "#core/metering/battery-record.ts";
import { NO_BATTERY_ENERGY } from "#core/metering/battery-energy.ts";
import { MemoryRegister } from "#test/builders/hostile-ledger.ts";
import { ToldVehicle, type Told } from "#test/builders/told-vehicle.ts";

const test = suite("battery watch");
const ADDRESS = new Uint8Array(32).fill(7);
const CONTRACT = { address: ADDRESS, powerMaxW: 11_000, signedMilliWh: 0 };
const CHARGING: Told = { batteryVoltageV: 360, batteryCurrentA: 20, charging: true };
const RESTING: Told = { batteryVoltageV: 360, batteryCurrentA: -0.2, charging: false };

interface World {
  readonly clock: SimulatedClock;
  readonly vehicle: ToldVehicle;
  readonly journal: MemoryRegister;
  readonly kept: IntervalRecord[];
  readonly told: string[];
  watch: BatteryWatch;
  restart(stepMs?: number): void;
  /** Sets the wall clock on by so much. */
  stepWall(stepMs: number): void;
  run(seconds: number, told: (second: number) => Told | undefined): Promise<void>;
}

function makeWorld(keep?: () => Promise<void>): World {
  const [journal, kept, told] = [new MemoryRegister(), [] as IntervalRecord[], [] as string[]];
  const simulated = new SimulatedClock({ wallEpochMs: 1_780_000_000_000 });
  const vehicle = new ToldVehicle(simulated);
  let offsetMs = 0;
  const clock: Clock = {
    monotonicMs: () => simulated.monotonicMs(),
    wallMs: () => simulated.wallMs() + offsetMs,
    wakeAt: (atMs, wake) => simulated.wakeAt(atMs, wake),
  };
  const start = (): BatteryWatch =>
    new BatteryWatch({
      ...{ vehicle, clock, journal, toMonotonicMs: (ms: number) => ms },
      evidence: { keep: keep ?? ((interval) => Promise.resolve(void kept.push(interval))) },
      limits: { powerMaxW: 170_000, usableMilliWh: null },
      emit: (name, event) => void told.push(`${name} ${"code" in event ? event.code : ""}`),
    });
  const world: World = {
    ...{ clock: simulated, vehicle, journal, kept, told },
    watch: start(),
    restart: (stepMs = 0) => {
      offsetMs += stepMs;
      world.watch = start();
    },
    stepWall: (stepMs) => {
      offsetMs += stepMs;
    },
    run: async (seconds, tell) => {
      for (let second = 0; second < seconds; second += 1) {
        vehicle.told = tell(second);
        await world.watch.look(true);
        await simulated.runFor(1000);
      }
    },
  };
  return world;
}

/** 2 Wh a second, in steps of 0.1 kWh. */
const counting =
  (startWh: number) =>
  (second: number): Told => ({
    ...CHARGING,
    chargedMilliWh: Math.floor((startWh + 2 * second) / 100) * 100_000,
  });

test("a charge is stated by its address, and is still there when the next one has begun", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(101, () => CHARGING);
  assert.is(world.watch.charge.statement.headline.energyMilliWh, 200_000);
  await world.watch.closeCharge();
  assert.equal(world.watch.lastCharge?.address, ADDRESS);
  assert.is(world.watch.lastCharge?.statement.signed.energyMilliWh, 200_000);
  assert.is(world.watch.charge.statement.headline.energyMilliWh, 0);
  assert.is(world.watch.registerMilliWh, 200_000);
});

test("a restart inside of a charge goes on with it; the counter bridges the time away", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(101, counting(0));
  await world.clock.runFor(400_000);
  world.restart();
  await world.watch.openCharge(CONTRACT);
  await world.run(101, counting(1_002));
  const { statement } = world.watch.charge;
  assert.equal([statement.gaps, statement.isInconsistent], [{ count: 1, bridged: 1 }, false]);
  const [integral] = statement.estimates;
  assert.ok(integral !== undefined);
  assert.ok(Math.abs(integral.energyMilliWh - 1_202_000) <= 120_000, `${integral.energyMilliWh}`);
  assert.ok(Math.abs(integral.energyMilliWh - 1_202_000) <= integral.uncertainty.expandedMilliWh);
});

test("a restart with the wall clock set back still finds the energy by the counter", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(101, counting(0));
  await world.clock.runFor(400_000);
  world.restart(-86_400_000);
  await world.run(101, counting(1_002));
  assert.ok(Math.abs(world.watch.registerMilliWh - 1_202_000) <= 120_000, `${world.watch.registerMilliWh}`);
  assert.is(world.watch.charge.statement.trouble, null);
});

test("a wall clock that steps while nothing is restarted changes nothing", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(50, () => CHARGING);
  world.stepWall(-3_600_000);
  await world.run(51, () => CHARGING);
  assert.is(world.watch.registerMilliWh, 200_000);
});

test("another car after a restart is noticed and told", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(30, counting(50_000));
  world.restart();
  await world.run(30, counting(3_000));
  assert.ok(world.told.includes("refused COUNTER_FELL"), world.told.join());
  assert.is(world.watch.charge.statement.isInconsistent, true);
});

test("a register that was lost begins at what the ledger holds", async () => {
  const world = makeWorld();
  await world.watch.openCharge({ ...CONTRACT, signedMilliWh: 5_000_000 });
  await world.run(11, () => CHARGING);
  assert.equal([world.watch.registerMilliWh, world.watch.charge.statement.signed.energyMilliWh], [5_020_000, 20_000]);
});

test("after a gap the register is as old as the gap until the counter has spoken", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(20, counting(0));
  await world.run(40, () => undefined);
  await world.run(5, () => CHARGING);
  assert.is(world.watch.registerAgeMs, Number.POSITIVE_INFINITY);
  await world.run(1, counting(130));
  assert.ok(world.watch.registerAgeMs <= 1000);
});

test("a value that is carried over from an earlier sample is no new reading of the counter", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  const carried = (second: number): Told => {
    const age = (second % 10) * 1000;
    const stands = second - (second % 10);
    return { ...counting(37)(stands), agesMs: { charged: age, stateOfCharge: null, inlet: null, plugged: 0 } };
  };
  await world.run(601, carried);
  const counter = world.watch.charge.statement.crossCheck;
  assert.ok(counter !== null);
  assert.ok(Math.abs(counter.energyMilliWh - 1_200_000) <= counter.uncertainty.expandedMilliWh);
  assert.ok(counter.uncertainty.parts.quantisationMilliWh > 5_000, "ten seconds' worth, not one's");
});

test("a charge without a contract is a charge of its own, followed as closely", async () => {
  const world = makeWorld();
  world.vehicle.told = CHARGING;
  for (let second = 0; second < 100; second += 1) {
    await world.watch.look(false);
    await world.clock.runFor(1000);
  }
  assert.is(world.vehicle.asked, 100);
  await world.run(70, () => RESTING);
  assert.equal(
    [world.watch.lastCharge?.address.length, world.watch.lastCharge?.statement.headline.energyMilliWh],
    [0, 199_000],
  );
  await world.watch.look(false);
  await world.watch.look(false);
  assert.ok(world.vehicle.asked <= 171, "and a parked car is left alone");
});

test("the zero of the current sensor is shown", async () => {
  const world = makeWorld();
  await world.run(10, () => RESTING);
  assert.equal(world.watch.restCurrent, { samples: 10, sumMilliA: -2_000, minMilliA: -200, maxMilliA: -200 });
});

test("a car that tells no current is told about once, and nothing of it is signed", async () => {
  const world = makeWorld();
  await world.run(5, () => ({ ...CHARGING, batteryVoltageV: null, batteryCurrentA: null }));
  assert.equal(world.told, ["meterLost VEHICLE_TELLS_NO_CURRENT"]);
  assert.is(world.watch.ageMs, Number.POSITIVE_INFINITY);
});

test("a card that takes no evidence is told about once, and the charge goes on", async () => {
  const world = makeWorld(() => Promise.reject(new FlashError("FLASH_FULL", "evidence")));
  await world.watch.openCharge(CONTRACT);
  await world.run(700, () => CHARGING);
  assert.equal(world.told, ["refused FLASH_FULL"]);
  assert.is(world.watch.registerMilliWh, 1_398_000);
});

test("the last interval says what the whole charge was", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  await world.run(400, () => CHARGING);
  await world.watch.closeCharge();
  assert.equal(
    world.kept.map(({ index, signedMilliWh }) => [index, signedMilliWh]),
    [
      [0, 600_000],
      [1, 798_000],
    ],
  );
  const [integral] = world.kept.at(-1)?.charge ?? [];
  assert.is(integral?.energyMilliWh, 798_000);
});

test("the journal holds every state that a charge can be in, in one page of the register", async () => {
  const world = makeWorld();
  await world.watch.openCharge(CONTRACT);
  const told = (second: number): Told | undefined =>
    second % 97 > 50
      ? undefined
      : { ...counting(37)(second), stateOfChargePercent: 50, inlet: { powerW: 8_000, kind: "active" } };
  for (let part = 0; part < 12; part += 1) {
    await world.run(25, (second) => told(25 * part + second));
    const stored = world.journal.value;
    assert.ok(stored !== undefined && stored.length < 2_000, `${stored?.length} bytes`);
    const read = decodeBatteryJournal(stored);
    assert.ok(read !== undefined);
    assert.equal(encodeBatteryJournal(read), stored);
  }
});

test("the register of the journal's first form goes on, and anything else begins anew", () => {
  const first = new Map<number, number>([
    [1, 1_780_000_000_000],
    [2, 7_000],
  ]);
  assert.is(decodeBatteryJournal(encodeCbor(first))?.energy.registerMilliWh, 7_000);
  assert.is(decodeBatteryJournal(Uint8Array.of(1, 2, 3)), undefined);
  const none = { wallMs: 1, address: ADDRESS, nextInterval: 0, energy: NO_BATTERY_ENERGY };
  assert.equal(decodeBatteryJournal(encodeBatteryJournal(none)), none);
});

test.run();
