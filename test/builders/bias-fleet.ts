/**
 * Stations and cars with errors of their own that stay, who meet at random: what the sums over charges make of them.
 */
import { agreementUncertainty, minimumQuantityMilliWh } from "#core/contract/agreement-uncertainty.ts";
import { allowancePpm, countVote, isBiasAlarm, NO_BIAS, type SlowBias } from "#core/comparison/slow-bias.ts";
import { judgeAgreement, type JudgedTerms } from "#core/session/judge-agreement.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { ownTolerancePpm, type AgreementCase } from "./agreement-cases.ts";

export interface Fleet {
  readonly stations: readonly Meter[];
  readonly vehicles: readonly Meter[];
}

/** A gateway with its own systematic error. */
export interface Meter {
  readonly name: string;
  /** Of the station's amount; of the vehicle's, with what its charger loses more or less than the middle. */
  readonly error: number;
  readonly loss: number;
  bias: SlowBias;
  sessions: number;
  /** After how many of its charges the sum was above the alarm for the first time. */
  alarmedAfter: number | undefined;
}

export interface FleetSize {
  readonly stations: number;
  readonly vehicles: number;
  readonly seed: string;
}

/** Errors and losses drawn evenly over their certified ranges. */
export function drawFleet({ terms }: AgreementCase, { stations, vehicles, seed }: FleetSize): Fleet {
  const random = new SeededRandom(`fleet ${seed}`);
  const draw = (name: string, mpePpm: number): Meter => ({
    ...{ name, error: (random.between(-1, 1) * mpePpm) / 1e6, bias: NO_BIAS, sessions: 0, alarmedAfter: undefined },
    loss: random.between(terms.lossPpm[0], terms.lossPpm[1]) / 1e6,
  });
  return {
    stations: Array.from({ length: stations }, (_, index) => draw(`station ${index}`, terms.mpePpm[0])),
    vehicles: Array.from({ length: vehicles }, (_, index) => draw(`vehicle ${index}`, terms.mpePpm[1])),
  };
}

/** So many charges between members drawn at random. */
export function meetAtRandom(row: AgreementCase, fleet: Fleet, charges: number, seed: string): void {
  const random = new SeededRandom(`meetings ${seed}`);
  for (let charge = 0; charge < charges; charge += 1) {
    meet(row, random, random.pick(fleet.stations), random.pick(fleet.vehicles));
  }
}

/** One charge of 5 to 40 kWh, its verdict by the production code, and a vote for each side. */
export function meet(row: AgreementCase, random: SeededRandom, station: Meter, vehicle: Meter): void {
  const { terms } = row;
  const energy = random.between(5_000_000, 40_000_000);
  const stationMilliWh = Math.round(energy * (1 + station.error));
  const vehicleMilliWh = Math.round(energy * (1 - vehicle.loss + random.between(-0.005, 0.005)) * (1 + vehicle.error));
  const { verdict, differencePpm } = judgeAgreement(judged(row), stationMilliWh, vehicleMilliWh);
  for (const meter of [station, vehicle]) meter.sessions += 1;
  if (verdict === "DISAGREE" || stationMilliWh < minimumQuantityMilliWh(terms)) return;
  const { expandedPpm } = agreementUncertainty(terms, stationMilliWh);
  vote(station, { other: vehicle.name, differencePpm, expandedPpm, allowancePpm: allowancePpm(terms, "station") });
  vote(vehicle, { other: station.name, differencePpm, expandedPpm, allowancePpm: allowancePpm(terms, "vehicle") });
}

/** The tolerance takes longer to find than a verdict. */
const JUDGED = new Map<AgreementCase, JudgedTerms>();

function judged(row: AgreementCase): JudgedTerms {
  const known = JUDGED.get(row) ?? { ...row.terms, tolerancePpm: ownTolerancePpm(row) };
  JUDGED.set(row, known);
  return known;
}

function vote(meter: Meter, given: Parameters<typeof countVote>[1]): void {
  meter.bias = countVote(meter.bias, given);
  if (isBiasAlarm(meter.bias)) meter.alarmedAfter ??= meter.sessions;
}
