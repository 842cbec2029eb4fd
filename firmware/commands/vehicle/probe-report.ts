/** What a probe has found, in lines for the person in the car, or as one object for programs. */
import { INLET_POINT } from "#core/metering/battery-statement.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import type { Quantity } from "#hal/vehicles/quantity.ts";
import { type ProfileMeasure, profileMeasure } from "#hal/vehicles/profile-measure.ts";
import { QUANTITIES } from "#hal/vehicles/quantity.ts";
import { adapterFamily, adapterSkills } from "./adapter-text.ts";
import { expectedErrors } from "./expected-error.ts";
import type { Probed } from "./probe.ts";
import { explainVehicleFault } from "./vehicle-fault-text.ts";

export function probeLines(probed: Probed): readonly string[] {
  return [
    ...adapterLines(probed),
    ...carLines(probed),
    ...stateLines(probed),
    ...valueLines(probed),
    ...measureLines(probed),
    ...findingLines(probed),
    ...faultLines(probed),
  ];
}

export function probeObject(probed: Probed): Readonly<Record<string, unknown>> {
  const { profile, quantities, sample, adapter, fault, ...rest } = probed;
  const measure = profile === undefined ? undefined : profileMeasure(profile);
  return {
    ...rest,
    ...(adapter === undefined ? {} : { adapter, family: adapterFamily(adapter), ...adapterSkills(adapter) }),
    ...(profile === undefined ? {} : { profile: profile.name, measure }),
    ...(quantities === undefined ? {} : { quantities: Object.fromEntries(quantities) }),
    // The replies are evidence, in bytes.
    ...(sample === undefined ? {} : { sample: { ...sample, rawReplies: undefined } }),
    ...(measure === undefined ? {} : { expected: expectedErrors(measure, seenOf(probed, measure)) }),
    ...(fault === undefined ? {} : { fault, ...explainVehicleFault(fault) }),
  };
}

function adapterLines({ banner, place, adapter, countDigit, supplyV }: Probed): readonly string[] {
  if (banner === undefined) return [];
  const supply = supplyV === undefined || supplyV === null ? "not told" : `${supplyV.toFixed(1)} V at the socket`;
  if (adapter === undefined) return [row("line", `${banner}, no adapter between`)];
  const { can, lacks } = adapterSkills(adapter);
  return [
    row("adapter", `${banner} at ${place}`),
    row("", adapterFamily(adapter)),
    row("", `can: ${can.length === 0 ? "nothing but the least" : can.join(", ")}`),
    ...(lacks.length === 0 ? [] : [row("", `lacks: ${lacks.join(", ")}`)]),
    ...(countDigit === undefined ? [] : [row("", COUNT_DIGIT[countDigit])]),
    row("12 V", supply),
  ];
}

const COUNT_DIGIT: Readonly<Record<NonNullable<Probed["countDigit"]>, string>> = {
  unknown: "whether it stops waiting when all lines are there was not found out",
  honoured: "stops waiting when all lines are there",
  ignored: "waits in silence behind each answer",
  refused: "does not know the number of lines to expect: waits in silence behind each answer",
};

function carLines({ profile, recognition }: Probed): readonly string[] {
  if (profile === undefined) return [];
  const [first = "", ...more] = recognition ?? [`${profile.name}: ${profile.covers} (as told, not asked)`];
  return [row("car", first), ...more.map((line) => row("", line))];
}

function stateLines({ sample }: Probed): readonly string[] {
  if (sample === undefined) return [];
  const plugged = sample.plugged === null ? "cable not known" : sample.plugged ? "plugged in" : "not plugged in";
  const charge = sample.stateOfChargePercent === null ? "" : `, ${sample.stateOfChargePercent.toFixed(1)} % charged`;
  return [row("state", `${sample.charging ? "charging" : "not charging"}, ${plugged}${charge}`)];
}

function valueLines({ profile, quantities }: Probed): readonly string[] {
  if (profile === undefined || quantities === undefined || quantities.size === 0) return [];
  const rows = [...quantities].flatMap(([quantity, value]) =>
    value === null
      ? []
      : [row("", `${quantity.padEnd(24)}${valueText(value, quantity).padEnd(20)}${gradeOf(profile, quantity)}`)],
  );
  return ["values", ...rows];
}

function valueText(value: number, quantity: Quantity): string {
  return `${Number(value.toFixed(3))} ${QUANTITIES[quantity]}`.trim();
}

function gradeOf(profile: VehicleProfile, quantity: Quantity): string {
  const request = profile.requests.find(({ signals }) => quantity in signals);
  const grade = request?.signals[quantity]?.grade ?? request?.grade;
  return grade === undefined ? "" : grade === "untrusted" ? "untrusted: never measured with" : `grade ${grade}`;
}

function measureLines(probed: Probed): readonly string[] {
  const { profile, samplesPerSecond } = probed;
  if (profile === undefined || probed.sample === undefined) return [];
  const measure = profileMeasure(profile);
  const rate =
    samplesPerSecond === undefined ? [] : [row("samples", `${samplesPerSecond.toFixed(1)} a second; one is enough`)];
  if (measure.at === null) return [...rate, row("measured", "nothing: this car tells no value that can be trusted")];
  const errors = expectedErrors(measure, seenOf(probed, measure));
  const powers = [...new Set(errors.map(({ powerKw }) => powerKw))];
  const energies = [...new Set(errors.map(({ energyKwh }) => energyKwh))];
  const place = PLACES[measure.at === "battery" ? "battery" : INLET_POINT[measure.at]];
  return [
    ...rate,
    row("measured", `${place}, by sensors that nobody has calibrated`),
    row("expected", `error U (k = 2)  ${powers.map((kw) => `${kw} kW`.padEnd(9)).join("")}`),
    ...energies.map((kwh) => {
      const cells = errors.filter(({ energyKwh }) => energyKwh === kwh);
      const shown = cells.map(({ share }) => `${(100 * share).toFixed(1)} %`.padEnd(9)).join("");
      return row("", `${`${kwh} kWh`.padStart(15)}  ${shown}${cells[0]?.method ?? ""}`);
    }),
  ];
}

const PLACES = {
  battery: "at the battery's terminals, behind the car's charger and its losses",
  "vehicle-inlet": "at the car's inlet, before its charger",
  "charger-output": "at the output of the car's charger",
} as const;

function seenOf({ sample, samplesPerSecond }: Probed, measure: ProfileMeasure): { voltageV: number; everyMs: number } {
  const voltageV = sample?.batteryVoltageV ?? (measure.voltageMaxV > 0 ? measure.voltageMaxV : 400);
  // A gateway takes one sample a second, or what the adapter allows.
  return { voltageV, everyMs: Math.max(1000, Math.round(1000 / Math.max(0.01, samplesPerSecond ?? 1))) };
}

function findingLines({ findings }: Probed): readonly string[] {
  return (findings ?? []).map(({ check, outcome, found, expected }, index) => {
    const detail = outcome === "failed" ? `${found}; expected ${expected}` : found;
    return row(index === 0 ? "checks" : "", `${check.padEnd(14)}${outcome.padEnd(14)}${detail}`);
  });
}

function faultLines({ fault, answersAtBaud }: Probed): readonly string[] {
  if (fault === undefined) return [];
  const { problem, advice } = explainVehicleFault(fault);
  if (typeof answersAtBaud === "number") {
    return [
      row("problem", problem),
      row("do", `an adapter answers at ${answersAtBaud} baud: --baud ${answersAtBaud}, or auto`),
    ];
  }
  const searched = answersAtBaud === null ? [row("", "No adapter answers at the other usual speeds either.")] : [];
  return [row("problem", problem), ...searched, ...advice.map((line, index) => row(index === 0 ? "do" : "", line))];
}

function row(name: string, text: string): string {
  return `${name.padEnd(10)}${text}`.trimEnd();
}
