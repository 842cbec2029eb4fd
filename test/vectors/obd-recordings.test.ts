/** Every recorded reply through the production path. The rule: never a wrong payload. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { NOT_CHARGING, stepCharging } from "#hal/vehicles/charging-rule.ts";
import { decodeSignals } from "#hal/vehicles/decode-signals.ts";
import { hyundaiIoniq5 } from "#hal/vehicles/models/hyundai-ioniq-5.ts";
import { hyundaiBatteryRequest, hyundaiKona } from "#hal/vehicles/models/hyundai-kona.ts";
import { kiaNiroSg2 } from "#hal/vehicles/models/kia-niro-sg2.ts";
import { vwEUp } from "#hal/vehicles/models/vw-e-up.ts";
import { findImplausible } from "#hal/vehicles/plausibility.ts";
import type { Quantity, VehicleProfile } from "#hal/vehicles/profile.ts";
import { replayExchange, type ReplayVerdict, requestOfRecording } from "#hal/vehicles/replay-exchange.ts";
import { type ObdRecord, readObdRecords } from "../builders/obd-recordings.ts";

const test = suite("recorded OBD replies");
const records = readObdRecords();
const random = new SeededRandom("recorded OBD replies");

if (records === undefined) {
  test("skipped: the recordings are not beside the checkout", () => {
    console.log("no recorded OBD replies beside this checkout; nothing was checked against them");
  });
} else {
  test("the recordings are read at all", () => {
    assert.ok(records.length > 5000, `${records.length} records`);
  });

  test("a clean reply gives exactly its payload, and no reply gives a wrong one", () => {
    const counts = judgeAll(records, (record) => replay(record, [1e6, 1e6]));
    console.log(`recorded replies: ${JSON.stringify(counts)}`);
    assert.is(counts.wrong, 0);
    assert.is(counts.clean.askedAgain, 0);
    assert.is(counts.multi.returned, 22);
    // Ask again too often and no car can be read: nearly all that is recoverable must be recovered.
    assert.ok(counts.recoverable.returned > 0.95 * (counts.recoverable.returned + counts.recoverable.askedAgain));
  });

  test("the same replies cut into random chunks give the same", () => {
    const counts = judgeAll(records, (record) => replay(record, [1, 30]));
    assert.is(counts.wrong, 0);
    assert.is(counts.clean.askedAgain, 0);
    assert.equal(
      counts,
      judgeAll(records, (record) => replay(record, [1, 1])),
    );
  });

  test("voltage, current, counters and the rest agree with independently derived values", () => {
    const { compared, differing, implausible } = compareDerived(records);
    console.log(`derived values: ${compared} compared, ${differing.length} differ, ${implausible.length} implausible`);
    assert.equal(differing, []);
    assert.equal(implausible, []);
    assert.ok(compared > 5000, `${compared} compared`);
  });

  test("the Kona's charging rule is true for exactly the charging recordings of cars that have the bits", () => {
    const seen = { charging: 0, driving: 0 };
    for (const record of records) {
      const isCovered = ["Hyundai-Kona-Electric", "Kia-Niro", "Kia-Niro-EV"].includes(record.model);
      if (!isCovered || record.derived === undefined || !record.command_id.startsWith("7E4.7EC.220101")) continue;
      const payload = replay(record, [1e6, 1e6]).payload ?? new Uint8Array();
      const decoded = decodeSignals(hyundaiBatteryRequest, Uint8Array.of(0x22, 1, 1), payload);
      assert.ok(decoded.ok);
      const { isCharging } = stepCharging(hyundaiKona.charging, NOT_CHARGING, {
        quantities: decoded.value,
        monotonicMs: 0,
      });
      assert.is(isCharging, record.derived["charging_rule_0x09"], record.id);
      if (decoded.value.get("motorRpm") !== 0) {
        seen.driving += 1;
        assert.is(isCharging, false, `${record.id} drives`);
      } else if (isCharging) {
        seen.charging += 1;
        assert.ok((decoded.value.get("batteryCurrentA") ?? 0) >= 0, `${record.id} gives current`);
      }
    }
    assert.ok(seen.charging > 5 && seen.driving > 50, JSON.stringify(seen));
  });
}

function profileOf(record: ObdRecord): VehicleProfile | undefined {
  switch (record.model) {
    case "Hyundai-Kona-Electric":
      return hyundaiKona;
    case "Kia-Niro":
    case "Kia-Niro-EV":
      return record.model_years.some((year) => Number(year) >= 2023) ? kiaNiroSg2 : hyundaiKona;
    case "Kia-EV3":
      return kiaNiroSg2;
    case "Hyundai-IONIQ-5":
    case "Hyundai-IONIQ-6":
    case "Kia-EV6":
    case "Kia-EV9":
      return hyundaiIoniq5;
    case "Volkswagen-e-Golf":
      return vwEUp;
    default:
      return undefined;
  }
}

/** Names of the study's own values, which it derived with formulas of its own. */
const DERIVED: Readonly<Partial<Record<Quantity, { readonly name: string; readonly factor: number }>>> = {
  batteryVoltageV: { name: "v_batt_V", factor: 1 },
  batteryCurrentA: { name: "i_charge_A", factor: 1 },
  stateOfChargePercent: { name: "soc_bms_pct", factor: 1 },
  cellVoltageMaxV: { name: "v_cell_max_V", factor: 1 },
  cellVoltageMinV: { name: "v_cell_min_V", factor: 1 },
  motorRpm: { name: "motor_rpm", factor: 1 },
  operatingSeconds: { name: "op_time_s", factor: 1 },
};

/** How many values agree, and which do not. */
function compareDerived(all: readonly ObdRecord[]): {
  readonly compared: number;
  readonly differing: readonly string[];
  readonly implausible: readonly string[];
} {
  let compared = 0;
  const differing: string[] = [];
  const implausible: string[] = [];
  for (const record of all) {
    const profile = profileOf(record);
    const name = `${record.request.service}${record.request.did}`;
    const requests = profile === undefined ? [] : [...profile.powerRequests, ...profile.otherRequests];
    const request = requests.find((candidate) => candidate.request === name);
    const verdict = replay(record, [1e6, 1e6]);
    if (profile === undefined || request === undefined || record.derived === undefined) continue;
    if (verdict.payload === undefined) continue;
    const decoded = decodeSignals(request, fromHex(name) ?? new Uint8Array(), verdict.payload);
    if (!decoded.ok) {
      implausible.push(`${record.id}: ${JSON.stringify(decoded.fault)}`);
      continue;
    }
    for (const [quantity, wanted] of expectedOf(record.derived)) {
      const found = decoded.value.get(quantity);
      if (found === undefined) continue;
      compared += 1;
      // A cell of 0 V is how the car says that it does not know.
      if (found === null && wanted === 0) continue;
      const isSame = found !== null && Math.abs(found - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
      if (!isSame) differing.push(`${record.id} ${record.model} ${quantity}: ${found} instead of ${wanted}`);
    }
    const oddity = findImplausible(profile, { quantities: decoded.value, monotonicMs: 0 }, null);
    if (request.request === "220101" && oddity !== undefined)
      implausible.push(`${record.id} ${record.model} ${JSON.stringify(oddity)}`);
  }
  return { compared, differing, implausible };
}

function expectedOf(derived: Readonly<Record<string, unknown>>): readonly (readonly [Quantity, number])[] {
  const counters = [
    ["chargedMilliWh", derived["cec_kWh"] ?? derived["kwh_charged"], 1e6],
    ["dischargedMilliWh", derived["ced_kWh"], 1e6],
  ] as const;
  const plain = (Object.keys(DERIVED) as Quantity[]).map(
    (quantity) => [quantity, derived[DERIVED[quantity]?.name ?? ""], DERIVED[quantity]?.factor ?? 1] as const,
  );
  return [...counters, ...plain].flatMap(([quantity, value, factor]) =>
    typeof value === "number" ? [[quantity, value * factor] as const] : [],
  );
}

interface Tally {
  returned: number;
  askedAgain: number;
}

interface Counts extends Record<ObdRecord["kind"], Tally> {
  wrong: number;
}

function judgeAll(all: readonly ObdRecord[], run: (record: ObdRecord) => ReplayVerdict): Counts {
  const tally = (): Tally => ({ returned: 0, askedAgain: 0 });
  const counts: Counts = { wrong: 0, clean: tally(), recoverable: tally(), reject: tally(), multi: tally() };
  for (const record of all) {
    const verdict = run(record);
    if (verdict.outcome === "ask-again") {
      counts[record.kind].askedAgain += 1;
      continue;
    }
    counts[record.kind].returned += 1;
    const payload = toHex(verdict.payload ?? new Uint8Array()).toUpperCase();
    if (payload === record.payload) continue;
    // The one reply that two units gave in full is recorded without a payload; its right one is the asked unit's.
    if (record.kind === "multi" && record.payload === undefined) continue;
    counts.wrong += 1;
    console.log(`wrong payload for ${record.id} (${record.kind} ${record.command_id}): ${payload}`);
  }
  return counts;
}

function replay(record: ObdRecord, [pieceMin, pieceMax]: readonly [number, number]): ReplayVerdict {
  const request = requestOfRecording(record.request);
  if (!request.ok) throw new Error(request.fault.reason);
  const bytes = new TextEncoder().encode(`${record.response.join("\r")}\r\r>`);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + random.integer(pieceMin, pieceMax);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return replayExchange(request.value, `${record.request.service}${record.request.did}`, chunks);
}

test.run();
