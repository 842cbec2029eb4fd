/**
 * SIGHT: what the station tells the vehicle when its meter has seen the car at its cable follow the pattern.
 *
 *     {0: 17, 1: transaction address [32], 2: sealed}
 *     sealed: {1: begin of the pattern, 2: moment of sending, 3: step in W, 4: mean in W}, times in ms since t0
 *
 * Sealed with the channel's key `ch-s` and the address as additional data: one message a charge, repeated with the same
 * bytes, so that the key seals one plain text only. It goes to the reply topic of the handshake, and is no fact.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { AEAD_TAG_BYTES, HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  record,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";

const POWER_MAX_W = 1_000_000;
const CONTENT_BYTES_MAX = 48;
/** Longer is no SIGHT. */
export const SIGHT_BYTES_MAX = 2 * HASH_BYTES + CONTENT_BYTES_MAX;

const content = record({
  startMs: field(1, unsigned),
  sentMs: field(2, unsigned),
  stepW: field(3, integer(1, POWER_MAX_W)),
  meanW: field(4, integer(1, POWER_MAX_W)),
});
export type Sight = ValueOf<typeof content>;

const frame = record({
  purpose: field(0, integer(PURPOSE.SIGHT, PURPOSE.SIGHT)),
  address: field(1, bytes(HASH_BYTES)),
  sealed: field(2, bytes(AEAD_TAG_BYTES + 1, AEAD_TAG_BYTES + CONTENT_BYTES_MAX)),
});
export type SightFrame = ValueOf<typeof frame>;

export interface SightParts {
  readonly crypto: Cryptography;
  /** `ch-s` of the handshake. */
  readonly key: Uint8Array;
  readonly address: Uint8Array;
}

export function sealSight({ crypto, key, address }: SightParts, sight: Sight): Uint8Array {
  const sealed = crypto.seal(key, additionalOf(address), encodeShape(content, sight));
  return encodeShape(frame, { purpose: PURPOSE.SIGHT, address, sealed });
}

/** Undefined: this is another kind of message. */
export function readSightFrame(object: Uint8Array): SightFrame | undefined {
  if (object.length > SIGHT_BYTES_MAX) return undefined;
  const read = decodeShape(frame, object);
  return read.ok ? read.value : undefined;
}

export function openSight(
  { crypto, key, address }: SightParts,
  { sealed }: SightFrame,
): Result<Sight, WireFault | { readonly code: "BAD_SEAL" }> {
  const plain = crypto.open(key, additionalOf(address), sealed);
  if (plain === undefined) return fail({ code: "BAD_SEAL" });
  const read = decodeShape(content, plain);
  return read.ok ? ok(read.value) : read;
}

function additionalOf(address: Uint8Array): Uint8Array {
  return encodeCbor(["TALLY1/sight", address]);
}
