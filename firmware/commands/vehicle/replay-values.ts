/** What a payload means to the profiles that ask for it, and whether they believe it. */
import { equalBytes } from "#base/bytes.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { unitOf } from "#hal/protocols/obd/ecu-address.ts";
import { decodeSignals, type Quantities, type SignalFault } from "#hal/vehicles/decode-signals.ts";
import { findImplausible } from "#hal/vehicles/plausibility.ts";
import type { RequestVariant, VehicleProfile } from "#hal/vehicles/profile.ts";
import { allVariants, requestBytes } from "#hal/vehicles/profile-requests.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";

export type Values = Readonly<Record<string, number | null>>;

export interface RecordValues {
  /** By the names that the profiles use, units last; null where the car marks one as unknown. */
  readonly values: Values | null;
  readonly reason?: string;
  /** Whose values these are. */
  readonly profiles?: readonly string[];
  /** Profiles that read the same bytes otherwise. */
  readonly others?: readonly { readonly profiles: readonly string[]; readonly values: Values }[];
}

/** Undefined when no profile asks for this. */
export function valuesOfPayload(request: EcuRequest, payload: Uint8Array): RecordValues | undefined {
  const readings = vehicleProfiles.flatMap((profile) =>
    allVariants(profile)
      .filter((variant) => asksFor(variant, request))
      .map((variant) => readingOf(profile, variant, { request, payload })),
  );
  if (readings.length === 0) return undefined;
  const [first, ...others] = groupByValues(readings);
  if (first !== undefined) return { ...first, ...(others.length === 0 ? {} : { others }) };
  const reasons = readings.flatMap(({ profile, rejected }) =>
    rejected === undefined ? [] : [`${profile}: ${rejected}`],
  );
  return { values: null, reason: [...new Set(reasons)].slice(0, REASONS_MAX).join("; ") };
}

const REASONS_MAX = 4;

interface Reading {
  readonly profile: string;
  readonly values?: Values;
  readonly rejected?: string;
}

function readingOf(
  profile: VehicleProfile,
  variant: RequestVariant,
  answer: { readonly request: EcuRequest; readonly payload: Uint8Array },
): Reading {
  const decoded = decodeSignals(variant, answer.request.bytes, answer.payload);
  if (!decoded.ok) return { profile: profile.name, rejected: textOf(decoded.fault) };
  const quantities = decoded.value;
  // What is judged by several quantities can be judged only where one answer carries them.
  const isWhole = ["batteryVoltageV", "batteryCurrentA"].every((name) => keysOf(quantities).includes(name));
  const implausible = isWhole ? findImplausible(profile, { quantities, monotonicMs: 0 }, null) : undefined;
  if (implausible !== undefined) return { profile: profile.name, rejected: textOf(implausible) };
  return { profile: profile.name, values: Object.fromEntries(quantities) };
}

/** Profiles that read the same into one group, the largest first. */
function groupByValues(
  readings: readonly Reading[],
): readonly { readonly profiles: readonly string[]; readonly values: Values }[] {
  const groups = new Map<string, { readonly profiles: string[]; readonly values: Values }>();
  for (const { profile, values } of readings) {
    if (values === undefined) continue;
    const key = JSON.stringify(values);
    const group = groups.get(key) ?? { profiles: [], values };
    if (!group.profiles.includes(profile)) group.profiles.push(profile);
    groups.set(key, group);
  }
  return [...groups.values()].sort((left, right) => right.profiles.length - left.profiles.length);
}

function asksFor(variant: RequestVariant, { ecu, bytes }: EcuRequest): boolean {
  return equalBytes(requestBytes(variant.request), bytes) && unitOf(variant.ecu) === unitOf(ecu);
}

function keysOf(quantities: Quantities): readonly string[] {
  return [...quantities.keys()];
}

function textOf(
  fault: SignalFault | { readonly quantity: string; readonly value: number; readonly expected: string },
): string {
  if ("code" in fault && fault.code === "SIGNALS_OTHER_LENGTH") {
    return `${fault.bytes} data bytes, expected ${fault.expected}`;
  }
  return `${fault.quantity} ${fault.value}, expected ${fault.expected}`;
}
