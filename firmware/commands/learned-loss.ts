/**
 * Whether the losses that a charge's terms were agreed by are what the vehicle's charges have shown: anybody with the
 * blocks computes the model again, and the terms name it by its hash (decision 0030).
 */
import { toHex } from "#base/bytes.ts";
import type { LossModel } from "#core/comparison/learned-loss.ts";
import { findLossModel } from "#core/comparison/settled-charges.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { percentText } from "#records/quantity-text.ts";
import type { Shown } from "./show.ts";

/** Undefined for terms that name no model: their band is the usual one, or what the vehicle's owner has measured. */
export function showLearnedLoss(chain: Chain, { vehicle, terms }: OpenBody): Shown | undefined {
  if (terms.lossModel === null) return undefined;
  const { crypto } = chain.context;
  const model = findLossModel(chain, { vehicle, hash: terms.lossModel, crypto });
  const name = toHex(terms.lossModel);
  const found =
    model === undefined
      ? "not what these blocks tell: the charges behind it are no longer here, or the vehicle has made it up"
      : `${model.bins.map(binText).join("; ")}: as the blocks up to ${model.upTo[0]} tell`;
  return { lines: [`learned loss ${name.slice(0, 8)}: ${found}`], data: { hash: name, model: model && dataOf(model) } };
}

function binText([, , powerMaxW, least, most, stations, charges]: LossModel["bins"][number]): string {
  const power = powerMaxW === Number.MAX_SAFE_INTEGER ? "above 75 kW" : `up to ${powerMaxW / 1000} kW`;
  return `${percentText(least)} to ${percentText(most)} ${power} by ${charges} charges at ${stations} stations`;
}

function dataOf({ vehicle, upTo, bins }: LossModel): unknown {
  return {
    vehicle: toHex(vehicle),
    upToSerial: upTo[0],
    bins: bins.map(([stationPoint, vehiclePoint, powerMaxW, leastPpm, mostPpm, stations, charges]) => {
      return { stationPoint, vehiclePoint, powerMaxW, leastPpm, mostPpm, stations, charges };
    }),
  };
}
