/** The charges of one vehicle that a chain holds, as far as they teach something about its losses. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { CompleteBody, ReportBody, Role } from "#core/session/facts.ts";
import { learnLoss, lossModelHash, type LossModel } from "./learned-loss.ts";
import { lossObservation, type LossObservation } from "./loss-observation.ts";

/** The newest so many charges are looked at: years of a driver's, and bounded work. */
export const CHARGES_LEARNED_MAX = 256;

/** The longest charge, the longest grace and the healing window. */
const FORGOTTEN_SECONDS = (7 + 30 + 30) * 86_400;

/** Newest first, from blocks up to a serial. */
export function lossObservations(
  chain: Chain,
  vehicle: Uint8Array,
  upToSerial: number = chain.head.state.serial,
): readonly LossObservation[] {
  const observations: LossObservation[] = [];
  const seen = new Set<string>();
  for (let serial = upToSerial; serial > 0 && seen.size < CHARGES_LEARNED_MAX; serial -= 1) {
    const link = chain.at(serial);
    // What ended earlier the state has forgotten (decision 0042).
    if (link !== undefined && link.sealedAt + FORGOTTEN_SECONDS < chain.head.sealedAt) break;
    for (const result of link?.results ?? []) {
      const key = toHex(result.address);
      const transaction = chain.head.state.transactions.get(key);
      // Of a charge with several results the newest holds; it was met first.
      if (transaction === undefined || seen.has(key) || !equalBytes(transaction.open.vehicle, vehicle)) continue;
      seen.add(key);
      const observation = link === undefined ? undefined : observed(chain, link, result, transaction);
      if (observation !== undefined) observations.push(observation);
    }
  }
  return observations;
}

/** The model that a vehicle's terms name, computed again from the chain; undefined when none of its models was that. */
export function findLossModel(
  chain: Chain,
  { vehicle, hash, crypto }: { readonly vehicle: Uint8Array; readonly hash: Uint8Array; readonly crypto: Cryptography },
): LossModel | undefined {
  const serials = new Set(lossObservations(chain, vehicle).map(({ settledIn }) => settledIn[0]));
  for (const serial of serials) {
    const model = learnLoss(vehicle, lossObservations(chain, vehicle, serial));
    if (model !== undefined && equalBytes(lossModelHash(crypto, model), hash)) return model;
  }
  return undefined;
}

function observed(
  chain: Chain,
  { serial, id }: ChainLink,
  result: ResultBody,
  transaction: Transaction,
): LossObservation | undefined {
  const charge = factsInBlocks(chain, transaction, serial);
  return lossObservation(charge, result, [serial, id]);
}

/** A settled transaction keeps no readings: they are in the blocks from its OPEN to its result. */
function factsInBlocks(chain: Chain, { address, open, openedInSerial }: Transaction, lastSerial: number): ChargeFacts {
  const reports: Record<Role, ReportBody[]> = { station: [], vehicle: [] };
  const completes: Partial<Record<Role, CompleteBody>> = {};
  for (let serial = openedInSerial; serial <= lastSerial; serial += 1) {
    for (const fact of chain.at(serial)?.block?.facts ?? []) {
      if (fact.kind === "REPORT" && equalBytes(fact.body.address, address)) reports[fact.body.role].push(fact.body);
      if (fact.kind === "COMPLETE" && equalBytes(fact.body.address, address)) completes[fact.body.role] = fact.body;
    }
  }
  return { open, reports, completes, cancelled: {} };
}
