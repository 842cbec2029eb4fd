/**
 * Charges as chance makes them: honest ones with measurement errors, liars, the silent, disputes in every stage, and
 * facts that only have the right shape. The same draws give the same charge.
 */
import type { Terms } from "#core/contract/terms.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { ReportBody, ResolveBody, Role } from "#core/session/facts.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { chargeOf, inletTerms, type ChargeStory } from "./charge-facts.ts";

const BASE = inletTerms();
const ADDRESS = new Uint8Array(32).fill(7);
const ARBITER = new Uint8Array(32).fill(9);

export interface RandomCharge {
  readonly charge: ChargeFacts;
  readonly graceOver: boolean;
}

export function randomCharge(random: SeededRandom): RandomCharge {
  const terms = random.chance(0.2) ? wildTerms(random) : usualTerms(random);
  const isShort = random.chance(0.06);
  const story = isShort ? shortStory(random) : random.chance(0.15) ? wildStory(random) : likelyStory(random);
  const charge = chargeOf({ terms, ...story });
  const reports = {
    station: damaged(random, charge.reports.station),
    vehicle: damaged(random, charge.reports.vehicle),
  };
  const cancelled: Partial<Record<Role, true>> = {};
  if (random.chance(isShort ? 0.7 : 0.1)) cancelled.station = true;
  if (random.chance(isShort ? 0.7 : 0.1)) cancelled.vehicle = true;
  const disputed = { ...charge, reports, cancelled };
  return { charge: random.chance(0.3) ? withDispute(random, disputed) : disputed, graceOver: random.chance(0.5) };
}

function usualTerms(random: SeededRandom): Terms {
  return {
    ...BASE,
    basis: random.pick(["station", "least"]),
    silentPays: random.chance(0.5),
    tolerancePpm: random.pick([20_000, 50_000, 80_000]),
    exposureMilliWh: random.pick([0, 200_000, 4_000_000]),
    arbiter: random.chance(0.5) ? ARBITER : null,
  };
}

function wildTerms(random: SeededRandom): Terms {
  const ppm = (): number => random.integer(0, 1_000_000);
  return {
    ...usualTerms(random),
    lossPpm: [ppm(), ppm()],
    mpePpm: [ppm(), ppm()],
    exposureMilliWh: anyEnergy(random),
    tolerancePpm: ppm(),
    resolutionMilliWh: [anyEnergy(random), anyEnergy(random)],
  };
}

/** Up to three reports of five intervals; the vehicle measures between a fifth less and a tenth more. */
function likelyStory(random: SeededRandom): ChargeStory {
  const intervals = random.integer(0, 15);
  const each = random.integer(0, 1_000_000);
  const ratio = random.chance(0.6) ? random.between(0.96, 1.01) : random.between(0.5, 1.5);
  const energies = (share: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => Math.round(index * each * share));
  const heard = random.chance(0.8) ? intervals : random.integer(0, intervals);
  const final = intervals * each + random.integer(0, each);
  return {
    station: energies(1, random.chance(0.95) ? intervals : 0),
    vehicle: energies(ratio, heard),
    ...(random.chance(0.8) ? { stationFinal: final } : {}),
    ...(random.chance(0.8) ? { vehicleFinal: Math.round(final * ratio) } : {}),
    start: [random.integer(0, 1_000_000_000), random.integer(0, 1_000_000_000)],
  };
}

/** Hardly begun: taken back by one or both, or left. */
function shortStory(random: SeededRandom): ChargeStory {
  const readings = (): readonly number[] => (random.chance(0.3) ? [0] : []);
  return {
    station: readings(),
    vehicle: readings(),
    ...(random.chance(0.3) ? { stationFinal: 0 } : {}),
    ...(random.chance(0.3) ? { vehicleFinal: 0 } : {}),
  };
}

function wildStory(random: SeededRandom): ChargeStory {
  const rising = (): readonly number[] => {
    let sum = 0;
    return Array.from({ length: random.integer(0, 8) }, () => (sum += anyEnergy(random)));
  };
  return {
    station: rising(),
    vehicle: rising(),
    ...(random.chance(0.7) ? { stationFinal: anyEnergy(random) } : {}),
    ...(random.chance(0.7) ? { vehicleFinal: anyEnergy(random) } : {}),
    start: [anyEnergy(random), anyEnergy(random)],
  };
}

function anyEnergy(random: SeededRandom): number {
  return random.pick([
    () => random.integer(0, 3),
    () => random.integer(0, 50_000_000),
    () => random.integer(0, 2 ** 52),
    () => Number.MAX_SAFE_INTEGER,
  ])();
}

/** Some reports missing, repeated or contradicted. */
function damaged(random: SeededRandom, reports: readonly ReportBody[]): readonly ReportBody[] {
  if (random.chance(0.7) || reports.length === 0) return reports;
  const one = random.pick(reports);
  const kept = reports.filter((report) => report !== one || random.chance(0.3));
  return random.chance(0.3) ? [...kept, { ...one, atMs: one.atMs + 1 }] : [...kept, ...kept.slice(0, 1)];
}

function withDispute(random: SeededRandom, charge: ChargeFacts): ChargeFacts {
  const amounts = [1_000_000, 5_000_000, anyEnergy(random)];
  const proposals = (role: Role): readonly ResolveBody[] =>
    Array.from({ length: random.integer(0, 3) }, (_, number) => {
      return { address: ADDRESS, role, number, energyMilliWh: random.pick(amounts), amount: random.pick([100, 200]) };
    });
  const fault = random.pick(["none", "station", "vehicle", "both"] as const);
  const ruling = { address: ADDRESS, energyMilliWh: anyEnergy(random), fault, reason: "as seen" };
  return {
    ...charge,
    proposals: { station: proposals("station"), vehicle: proposals("vehicle") },
    ...(random.chance(0.4) ? { ruling } : {}),
  };
}

/** The same facts in another order, some of them twice. */
export function reordered(random: SeededRandom, charge: ChargeFacts): ChargeFacts {
  const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
    [...items, ...items.filter(() => random.chance(0.3))]
      .map((item) => ({ item, key: random.next() }))
      .sort((left, right) => left.key - right.key)
      .map(({ item }) => item);
  const { proposals } = charge;
  return {
    ...charge,
    reports: { station: shuffled(charge.reports.station), vehicle: shuffled(charge.reports.vehicle) },
    ...(proposals === undefined
      ? {}
      : { proposals: { station: shuffled(proposals.station ?? []), vehicle: shuffled(proposals.vehicle ?? []) } }),
  };
}
