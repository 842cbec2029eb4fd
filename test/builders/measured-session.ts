/** One charge as two imperfect meters see it: every error drawn evenly inside its limit. */
import { skewMilliWh, type AgreementTerms } from "#core/contract/agreement-uncertainty.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface MeasuredSession {
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
}

export interface Claim {
  /** By how much the station claims more than its meter says: 0.2 is 20 %. */
  readonly excess: number;
  /** Each error as a share of its limit, from -1 to 1; evenly drawn unless told. */
  readonly draw?: (() => number) | undefined;
}

export function measureSession(
  random: SeededRandom,
  terms: AgreementTerms,
  energyMilliWh: number,
  { excess, draw = (): number => random.between(-1, 1) }: Claim,
): MeasuredSession {
  const [stationMpe, vehicleMpe] = terms.mpePpm;
  const [least, most] = terms.lossPpm;
  const loss = ((least + most) / 2 + (draw() * (most - least)) / 2) / 1e6;
  const skew = Number(skewMilliWh(terms.powerMaxW)) * draw();
  const station = (energyMilliWh + skew) * (1 + (draw() * stationMpe) / 1e6);
  const vehicle = energyMilliWh * (1 - loss) * (1 + (draw() * vehicleMpe) / 1e6);
  return {
    stationMilliWh: Math.round(counted(random, station, terms.resolutionMilliWh[0]) * (1 + excess)),
    vehicleMilliWh: counted(random, vehicle, terms.resolutionMilliWh[1]),
  };
}

/** A register shows whole steps, and starts anywhere between two of them. */
function counted(random: SeededRandom, milliWh: number, step: number): number {
  const phase = random.between(0, step);
  return Math.max(0, Math.floor((phase + milliWh) / step) * step);
}
