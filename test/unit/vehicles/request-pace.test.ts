/** Each request at its pace, by the variant that the car answers, in the session that it needs; values have an age. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { VehicleSample } from "#hal/ports/vehicle-link.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { allVariants } from "#hal/vehicles/profile-requests.ts";
import { answerOf, answersOf, restingCar, type Wanted } from "../../builders/profile-answers.ts";
import { ScriptedLine } from "../../builders/scripted-line.ts";

const test = suite("pace of requests");

interface World {
  readonly clock: SimulatedClock;
  readonly line: ScriptedLine;
  readonly vehicle: ObdVehicle;
  sample(): Promise<VehicleSample>;
  pass(ms: number): Promise<void>;
  set(wanted: Wanted): void;
}

function makeWorld(name: string, wanted: Wanted = {}): World {
  const profile = vehicleProfile(name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  const clock = new SimulatedClock();
  const base = { ...restingCar(profile), ...wanted };
  const line = new ScriptedLine(clock, answersOf(profile, base));
  const vehicle = new ObdVehicle({ line, clock }, { profile });
  return {
    clock,
    line,
    vehicle,
    sample: async () => {
      const sample = await clock.runUntilSettled(vehicle.sample());
      if (!sample.ok) throw new Error(JSON.stringify(sample.fault));
      return sample.value;
    },
    pass: (ms) => clock.runFor(ms),
    set: (changes) => {
      for (const [name_, answer] of answersOf(profile, { ...base, ...changes })) line.answers.set(name_, answer);
    },
  };
}

test("in a minute of samples the counter is asked six times and the display once", async () => {
  const world = makeWorld("zoe", { chargeState: 3 });
  for (let second = 0; second < 60; second += 1) {
    const startedMs = world.clock.monotonicMs();
    await world.sample();
    await world.pass(1_000 - (world.clock.monotonicMs() - startedMs));
  }
  const asked = world.line.takeAsked();
  assert.is(asked.get("18DADBF1/229005"), 60);
  assert.is(asked.get("18DADBF1/22925D"), 60);
  assert.is(asked.get("18DADAF1/22300D"), 60);
  const counter = asked.get("18DADBF1/229243") ?? 0;
  assert.ok(counter >= 5 && counter <= 6, `${counter}`);
  assert.is(asked.get("18DADBF1/229002"), 1);
});

test("what changes slowly is carried with its age, and is gone when it is too old", async () => {
  const world = makeWorld("eup", { chargedMilliWh: 5e9, stateOfChargePercent: 60, chargeState: 1, plugState: 1 });
  const first = await world.sample();
  assert.equal(first.agesMs, { charged: 0, stateOfCharge: 0, inlet: 0, plugged: 0 });
  // Only voltage and current answer from now on.
  for (const name of world.line.answers.keys()) if (!/221E3[BD]$/.test(name)) world.line.answers.delete(name);
  await world.pass(5_000);
  const second = await world.sample();
  const age = second.monotonicMs - first.monotonicMs;
  assert.ok(age > 5_000);
  assert.equal(second.agesMs, { charged: age, stateOfCharge: age, inlet: null, plugged: age });
  assert.is(second.chargedMilliWh, first.chargedMilliWh);
  assert.is(second.charging, true);
  assert.is(second.inlet, null, "the inlet's power is of this moment or there is none");
  await world.pass(25_000);
  const third = await world.sample();
  assert.equal(third.agesMs, { charged: null, stateOfCharge: null, inlet: null, plugged: null });
  assert.equal([third.chargedMilliWh, third.stateOfChargePercent, third.plugged], [null, null, null]);
  assert.is(third.charging, false, "nobody says that it charges");
});

test("a car that slept is asked for everything anew, and nothing old is told", async () => {
  const world = makeWorld("eup", { chargedMilliWh: 5e9, chargeState: 1 });
  await world.sample();
  const answers = new Map(world.line.answers);
  world.line.answers.clear();
  const asleep = await world.clock.runUntilSettled(world.vehicle.sample());
  assert.ok(!asleep.ok && asleep.fault.code === "VEHICLE_ASLEEP");
  await world.pass(3_000);
  world.line.answers = answers;
  world.line.takeAsked();
  const sample = await world.sample();
  assert.is(sample.agesMs?.charged, 0);
  assert.is(world.line.takeAsked().get("7E5/221E32"), 1);
});

test("the current's other identifier is found at once and kept", async () => {
  const world = makeWorld("id3", { batteryCurrentA: 12.5, batteryVoltageV: 380 });
  world.line.answers.set("17FC007B/221E3D", 0x31);
  assert.is((await world.sample()).batteryCurrentA, 12.5);
  world.line.takeAsked();
  await world.sample();
  assert.is(world.line.takeAsked().get("17FC007B/221E3D"), undefined);
});

test("the newer MG answers at another unit, and its other requests go there without trying the old one", async () => {
  const world = makeWorld("mg", { batteryCurrentA: -5, batteryVoltageV: 400, chargeState: 6 });
  for (const name of [...world.line.answers.keys()]) if (name.startsWith("781/")) world.line.answers.delete(name);
  const sample = await world.sample();
  assert.is(sample.batteryCurrentA, -5);
  assert.is(sample.charging, true);
  assert.is(world.line.takeAsked().get("781/22B048"), undefined);
});

for (const [bytes, soc] of [
  [39, null],
  [41, null],
  [51, 43.2],
] as const) {
  test(`a Leaf's reply of ${bytes} bytes is read by its own layout`, async () => {
    const world = makeWorld("leaf");
    const variant = allVariants(vehicleProfile("leaf") ?? vehicleProfiles[0] ?? never()).find(
      ({ dataBytesMin, request }) => request === "2101" && dataBytesMin === bytes,
    );
    assert.ok(variant !== undefined);
    const wanted = { batteryVoltageV: 365.5, batteryCurrentA: 16, stateOfChargePercent: 43.2 };
    world.line.answers.set("79B/2101", answerOf(variant, wanted));
    const sample = await world.sample();
    assert.equal([sample.batteryVoltageV, sample.batteryCurrentA, sample.stateOfChargePercent], [365.5, 16, soc]);
  });
}

function never(): never {
  throw new Error("no such profile");
}

test("a unit is put into the profile's session before its first request, and into no other", async () => {
  for (const [name, units, session] of [
    ["zoe-ph1", ["7E4", "792"], "10C0"],
    ["zoe", ["18DADBF1", "18DADAF1"], "1003"],
  ] as const) {
    const world = makeWorld(name);
    await world.sample();
    for (const unit of units) {
      const own = world.line.asked.filter((each) => each.startsWith(`${unit}/`));
      assert.is(own[0], `${unit}/${session}`);
      assert.is(own.filter((each) => each.includes("/10")).length, 1, own.join());
    }
  }
  const kona = makeWorld("kona");
  await kona.sample();
  assert.ok(!kona.line.asked.some((each) => each.includes("/10")));
});

test("what the car refuses for good is asked once, what it does not answer ever more rarely", async () => {
  const world = makeWorld("bolt");
  world.line.answers.set("7E4/224373", 0x31);
  world.line.answers.delete("7E4/224368");
  for (let second = 0; second < 600; second += 1) {
    await world.sample();
    await world.pass(1_000);
  }
  const asked = world.line.takeAsked();
  assert.is(asked.get("7E4/224373"), 1);
  const unanswered = asked.get("7E4/224368") ?? 0;
  assert.ok(unanswered >= 7 && unanswered <= 12, `${unanswered} times in ten minutes`);
  assert.ok((asked.get("7E4/224369") ?? 0) > 500);
});

test("a reply of a layout that nobody knows costs little and says nothing", async () => {
  const world = makeWorld("ioniq5");
  world.line.answers.set("7E5/22E002", Uint8Array.of(0x62, 0xe0, 0x02, ...new Uint8Array(29).fill(0x7f)));
  for (let second = 0; second < 120; second += 1) {
    assert.is((await world.sample()).inlet, null);
    await world.pass(1_000);
  }
  assert.ok((world.line.takeAsked().get("7E5/22E002") ?? 0) < 10);
});

test("without a current that can be trusted the inlet alone says what the car takes", async () => {
  const world = makeWorld("mache", {
    batteryVoltageV: 370,
    chargerVoltageV: 371,
    chargerCurrentA: 25,
    chargeState: 5,
    chargeLevel: 6,
  });
  world.line.answers.set("7E4/2248F9", Uint8Array.of(0x62, 0x48, 0xf9, 0x00, 0xff));
  const sample = await world.sample();
  assert.equal([sample.batteryVoltageV, sample.batteryCurrentA], [null, null]);
  assert.equal(sample.inlet, { powerW: 371 * 25, kind: "direct-current" });
  assert.is(sample.charging, true);
  assert.is(sample.plugged, true);
  assert.is(sample.currentStepA, undefined);
});

test("the Mach-E that has its charger's values at the other unit is read too", async () => {
  const world = makeWorld("mache", { chargerVoltageV: 371, chargerCurrentA: 25 });
  world.line.answers.delete("7E4/224850");
  world.line.answers.delete("7E2/22484A");
  assert.is((await world.sample()).inlet?.powerW, 371 * 25);
});

test("voltage and current that were read too far apart in time are not a pair", async () => {
  const profile = vehicleProfile("i3");
  assert.ok(profile !== undefined);
  const clock = new SimulatedClock();
  const line = new ScriptedLine(clock, answersOf(profile, restingCar(profile)), 1_600);
  const vehicle = new ObdVehicle({ line, clock }, { profile });
  const sample = await clock.runUntilSettled(vehicle.sample());
  assert.ok(!sample.ok && sample.fault.code === "VEHICLE_BAD_REPLY" && /apart/.test(sample.fault.reason));
});

test("every profile gives a sample of its own answers, with its steps and nothing made up", async () => {
  for (const profile of vehicleProfiles) {
    const world = makeWorld(profile.name, { batteryVoltageV: restingCar(profile).batteryVoltageV ?? 0 });
    const sample = await world.sample();
    assert.ok(sample.rawReplies.length > 0, profile.name);
    assert.is(sample.batteryVoltageV === null, profile.name === "ford-mach-e", profile.name);
    assert.is(sample.chargedMilliWh === null, profile.counter === null, profile.name);
    assert.is(sample.chargedResolutionMilliWh, profile.counter?.resolutionMilliWh ?? null, profile.name);
    assert.is(sample.charging, false, profile.name);
    if (sample.batteryVoltageV !== null) assert.ok((sample.voltageStepV ?? 0) > 0 && (sample.currentStepA ?? 0) > 0);
  }
});

test.run();
