/**
 * Decides at a start as which of its identities a vehicle gateway goes on. Only here one follows on another, before
 * anything is connected: who goes over while it runs stops first and comes back here. What the next one needs is
 * durable before its turn is begun, by one file that is made whole or not at all; so a power cut leaves the one or the
 * other.
 */
import { toHex } from "#base/bytes.ts";
import { promisedCharge } from "#core/handshake/open-promise.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { judgeTurn, type Preparations, type Turn, type TurnRules } from "#core/identity/pseudonym-turn.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { hasOwnBusiness } from "#core/ledger/own-business.ts";
import { FlashError, type Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { EmitEvent } from "#services/events.ts";
import { openLedgerStore } from "./open-ledger-store.ts";
import { newestTurn, PSEUDONYM_NUMBER_MAX, turnName } from "./pseudonym-places.ts";

export interface TurnPorts {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly randomness: Randomness;
  /** The folder of the turns, owned until `close`. */
  readonly openTurns: () => Promise<Flash>;
  /** What stands there, without owning it. */
  readonly readTurn: () => Promise<Turn | undefined>;
  /** The ledger of an identity, owned until `close`. */
  readonly openLedger: (number: number) => Promise<Flash>;
  readonly readDid: (number: number) => Promise<Uint8Array>;
  /** What the identity has promised last, as its register holds it; asked without owning that. */
  readonly readPromise: (number: number) => Promise<Uint8Array | undefined>;
  /** Identities with a number above that one. */
  readonly readPrepared: (above: number) => Promise<Preparations>;
  /**
   * Makes what a later identity needs and is not there: keys, and folders on flash. Durable when it resolves; rejects
   * with a coded error where the identity could not be used.
   */
  readonly makeReady: (number: number) => Promise<void>;
  readonly emit: EmitEvent;
}

export interface TakenTurn {
  readonly number: number;
  /** Undefined while no turn could be begun, since the date is not known. */
  readonly turn: Turn | undefined;
  /** Another one could have followed, and something failed: not to be tried again at once. */
  readonly hasFailed: boolean;
}

/** @param now unix seconds; undefined while the date is not known, and then the identity stays */
export async function takeTurn(ports: TurnPorts, rules: TurnRules, now: number | undefined): Promise<TakenTurn> {
  const turns = await ports.openTurns().catch((failure: unknown) => {
    refuse(ports, failure);
    return undefined;
  });
  if (turns === undefined) return takenAs(await ports.readTurn(), true);
  try {
    const turn = newestTurn(await turns.list());
    if (rules.days === 0 || now === undefined) return takenAs(turn);
    if (turn === undefined) return takenAs(await beginFirst(turns, now));
    return await followOn(turn, turns, { ports, rules, now }).catch((failure: unknown) => {
      refuse(ports, failure);
      return takenAs(turn, true);
    });
  } finally {
    await turns.close();
  }
}

interface Following {
  readonly ports: TurnPorts;
  readonly rules: TurnRules;
  readonly now: number;
}

async function followOn(turn: Turn, turns: Flash, { ports, rules, now }: Following): Promise<TakenTurn> {
  const verdict = judgeTurn(turn, rules, { now, ...(await ports.readPrepared(turn.number)) });
  const isOver = verdict.kind === "over" && verdict.next.number <= PSEUDONYM_NUMBER_MAX;
  if (!isOver || (await isBound(ports, turn, now))) return takenAs(turn);
  await ports.makeReady(verdict.next.number);
  await begin(turns, verdict.next);
  return takenAs(verdict.next);
}

function takenAs(turn: Turn | undefined, hasFailed = false): TakenTurn {
  return { number: turn?.number ?? 1, turn, hasFailed };
}

/** A full card, or a file that cannot be read, keeps nobody from charging with the identity that is there. */
function refuse({ emit }: TurnPorts, failure: unknown): void {
  const code = failure instanceof Error && "code" in failure ? String(failure.code) : "PSEUDONYM_NOT_MADE";
  emit("refused", { what: "pseudonym", code, count: 1 });
}

/** Begins the first turn, where none has been; undefined when the flash does not take it. */
export async function beginFirstTurn(openTurns: TurnPorts["openTurns"], now: number): Promise<Turn | undefined> {
  const turns = await openTurns();
  try {
    return newestTurn(await turns.list()) ?? (await beginFirst(turns, now));
  } finally {
    await turns.close();
  }
}

export interface Bound {
  readonly chain: Chain;
  readonly did: Uint8Array;
  readonly promise: Uint8Array | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** Whether an identity cannot be left: a charge of its own is not settled, or one may be about to begin. */
export function isBoundBy({ chain, did, promise, now }: Bound): boolean {
  if (hasOwnBusiness(chain, did)) return true;
  const promised = promise && promisedCharge(promise, chain.context);
  if (promised === undefined || now > promised.startedAt + PROMISE_SECONDS) return false;
  return chain.pending.transactions.get(toHex(promised.address)) === undefined;
}

/** So long the other side may still sign what this one has signed, and begin. */
const PROMISE_SECONDS = 3_600;

async function beginFirst(turns: Flash, now: number): Promise<Turn | undefined> {
  const turn = { number: 1, since: now };
  try {
    await begin(turns, turn);
    return turn;
  } catch (failure) {
    // Of a card that takes nothing any more those tell who open the rest of it.
    if (failure instanceof FlashError) return undefined;
    throw failure;
  }
}

async function begin(turns: Flash, turn: Turn): Promise<void> {
  const file = await turns.create(turnName(turn), 1);
  await file.close();
}

/** What is wrong with the ledger is said again by those who open it next. */
async function isBound(ports: TurnPorts, { number }: Turn, now: number): Promise<boolean> {
  const [did, promise] = [await ports.readDid(number), await ports.readPromise(number)];
  const flash = await ports.openLedger(number);
  try {
    const { chain, log, snapshots, register } = await openLedgerStore(ports, flash);
    const isStill = isBoundBy({ chain, did, promise, now });
    for (const part of [snapshots, log, register]) await part.close();
    return isStill;
  } finally {
    await flash.close();
  }
}
