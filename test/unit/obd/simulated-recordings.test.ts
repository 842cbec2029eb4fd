/**
 * The encoders against real cars: the values that a recorded reply was found to hold go into the simulated car, and the
 * same bytes must come out. The recordings lie beside the checkout; without them this says so and passes.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatteryState, InletState } from "#hal/mock/obd/battery-source.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import { type ObdRecord, readObdRecords } from "#test/builders/obd-recordings.ts";
import { encodedText } from "#test/builders/obd-terminal.ts";
import { TestBattery } from "#test/builders/test-battery.ts";

const test = suite("simulated cars against recordings");

type Values = (name: string) => number;
type Range = readonly [at: number, length: number];

interface Comparison {
  readonly recordedAs: RegExp;
  readonly model: CarModel;
  readonly request: string;
  readonly state: (value: Values) => Partial<BatteryState> & { readonly inlet?: InletState };
  /** Of the data behind the identifier; a reply that ends earlier is compared up to there. */
  readonly ranges: readonly Range[];
  /** Share by which a counter may differ: where the study's values were worked out with rounded steps. */
  readonly within?: number;
}

const { inlet: INLET } = new TestBattery().state;

/** Counters show complete steps: the true value lay somewhere within the next one. */
function withinStep(value: number, step: number): number {
  return value + step / 2;
}

const hyundaiBattery = (value: Values): Partial<BatteryState> => ({
  packVoltageV: value("v_batt_V"),
  packCurrentA: value("i_charge_A"),
  stateOfChargePercent: value("soc_bms_pct"),
  cellVoltageMaxV: value("v_cell_max_V"),
  cellVoltageMinV: value("v_cell_min_V"),
  chargedAh: withinStep(value("ccc_Ah"), 0.1),
  dischargedAh: withinStep(value("cdc_Ah"), 0.1),
  chargedWh: withinStep(1000 * value("cec_kWh"), 100),
  dischargedWh: withinStep(1000 * value("ced_kWh"), 100),
  operatingSeconds: value("op_time_s"),
  motorRpm: value("motor_rpm"),
});
const HYUNDAI_RANGES: readonly Range[] = [
  [4, 1],
  [10, 4],
  [23, 1],
  [25, 1],
  [30, 20],
  [53, 2],
];
const hyundaiHealth = (value: Values): Partial<BatteryState> => ({
  healthPercent: value("soh_pct"),
  displayPercent: value("soc_display_pct"),
});
const HEALTH_RANGES: readonly Range[] = [
  [25, 2],
  [31, 1],
];
const OLDER = /^(Hyundai-Kona-Electric|Kia-Niro|Kia-Niro-EV)$/;
const E_GMP = /^(Hyundai-IONIQ-5|Hyundai-IONIQ-6|Kia-EV3|Kia-EV6|Kia-EV9)$/;

function comparison(
  recordedAs: RegExp,
  model: CarModel,
  request: string,
): Pick<Comparison, "recordedAs" | "model" | "request"> {
  return { recordedAs, model, request };
}

const COMPARISONS: readonly Comparison[] = [
  { ...comparison(OLDER, "hyundai-kona", "220101"), state: hyundaiBattery, ranges: HYUNDAI_RANGES },
  { ...comparison(OLDER, "kia-niro-sg2", "220101"), state: hyundaiBattery, ranges: HYUNDAI_RANGES },
  { ...comparison(OLDER, "hyundai-kona", "220105"), state: hyundaiHealth, ranges: HEALTH_RANGES },
  { ...comparison(E_GMP, "hyundai-ioniq-5", "220101"), state: hyundaiBattery, ranges: HYUNDAI_RANGES },
  { ...comparison(E_GMP, "hyundai-ioniq-5", "220105"), state: hyundaiHealth, ranges: HEALTH_RANGES },
  {
    ...comparison(E_GMP, "hyundai-ioniq-5", "220111"),
    state: (value) => ({
      alternatingSessions: value("ac_charge_count"),
      directSessions: value("dc_charge_count"),
      alternatingWh: withinStep(1000 * value("ac_charge_energy_kWh"), 1000),
      directWh: withinStep(1000 * value("dc_charge_energy_kWh"), 1000),
    }),
    ranges: [[4, 16]],
  },
  {
    ...comparison(E_GMP, "hyundai-ioniq-5", "22E001"),
    state: (value) => ({ inlet: { ...INLET, currentsA: [value("i_ac_A"), 0, 0] } }),
    ranges: [[23, 2]],
  },
  {
    ...comparison(/e-Golf/, "vw-e-up", "221E3B"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/e-Golf/, "vw-e-up", "221E3D"),
    state: (value) => ({ packCurrentA: value("i_charge_A") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/e-Golf/, "vw-e-up", "22028C"),
    state: (value) => ({ stateOfChargePercent: value("soc_bms_pct") }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/e-Golf/, "vw-e-up", "221E32"),
    state: (value) => ({
      chargedAh: withinStep(value("ah_charged"), 1 / 549.316),
      dischargedAh: withinStep(-value("ah_discharged"), 1 / 549.316),
      chargedWh: withinStep(1000 * value("kwh_charged"), 1 / 8.58307),
      dischargedWh: withinStep(-1000 * value("kwh_discharged"), 1 / 8.58307),
    }),
    ranges: [
      [0, 4],
      [4, 4],
      [8, 4],
      [12, 4],
    ],
    within: 1e-6,
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "221E3B"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "221E3E"),
    state: (value) => ({ packCurrentA: value("i_charge_A") }),
    ranges: [[0, 4]],
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "22028C"),
    state: (value) => ({ stateOfChargePercent: value("soc_bms_pct") }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "22103D"),
    state: (value) => ({ inlet: { ...INLET, outputA: value("i_obc_dc_A") } }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "22103E"),
    state: (value) => ({ inlet: { ...INLET, sessionWh: withinStep(1000 * value("obc_cycle_kWh"), 10) } }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/ID\.4/, "vw-meb", "221DA7"),
    state: (value) => ({ inlet: { ...INLET, outputV: value("v_obc_dc_V") } }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/^BMW-i3s?$/, "bmw-i3", "22DD68"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/^BMW-i3s?$/, "bmw-i3", "22DD69"),
    state: (value) => ({ packCurrentA: value("i_charge_A") }),
    ranges: [[0, 4]],
  },
  {
    ...comparison(/^BMW-i3s?$/, "bmw-i3", "22DDBC"),
    state: (value) => ({ stateOfChargePercent: value("soc_pct") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "224368"),
    state: (value) => ({ inlet: { ...INLET, voltagesV: [value("v_ac_V"), 0, 0] } }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "224369"),
    state: (value) => ({ inlet: { ...INLET, currentsA: [value("i_ac_A"), 0, 0] } }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "22436B"),
    state: (value) => ({ inlet: { ...INLET, outputV: value("v_obc_dc_V") } }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "22436C"),
    state: (value) => ({ inlet: { ...INLET, outputA: value("i_obc_dc_A") } }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "2243AF"),
    state: (value) => ({ stateOfChargePercent: value("soc_raw_pct") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Bolt/, "chevrolet-bolt", "228334"),
    state: (value) => ({ displayPercent: value("soc_display_pct") }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/MG-ZS/, "mg-zs-ev", "22B042"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/MG-ZS/, "mg-zs-ev", "22B043"),
    state: (value) => ({ packCurrentA: -value("i_discharge_A") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/MG-ZS/, "mg-zs-ev", "22B046"),
    state: (value) => ({ stateOfChargePercent: value("soc_raw_pct") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Leaf/, "nissan-leaf", "2101"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[18, 2]],
  },
  {
    ...comparison(/Mach-E/, "ford-mach-e", "22480D"),
    state: (value) => ({ packVoltageV: value("v_batt_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Mach-E/, "ford-mach-e", "224801"),
    state: (value) => ({ stateOfChargePercent: value("soc_pct") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Mach-E/, "ford-mach-e", "224845"),
    state: (value) => ({ displayPercent: value("soc_display_pct") }),
    ranges: [[0, 1]],
  },
  {
    ...comparison(/Mach-E/, "ford-mach-e", "22484A"),
    state: (value) => ({ packVoltageV: value("v_charger_out_V") }),
    ranges: [[0, 2]],
  },
  {
    ...comparison(/Mach-E/, "ford-mach-e", "224850"),
    state: (value) => ({ inlet: { ...INLET, outputA: value("i_charger_out_A") } }),
    ranges: [[0, 2]],
  },
];

const records = readObdRecords();

if (records === undefined) {
  test("the recordings are not here: nothing compared", () => {
    console.log("skipped: no recordings beside the checkout");
  });
} else {
  for (const each of COMPARISONS) {
    test(`${each.request} of ${each.model} is byte for byte what ${each.recordedAs.source} sent`, () => {
      const compared = records.filter((record) => compare(record, each)).length;
      assert.ok(compared >= 1, "there are recordings to compare with");
    });
  }
}

/** False when the record is of something else, or holds no value. */
function compare(record: ObdRecord, { recordedAs, model, request, state, ranges, within = 0 }: Comparison): boolean {
  const { derived, payload } = record;
  if (record.kind !== "clean" || derived === undefined || payload === undefined) return false;
  if (!recordedAs.test(record.model) || !record.command_id.includes(`.${request}`)) return false;
  const data = payload.slice(request.length);
  // No value, which the simulated car has too but not as a number.
  if (/^(FF)+$/.test(data) || Object.values(derived).includes(null)) return false;
  const service = Number.parseInt(request.slice(0, 2), 16);
  const battery = new TestBattery(state((name) => numberOf(derived[name], name)));
  const encoded = encodedText(model, battery, service, Number.parseInt(request.slice(2), 16));
  for (const [at, length] of ranges) {
    const recorded = data.slice(2 * at, 2 * (at + length));
    const ours = encoded.slice(2 * at, 2 * at + recorded.length);
    const where = `${record.id} at ${at}: ${payload}`;
    if (within === 0) assert.is(ours, recorded, where);
    else assert.ok(Math.abs(signed32(ours) / signed32(recorded) - 1) <= within, `${ours} in ${where}`);
  }
  return true;
}

function signed32(digits: string): number {
  return Number.parseInt(digits, 16) | 0;
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  throw new Error(`${name} is no number`);
}

test.run();
