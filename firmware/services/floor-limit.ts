/**
 * What a vehicle may still have from a station that cannot hear whether it was revoked (protocol 2.2): so much energy
 * and so many charges since the station last heard of another one, as a terminal that is offline takes a bank card up
 * to its floor limit. Where nobody can revoke, or there is no other station to hear it from, there is no limit.
 */
import { toHex } from "#base/bytes.ts";
import type { Objection } from "#core/handshake/handshake-context.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { isRevokedAt } from "#core/ledger/membership.ts";
import type { LedgerState, Transaction } from "#core/ledger/state.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { SyncService } from "./sync-service.ts";

export interface FloorLimits {
  /** For one vehicle, while nobody is heard. */
  readonly energyMilliWh: number;
  readonly charges: number;
}

/** Protocol 2.2. */
export const FLOOR_LIMITS: FloorLimits = { energyMilliWh: 30_000_000, charges: 3 };

/** So many block times without a word of another station are offline: each tells its TIP every three minutes. */
const SILENT_BLOCKS = 10;
/** How many blocks a start looks back for the charges of before it: a month at one each ten minutes. */
const LOOKED_BACK_MAX = 4500;

export interface FloorLimitParts {
  readonly ledger: Pick<LedgerService, "chain" | "nowSeconds" | "listen">;
  readonly sync: Pick<SyncService, "peers">;
  /** Device id of this station. */
  readonly did: Uint8Array;
  readonly limits: FloorLimits;
}

export class FloorLimit {
  readonly #parts: FloorLimitParts;
  /**
   * Addresses of contracts by vehicle, all those that may have begun while nobody was heard; undefined before a use.
   */
  #contracts: Map<string, Set<string>> | undefined;

  constructor(parts: FloorLimitParts) {
    this.#parts = parts;
    parts.ledger.listen({
      onFact: (fact) => {
        if (this.#contracts !== undefined) this.#note(this.#contracts, fact);
      },
      onBlock: () => undefined,
      onHead: () => undefined,
    });
  }

  /** Since when no other station was heard, in unix seconds; undefined while one is, and where there is no limit. */
  get offlineSince(): number | undefined {
    const { ledger, did } = this.#parts;
    const { pending, head } = ledger.chain;
    if (pending.genesis.membership === undefined) return undefined;
    const own = toHex(did);
    const others = stationsOf(pending, ledger.nowSeconds).filter((each) => each !== own);
    if (others.length === 0) return undefined;
    const tips = others.map((each) => this.#parts.sync.peers.get(each)?.at ?? 0);
    const sealedBy = head.block === undefined ? own : toHex(head.block.header.miner);
    const lastHeard = Math.max(pending.genesis.startedAt, ...tips, others.includes(sealedBy) ? head.sealedAt : 0);
    return ledger.nowSeconds - lastHeard > SILENT_BLOCKS * pending.rules.blockSeconds ? lastHeard : undefined;
  }

  /** Why no charge begins with this vehicle now. */
  objectionTo(vehicle: Uint8Array): Objection | undefined {
    const since = this.offlineSince;
    if (since === undefined) return undefined;
    const before = this.#chargesOf(vehicle, since);
    const { energyMilliWh, charges } = this.#parts.limits;
    const isSpent = before.length >= charges || energyOf(before) >= energyMilliWh;
    return isSpent ? { code: "FLOOR_LIMIT" } : undefined;
  }

  /** What the charge may come to, mWh since its start; undefined while there is no limit. */
  allowanceOf(transaction: Transaction): number | undefined {
    const since = this.offlineSince;
    if (since === undefined) return undefined;
    const address = toHex(transaction.address);
    const others = this.#chargesOf(transaction.open.vehicle, since).filter((each) => toHex(each.address) !== address);
    return Math.max(0, this.#parts.limits.energyMilliWh - energyOf(others));
  }

  #chargesOf(vehicle: Uint8Array, since: number): readonly Transaction[] {
    const { pending } = this.#parts.ledger.chain;
    this.#contracts ??= this.#lookBack(since);
    return [...(this.#contracts.get(toHex(vehicle)) ?? [])]
      .map((address) => pending.transactions.get(address))
      .filter((each): each is Transaction => each !== undefined && each.open.startedAt >= since);
  }

  #lookBack(since: number): Map<string, Set<string>> {
    const { chain } = this.#parts.ledger;
    const contracts = new Map<string, Set<string>>();
    for (const fact of chain.mempool.facts()) this.#note(contracts, fact);
    for (let serial = chain.head.serial; serial > Math.max(0, chain.head.serial - LOOKED_BACK_MAX); serial -= 1) {
      const link = chain.at(serial);
      if (link === undefined || link.sealedAt < since) break;
      for (const fact of link.block?.facts ?? []) this.#note(contracts, fact);
    }
    return contracts;
  }

  #note(contracts: Map<string, Set<string>>, fact: Fact): void {
    if (fact.kind !== "OPEN") return;
    const address = toHex(openedAddress(this.#parts.ledger.chain.context, fact));
    const vehicle = toHex(fact.body.vehicle);
    contracts.set(vehicle, (contracts.get(vehicle) ?? new Set()).add(address));
  }
}

/** Members that stay where they are and can be heard of: by them a revocation comes. */
function stationsOf(state: LedgerState, now: number): readonly string[] {
  return [...state.members.entries()]
    .filter(([did, { role }]) => role === "station" && !isRevokedAt(state, did, now))
    .map(([did]) => did);
}

/** What was billed, or has been put on record by the station so far. */
function energyOf(charges: readonly Transaction[]): number {
  return charges.reduce((sum, { open, logs, result }) => {
    return sum + (result?.billedMilliWh ?? Math.max(0, logs.station.lastRegisterMilliWh - open.startMilliWh[0]));
  }, 0);
}
