/**
 * What both machines look up while they step: who we are, and what the chain and the house rules say at this moment.
 * The functions only read; two calls within one step give the same answer.
 */
import type { Result } from "#base/result.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Cryptography, Signer } from "#core/identity/cryptography.ts";
import type { JoinRegion } from "#core/identity/join.ts";
import type { BlockReference } from "#core/session/facts.ts";
import type { Member } from "./member.ts";
import type { Offer } from "./offer.ts";
import type { Want } from "#core/contract/want.ts";

export interface HandshakeContext {
  readonly crypto: Cryptography;
  /** First 8 bytes of the id of the region's genesis. */
  readonly network: Uint8Array;
  readonly signer: Signer;
  /** Who is taken for a member, and with which keys, as far as our chain says; of this network. */
  readonly region: JoinRegion;
  /** Our device id, and the newest JOIN that proves it. */
  readonly deviceId: Uint8Array;
  readonly join: Uint8Array;
  /** The newest block that we hold, final where there is finality. */
  readonly tip: BlockReference;
  /** The first block of the region: both sides hold it, or they would not be in one network. */
  readonly genesis: BlockReference;
  /** Whether that block is on our chain. */
  holds(reference: BlockReference): boolean;
  /** The one function of offer and wish that gives the TERMS; the same on both sides. */
  agree(offer: Terms, want: Want): Result<Terms, CodedFault>;
  /** Why we do not charge with this member now: revoked, over the floor limit while offline; undefined when we do. */
  objectionTo(member: Member, terms: Terms): Objection | undefined;
}

export interface StationContext extends HandshakeContext {
  /** 32 random bytes of this boot; makes the cookies. */
  readonly cookieKey: Uint8Array;
  /** What the charge point says of this outlet; undefined when there is none of this number. */
  evse(number: number): EvseView | undefined;
}

export interface EvseView {
  readonly isPlugged: boolean;
  /** A charge is open on it: OPEN is committed and has not ended. */
  readonly isBusy: boolean;
  /** Its import register now. */
  readonly registerMilliWh: number;
  /** The offers that the station stands by, the preferred one first. */
  readonly offers: readonly Offer[];
}

export interface Objection {
  readonly code: "FLOOR_LIMIT" | "NOT_ADMITTED";
}

/** A fault of another module that is only passed on. */
export interface CodedFault {
  readonly code: string;
}
