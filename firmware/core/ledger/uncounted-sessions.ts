/**
 * Sessions that are settled in a block that is not final yet. They give nobody a history before it is: a branch that
 * may still be left must not decide who seals and who votes (protocol 2.9).
 *
 * Like the maps of the state, each block's list is a layer over its parent's: branches share what they have in common.
 */
import { concatBytes } from "#base/bytes.ts";
import type { Role } from "#core/session/facts.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import type { Hash } from "./merkle-tree.ts";
import { uncountedSession } from "./state-head.ts";

/** What a settled charge is going to count, with the values that it had when it was settled. */
export interface CountedSession {
  /** Dids in hex. */
  readonly station: string;
  readonly vehicle: string;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Whose history it counts for. */
  readonly countsFor: readonly Role[];
  /** What it says about the errors of the two; undefined where it says nothing. */
  readonly bias: SessionBias | undefined;
}

export interface SessionBias {
  readonly differencePpm: number;
  readonly expandedPpm: number;
  readonly allowancePpm: Readonly<Record<Role, number>>;
}

/** Serial of the block that holds the result, and what it counts. */
export interface UncountedSession extends CountedSession {
  readonly serial: number;
}

export class UncountedSessions {
  #newest: Chained | undefined;

  /** A new layer on top of this one. */
  layer(): UncountedSessions {
    const upper = new UncountedSessions();
    upper.#newest = this.#newest;
    return upper;
  }

  add(session: UncountedSession): void {
    this.#newest = { session, before: this.#newest, root: undefined };
  }

  /** 32 zero bytes for none; else H(root of those before the newest || the newest as bytes). */
  root(hash: Hash): Uint8Array {
    const unknown: Chained[] = [];
    let each = this.#newest;
    for (; each !== undefined && each.root === undefined; each = each.before) unknown.unshift(each);
    let root = each?.root ?? NOTHING;
    for (const one of unknown) {
      root = hash(concatBytes(root, encodeCbor(uncountedSession.write(one.session))));
      one.root = root;
    }
    return root;
  }

  /** In the order in which they were added. */
  entries(): readonly UncountedSession[] {
    const sessions: UncountedSession[] = [];
    for (let each = this.#newest; each !== undefined; each = each.before) sessions.push(each.session);
    return sessions.reverse();
  }

  /** Takes out those of blocks up to the serial, in the order in which they were added. */
  takeUpTo(serial: number): readonly UncountedSession[] {
    const all = this.entries();
    const taken = all.filter((session) => session.serial <= serial);
    if (taken.length === 0) return taken;
    this.#newest = undefined;
    for (const session of all.slice(taken.length)) this.add(session);
    return taken;
  }
}

interface Chained {
  readonly session: UncountedSession;
  readonly before: Chained | undefined;
  /** Of the list that ends here, once somebody has asked. */
  root: Uint8Array | undefined;
}

const NOTHING = new Uint8Array(32);
