/**
 * A promise: the OPEN that the vehicle has signed and the station perhaps has not. Once it may have been sent it is
 * kept, because the station's signature can appear on the mesh at any later time, and then the contract stands.
 */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { keyNumberIn, openBody, type OpenBody } from "#core/session/facts.ts";
import { bytes, decodeShape, encodeShape, field, record, type WireFault } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, type SignedFault } from "#core/wire/signed.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import { HANDSHAKE_ID_BYTES, JOIN_BYTES_MAX, SEALED_BYTES_MAX } from "./handshake-limits.ts";
import { readMember, type Member, type MemberFault } from "./member.ts";
import { addressOfOpen, openMessage } from "./open-contract.ts";
import { openedAddress } from "./transaction-address.ts";

export interface OpenPromise {
  readonly handshake: Uint8Array;
  readonly station: Member;
  readonly body: OpenBody;
  readonly payload: Uint8Array;
  readonly vehicleSignature: Uint8Array;
  readonly address: Uint8Array;
}

export function encodePromise(promise: OpenPromise): Uint8Array {
  const halfSigned = encodeSigned(promise.payload, [promise.vehicleSignature]);
  return encodeShape(storedPromise, { handshake: promise.handshake, halfSigned, stationJoin: promise.station.join });
}

/** Reads a promise from the own store. */
export function decodePromise(
  stored: Uint8Array,
  context: HandshakeContext,
): Result<OpenPromise, WireFault | SignedFault | MemberFault> {
  const read = decodeShape(storedPromise, stored);
  if (!read.ok) return read;
  const station = readMember(read.value.stationJoin, "station", context);
  if (!station.ok) return station;
  const signed = decodeSigned(read.value.halfSigned, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const body = decodeShape(openBody, payload);
  if (!body.ok) return body;
  const [vehicleSignature = new Uint8Array(0)] = signatures;
  const address = addressOfOpen(context, body.value, payload);
  const { handshake } = read.value;
  // It may have rotated since; what it signs here is signed with the key that the promise names.
  const keyNumber = keyNumberIn(body.value, "station");
  const publicKey = context.region.keyOf(station.value.deviceId, keyNumber) ?? station.value.publicKey;
  const member = { ...station.value, keyNumber, publicKey };
  return ok({ handshake, station: member, body: body.value, payload, vehicleSignature, address });
}

/** Which charge a stored promise is of, and from when; undefined for bytes that hold none. Nothing is verified. */
export function promisedCharge(
  stored: Uint8Array,
  place: Parameters<typeof openedAddress>[0],
): { readonly address: Uint8Array; readonly startedAt: number } | undefined {
  const read = decodeShape(storedPromise, stored);
  const signed = read.ok ? decodeSigned(read.value.halfSigned, 1) : undefined;
  if (signed?.ok !== true) return undefined;
  const { payload } = signed.value;
  const body = decodeShape(openBody, payload);
  if (!body.ok) return undefined;
  return { address: openedAddress(place, { body: body.value, payload }), startedAt: body.value.startedAt };
}

export type CompletionFault =
  WireFault | SignedFault | { readonly code: "OPEN_OF_ANOTHER" } | { readonly code: "OPEN_BAD_SIGNATURE" };

/** The promise with the station's signature: OPEN as both commit it, with the same bytes whichever way it came. */
export function completePromise(
  promise: OpenPromise,
  stationSignature: Uint8Array,
  context: HandshakeContext,
): Result<Uint8Array, CompletionFault> {
  const message = openMessage(context.network, promise.payload);
  if (!context.crypto.verify(promise.station.publicKey, message, stationSignature)) {
    return fail({ code: "OPEN_BAD_SIGNATURE" });
  }
  return ok(encodeSigned(promise.payload, [promise.vehicleSignature, stationSignature]));
}

/** The same from an OPEN that somebody published. */
export function completeFromMesh(
  promise: OpenPromise,
  envelope: Uint8Array,
  context: HandshakeContext,
): Result<Uint8Array, CompletionFault> {
  const signed = decodeSigned(envelope, 2);
  if (!signed.ok) return signed;
  const [, stationSignature] = signed.value.signatures;
  if (stationSignature === undefined || !equalBytes(signed.value.payload, promise.payload)) {
    return fail({ code: "OPEN_OF_ANOTHER" });
  }
  return completePromise(promise, stationSignature, context);
}

const storedPromise = record({
  handshake: field(1, bytes(HANDSHAKE_ID_BYTES)),
  halfSigned: field(2, bytes(1, SEALED_BYTES_MAX)),
  stationJoin: field(3, bytes(1, JOIN_BYTES_MAX)),
});
