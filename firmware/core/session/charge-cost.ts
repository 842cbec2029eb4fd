/** What a charge costs: the price of its billed energy along the station's own readings. */
import { priceEnergy, type EnergyPoint, type Price } from "#core/contract/price.ts";
import { sessionReadings, signedMilliWh, type ChargeFacts } from "./charge-facts.ts";

/**
 * The price of `billedMilliWh` (of a settlement; or, as the running cost, of what the station has signed so far) by the
 * facts at hand.
 */
export function chargeCost(charge: ChargeFacts, billedMilliWh: number): Price {
  return priceEnergy(charge.open.terms, stationCourse(charge), billedMilliWh);
}

/** Reading k was taken k intervals after the start; the final register at the instant that COMPLETE names. */
function stationCourse(charge: ChargeFacts): readonly EnergyPoint[] {
  const intervalMs = charge.open.terms.readingIntervalSeconds * 1000;
  const course = sessionReadings(charge, "station").map(({ index, milliWh }) => ({
    atMs: Math.min(index * intervalMs, Number.MAX_SAFE_INTEGER),
    milliWh,
  }));
  const complete = charge.completes.station;
  if (complete === undefined) return course;
  return [...course, { atMs: complete.atMs, milliWh: signedMilliWh(charge, "station") }];
}
