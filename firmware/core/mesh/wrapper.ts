/**
 * The unsigned wrapper of every message on the mesh: the CBOR array `[hops, object]`. Hops count how often gateways
 * have carried the message from one broker to another; the object is what was signed, and its bytes are never
 * re-encoded.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { MESH_HOPS_MAX, MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";

export interface Wrapped {
  readonly hops: number;
  /** A view of the object's bytes as they came; whether they are one canonical item is for its own decoder to say. */
  readonly object: Uint8Array;
}

export type WrapperFault =
  | { readonly code: "MESH_TOO_LONG"; readonly bytes: number; readonly bytesMax: number }
  | { readonly code: "MESH_NOT_WRAPPED" }
  | { readonly code: "MESH_TOO_MANY_HOPS"; readonly hops: number };

export function encodeWrapper(hops: number, object: Uint8Array): Uint8Array {
  assert(Number.isInteger(hops) && hops >= 0 && hops <= MESH_HOPS_MAX, `${hops} hops`);
  assert(object.length > 0 && object.length + HEAD_BYTES <= MESH_PAYLOAD_BYTES_MAX, `${object.length} bytes to wrap`);
  const wrapped = new Uint8Array(HEAD_BYTES + object.length);
  wrapped.set([ARRAY_OF_TWO, hops]);
  wrapped.set(object, HEAD_BYTES);
  return wrapped;
}

/** Takes a payload apart. `bytesMax` is what its topic allows; the check comes before anything looks inside. */
export function decodeWrapper(payload: Uint8Array, bytesMax = MESH_PAYLOAD_BYTES_MAX): Result<Wrapped, WrapperFault> {
  const { length } = payload;
  if (length > bytesMax) return fail({ code: "MESH_TOO_LONG", bytes: length, bytesMax });
  const [array, hops] = payload;
  if (array !== ARRAY_OF_TWO || hops === undefined || hops >= ONE_BYTE_INTEGERS || length === HEAD_BYTES) {
    return fail({ code: "MESH_NOT_WRAPPED" });
  }
  if (hops > MESH_HOPS_MAX) return fail({ code: "MESH_TOO_MANY_HOPS", hops });
  return ok({ hops, object: payload.subarray(HEAD_BYTES) });
}

/** The payload to publish on the next broker, or undefined when the message has been carried far enough. */
export function carryOn(wrapped: Wrapped): Uint8Array | undefined {
  return wrapped.hops >= MESH_HOPS_MAX ? undefined : encodeWrapper(wrapped.hops + 1, wrapped.object);
}

/** RFC 8949, appendix B: 0x82 opens an array of two items, 0x00 to 0x17 are the integers 0 to 23. */
const ARRAY_OF_TWO = 0x82;
const ONE_BYTE_INTEGERS = 0x18;
const HEAD_BYTES = 2;

const hopsMax: number = MESH_HOPS_MAX;
if (hopsMax >= ONE_BYTE_INTEGERS) throw new Error("bug: limits disagree: hops do not fit one byte");
