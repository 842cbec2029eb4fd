/** What a profile would do to a car and what comes of it, in lines for people. */
import { hexDigits } from "#base/bytes.ts";
import { idDigits } from "#hal/protocols/obd/ecu-address.ts";
import { signalsOf } from "./decode-signals.ts";
import { conditionText } from "./holds-condition.ts";
import { measuresBattery } from "./plausibility.ts";
import type { Grade, Pace, ProfileRequest, RequestVariant, VehicleProfile } from "./profile.ts";
import { QUANTITIES } from "./quantity.ts";

export function describeProfile(profile: VehicleProfile): readonly string[] {
  return [
    `${profile.name}: ${profile.covers}`,
    "",
    "asked:",
    ...profile.requests.flatMap(requestLines),
    ...(profile.session === null
      ? []
      : [`in diagnostic session ${hexDigits(profile.session.type, 2)}, kept alive while it is used`]),
    "",
    "measured:",
    ...measuredLines(profile).map((line) => `  ${line}`),
  ];
}

const OFTEN: Readonly<Record<Pace, string>> = {
  power: "for each sample",
  inlet: "for each sample",
  state: "every 10 s",
  slow: "every 60 s",
};

const CERTAINTY: Readonly<Record<Grade, string>> = {
  A: "several sources and recordings",
  B: "two sources",
  C: "one source, or not yet seen on a car",
  untrusted: "not to be trusted: shown, never measured with",
};

function requestLines(request: ProfileRequest): readonly string[] {
  const others = (request.otherwise ?? []).map((variant) => `    or ${variantText(variant)}`);
  const signals = signalsOf(request).map(([quantity, { min, max, grade }]) => {
    const unit = QUANTITIES[quantity];
    const isOwn = grade !== undefined && grade !== request.grade;
    return `    ${quantity} ${min} to ${max}${unit === "" ? "" : ` ${unit}`}${isOwn ? `; grade ${grade}` : ""}`;
  });
  return [`  ${variantText(request)} ${OFTEN[request.pace]}`, ...others, ...signals];
}

function variantText({ ecu, request, grade }: RequestVariant): string {
  const unit = ecu.extension === undefined ? "" : ` (unit ${hexDigits(ecu.extension.ecu, 2)})`;
  const ids = `${idDigits(ecu.requestId, ecu.idBits)} -> ${idDigits(ecu.responseId, ecu.idBits)}${unit}`;
  return `${request} at ${ids}, grade ${grade}`;
}

function measuredLines(profile: VehicleProfile): readonly string[] {
  const grade = gradeOfPower(profile);
  const battery =
    grade === undefined
      ? "battery: nothing, its current is not to be trusted"
      : `battery: voltage times current, grade ${grade} (${CERTAINTY[grade]})`;
  const { counter } = profile;
  const regeneration = counter?.includesRegeneration === true ? "counted too" : "not counted";
  const counted =
    counter === null
      ? "counter: none"
      : `counter: steps of ${counter.resolutionMilliWh / 1000} Wh, regeneration ${regeneration}`;
  const inlets = profile.inlet.map((measure) => {
    const sum = measure.sumOf.map((product) => product.join(" x ")).join(" + ");
    const when = measure.when.length === 0 ? "" : `, when ${measure.when.map(conditionText).join(" and ")}`;
    return `inlet: ${measure.kind}, ${sum}${when}, grade ${measure.grade} (${CERTAINTY[measure.grade]})`;
  });
  const charging = profile.charging.any.map(({ all, heldMs, whileUnknown = [] }) => {
    const held = heldMs === 0 ? "" : ` for ${heldMs / 1000} s`;
    const unknown = whileUnknown.length === 0 ? "" : `, while ${whileUnknown.join(" and ")} is not known`;
    return `charging: when ${all.map(conditionText).join(" and ")}${held}${unknown}`;
  });
  const plugged =
    profile.plugged === null
      ? "plugged in: only known while it charges"
      : `plugged in: when ${conditionText(profile.plugged.yes)}`;
  const cells =
    profile.cellCounts.length === 0 ? "cells: cannot be counted" : `cells: ${profile.cellCounts.join(", ")} in series`;
  return [battery, counted, ...(inlets.length === 0 ? ["inlet: not told"] : inlets), ...charging, plugged, cells];
}

const ORDER: readonly Grade[] = ["A", "B", "C", "untrusted"];

/** The worse of voltage and current; undefined where nothing is measured at the battery. */
function gradeOfPower(profile: VehicleProfile): Grade | undefined {
  if (!measuresBattery(profile)) return undefined;
  const grades = profile.requests.flatMap((request) =>
    signalsOf(request).flatMap(([quantity, signal]) =>
      quantity === "batteryVoltageV" || quantity === "batteryCurrentA" ? [signal.grade ?? request.grade] : [],
    ),
  );
  return ORDER.findLast((grade) => grades.includes(grade));
}
