/**
 * Which records outlive a part of the journal that is dropped. For ever: what is said about nobody's charge (who is a
 * member, evidence, programs), and all of one's own charges, each with the blocks that it stands in, so that their
 * receipts can still be made. And what a start, or somebody who fetches the state, needs of charges that are not over.
 */
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import type { Chain } from "./chain.ts";
import { factAt } from "./chain-records.ts";
import { decodeFact, isSessionFact, type Fact, type OpenFact } from "./fact.ts";
import { contentOf, partOfBlock, readStoredHeader, RECORD_KIND } from "./journal-record.ts";
import { addressesIn, openedKey } from "./record-keys.ts";
import type { LedgerState } from "./state.ts";
import { unfinalFacts } from "./stored-blocks.ts";

export interface KeptRecordsParts {
  readonly chain: Chain;
  /** Whose charges are one's own. */
  readonly did: Uint8Array;
  /** What is kept already. */
  readonly kept: { has(key: string): boolean };
  /** With which a start may begin: what they name has to be there. */
  readonly states: readonly Pick<LedgerState, "transactions">[];
  /** Facts, by their ids, that later blocks hold or that wait for one. */
  readonly inUse: ReadonlySet<string>;
  /** Charges, by their addresses, that evidence is about. */
  readonly shown: ReadonlySet<string>;
}

export class KeptRecords {
  readonly #parts: KeptRecordsParts;
  /** Whether a charge is one's own, by its address in hex. */
  readonly #own = new Map<string, boolean>();
  readonly #keptForEver = new Set<string>();

  constructor(parts: KeptRecordsParts) {
    this.#parts = parts;
  }

  /**
   * Of records that follow each other, in their order; a segment may be given in parts. An OPEN stands before the words
   * of its charge.
   */
  choose(records: readonly Uint8Array[]): readonly Uint8Array[] {
    const facts = records.map((record) => this.#factIn(record));
    for (const fact of facts) if (fact?.kind === "OPEN") this.#meet(fact);
    return records.flatMap((record, place) => {
      const fact = facts[place];
      if (fact !== undefined) return this.#isKept(fact) ? [record] : [];
      return this.#partOf(record) ?? [];
    });
  }

  #factIn(record: Uint8Array): Fact | undefined {
    if (record[0] !== RECORD_KIND.fact) return undefined;
    const fact = decodeFact(this.#parts.chain.context, contentOf(record));
    return fact.ok ? fact.value : undefined;
  }

  #meet(fact: OpenFact): void {
    const { chain, did } = this.#parts;
    const { station, vehicle, terms } = fact.body;
    if (![station, vehicle, terms.arbiter ?? NOBODY].some((each) => equalBytes(each, did))) return;
    this.#own.set(toHex(openedAddress(chain.context, fact)), true);
  }

  #isKept(fact: Fact): boolean {
    const { kept, inUse, states, shown, chain } = this.#parts;
    const address = fact.kind === "OPEN" ? openedAddress(chain.context, fact) : addressIn(fact);
    // Without the contract nobody could tell whose words an evidence shows.
    const isShown = address !== undefined && fact.kind === "OPEN" && shown.has(toHex(address));
    const isForEver = address === undefined || isShown || this.#isOwn(address);
    if (isForEver) this.#keptForEver.add(fact.key);
    const isNeeded = (key: string): boolean => {
      const charges = states.map(({ transactions }) => transactions.get(key));
      return inUse.has(fact.key) || charges.some((charge) => charge !== undefined && charge.isClosed !== true);
    };
    return (isForEver || isNeeded(toHex(address))) && !kept.has(fact.key);
  }

  #isOwn(address: Uint8Array): boolean {
    const key = toHex(address);
    const known = this.#own.get(key);
    if (known !== undefined) return known;
    const { kept, chain } = this.#parts;
    const isOwn = kept.has(openedKey(chain.context, address));
    this.#own.set(key, isOwn);
    return isOwn;
  }

  /** What is kept of a block; undefined for one of another branch, of which nothing is, and for any other record. */
  #partOf(record: Uint8Array): Uint8Array | undefined {
    const { chain, kept } = this.#parts;
    const read = readStoredHeader(chain.context, record);
    if (read === undefined || kept.has(read.header.key)) return undefined;
    const { stored, header } = read;
    if (chain.idAt(header.header.serial) !== header.key) return undefined;
    const isNamed = stored.ids.map(toHex).some((id) => this.#keptForEver.has(id) || kept.has(id));
    const ended = addressesIn(stored.results).flatMap((address) => fromHex(address) ?? []);
    return isNamed || ended.some((address) => this.#isOwn(address)) ? partOfBlock(stored) : undefined;
  }
}

const NOBODY = new Uint8Array();

/** The facts that no record may be dropped of: those of blocks from a serial on, and those that wait. By their ids. */
export function factsInUse(chain: Chain, from: number): ReadonlySet<string> {
  const inUse = new Set(unfinalFacts(chain).map(({ key }) => key));
  for (let serial = from; serial <= chain.final.serial; serial += 1) {
    for (const { key } of chain.at(serial)?.block?.facts ?? []) inUse.add(key);
  }
  return inUse;
}

/** The charges that the newest evidence against each member is about, by their addresses in hex. */
export function chargesShown(chain: Chain): ReadonlySet<string> {
  const pieces = [...chain.head.state.misconduct.walk()].flatMap(([, { shown }]) => shown);
  return new Set(pieces.flatMap(({ evidence }) => addressesShown(chain, toHex(evidence))));
}

function addressesShown(chain: Chain, key: string): readonly string[] {
  const fact = factAt(chain, key);
  const piece = fact?.kind === "EVIDENCE" ? readPiece(chain.context, fact.body) : undefined;
  if (piece?.ok !== true) return [];
  return [piece.value.first, piece.value.second].flatMap(({ body }) =>
    "address" in body ? [toHex(body.address)] : [],
  );
}

function addressIn(fact: Fact): Uint8Array | undefined {
  return isSessionFact(fact) ? fact.body.address : undefined;
}
