/** What is measured with a profile, where, and in which steps: what a gateway may state before it has read anything. */
import type { InletPower } from "#hal/ports/vehicle-link.ts";
import { measuresBattery } from "./plausibility.ts";
import type { Signal, VehicleProfile } from "./profile.ts";
import { allVariants } from "./profile-requests.ts";
import type { Quantity } from "./quantity.ts";

export interface ProfileMeasure {
  /** At the battery, or by this kind of power at the inlet; null where nothing can be measured with. */
  readonly at: "battery" | InletPower["kind"] | null;
  /** The most that the battery shows at its terminals when it is full. */
  readonly voltageMaxV: number;
  readonly voltageStepV: number;
  readonly currentStepA: number;
  /** Of the car's own counter; null where it has none. */
  readonly counterStepMilliWh: number | null;
  /** From 0 to 100 % of the state of charge that is read, within a tenth; null where the profile does not know it. */
  readonly usableMilliWh: number | null;
}

export function profileMeasure(profile: VehicleProfile): ProfileMeasure {
  const inlet = profile.inlet.find(({ grade }) => grade !== "untrusted");
  const cells = Math.max(0, ...profile.cellCounts);
  const voltages = signalsFor(profile, "batteryVoltageV");
  return {
    at: measuresBattery(profile) ? "battery" : (inlet?.kind ?? null),
    voltageMaxV: cells > 0 ? cells * CELL_FULL_V : Math.max(0, ...voltages.map(({ max }) => max)),
    ...batterySteps(profile),
    counterStepMilliWh: profile.counter?.resolutionMilliWh ?? null,
    usableMilliWh: profile.usableMilliWh ?? null,
  };
}

/** The coarsest of the variants: which one answers is not asked here. */
export function batterySteps(profile: VehicleProfile): Pick<ProfileMeasure, "voltageStepV" | "currentStepA"> {
  const stepOf = (quantity: Quantity): number =>
    Math.max(0, ...signalsFor(profile, quantity).map(({ multiply = 1, divide = 1 }) => Math.abs(multiply / divide)));
  return { voltageStepV: stepOf("batteryVoltageV"), currentStepA: stepOf("batteryCurrentA") };
}

/** No cell of the known chemistries is charged higher. */
const CELL_FULL_V = 4.2;

function signalsFor(profile: VehicleProfile, quantity: Quantity): readonly Signal[] {
  return allVariants(profile).flatMap(({ signals: { [quantity]: signal } }) => (signal === undefined ? [] : [signal]));
}
