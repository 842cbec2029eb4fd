/**
 * VOTE: a member of a committee says that from a justified checkpoint the chain goes on to a higher one.
 *
 *     payload { 1: network, 2: epoch, 3: source, 4: target, 5: member }        source, target: [serial, id]
 */
import { assert } from "#base/assert.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, type Cryptography, type Signer } from "#core/identity/cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  record,
  unsigned,
  where,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import { checkpoint } from "./checkpoint.ts";

export const voteBody = where(
  record({
    network: field(1, bytes(NETWORK_BYTES)),
    /** Of the target, on its own chain. */
    epoch: field(2, unsigned),
    source: field(3, checkpoint),
    target: field(4, checkpoint),
    /** Did of the voter. */
    member: field(5, bytes(HASH_BYTES)),
  }),
  ({ source, target }) => target.serial > source.serial,
  "a target above its source",
);
export type VoteBody = ValueOf<typeof voteBody>;

export interface Vote {
  readonly body: VoteBody;
  /** The envelope. */
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Its id in hex: the same whichever valid signature came with it. */
  readonly key: string;
}

export type VoteFault = WireFault | SignedFault | { readonly code: "VOTE_WRONG_NETWORK" };

export interface VoteContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
}

/** Reads a vote of anybody's making; verifies no signature. */
export function decodeVote(crypto: Cryptography, network: Uint8Array, encoded: Uint8Array): Result<Vote, VoteFault> {
  const envelope = decodeSigned(encoded, 1);
  if (!envelope.ok) return envelope;
  const { payload, signatures } = envelope.value;
  const body = decodeShape(voteBody, payload);
  if (!body.ok) return body;
  if (!equalBytes(body.value.network, network)) return fail({ code: "VOTE_WRONG_NETWORK" });
  const [signature] = signatures;
  assert(signature !== undefined, "an envelope of one signature has one");
  const key = toHex(idOf(crypto, network, PURPOSE.VOTE, payload));
  return ok({ body: body.value, bytes: encoded, payload, signature, key });
}

/** Signs a vote. Whoever calls has made sure that the register that forbids any other one is durable. */
export function signVote({ crypto, network }: VoteContext, said: Omit<VoteBody, "network">, signer: Signer): Vote {
  const { epoch, source, target, member } = said;
  const body = { network, epoch, source, target, member };
  const payload = encodeShape(voteBody, body);
  const signature = signer.sign(toBeSigned(network, PURPOSE.VOTE, payload));
  const key = toHex(idOf(crypto, network, PURPOSE.VOTE, payload));
  return { body, bytes: encodeSigned(payload, [signature]), payload, signature, key };
}

/** Whether one of the keys has signed it: those that the chain of its target gives the member. */
export function isSignedBy(crypto: Cryptography, vote: Vote, publicKeys: readonly Uint8Array[]): boolean {
  const message = toBeSigned(vote.body.network, PURPOSE.VOTE, vote.payload);
  return publicKeys.some((key) => crypto.verify(key, message, vote.signature));
}
