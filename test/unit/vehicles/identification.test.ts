/** Which car it is: by harmless questions, explained, and with nothing kept of the number that names its owner. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex } from "#base/bytes.ts";
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import {
  identify,
  identificationProbes,
  judgeProfiles,
  nextProbe,
  type ProbeAnswer,
} from "#hal/vehicles/identification.ts";
import { identifyVehicle, type IdentifiedVehicle } from "#hal/vehicles/identify-vehicle.ts";
import { IdentifyingVehicle } from "#hal/vehicles/identifying-vehicle.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { profilesOfMaker, readVehicleNumberHint } from "#hal/vehicles/vehicle-number.ts";
import { answersOf, restingCar, type Wanted } from "../../builders/profile-answers.ts";
import { ScriptedLine, type ScriptedAnswer } from "../../builders/scripted-line.ts";
import { TestBattery } from "../../builders/test-battery.ts";

const test = suite("identification of a vehicle");

/** What a car of the profile shows at rest, so that it can be told from its sisters. */
const AT_REST: Readonly<Record<string, Wanted>> = {
  "hyundai-kona": { chargeState: 0x01 },
  "kia-niro-sg2": { ...cells(96), chargeState: 0 },
  "hyundai-ioniq-5": cells(180),
  "kia-ev3": cells(93),
};

function cells(count: number): Wanted {
  return { batteryVoltageV: count * 3.7, cellVoltageMaxV: 3.7, cellVoltageMinV: 3.7 };
}

function carOf(profile: VehicleProfile): Map<string, ScriptedAnswer> {
  return answersOf(profile, { ...restingCar(profile), ...AT_REST[profile.name] });
}

async function ask(answers: ReadonlyMap<string, ScriptedAnswer>): Promise<{
  readonly found: IdentifiedVehicle;
  readonly asked: readonly string[];
}> {
  const clock = new SimulatedClock();
  const line = new ScriptedLine(clock, answers);
  const found = await clock.runUntilSettled(identifyVehicle(line, vehicleProfiles));
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  return { found: found.value, asked: line.asked };
}

test("all probes only read, and none asks all units at once or opens a session", () => {
  const probes = identificationProbes(vehicleProfiles);
  assert.ok(probes.length >= 15);
  for (const { ecu, request } of probes) {
    assert.ok(isReadOnlyRequest(fromHex(request) ?? new Uint8Array()), request);
    assert.ok(ecu.requestId !== 0x7df);
  }
});

for (const profile of vehicleProfiles) {
  test(`${profile.name} is known by its answers alone`, async () => {
    const { found, asked } = await ask(carOf(profile));
    assert.is(found.profile?.name, profile.name, found.explanation.join(" "));
    assert.ok(asked.length <= 40, `${asked.length} questions`);
    assert.match(found.explanation.join(" "), new RegExp(`This is ${profile.name}`));
  });
}

test("units that are there but refuse what they do not know make no difference", async () => {
  for (const profile of vehicleProfiles) {
    const answers = carOf(profile);
    for (const { ecu, request } of identificationProbes(vehicleProfiles)) {
      const name = `${ecu.requestId.toString(16).toUpperCase()}/${request}`;
      if (ecu.extension === undefined && !answers.has(name)) answers.set(name, 0x31);
    }
    const { found } = await ask(answers);
    assert.is(found.profile?.name, profile.name, found.explanation.join(" "));
  }
});

test("a Kona that shows nothing of its state cannot be told from a newer one, and both are named", async () => {
  const kona = vehicleProfile("kona");
  assert.ok(kona !== undefined);
  const { found } = await ask(answersOf(kona, { ...cells(98), chargeState: 0 }));
  assert.is(found.profile, undefined);
  const left = found.candidates.filter(({ verdict }) => verdict !== "excluded").map(({ profile: { name } }) => name);
  assert.equal(left, ["hyundai-kona", "kia-niro-sg2"]);
  assert.match(found.explanation.join(" "), /Several profiles fit/);
});

test("a car that nobody knows is none of them, with the reason for each", async () => {
  const { found } = await ask(new Map([["7E4/220101", Uint8Array.of(0x62, 0x01, 0x01, 1, 2, 3)]]));
  assert.is(found.profile, undefined);
  assert.is(found.explanation.length, vehicleProfiles.length + 1);
  assert.match(found.explanation.join(" "), /Not hyundai-kona: 7E4\/220101 gives 3 bytes, not 59 to 64\./);
});

test("a unit that is there but not ready excludes nothing", () => {
  const answers = new Map<string, ProbeAnswer>([["18DADBF1/229005", { kind: "refused", responseCode: 0x7f }]]);
  const [zoe] = judgeProfiles([vehicleProfile("zoe") ?? never()], answers);
  assert.is(zoe?.verdict, "possible");
  assert.is(identify(vehicleProfiles, answers).profile?.name, "renault-zoe-ph2", "no other unit knows the question");
  assert.is(identify(vehicleProfiles, new Map()).profile, undefined, "possible is not enough");
});

function never(): never {
  throw new Error("no such profile");
}

test("a car of which nothing answers is asleep, not unknown", async () => {
  const clock = new SimulatedClock();
  const found = await clock.runUntilSettled(identifyVehicle(new ScriptedLine(clock, new Map()), vehicleProfiles));
  assert.ok(!found.ok && found.fault.code === "VEHICLE_ASLEEP");
});

test("no probe is asked twice, and there is an end", () => {
  const answers = new Map<string, ProbeAnswer>();
  let count = 0;
  for (
    let probe = nextProbe(vehicleProfiles, answers);
    probe !== undefined;
    probe = nextProbe(vehicleProfiles, answers)
  ) {
    const unit = probe.ecu.extension === undefined ? "" : `/${probe.ecu.extension.ecu.toString(16).padStart(3, "0")}`;
    const digits = probe.ecu.idBits === 11 ? 3 : 8;
    const id = probe.ecu.requestId.toString(16).toUpperCase().padStart(digits, "0");
    assert.ok(!answers.has(`${id}${unit}/${probe.request}`));
    answers.set(`${id}${unit}/${probe.request}`, { kind: "silent" });
    count += 1;
    assert.ok(count < 50);
  }
});

/** Made up: the maker's code is real, the rest is not a car's. */
const NUMBER = "KMHXR51ZXLU473829";

function numberAnswer(header: string): Uint8Array {
  return Uint8Array.of(...(fromHex(header) ?? []), ...new TextEncoder().encode(NUMBER));
}

test("the car's number says whom to ask first, and nothing of it but maker and year is kept", async () => {
  const ioniq = vehicleProfile("ioniq5");
  assert.ok(ioniq !== undefined);
  const { found, asked } = await ask(new Map([...carOf(ioniq), ["7E0/0902", numberAnswer("490201")]]));
  assert.is(found.profile?.name, "hyundai-ioniq-5");
  assert.equal(found.hint, { maker: "KMH", yearCode: "L" });
  // Only the maker's cars were asked for.
  assert.ok(asked.length <= 6, asked.join());
  assert.not(JSON.stringify(found).includes(NUMBER.slice(3)));
  assert.not(JSON.stringify(found).includes(NUMBER.slice(11)));
});

test("a number that points to the wrong maker does not decide anything", async () => {
  const leaf = vehicleProfile("leaf");
  assert.ok(leaf !== undefined);
  const { found } = await ask(new Map([...carOf(leaf), ["7E0/22F190", numberAnswer("62F190")]]));
  assert.is(found.profile?.name, "nissan-leaf");
});

test("a number is found in either answer, and not in what is none", () => {
  assert.equal(readVehicleNumberHint(numberAnswer("490201")), { maker: "KMH", yearCode: "L" });
  assert.equal(readVehicleNumberHint(numberAnswer("62F190")), { maker: "KMH", yearCode: "L" });
  assert.is(readVehicleNumberHint(Uint8Array.of(0x49, 0x02, 0x01, ...new Uint8Array(17))), undefined);
  assert.is(readVehicleNumberHint(new TextEncoder().encode("IOQ")), undefined);
  for (const maker of ["KMH", "WVW", "VF1", "WBY", "1G1", "LSJ", "SJN", "SAD", "3FM"]) {
    const names = profilesOfMaker(maker);
    assert.ok(names.length > 0);
    for (const name of names) assert.ok(vehicleProfile(name) !== undefined, name);
  }
  assert.equal(profilesOfMaker("ZZZ"), []);
});

test("a car without a configured profile is asked, then read, through an adapter", async () => {
  const clock = new SimulatedClock();
  const battery = new TestBattery();
  const cable = joinMemoryLinks({ clock, seed: 3 });
  const attached = await attachObdAdapter(cable.right, { clock, battery }, { model: "hyundai-kona", baudRate: 38_400 });
  assert.ok(attached.ok);
  const makeLine = (sessions: readonly number[]): ObdAdapter => new ObdAdapter({ link: cable.left, clock }, sessions);
  const vehicle = new IdentifyingVehicle({ clock, makeLine }, { profiles: vehicleProfiles });
  const sample = await clock.runUntilSettled(vehicle.sample());
  assert.ok(sample.ok, JSON.stringify(sample));
  assert.ok(Math.abs((sample.value.batteryCurrentA ?? 0) - battery.now().packCurrentA) < 0.13);
  const identity = await clock.runUntilSettled(vehicle.identify());
  assert.ok(identity.ok && identity.value.profile === "hyundai-kona");
  assert.is(vehicle.identified?.profile?.name, "hyundai-kona");
  await clock.runUntilSettled(vehicle.close());
  const closed = await clock.runUntilSettled(vehicle.sample());
  assert.ok(!closed.ok && closed.fault.code === "VEHICLE_CLOSED");
});

test("a sleeping car that nobody knows yet is left alone ever longer", async () => {
  const clock = new SimulatedClock();
  const cable = joinMemoryLinks({ clock, seed: 4 });
  const dependencies = { clock, battery: new TestBattery() };
  const attached = await attachObdAdapter(cable.right, dependencies, { model: "hyundai-kona", baudRate: 38_400 });
  assert.ok(attached.ok);
  attached.value.car.fallAsleep();
  let frames = 0;
  const transmit = attached.value.car.transmit.bind(attached.value.car);
  attached.value.car.transmit = (frame) => {
    frames += 1;
    transmit(frame);
  };
  const makeLine = (sessions: readonly number[]): ObdAdapter => new ObdAdapter({ link: cable.left, clock }, sessions);
  const vehicle = new IdentifyingVehicle({ clock, makeLine }, { profiles: vehicleProfiles });
  for (let second = 0; second < 900; second += 1) {
    const sample = await clock.runUntilSettled(vehicle.sample());
    assert.ok(!sample.ok && sample.fault.code === "VEHICLE_ASLEEP", JSON.stringify(sample));
    await clock.runFor(1000);
  }
  assert.ok(frames > 50 && frames < 400, `${frames} frames in a quarter of an hour`);
  attached.value.car.wakeUp();
  await clock.runFor(301_000);
  const awake = await clock.runUntilSettled(vehicle.sample());
  assert.ok(awake.ok, JSON.stringify(awake));
});

test.run();
