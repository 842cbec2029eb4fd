/**
 * The vectors of JOIN: some that a gateway may send and many that it must not believe. Each wrong one is put together
 * from its parts and, unless the signature itself is what is wrong, signed, so that nothing else is wrong with it.
 * `node test/vectors/generate-join-vectors.ts` writes join.json.
 */
import { p256 } from "@noble/curves/nist.js";
import { toHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { deviceIdOf, encodeInception, inceptionOf, shortDeviceId, type DeviceRole } from "#core/identity/device-id.ts";
import { encodeJoin } from "#core/identity/join.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE, type Purpose } from "#core/wire/purpose.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const crypto = new NobleCryptography();
const secret = crypto.sha256(Buffer.from("tallystick vectors, K0"));
const signer = new NobleSigner(secret);
const nextSigner = new NobleSigner(crypto.sha256(Buffer.from("tallystick vectors, K1")));
const network = crypto.sha256(Buffer.from("tallystick vectors, genesis")).slice(0, 8);
const otherNetwork = network.map((byte) => byte ^ 0xff);
const inception = inceptionOfRole("station");

const ES256 = Uint8Array.of(0xa1, 0x01, 0x26);
const right: Readonly<Record<number, CborValue>> = { 1: 1, 2: network, 3: inception, 6: "Stadtwerke" };
const payload = payloadWith({});
const signature = signer.sign(toBeSigned(network, PURPOSE.JOIN, payload));

const good: readonly Case[] = [
  accepted("a station", "station", "Stadtwerke"),
  accepted("a vehicle", "vehicle", "Flotte Nord"),
  accepted("no organisation", "vehicle", ""),
  accepted("an organisation of 32 bytes", "station", "0123456789abcdef0123456789abcdef"),
  accepted("an organisation of 32 bytes in 16 characters", "station", "\u00fc".repeat(16)),
  accepted("a space, a quote and a character of four bytes", "station", "a 'b\" \u{1f50c}"),
  { ...accepted("a station", "station", "Stadtwerke"), ...anotherSignature() },
];

const badPayload: readonly Case[] = [
  shape("version", "version 2", { 1: 2 }),
  shape("version", "the version as text", { 1: "1" }),
  shape("network", "a network of 7 bytes", { 2: network.subarray(1) }),
  shape("inception", "the inception as an array instead of its bytes", { 3: [1, 1] }),
  shape("inception", "an inception one byte too short", { 3: inception.subarray(1) }),
  shape("inception", "an inception one byte too long", { 3: Uint8Array.of(...inception, 0) }),
  shape("inception.0", "an inception of version 2", { 3: replaced(inception, 1, [0x02]) }),
  shape("inception.1", "a role that does not exist", { 3: replaced(inception, 2, [0x04]) }),
  shape("inception.2", "parts of 32 and 33 bytes", { 3: partsSwapped() }),
  shape("organisation", "an organisation of 33 bytes", { 6: "0123456789abcdef0123456789abcdef0" }),
  shape("organisation", "an organisation of 34 bytes in 17 characters", { 6: "\u00fc".repeat(17) }),
  shape("organisation", "an organisation with a line feed", { 6: "A\nB" }),
  shape("organisation", "an organisation with an escape sequence", { 6: "\u001b[31mA" }),
  shape("organisation", "an organisation with a C1 control", { 6: "A\u009b31mB" }),
  shape("organisation", "an organisation that turns the writing direction", { 6: "A\u202eB" }),
  shape("organisation", "an organisation with a byte order mark", { 6: "\ufeffA" }),
  shape("organisation", "an organisation as bytes", { 6: Uint8Array.of(0x41) }),
  shape("", "an organisation of null", { 6: undefined, 5: null }),
  shape("", "a key that JOIN does not have", { 7: 0 }),
  ...[1, 2, 3, 6].map((key) => shape("", `no key ${key}`, { [key]: undefined })),
  invalid("WIRE_WRONG_SHAPE", "", "a list as the payload", signedBytes(encodeCbor([1, network, inception, ""]))),
  invalid("CBOR_NOT_CANONICAL", "keys out of order", "the payload with its keys in another order", unsorted()),
  invalid("CBOR_NOT_CANONICAL", "bytes after the item", "a byte after the payload", extended()),
  invalid("CBOR_NOT_CANONICAL", "input ends too early", "an empty payload", signedBytes(new Uint8Array(0))),
  invalid("CBOR_NOT_CANONICAL", "not the shortest form", "an inception with a long head", longInception()),
];

const badSignature: readonly Case[] = [
  invalid("JOIN_WRONG_NETWORK", "", "a JOIN of another network", joinOf(otherNetwork)),
  unproven("signed for another network than it names", signed(payload, otherNetwork, PURPOSE.JOIN)),
  unproven("signed for another purpose", signed(payload, network, PURPOSE.ROTATE)),
  unproven("signed without network and purpose", envelope(payload, signer.sign(payload))),
  unproven("signed by the next key", envelope(payload, nextSigner.sign(toBeSigned(network, PURPOSE.JOIN, payload)))),
  unproven("the signature of another payload", envelope(payloadWith({ 6: "Stadtwerkf" }), signature)),
  unproven("s in the upper half of the order", envelope(payload, complementOfS(signature))),
  unproven(
    "r and s swapped",
    envelope(payload, Uint8Array.of(...signature.subarray(32), ...signature.subarray(0, 32))),
  ),
  unproven("one bit of r changed", envelope(payload, replaced(signature, 0, [(signature[0] ?? 0) ^ 1]))),
  unproven("one bit of s changed", envelope(payload, replaced(signature, 63, [(signature[63] ?? 0) ^ 1]))),
  unproven("r and s of 0", envelope(payload, new Uint8Array(64))),
  unproven("r and s of all ones", envelope(payload, new Uint8Array(64).fill(0xff))),
  unproven("a public key that is no point of the curve", withKey(Uint8Array.of(0x02, ...new Uint8Array(31), 0x04))),
  unproven("a public key with the first byte of another form", withKey(replaced(signer.publicKey, 0, [0x04]))),
  unproven("the mirrored public key", withKey(replaced(signer.publicKey, 0, [(signer.publicKey[0] ?? 0) ^ 1]))),
];

const badEnvelope: readonly Case[] = [
  form("protected header is not ES256", "ES384 as the algorithm", [Uint8Array.of(0xa1, 1, 0x38, 0x22), new Map()]),
  form("protected header is not ES256", "an empty protected header", [new Uint8Array(0), new Map()]),
  form("protected header is not ES256", "the protected header as a map", [new Map([[1, -7]]), new Map()]),
  form("unprotected header", "a key id outside the signature", [ES256, new Map([[4, Uint8Array.of(1)]])]),
  form("unprotected header", "null instead of the unprotected header", [ES256, null]),
  invalid("SIGNED_WRONG_FORM", "payload is no byte string", "the payload unwrapped", unwrapped()),
  invalid("SIGNED_WRONG_FORM", "signature is not 64 bytes", "the signature in DER", derSigned()),
  invalid("SIGNED_WRONG_FORM", "not an envelope of 1 signatures", "no signature", cbor([ES256, new Map(), payload])),
  invalid("SIGNED_WRONG_FORM", "not an envelope of 1 signatures", "two signatures", twice()),
  invalid(
    "SIGNED_WRONG_FORM",
    "not an envelope of 1 signatures",
    "a map as the envelope",
    cbor(new Map([[1, payload]])),
  ),
  invalid("SIGNED_WRONG_FORM", "longer than 4096 bytes", "an envelope of 4097 bytes", new Uint8Array(4097)),
  invalid("CBOR_NOT_CANONICAL", "tags are not used", "the tag of COSE_Sign1 before it", tagged()),
  invalid("CBOR_NOT_CANONICAL", "input ends too early", "the last byte is missing", envelopeBytes().slice(0, -1)),
  invalid("CBOR_NOT_CANONICAL", "bytes after the item", "a byte too many", Uint8Array.of(...envelopeBytes(), 0)),
  invalid("CBOR_NOT_CANONICAL", "input ends too early", "nothing at all", new Uint8Array(0)),
];

export const joinVectors: VectorFile = {
  about:
    "JOIN of firmware/core/identity/README.md, judged by a gateway of the given network; input is the envelope. " +
    "detail of an invalid one is the path in the payload or the reason, as its fault has it.",
  given: { network: toHex(network), secretKey: toHex(secret), nextPublicKey: toHex(nextSigner.publicKey) },
  vectors: [
    ...numbered("good", good),
    ...numbered("payload", badPayload),
    ...numbered("signature", badSignature),
    ...numbered("envelope", badEnvelope),
  ],
};

if (import.meta.main) await writeVectors("join", joinVectors);

function inceptionOfRole(role: DeviceRole): Uint8Array {
  return encodeInception(inceptionOf(crypto, role, signer.publicKey, nextSigner.publicKey));
}

function accepted(comment: string, role: DeviceRole, organisation: string): Case {
  const own = inceptionOfRole(role);
  const join = { version: 1, network, inception: own, organisation };
  const did = deviceIdOf(crypto, own);
  const detail = {
    id: toHex(idOf(crypto, network, PURPOSE.JOIN, payloadWith({ 3: own, 6: organisation }))),
    deviceId: toHex(did),
    shortId: shortDeviceId(did),
    role,
    publicKey: toHex(signer.publicKey),
    nextKeyDigest: toHex(crypto.sha256(nextSigner.publicKey)),
    organisation,
  };
  return { comment, input: toHex(encodeJoin(join, signer)), result: "valid", detail, flags: [] };
}

/** Signed with another nonce: other bytes, the same message, so the same id. */
function anotherSignature(): Pick<Case, "comment" | "input" | "flags"> {
  const options = { lowS: true, prehash: true, extraEntropy: new Uint8Array(32).fill(1) };
  const other = p256.sign(toBeSigned(network, PURPOSE.JOIN, payload), secret, options);
  return {
    comment: "the first one with another signature: the id stays",
    input: toHex(envelope(payload, other)),
    flags: ["same-id"],
  };
}

/** The right payload with some keys changed; `undefined` takes one away. */
function payloadWith(changes: Readonly<Record<number, CborValue | undefined>>): Uint8Array {
  const entries = Object.entries({ ...right, ...changes }).map(([key, value]) => [Number(key), value] as const);
  const present = entries.filter((entry): entry is readonly [number, CborValue] => entry[1] !== undefined);
  return encodeCbor(new Map(present));
}

function signed(bytes: Uint8Array, forNetwork: Uint8Array, purpose: Purpose): Uint8Array {
  return envelope(bytes, signer.sign(toBeSigned(forNetwork, purpose, bytes)));
}

function signedBytes(bytes: Uint8Array): Uint8Array {
  return signed(bytes, network, PURPOSE.JOIN);
}

function envelope(bytes: Uint8Array, by: Uint8Array): Uint8Array {
  return encodeSigned(bytes, [by]);
}

function envelopeBytes(): Uint8Array {
  return envelope(payload, signature);
}

function joinOf(otherThanOurs: Uint8Array): Uint8Array {
  return signed(payloadWith({ 2: otherThanOurs }), otherThanOurs, PURPOSE.JOIN);
}

function withKey(publicKey: Uint8Array): Uint8Array {
  const changed = encodeInception({ role: "station", publicKey, nextKeyDigest: crypto.sha256(nextSigner.publicKey) });
  return signedBytes(payloadWith({ 3: changed }));
}

/** Key and digest in the wrong order: the inception keeps its length. */
function partsSwapped(): Uint8Array {
  return encodeCbor([1, 1, crypto.sha256(nextSigner.publicKey), signer.publicKey]);
}

/** The right length again, but the version in two bytes and the digest one byte short. */
function longInception(): Uint8Array {
  const digest = crypto.sha256(nextSigner.publicKey).subarray(1);
  const long = Uint8Array.of(0x84, 0x18, 0x01, 0x01, 0x58, 33, ...signer.publicKey, 0x58, 31, ...digest);
  return signedBytes(payloadWith({ 3: long }));
}

/** The first two entries of the payload, each other's place: a4 0101 0248... becomes a4 0248... 0101. */
function unsorted(): Uint8Array {
  const second = payload.subarray(3, 3 + 2 + network.length);
  const rest = payload.subarray(3 + second.length);
  return signedBytes(Uint8Array.of(0xa4, ...second, 0x01, 0x01, ...rest));
}

function extended(): Uint8Array {
  return signedBytes(Uint8Array.of(...payload, 0));
}

function unwrapped(): Uint8Array {
  return cbor([ES256, new Map(), new Map([[1, 1]]), signature]);
}

function derSigned(): Uint8Array {
  const der = p256.Signature.fromBytes(signature, "compact").toBytes("der");
  return cbor([ES256, new Map(), payload, der]);
}

function twice(): Uint8Array {
  return encodeSigned(payload, [signature, signature]);
}

/** 18 is the tag of COSE_Sign1 (RFC 9052, section 2). */
function tagged(): Uint8Array {
  return Uint8Array.of(0xd2, ...envelopeBytes());
}

function cbor(item: CborValue): Uint8Array {
  return encodeCbor(item);
}

function replaced(bytes: Uint8Array, at: number, by: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(by, at);
  return copy;
}

function shape(path: string, comment: string, changes: Readonly<Record<number, CborValue | undefined>>): Case {
  return invalid("WIRE_WRONG_SHAPE", path, comment, signedBytes(payloadWith(changes)));
}

function unproven(comment: string, input: Uint8Array): Case {
  return invalid("JOIN_BAD_SIGNATURE", "", comment, input);
}

function form(reason: string, comment: string, headers: readonly CborValue[]): Case {
  return invalid("SIGNED_WRONG_FORM", reason, comment, cbor([...headers, payload, signature]));
}

function invalid(fault: string, detail: string, comment: string, input: Uint8Array): Case {
  return { comment, input: toHex(input), result: "invalid", fault, detail, flags: [] };
}
