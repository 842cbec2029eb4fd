/** What is found out about a profile while it is first used, and when it is refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import {
  type ContactFinding,
  contactFindings,
  contactRefusal,
  type ContactSample,
  type FirstContact,
  NO_CONTACT,
  restCurrentA,
  stepFirstContact,
} from "#hal/vehicles/first-contact.ts";
import type { Quantities } from "#hal/vehicles/decode-signals.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { answersOf, type Wanted } from "../../builders/profile-answers.ts";
import { ScriptedLine } from "../../builders/scripted-line.ts";

const test = suite("first contact with a vehicle");

function profileOf(name: string): VehicleProfile {
  const profile = vehicleProfile(name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  return profile;
}

/** Samples a second apart. */
function contactAfter(
  profile: VehicleProfile,
  seconds: number,
  at: (second: number) => Wanted & { readonly plugged?: boolean; readonly charging?: boolean; readonly bad?: string },
): FirstContact {
  let state = NO_CONTACT;
  for (let second = 0; second < seconds; second += 1) {
    const { plugged, charging, bad, ...wanted } = at(second);
    const fresh = new Map(Object.entries(wanted)) as Quantities;
    const sample: ContactSample = {
      fresh,
      present: fresh,
      isCharging: charging ?? false,
      plugged: plugged ?? null,
      monotonicMs: second * 1000,
      ...(bad === undefined ? {} : { implausible: bad }),
    };
    state = stepFirstContact(profile, state, sample);
  }
  return state;
}

function findingOf(profile: VehicleProfile, state: FirstContact, check: ContactFinding["check"]): ContactFinding {
  const finding = contactFindings(profile, state).find((each) => each.check === check);
  if (finding === undefined) throw new Error(`no finding for ${check}`);
  return finding;
}

const CELLS_98 = { batteryVoltageV: 362.6, cellVoltageMaxV: 3.7, cellVoltageMinV: 3.7 };

test("before anything was read nothing is decided, and every check says what it waits for", () => {
  for (const profile of vehicleProfiles) {
    const findings = contactFindings(profile, NO_CONTACT);
    assert.is(findings.length, 5);
    for (const { outcome, found, expected } of findings) {
      assert.ok(outcome === "not-yet" || outcome === "not-possible", `${profile.name} ${outcome}`);
      assert.ok(found.length > 0 && expected.length > 0);
    }
    assert.is(contactRefusal(profile, NO_CONTACT), undefined);
  }
});

test("cells that fit twice pass; six that do not in a row are another car's, until some fit again", () => {
  const kona = profileOf("kona");
  const right = contactAfter(kona, 2, () => CELLS_98);
  assert.is(findingOf(kona, right, "cell-count").outcome, "passed");
  const wrong = { ...CELLS_98, batteryVoltageV: 666 };
  assert.is(
    contactRefusal(
      kona,
      contactAfter(kona, 5, () => ({ ...wrong, bad: "batteryVoltageV" })),
    ),
    undefined,
  );
  const refused = contactAfter(kona, 6, () => ({ ...wrong, bad: "batteryVoltageV" }));
  assert.is(contactRefusal(kona, refused)?.check, "cell-count");
  assert.match(contactRefusal(kona, refused)?.found ?? "", /180\.0 cells/);
  const lifted = contactAfter(kona, 7, (second) => (second < 6 ? { ...wrong, bad: "batteryVoltageV" } : CELLS_98));
  assert.is(contactRefusal(kona, lifted), undefined);
});

test("current out of the battery for half a minute while the car says that it charges has the wrong sign", () => {
  const mg = profileOf("mg");
  const wrong = { batteryVoltageV: 400, batteryCurrentA: -16, chargeState: 6 };
  assert.is(
    contactRefusal(
      mg,
      contactAfter(mg, 30, () => wrong),
    ),
    undefined,
    "a heater may draw more than a charger",
  );
  assert.is(
    contactRefusal(
      mg,
      contactAfter(mg, 32, () => wrong),
    )?.check,
    "current-sign",
  );
  const right = contactAfter(mg, 3, () => ({ ...wrong, batteryCurrentA: 16 }));
  assert.is(findingOf(mg, right, "current-sign").outcome, "passed");
  const heated = contactAfter(mg, 60, (second) => ({ ...wrong, batteryCurrentA: second % 20 === 19 ? 3 : -16 }));
  assert.is(contactRefusal(mg, heated), undefined);
  const small = contactAfter(mg, 100, () => ({ ...wrong, batteryCurrentA: -1.5 }));
  assert.is(contactRefusal(mg, small), undefined, "an offset is no sign");
});

test("half an hour without a sample is not half an hour of the wrong sign", () => {
  const mg = profileOf("mg");
  let state = NO_CONTACT;
  const fresh = new Map([
    ["batteryVoltageV", 400],
    ["batteryCurrentA", -16],
    ["chargeState", 6],
  ]) as Quantities;
  for (const monotonicMs of [0, 1_800_000]) {
    state = stepFirstContact(mg, state, { fresh, present: fresh, isCharging: true, plugged: true, monotonicMs });
  }
  assert.is(contactRefusal(mg, state), undefined);
});

test("where only the current tells of charging, the counters tell its sign", () => {
  const niro = profileOf("niro");
  // 7.2 kW: a step of the counter each 50 s.
  const charging = (sign: number) => (second: number) => ({
    batteryVoltageV: 360,
    batteryCurrentA: 20 * sign,
    chargedMilliWh: 5e9 + Math.floor(second / 50) * 100_000,
    dischargedMilliWh: 4e9,
    motorRpm: 0,
  });
  const early = contactAfter(niro, 100, charging(-1));
  assert.is(findingOf(niro, early, "current-sign").outcome, "not-yet");
  const right = contactAfter(niro, 400, charging(1));
  assert.is(findingOf(niro, right, "current-sign").outcome, "passed");
  assert.is(findingOf(niro, right, "counter").outcome, "passed");
  const wrong = contactAfter(niro, 400, charging(-1));
  assert.is(contactRefusal(niro, wrong)?.check, "current-sign");
});

test("a counter that is read now and then is set against what had flowed by then", () => {
  const niro = profileOf("niro");
  // Half a minute out of the battery; the counters are read at its end. Then three times as much flows in, not read yet.
  const state = contactAfter(niro, 120, (second) => ({
    ...CELLS_98,
    batteryCurrentA: second <= 30 ? -200 : 200,
    ...(second === 0 ? { chargedMilliWh: 0, dischargedMilliWh: 0 } : {}),
    ...(second === 30 ? { chargedMilliWh: 0, dischargedMilliWh: 600_000 } : {}),
  }));
  assert.is(findingOf(niro, state, "counter").outcome, "passed");
  assert.is(contactRefusal(niro, state), undefined);
});

test("a counter that moves ten times too fast fails, and is no reason to refuse", () => {
  const kona = profileOf("kona");
  const state = contactAfter(kona, 400, (second) => ({
    batteryVoltageV: 360,
    batteryCurrentA: 20,
    chargedMilliWh: 5e9 + Math.floor(second / 5) * 100_000,
    dischargedMilliWh: 4e9,
    chargeState: 9,
  }));
  assert.is(findingOf(kona, state, "counter").outcome, "failed");
  assert.is(findingOf(kona, state, "counter").found, "counted 7.900 kWh in, 0.798 kWh in and 0.000 kWh out flowed");
  assert.is(contactRefusal(kona, state), undefined);
});

test("a counter that stands still while energy flows fails", () => {
  const zoe = profileOf("zoe");
  const state = contactAfter(zoe, 60, () => ({ batteryVoltageV: 360, batteryCurrentA: 20, chargedMilliWh: 5e9 }));
  assert.is(findingOf(zoe, state, "counter").outcome, "failed");
  assert.is(contactRefusal(zoe, state), undefined, "and is no sign of a wrong sign");
});

test("plugged in and at rest, a steady small current is a candidate for the zero", () => {
  const eup = profileOf("eup");
  const resting = (currentA: number) => () => ({ batteryVoltageV: 350, batteryCurrentA: currentA, plugged: true });
  const found = contactAfter(eup, 25, resting(-0.75));
  assert.is(restCurrentA(found), -0.75);
  assert.is(findingOf(eup, found, "rest-current").outcome, "passed");
  assert.is(restCurrentA(contactAfter(eup, 15, resting(-0.75))), null, "too short");
  assert.is(restCurrentA(contactAfter(eup, 60, resting(-2))), null, "a load");
  const unsteady = contactAfter(eup, 60, (second) => resting(second % 2 === 0 ? -1 : 0.25)());
  assert.is(restCurrentA(unsteady), null);
  const unplugged = contactAfter(eup, 60, () => ({ ...resting(-0.75)(), plugged: false }));
  assert.is(restCurrentA(unplugged), null);
  const charging = contactAfter(eup, 60, () => ({ ...resting(0.5)(), charging: true }));
  assert.is(restCurrentA(charging), null);
});

test("open contactors are rest too, cable or not", () => {
  const mg = profileOf("mg");
  const state = contactAfter(mg, 25, () => ({ batteryVoltageV: 400, batteryCurrentA: 0.4, busVoltageV: 1.5 }));
  assert.ok(Math.abs((restCurrentA(state) ?? 9) - 0.4) < 1e-9);
});

test("samples that are not believed are counted, and more than one in five fails", () => {
  const kona = profileOf("kona");
  const few = contactAfter(kona, 10, (second) => ({ ...CELLS_98, ...(second === 4 ? { bad: "chargedMilliWh" } : {}) }));
  assert.is(findingOf(kona, few, "plausibility").outcome, "passed");
  const many = contactAfter(kona, 10, (second) => ({ ...CELLS_98, ...(second % 2 === 0 ? { bad: "motorRpm" } : {}) }));
  assert.is(findingOf(kona, many, "plausibility").outcome, "failed");
  assert.match(findingOf(kona, many, "plausibility").found, /5 samples believed, 5 not, last for motorRpm/);
});

test("what a profile cannot check is said to be not possible", () => {
  for (const [name, checks] of [
    ["mache", ["cell-count", "current-sign", "rest-current", "counter"]],
    ["bolt", ["cell-count", "counter"]],
    ["kona", ["rest-current"]],
  ] as const) {
    const profile = profileOf(name);
    for (const check of checks)
      assert.is(findingOf(profile, NO_CONTACT, check).outcome, "not-possible", `${name} ${check}`);
  }
});

test("the driver refuses to measure with a current of the wrong sign, and says so", async () => {
  const mg = profileOf("mg");
  const clock = new SimulatedClock();
  const line = new ScriptedLine(clock, answersOf(mg, { batteryVoltageV: 400, batteryCurrentA: -16, chargeState: 6 }));
  const vehicle = new ObdVehicle({ line, clock }, { profile: mg });
  let last = await clock.runUntilSettled(vehicle.sample());
  for (let second = 0; second < 40; second += 1) {
    await clock.runFor(1000);
    last = await clock.runUntilSettled(vehicle.sample());
  }
  assert.ok(!last.ok && last.fault.code === "VEHICLE_WRONG_PROFILE", JSON.stringify(last));
  assert.equal([last.fault.profile, last.fault.check], ["mg-zs-ev", "current-sign"]);
  assert.is(vehicle.findings().find(({ check }) => check === "current-sign")?.outcome, "failed");
});

test.run();
