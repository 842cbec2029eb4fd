/** The charges of one vehicle that a chain holds, as far as they teach something about its losses. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Chain, ChainLink, HeadChange } from "#core/ledger/chain.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { CompleteBody, ReportBody, Role } from "#core/session/facts.ts";
import { learnLoss, lossModelHash, type LossModel } from "./learned-loss.ts";
import { lossObservation, type LossObservation } from "./loss-observation.ts";

/** The newest so many charges are looked at: years of a driver's, and bounded work. */
export const CHARGES_LEARNED_MAX = 256;

/** Those of branches that were left, or that the state has forgotten, are among them. */
const OBSERVED_MAX = 4 * CHARGES_LEARNED_MAX;

/**
 * What the charges of one vehicle have shown. A charge is read from its blocks once: it stands in dozens of them, and
 * they hold the charges of a whole region.
 */
export class SettledCharges {
  readonly #chain: Chain;
  readonly #vehicle: Uint8Array;
  /** Addresses in hex of its charges that the head's state knew at the beginning, or that have ended since. */
  readonly #addresses = new Set<string>();
  /** By address and the block with the result. */
  readonly #observed = new Map<string, LossObservation | undefined>();

  constructor(chain: Chain, vehicle: Uint8Array) {
    this.#chain = chain;
    this.#vehicle = vehicle;
    for (const [key, transaction] of chain.head.state.transactions.walk()) {
      if (this.#isOwn(transaction)) this.#addresses.add(key);
    }
  }

  /** Learns which charges have ended in these blocks, or do so no more; true when one of them is the vehicle's. */
  follow({ added, abandoned }: Pick<HeadChange, "added" | "abandoned">): boolean {
    let isOurs = false;
    for (const { results } of [...added, ...abandoned]) {
      for (const { address } of results) {
        const key = toHex(address);
        const transaction = this.#chain.head.state.transactions.get(key);
        if (transaction !== undefined && this.#isOwn(transaction)) this.#addresses.add(key);
        isOurs ||= this.#addresses.has(key);
      }
    }
    return isOurs;
  }

  /** Newest first, as the blocks up to a serial tell. */
  observations(upToSerial: number = this.#chain.head.serial): readonly LossObservation[] {
    const ended = [...this.#addresses].flatMap((key) => this.#endOf(key, upToSerial) ?? []);
    ended.sort((left, right) => right.link.serial - left.link.serial || left.place - right.place);
    return ended.slice(0, CHARGES_LEARNED_MAX).flatMap((each) => this.#observe(each) ?? []);
  }

  #isOwn({ open }: Transaction): boolean {
    return equalBytes(open.vehicle, this.#vehicle);
  }

  /** With the newest of its results up to the serial. */
  #endOf(key: string, upToSerial: number): EndedCharge | undefined {
    const transaction = this.#chain.head.state.transactions.get(key);
    if (transaction === undefined) {
      this.#addresses.delete(key);
      return undefined;
    }
    let link = this.#chain.sealingOf(key);
    for (let serial = upToSerial; link !== undefined && link.serial > upToSerial; serial -= 1) {
      const before = serial >= transaction.openedInSerial ? this.#chain.at(serial) : undefined;
      if (before === undefined || placeIn(before, key) >= 0) link = before;
    }
    return link && { key, transaction, link, place: placeIn(link, key) };
  }

  #observe({ key, transaction, link, place }: EndedCharge): LossObservation | undefined {
    const ended = `${key} ${toHex(link.id)}`;
    if (this.#observed.has(ended)) return this.#observed.get(ended);
    if (this.#observed.size >= OBSERVED_MAX) this.#observed.clear();
    const result = link.results[place];
    const charge = factsInBlocks(this.#chain, transaction, link.serial);
    const observation = result && lossObservation(charge, result, [link.serial, link.id]);
    this.#observed.set(ended, observation);
    return observation;
  }
}

interface EndedCharge {
  readonly key: string;
  readonly transaction: Transaction;
  readonly link: ChainLink;
  /** Of the result in its block. */
  readonly place: number;
}

function placeIn({ results }: ChainLink, key: string): number {
  return results.findIndex(({ address }) => toHex(address) === key);
}

/** The model that a vehicle's terms name, computed again from the chain; undefined when none of its models was that. */
export function findLossModel(
  chain: Chain,
  { vehicle, hash, crypto }: { readonly vehicle: Uint8Array; readonly hash: Uint8Array; readonly crypto: Cryptography },
): LossModel | undefined {
  const charges = new SettledCharges(chain, vehicle);
  const serials = new Set(charges.observations().map(({ settledIn }) => settledIn[0]));
  for (const serial of serials) {
    const model = learnLoss(vehicle, charges.observations(serial));
    if (model !== undefined && equalBytes(lossModelHash(crypto, model), hash)) return model;
  }
  return undefined;
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
