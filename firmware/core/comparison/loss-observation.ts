/** What one settled charge says about how much its vehicle's charger loses. */
import { toHex } from "#base/bytes.ts";
import { agreementUncertainty } from "#core/contract/agreement-uncertainty.ts";
import { PPM, type Terms } from "#core/contract/terms.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { saturate } from "#core/metering/whole-numbers.ts";
import { usualPowerW } from "./charge-course.ts";
import { commonReadings } from "./matched-readings.ts";
import { energyBlocks, intervalsOf, noiseMilliWh } from "./energy-blocks.ts";

export interface LossObservation {
  /** Did of the station in hex: each has one vote, however often it was visited. */
  readonly station: string;
  readonly points: Terms["measuringPoints"];
  /** Of the plateau, at the station. */
  readonly powerW: number;
  /** Vehicle's energy over the station's. */
  readonly ratioPpm: number;
  /** Largest error of the station's meter. */
  readonly stationMpePpm: number;
  /** Serial and id of the block that holds the result. */
  readonly settledIn: readonly [serial: number, id: Uint8Array];
}

/** A charge that registers and clocks blur by more (one standard uncertainty) says too little. */
const BLUR_PPM_MAX = 5_000;

/** Undefined when the charge was not settled by comparing two meters that agreed well enough, or was too short. */
export function lossObservation(
  charge: ChargeFacts,
  result: ResultBody,
  settledIn: LossObservation["settledIn"],
): LossObservation | undefined {
  const { terms, station } = charge.open;
  const { stationMilliWh, vehicleMilliWh, verdict } = result;
  const isCompared = result.state === "SETTLED" && result.ending === "comparison";
  if (!isCompared || verdict === "DISAGREE" || verdict === "NONE" || stationMilliWh <= 0) return undefined;
  const { resolutionPpm, alignmentPpm } = agreementUncertainty(terms, stationMilliWh).parts;
  if (resolutionPpm + alignmentPpm > BLUR_PPM_MAX) return undefined;
  const powerW = usualPowerW(energyBlocks(intervalsOf(commonReadings(charge)), noiseMilliWh(terms)));
  if (powerW <= 0) return undefined;
  return {
    station: toHex(station),
    points: terms.measuringPoints,
    powerW,
    ratioPpm: saturate((BigInt(vehicleMilliWh) * BigInt(PPM)) / BigInt(stationMilliWh)),
    stationMpePpm: terms.mpePpm[0],
    settledIn,
  };
}
