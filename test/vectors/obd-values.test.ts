/** What the profiles make of the recorded replies, against the values that a study derived with formulas of its own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex } from "#base/bytes.ts";
import { unitOf } from "#hal/protocols/obd/ecu-address.ts";
import { NOT_CHARGING, stepCharging } from "#hal/vehicles/charging-rule.ts";
import { decodeSignal, decodeSignals, type Quantities, signalsOf } from "#hal/vehicles/decode-signals.ts";
import { inletPower } from "#hal/vehicles/inlet-power.ts";
import { findImplausible } from "#hal/vehicles/plausibility.ts";
import type { RequestVariant, VehicleProfile } from "#hal/vehicles/profile.ts";
import { allVariants } from "#hal/vehicles/profile-requests.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { replayExchange, requestOfRecording } from "#hal/vehicles/replay-exchange.ts";
import { DERIVED } from "../builders/derived-values.ts";
import { type ObdRecord, readObdRecords } from "../builders/obd-recordings.ts";

const test = suite("values of recorded OBD replies");
const records = readObdRecords();

if (records === undefined) {
  test("skipped: the recordings are not beside the checkout", () => {
    console.log("no recorded OBD replies beside this checkout; no value was checked against them");
  });
} else {
  const decoded = records.flatMap(decodeRecord);

  test("every derived value of every profile's requests is reproduced", () => {
    const compared = new Map<string, number>();
    const differing: string[] = [];
    const sentinels: string[] = [];
    for (const { record, profile, variant, bytes, quantities } of decoded) {
      for (const [name, wanted] of Object.entries(record.derived ?? {})) {
        if (NO_VALUES.has(name)) continue;
        const value = DERIVED[name];
        assert.ok(value !== undefined, `no quantity stands for ${name}`);
        const found = value(quantities ?? new Map());
        if (found === undefined) continue;
        if (found === null && wanted !== null && isSentinel(variant, bytes)) sentinels.push(`${record.id} ${name}`);
        else if (!isSame(found, wanted))
          differing.push(`${record.id} ${record.model} ${name}: ${found}, not ${wanted}`);
        compared.set(profile.name, (compared.get(profile.name) ?? 0) + 1);
      }
    }
    const all = records.reduce((sum, { derived }) => sum + Object.keys(derived ?? {}).length, 0);
    const total = [...compared.values()].reduce((sum, count) => sum + count, 0);
    const byProfile = [...compared].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(
      `derived values reproduced: ${total} of ${all} (${byProfile}); ${sentinels.length} marked as unknown by the car`,
    );
    assert.equal(differing, []);
    assert.ok(total > 12_000, `${total} compared`);
    assert.ok(sentinels.length < 20, sentinels.join("; "));
  });

  test("each recorded reply to a profile's request is read, or refused as another layout and told by its length", () => {
    const refused = new Map<string, number>();
    const implausible: string[] = [];
    for (const { record, problem } of decoded) {
      if (problem === undefined) continue;
      if (problem.startsWith("length")) {
        const key = `${record.request.service}${record.request.did} of ${problem}`;
        refused.set(key, (refused.get(key) ?? 0) + 1);
      } else implausible.push(`${record.id} ${record.model} ${record.command_id}: ${problem}`);
    }
    console.log(`other layouts, not read: ${JSON.stringify(Object.fromEntries(refused))}`);
    assert.equal(implausible, []);
    for (const key of refused.keys()) assert.match(key, /^22E00[12] of length (21|29|34)$/);
  });

  test("no battery of a recorded car contradicts its profile's cell counts and ranges", () => {
    const oddities = decoded.flatMap(({ record, profile, quantities }) => {
      if (quantities?.has("cellVoltageMaxV") !== true) return [];
      const oddity = findImplausible(profile, { quantities, monotonicMs: 0 }, null);
      return oddity === undefined ? [] : [`${record.id} ${record.model}: ${JSON.stringify(oddity)}`];
    });
    assert.equal(oddities, []);
  });

  test("the Kona's charging rule is true for exactly the charging recordings of cars that have the bits", () => {
    const seen = { charging: 0, driving: 0 };
    for (const { record, profile, quantities } of decoded) {
      if (profile.name !== "hyundai-kona" || quantities?.has("chargeState") !== true) continue;
      const isCharging = charges(profile, quantities, [0]);
      assert.is(isCharging, record.derived?.["charging_rule_0x09"], record.id);
      if (quantities.get("motorRpm") !== 0) {
        seen.driving += 1;
        assert.is(isCharging, false, `${record.id} drives`);
      } else if (isCharging) {
        seen.charging += 1;
        assert.ok((quantities.get("batteryCurrentA") ?? 0) >= 0, `${record.id} gives current`);
      }
    }
    assert.ok(seen.charging > 5 && seen.driving > 50, JSON.stringify(seen));
  });

  test("cars without charging bits charge when current flows in for ten seconds at a standstill, and only then", () => {
    const seen = { charging: 0, driving: 0, idle: 0 };
    for (const { record, profile, quantities } of decoded) {
      const isAbout = ["hyundai-ioniq-5", "kia-ev3", "kia-niro-sg2"].includes(profile.name);
      if (!isAbout || quantities?.has("motorRpm") !== true) continue;
      const currentA = quantities.get("batteryCurrentA") ?? 0;
      const stands = quantities.get("motorRpm") === 0;
      assert.is(charges(profile, quantities, [0, 9_000]), false, `${record.id} charges at once`);
      assert.is(charges(profile, quantities, [0, 5_000, 10_000]), stands && currentA > 0.5, record.id);
      seen[stands ? (currentA > 0.5 ? "charging" : "idle") : "driving"] += 1;
    }
    assert.ok(seen.charging > 40 && seen.driving > 200 && seen.idle > 100, JSON.stringify(seen));
  });

  test("the state of the charge manager is charging at 05 and 08, and plugged wherever a charger is", () => {
    const states = new Map<string, number>();
    for (const { record, profile, quantities } of decoded) {
      if (record.request.did !== "E001" || quantities === undefined) continue;
      const standing: Quantities = new Map([...quantities, ["motorRpm", 0] as const]);
      const state = quantities.get("chargeState") ?? -1;
      assert.is(charges(profile, standing, [0]), state === 5 || state === 8, record.id);
      const isPlugged = (quantities.get("plugState") ?? 0) !== 0;
      if ([4, 5, 8].includes(state)) assert.is(isPlugged, true, record.id);
      if ((quantities.get("requestedCurrentA") ?? 0) > 0) assert.is(isPlugged, true, record.id);
      const key = `${state} ${isPlugged ? "plugged" : "free"}`;
      states.set(key, (states.get(key) ?? 0) + 1);
    }
    console.log(`states of the charge manager: ${JSON.stringify(Object.fromEntries(states))}`);
    assert.ok((states.get("5 plugged") ?? 0) > 10 && (states.get("0 free") ?? 0) > 50);
  });

  test("the inlet's power on one phase is a little more than what the charger gives out", () => {
    const ratios: number[] = [];
    for (const { profile, quantities } of decoded) {
      if (quantities === undefined || profile.name !== "hyundai-ioniq-5" || !quantities.has("mainsCurrentA")) continue;
      const inlet = inletPower(profile.inlet, quantities);
      if (inlet === null || inlet.powerW < 500) continue;
      assert.is(inlet.kind, "apparent");
      ratios.push(((quantities.get("chargerVoltageV") ?? 0) * (quantities.get("chargerCurrentA") ?? 0)) / inlet.powerW);
    }
    console.log(`charger out of in: ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`);
    assert.ok(ratios.length > 20, `${ratios.length} charging`);
    for (const ratio of ratios) assert.ok(ratio > 0.84 && ratio < 0.97, `${ratio}`);
  });
}

interface DecodedRecord {
  readonly record: ObdRecord;
  readonly profile: VehicleProfile;
  readonly variant: RequestVariant;
  readonly bytes: Uint8Array;
  readonly quantities: Quantities | undefined;
  readonly problem: string | undefined;
}

/** Values that are no car's: text about the record, and a rule of one profile that has a test of its own. */
const NO_VALUES = new Set(["payload_len", "charging_rule_0x09"]);

/** By what the cars are sold as, and since when. */
function profileOf(record: ObdRecord): VehicleProfile | undefined {
  const isSince2023 = record.model_years.some((year) => Number(year) >= 2023);
  const names: Readonly<Record<string, string>> = {
    "BMW-i3": "i3",
    "BMW-i3s": "i3",
    "Chevrolet-Bolt-EUV": "bolt",
    "Chevrolet-Bolt-EV": "bolt",
    "Ford-Mustang-Mach-E": "mache",
    "Ford-F-150-Lightning": "mache",
    "Hyundai-IONIQ-5": "ioniq5",
    "Hyundai-IONIQ-6": "ioniq6",
    "Hyundai-Kona-Electric": record.model_years.some((year) => Number(year) >= 2024) ? "kona-sx2" : "kona",
    "Kia-EV3": "ev3",
    "Kia-EV6": "ev6",
    "Kia-EV9": "ev9",
    "Kia-Niro": isSince2023 ? "niro" : "eniro",
    "Kia-Niro-EV": isSince2023 ? "niro" : "eniro",
    "MG-ZS-EV": "mg",
    "Nissan-Leaf": "leaf",
    "Volkswagen-ID.4": "id4",
    "Volkswagen-e-Golf": "egolf",
  };
  return vehicleProfile(names[record.model] ?? "");
}

/** Empty for what no profile asks, and for replies that the framing refuses. */
function decodeRecord(record: ObdRecord): readonly DecodedRecord[] {
  const profile = profileOf(record);
  const recorded = requestOfRecording(record.request);
  if (profile === undefined || !recorded.ok) return [];
  const name = `${record.request.service}${record.request.did}`;
  const variants = allVariants(profile).filter(
    ({ request, ecu }) => request === name && unitOf(ecu) === unitOf(recorded.value.ecu),
  );
  const [first] = variants;
  if (first === undefined) return [];
  const text = new TextEncoder().encode(`${record.response.join("\r")}\r\r>`);
  const { payload } = replayExchange(recorded.value, name, [text]);
  if (payload?.[0] !== (fromHex(record.request.service)?.[0] ?? 0) + 0x40) return [];
  const requestBytes = fromHex(name) ?? new Uint8Array();
  const bytes = payload.subarray(requestBytes.length);
  let problem = "";
  for (const variant of variants) {
    const quantities = decodeSignals(variant, requestBytes, payload);
    if (quantities.ok) {
      return [
        {
          record,
          profile,
          variant,
          bytes,
          quantities: withUntrusted(variant, bytes, quantities.value),
          problem: undefined,
        },
      ];
    }
    const { fault } = quantities;
    problem = fault.code === "SIGNALS_OTHER_LENGTH" ? `length ${fault.bytes}` : JSON.stringify(fault);
  }
  return [{ record, profile, variant: first, bytes, quantities: undefined, problem }];
}

/** What is never measured with is compared all the same. */
function withUntrusted(variant: RequestVariant, bytes: Uint8Array, quantities: Quantities): Quantities {
  const missing = signalsOf(variant).filter(([quantity]) => !quantities.has(quantity));
  return new Map([
    ...quantities,
    ...missing.map(([quantity, signal]) => [quantity, decodeSignal(signal, bytes)] as const),
  ]);
}

/** Whether the rule is fulfilled at the last of these times, when the car tells the same at all of them. */
function charges(profile: VehicleProfile, quantities: Quantities, timesMs: readonly number[]): boolean {
  let state = NOT_CHARGING;
  for (const monotonicMs of timesMs) state = stepCharging(profile.charging, state, { quantities, monotonicMs });
  return state.isCharging;
}

function isSentinel(variant: RequestVariant, bytes: Uint8Array): boolean {
  return signalsOf(variant).some(([, signal]) => signal.invalid !== undefined && decodeSignal(signal, bytes) === null);
}

function isSame(found: number | boolean | null, wanted: unknown): boolean {
  if (typeof found !== "number") return found === wanted;
  const number = typeof wanted === "string" ? Number.parseInt(wanted, 16) : wanted;
  // The study rounds to six decimals.
  return typeof number === "number" && Math.abs(found - number) <= 1e-6 * Math.max(1, Math.abs(number));
}

test.run();
