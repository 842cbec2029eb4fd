/** Sessions to try a contract on: what a program can read, for the cases of protocol 2.8. */
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import type { InputValues } from "#core/script/run-program.ts";
import type { Value } from "#core/script/value.ts";

export interface SessionCase {
  readonly name: string;
  readonly values: InputValues;
}

/** An honest session of 20 kWh at the station, seen as 19.2 kWh by the vehicle. */
const HONEST: InputValues = {
  "terms.basis": "station",
  "terms.silentPays": true,
  "terms.exposureMilliWh": 4_000_000n,
  "terms.energyMaxMilliWh": 100_000_000n,
  "terms.durationMaxSeconds": 86_400n,
  "terms.graceSeconds": 600n,
  "terms.hasArbiter": true,
  "station.milliWh": 20_000_000n,
  "station.heard": true,
  "station.completed": true,
  "station.cancelled": false,
  "station.whole": true,
  "vehicle.milliWh": 19_200_000n,
  "vehicle.heard": true,
  "vehicle.completed": true,
  "vehicle.cancelled": false,
  "vehicle.whole": true,
  "agreed.milliWh": 18_900_000n,
  "undisputed.milliWh": 19_200_000n,
  "most.milliWh": 19_793_815n,
  "judged.verdict": "AGREE",
  "judged.reason": "WITHIN-TOLERANCE",
  "judged.inBound": true,
  "grace.isOver": false,
  "mutual.found": false,
  "mutual.milliWh": 0n,
  "ruling.found": false,
  "ruling.milliWh": 0n,
  "self.reports": 4n,
  "self.completed": false,
  "self.cancelled": false,
  "charge.endsAt": 1_800_000_000n,
  "charge.completing": false,
  "charge.completingSince": 0n,
};

/** The vehicle's 12 kWh against the station's 20: agreed up to 8 kWh. */
const PARTED: InputValues = {
  "vehicle.milliWh": 12_000_000n,
  "agreed.milliWh": 8_000_000n,
  "undisputed.milliWh": 12_000_000n,
  "most.milliWh": 12_371_135n,
  "judged.verdict": "DISAGREE",
  "judged.reason": "VEHICLE-FAR-BELOW",
  "judged.inBound": false,
};
const OVER: InputValues = { "grace.isOver": true };

export const SESSION_CASES: readonly SessionCase[] = [
  { name: "both complete, amounts match", values: HONEST },
  { name: "the same, bill the least that is sure", values: { ...HONEST, "terms.basis": "least" } },
  { name: "both complete, amounts part", values: { ...HONEST, ...PARTED } },
  { name: "the same, both propose 15 kWh", values: { ...HONEST, ...PARTED, ...mutual(15_000_000n) } },
  { name: "the same, the arbiter says 16 kWh", values: { ...HONEST, ...PARTED, ...ruling(16_000_000n) } },
  { name: "only the station completes", values: { ...HONEST, ...PARTED, ...OVER, "vehicle.completed": false } },
  { name: "only the vehicle completes", values: { ...HONEST, ...PARTED, ...OVER, "station.completed": false } },
  {
    name: "neither completes",
    values: { ...HONEST, ...PARTED, ...OVER, "station.completed": false, "vehicle.completed": false },
  },
  { name: "the vehicle never reported", values: { ...HONEST, ...OVER, "vehicle.heard": false, "vehicle.milliWh": 0n } },
  {
    name: "still charging",
    values: {
      ...HONEST,
      "station.completed": false,
      "vehicle.completed": false,
      "judged.verdict": "NONE",
      "judged.reason": "NONE",
    },
  },
];

/** The honest session with some inputs replaced; undefined for a name that there is not. */
export function sessionWith(changes: InputValues): InputValues {
  return { ...HONEST, ...changes };
}

/** A value as it is written in a file or on the command line, or why it is none. */
export function inputValue(name: string, written: unknown): Value | { readonly expected: string } {
  const type = Object.hasOwn(ENERGY_SURFACE.inputs, name) ? ENERGY_SURFACE.inputs[name]?.type : undefined;
  if (type === undefined) return { expected: "the name of an input" };
  const text = typeof written === "string" ? written : JSON.stringify(written);
  if (type === "bool" && (text === "true" || text === "false")) return text === "true";
  if (type === "int" && /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) {
    return BigInt(text);
  }
  if (type !== "string" || typeof written !== "string") return { expected: type };
  const words = WORDS[name];
  return words === undefined || words.includes(written) ? written : { expected: `one of ${words.join(", ")}` };
}

/** What the ledger can say in words; another one would be run as if it were none of those. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "terms.basis": ["station", "least"],
  "judged.verdict": ["AGREE", "INCONCLUSIVE", "DISAGREE", "NOT-CAPABLE", "NONE"],
  "judged.reason": [
    "MMQ",
    "VEHICLE-FAR-BELOW",
    "VEHICLE-FAR-ABOVE",
    "UNCERTAINTY-ABOVE-TOLERANCE",
    "WITHIN-TOLERANCE",
    "GUARD-BAND",
    "NONE",
  ],
};

function mutual(milliWh: bigint): InputValues {
  return { "mutual.found": true, "mutual.milliWh": milliWh };
}

function ruling(milliWh: bigint): InputValues {
  return { "ruling.found": true, "ruling.milliWh": milliWh };
}
