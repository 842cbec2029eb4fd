/** Whether a profile's rules of charging, plug, inlet, counter and identification use what its requests tell. */
import { signalsOf } from "./decode-signals.ts";
import type { Condition, InletMeasure, Signal, VehicleProfile } from "./profile.ts";
import { allVariants } from "./profile-requests.ts";
import type { ProfileProblem } from "./profile-shape.ts";
import type { Quantity } from "./quantity.ts";

export function measureProblems(profile: VehicleProfile): readonly ProfileProblem[] {
  const told = toldBy(profile);
  return [
    ...chargingProblems(profile, told),
    ...profile.inlet.flatMap((measure, index) => inletProblems(measure, `inlet[${index}]`, told)),
    ...counterProblems(profile, told),
    ...cellProblems(profile, told),
    ...identificationProblems(profile),
  ];
}

/** Quantities that can be measured with, and what each may be. */
type Told = ReadonlyMap<Quantity, readonly Signal[]>;

function toldBy(profile: VehicleProfile): Told {
  const told = new Map<Quantity, Signal[]>();
  for (const variant of allVariants(profile)) {
    for (const [quantity, signal] of signalsOf(variant)) {
      if ((signal.grade ?? variant.grade) === "untrusted") continue;
      told.set(quantity, [...(told.get(quantity) ?? []), signal]);
    }
  }
  return told;
}

function chargingProblems({ charging, plugged }: VehicleProfile, told: Told): readonly ProfileProblem[] {
  const cases = charging.any.flatMap(({ all, whileUnknown = [] }, index) => {
    const unneeded = whileUnknown.filter((quantity) => !told.has(quantity));
    if (unneeded.length > 0) {
      return [{ path: `charging.any[${index}].whileUnknown`, problem: unneeded.map(notTold).join(" ") }];
    }
    const path = `charging.any[${index}].all`;
    if (all.length === 0) return [{ path, problem: "Without a condition the car would always charge." }];
    return all.flatMap((condition, place) => conditionProblems(condition, `${path}[${place}]`, told));
  });
  if (plugged === null) return cases;
  const no = plugged.no === undefined ? [] : conditionProblems(plugged.no, "plugged.no", told);
  return [...cases, ...conditionProblems(plugged.yes, "plugged.yes", told), ...no];
}

function conditionProblems(condition: Condition, path: string, told: Told): readonly ProfileProblem[] {
  const signals = told.get(condition.quantity);
  if (signals === undefined) return [{ path, problem: notTold(condition.quantity) }];
  const least = Math.min(...signals.map(({ min }) => min));
  const most = Math.max(...signals.map(({ max }) => max));
  const [from, to] =
    "values" in condition
      ? [Math.min(...condition.values), Math.max(...condition.values)]
      : [condition.min, condition.max];
  if (from > to) return [{ path, problem: `${from} is more than ${to}: it can never hold.` }];
  if (condition.mask === undefined && (from > most || to < least)) {
    return [{ path, problem: `${condition.quantity} is from ${least} to ${most}: it can never hold.` }];
  }
  if (condition.mask !== undefined && to > condition.mask) {
    return [{ path, problem: `Masked, ${condition.quantity} is never more than ${condition.mask}.` }];
  }
  return [];
}

function inletProblems(measure: InletMeasure, path: string, told: Told): readonly ProfileProblem[] {
  const problems = measure.when.flatMap((condition, index) =>
    conditionProblems(condition, `${path}.when[${index}]`, told),
  );
  measure.sumOf.forEach((product, index) => {
    for (const quantity of product) {
      if (!told.has(quantity)) problems.push({ path: `${path}.sumOf[${index}]`, problem: notTold(quantity) });
    }
    if (unitOfProduct(product) !== "W") {
      const problem = `${product.join(" x ")} is no power: it takes a voltage and a current, or a power.`;
      problems.push({ path: `${path}.sumOf[${index}]`, problem });
    }
  });
  (measure.factors ?? []).forEach(({ by, steps }, index) => {
    const at = `${path}.factors[${index}]`;
    if (!told.has(by)) problems.push({ path: `${at}.by`, problem: notTold(by) });
    const isRising = steps.every(([from], place) => place === 0 || from > (steps[place - 1]?.[0] ?? 0));
    if (!isRising) problems.push({ path: `${at}.steps`, problem: "The steps must rise." });
    if (steps.some(([, factor]) => factor <= 0 || factor > 3)) {
      problems.push({ path: `${at}.steps`, problem: "A factor is more than 0 and at most 3." });
    }
  });
  return problems;
}

function unitOfProduct(product: readonly Quantity[]): string {
  const units = product.map((quantity) => (/V$/.test(quantity) ? "V" : quantity.slice(-1))).sort();
  return units.join("") === "AV" ? "W" : units.join("");
}

function counterProblems({ counter }: VehicleProfile, told: Told): readonly ProfileProblem[] {
  const signals = told.get("chargedMilliWh");
  if (counter === null) {
    if (signals === undefined) return [];
    return [{ path: "counter", problem: "chargedMilliWh is told, so its resolution must be given." }];
  }
  if (signals === undefined) return [{ path: "counter", problem: notTold("chargedMilliWh") }];
  const steps = signals.map(({ multiply = 1, divide = 1 }) => Math.abs(multiply / divide));
  const isFine = steps.every((step) => counter.resolutionMilliWh >= step && counter.resolutionMilliWh <= step + 1);
  if (isFine) return [];
  const problem = `${counter.resolutionMilliWh} mWh; the signal's step is ${steps.join(", ")} mWh, to be rounded up.`;
  return [{ path: "counter.resolutionMilliWh", problem }];
}

function cellProblems({ cellCounts }: VehicleProfile, told: Told): readonly ProfileProblem[] {
  const hasCells = told.has("cellVoltageMaxV") && told.has("cellVoltageMinV");
  if (cellCounts.length > 0 && !hasCells) {
    return [{ path: "cellCounts", problem: "They can only be checked with cellVoltageMaxV and cellVoltageMinV." }];
  }
  if (cellCounts.length === 0 && hasCells) {
    const problem = "The car tells cell voltages; without cell counts the best sign of a wrong profile is given away.";
    return [{ path: "cellCounts", problem }];
  }
  return [];
}

function identificationProblems(profile: VehicleProfile): readonly ProfileProblem[] {
  return profile.identification.flatMap((test, index) => {
    const path = `identification[${index}]`;
    const variants = allVariants(profile).filter(
      ({ request, ecu }) => request === test.request && ecu.requestId === test.ecu.requestId,
    );
    if (variants.length === 0) {
      return [{ path: `${path}.request`, problem: `${test.request} at this unit is none of the profile's requests.` }];
    }
    const problems: ProfileProblem[] = [];
    if (test.dataBytes.min > test.dataBytes.max) {
      problems.push({ path: `${path}.dataBytes`, problem: "min is more than max." });
    }
    test.conditions.forEach((condition, place) => {
      if (variants.some(({ signals }) => condition.quantity in signals)) return;
      problems.push({ path: `${path}.conditions[${place}]`, problem: `${test.request} does not tell this quantity.` });
    });
    return problems;
  });
}

function notTold(quantity: Quantity): string {
  return `No request tells ${quantity} in a way that can be trusted.`;
}
