/** Whether the car charges, is plugged in, and what it takes at its inlet: by the profiles' rules. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { isPlugged, NOT_CHARGING, stepCharging } from "#hal/vehicles/charging-rule.ts";
import type { Quantities } from "#hal/vehicles/decode-signals.ts";
import { inletPower } from "#hal/vehicles/inlet-power.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import type { Wanted } from "../../builders/profile-answers.ts";

const test = suite("rules of charging and inlet");

function profileOf(name: string): VehicleProfile {
  const profile = vehicleProfile(name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  return profile;
}

function quantitiesOf(wanted: Wanted): Quantities {
  return new Map(Object.entries(wanted)) as unknown as Quantities;
}

function charges(name: string, wanted: Wanted, heldMs = 0): boolean {
  const { charging } = profileOf(name);
  const quantities = quantitiesOf(wanted);
  const first = stepCharging(charging, NOT_CHARGING, { quantities, monotonicMs: 1000 });
  return stepCharging(charging, first, { quantities, monotonicMs: 1000 + heldMs }).isCharging;
}

for (const [name, wanted, expected] of [
  ["kona", { chargeState: 0x09 }, true],
  ["kona", { chargeState: 0x0d }, false],
  ["kona", { chargeState: 0x01 }, false],
  ["ioniq28", { batteryFlags: 0xa3 }, true],
  ["ioniq28", { batteryFlags: 0x63 }, false],
  ["ioniq5", { chargeState: 0x05, motorRpm: 0 }, true],
  ["ioniq5", { chargeState: 0x08, motorRpm: 0 }, true],
  ["ioniq5", { chargeState: 0x04, motorRpm: 0 }, false],
  ["ioniq5", { chargeState: 0x05, motorRpm: 4000 }, false],
  ["eup", { chargeState: 0 }, false],
  ["eup", { chargeState: 1 }, true],
  ["eup", { chargeState: 4 }, true],
  ["id3", { chargeState: 4 }, true],
  ["id3", { chargeState: 6 }, true],
  ["id3", { chargeState: 5 }, false],
  ["id3", { chargeState: 1 }, false],
  ["zoe", { chargeState: 3 }, true],
  ["zoe", { chargeState: 2 }, false],
  ["zoe-ph1", { chargeLevel: 2, mainsPowerW: 11_000 }, true],
  ["zoe-ph1", { chargeLevel: 2, mainsPowerW: 0 }, false],
  ["zoe-ph1", { chargeLevel: 0, mainsPowerW: 11_000 }, false],
  ["i3", { chargeState: 2 }, true],
  ["i3", { chargeState: 3 }, true],
  ["i3", { chargeState: 4 }, false],
  ["bolt", { chargeLevel: 2, chargeState: 0xcb }, true],
  ["bolt", { chargeLevel: 0, chargeState: 0xff }, false],
  ["mg", { chargeState: 6 }, true],
  ["mg", { chargeState: 7 }, true],
  ["mg", { chargeState: 10 }, false],
  ["leaf", { chargeState: 3 }, true],
  ["leaf", { chargeState: 0 }, false],
  ["ipace", { chargeState: 48 }, true],
  ["ipace", { chargeState: 29 }, true],
  ["ipace", { chargeState: 30 }, false],
  ["mache", { chargeState: 5 }, true],
  ["mache", { chargeState: 6 }, false],
] as const) {
  test(`${name} with ${JSON.stringify(wanted)} ${expected ? "charges" : "does not charge"}`, () => {
    assert.is(charges(name, wanted), expected);
  });
}

for (const name of ["niro", "ioniq5", "ev3"]) {
  test(`${name} without a state charges after ten seconds of more than half an ampere at a standstill`, () => {
    const current = { batteryCurrentA: 1.2, motorRpm: 0 };
    assert.is(charges(name, current, 9_999), false);
    assert.is(charges(name, current, 10_000), true);
    assert.is(charges(name, { ...current, batteryCurrentA: 0.5 }, 60_000), false);
    assert.is(charges(name, { ...current, motorRpm: 800 }, 60_000), false);
    assert.is(charges(name, { batteryCurrentA: 1.2 }, 60_000), false, "the motor is not known to stand");
  });
}

test("the second best rule counts only where the best is not told", () => {
  const current = { batteryCurrentA: 20, chargerCurrentA: 20 };
  assert.is(charges("ipace", current, 29_999), false);
  assert.is(charges("ipace", current, 30_000), true);
  assert.is(charges("ipace", { ...current, chargeState: 30 }, 60_000), false, "the state says otherwise");
  assert.is(charges("mache", current, 10_000), true);
});

test("a pause begins the ten seconds anew", () => {
  const { charging } = profileOf("niro");
  let state = NOT_CHARGING;
  for (const [monotonicMs, batteryCurrentA] of [
    [0, 5],
    [6_000, 0],
    [7_000, 5],
    [15_000, 5],
  ] as const) {
    state = stepCharging(charging, state, { quantities: quantitiesOf({ batteryCurrentA, motorRpm: 0 }), monotonicMs });
    assert.is(state.isCharging, false);
  }
  const quantities = quantitiesOf({ batteryCurrentA: 5, motorRpm: 0 });
  assert.is(stepCharging(charging, state, { quantities, monotonicMs: 17_000 }).isCharging, true);
});

test("plugged in is yes, no, or not known", () => {
  for (const [name, wanted, expected] of [
    ["eup", { plugState: 0x03 }, true],
    ["eup", { plugState: 0x02 }, false],
    ["eup", {}, null],
    ["ioniq5", { plugState: 0x2541 }, true],
    ["ioniq5", { plugState: 0 }, false],
    ["zoe-ph1", { chargeLevel: 1 }, true],
    ["zoe-ph1", { chargeLevel: 0 }, null],
    ["leaf", { plugState: 1 }, true],
    ["mache", { chargeLevel: 10 }, null],
    ["kona", { chargeState: 9 }, null],
  ] as const) {
    assert.is(isPlugged(profileOf(name).plugged, quantitiesOf(wanted)), expected, `${name} ${JSON.stringify(wanted)}`);
  }
});

test("the inlet's power is what the profile multiplies and adds up", () => {
  for (const [name, wanted, expected] of [
    ["eup", { mainsVoltage1V: 230, mainsCurrent1A: 16 }, ["apparent", 3680]],
    [
      "eup",
      { mainsVoltage1V: 230, mainsCurrent1A: 16, mainsVoltage2V: 231, mainsCurrent2A: 15 },
      ["apparent", 230 * 16 + 231 * 15],
    ],
    ["zoe-ph1", { chargeLevel: 2, mainsPowerW: 10_950 }, ["active", 10_950]],
    ["zoe-ph1", { chargeLevel: 0, mainsPowerW: 10_950 }, null],
    ["zoe", { mainsVoltage1V: 230, mainsCurrentA: 20, mainsPhases: 0 }, ["active", 4600]],
    ["zoe", { mainsVoltage1V: 400, mainsCurrentA: 20, mainsPhases: 2 }, ["active", 400 * 20 * Math.sqrt(3)]],
    ["zoe", { mainsVoltage1V: 400, mainsCurrentA: 16, mainsPhases: 2 }, ["active", 400 * 16 * Math.sqrt(3) * 0.978]],
    ["zoe", { mainsVoltage1V: 400, mainsCurrentA: 5, mainsPhases: 2 }, ["active", 400 * 5 * Math.sqrt(3) * 0.5]],
    ["zoe", { mainsVoltage1V: 400, mainsCurrentA: 16, mainsPhases: 3 }, null],
    ["zoe", { mainsVoltage1V: 400, mainsCurrentA: 16 }, null],
    ["ioniq5", { mainsVoltage1V: 242, mainsVoltage2V: 0, mainsCurrentA: 47.5 }, ["apparent", 242 * 47.5]],
    [
      "ioniq5",
      { mainsVoltage1V: 231, mainsVoltage2V: 230, mainsCurrentA: 32, chargerVoltageV: 700, chargerCurrentA: 15 },
      ["direct-current", 10_500],
    ],
    [
      "ioniq5",
      { mainsVoltage1V: 0, mainsVoltage2V: 0, mainsCurrentA: 0, chargerVoltageV: 700, chargerCurrentA: 0 },
      null,
    ],
    ["bolt", { mainsVoltage1V: 240, mainsCurrent1A: 32 }, ["apparent", 7680]],
    ["id3", { chargeState: 4, chargerVoltageV: 358.3, chargerCurrentA: 15.8 }, ["direct-current", 358.3 * 15.8]],
    ["id3", { chargeState: 6, chargerVoltageV: 358.3, chargerCurrentA: 0 }, null],
    ["mache", { chargerVoltageV: 374.55, chargerCurrentA: 212.7 }, ["direct-current", 374.55 * 212.7]],
    ["leaf", { chargeState: 2, chargerPowerW: 6600 }, ["direct-current", 6600]],
    ["leaf", { chargeState: 3, chargerPowerW: 6600 }, null],
    [
      "i3",
      {
        mainsVoltage1V: 230,
        mainsCurrent1A: 16,
        mainsVoltage2V: 229,
        mainsCurrent2A: 15.9,
        mainsVoltage3V: 231,
        mainsCurrent3A: 16.1,
      },
      ["apparent", 230 * 16 + 229 * 15.9 + 231 * 16.1],
    ],
    ["kona", { batteryVoltageV: 360, batteryCurrentA: 20 }, null],
  ] as const) {
    const inlet = inletPower(profileOf(name).inlet, quantitiesOf(wanted));
    const label = `${name} ${JSON.stringify(wanted)}`;
    if (expected === null) assert.is(inlet, null, label);
    else {
      assert.is(inlet?.kind, expected[0], label);
      assert.ok(Math.abs((inlet?.powerW ?? 0) - expected[1]) < 1e-6, `${label}: ${inlet?.powerW}`);
    }
  }
});

test("where one phase of two is not known there is no half of a power", () => {
  const unknown = new Map([
    ["mainsVoltage1V", 230],
    ["mainsCurrent1A", 16],
    ["mainsVoltage2V", null],
    ["mainsCurrent2A", 15],
  ]) as Quantities;
  assert.is(inletPower(profileOf("eup").inlet, unknown), null);
});

test("the charger's power factor is from a half to one, and one from 19 A on", () => {
  const steps = profileOf("zoe").inlet[0]?.factors?.find(({ by }) => by === "mainsCurrentA")?.steps ?? [];
  assert.is(steps.length, 15);
  for (const [from, factor] of steps) assert.ok(factor >= 0.5 && factor <= 1, `${from} ${factor}`);
  assert.equal(steps.at(-1), [19, 1]);
});

test("a reply that is lost is no end of a charge, and a long silence is", () => {
  const { charging } = profileOf("renault-zoe-ph1");
  const whole = quantitiesOf({ chargeLevel: 2, mainsPowerW: 11_000 });
  const first = stepCharging(charging, NOT_CHARGING, { quantities: whole, monotonicMs: 0 });
  const lost = quantitiesOf({ chargeLevel: 2 });
  const missed = stepCharging(charging, first, { quantities: lost, monotonicMs: 3_000 });
  assert.is(missed.isCharging, true);
  const ended = quantitiesOf({ chargeLevel: 0 });
  assert.is(stepCharging(charging, missed, { quantities: ended, monotonicMs: 4_000 }).isCharging, false);
  assert.is(stepCharging(charging, missed, { quantities: lost, monotonicMs: 16_000 }).isCharging, false);
});

test.run();
