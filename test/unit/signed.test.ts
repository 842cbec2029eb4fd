import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE, purposeName } from "#core/wire/purpose.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned } from "#core/wire/signed.ts";

const crypto = new NodeCryptography();
const network = new Uint8Array(NETWORK_BYTES).fill(1);
const payload = encodeCbor(new Map([[1, 1]]));
const header = Uint8Array.of(0xa1, 0x01, 0x26);
const signature = new Uint8Array(64).fill(7);

function reasonOf(parts: CborValue, signers: 1 | 2 = 1): string {
  const signed = decodeSigned(encodeCbor(parts), signers);
  assert.not.ok(signed.ok);
  if (signed.ok) return "";
  assert.is(signed.fault.code, "SIGNED_WRONG_FORM");
  return signed.fault.reason;
}

const test = suite("signed envelope");

test("an envelope is taken apart into what was put in, for one signer and for two", () => {
  const other = new Uint8Array(64).fill(8);
  for (const signatures of [[signature], [signature, other]]) {
    const signed = decodeSigned(encodeSigned(payload, signatures), signatures.length === 2 ? 2 : 1);
    assert.equal(signed, { ok: true, value: { payload, signatures } });
  }
});

test("an envelope for one signer is none for two, and the other way round", () => {
  assert.is(reasonOf([header, new Map(), payload, signature], 2), "not an envelope of 2 signatures");
  assert.is(reasonOf([header, new Map(), payload, signature, signature], 1), "not an envelope of 1 signatures");
});

test("another algorithm, a header that nobody signed and wrong types are refused", () => {
  const es384 = Uint8Array.of(0xa1, 0x01, 0x38, 0x22);
  assert.is(reasonOf([es384, new Map(), payload, signature]), "protected header is not ES256");
  assert.is(reasonOf([new Uint8Array(0), new Map(), payload, signature]), "protected header is not ES256");
  assert.is(reasonOf(["\u0001&", new Map(), payload, signature]), "protected header is not ES256");
  assert.is(reasonOf([header, new Map([[4, 0]]), payload, signature]), "unprotected header");
  assert.is(reasonOf([header, null, payload, signature]), "unprotected header");
  assert.is(reasonOf([header, new Map(), null, signature]), "payload is no byte string");
  assert.is(reasonOf([header, new Map(), "text", signature]), "payload is no byte string");
  assert.is(reasonOf([header, new Map(), payload, signature.subarray(1)]), "signature is not 64 bytes");
  assert.is(reasonOf([header, new Map(), payload, null]), "signature is not 64 bytes");
  assert.is(reasonOf(new Map()), "not an envelope of 1 signatures");
});

test("a message longer than a fact may be is refused before it is read", () => {
  const long = decodeSigned(new Uint8Array(FACT_BYTES_MAX + 1), 1);
  assert.is(long.ok ? "" : long.fault.code, "SIGNED_WRONG_FORM");
  const greatest = new Uint8Array(FACT_BYTES_MAX - encodeSigned(new Uint8Array(300), [signature]).length + 300);
  assert.ok(decodeSigned(encodeSigned(greatest, [signature]), 1).ok);
  assert.throws(() => encodeSigned(new Uint8Array(greatest.length + 1), [signature]), /^bug: nobody accepts/);
});

test("the id is that of what is signed: another signature does not change it, one bit of the payload does", () => {
  const id = idOf(crypto, network, PURPOSE.OPEN, payload);
  assert.equal(id, crypto.sha256(toBeSigned(network, PURPOSE.OPEN, payload)));
  assert.not.equal(id, idOf(crypto, network, PURPOSE.OPEN, encodeCbor(new Map([[1, 0]]))));
});

test("what is signed for one purpose or network verifies for no other", () => {
  const signer = new NobleSigner(new Uint8Array(32).fill(5));
  const made = signer.sign(toBeSigned(network, PURPOSE.VOTE, payload));
  const elsewhere = new Uint8Array(NETWORK_BYTES).fill(2);
  assert.ok(crypto.verify(signer.publicKey, toBeSigned(network, PURPOSE.VOTE, payload), made));
  assert.not.ok(crypto.verify(signer.publicKey, toBeSigned(elsewhere, PURPOSE.VOTE, payload), made));
  const others = Object.values(PURPOSE).filter((purpose) => purpose !== PURPOSE.VOTE);
  assert.ok(others.length > 20);
  for (const purpose of others) {
    assert.not.ok(crypto.verify(signer.publicKey, toBeSigned(network, purpose, payload), made), String(purpose));
  }
});

test("every purpose has a number of its own and is found by it", () => {
  for (const [name, number] of Object.entries(PURPOSE)) assert.is(purposeName(number), name);
  assert.is(purposeName(0), undefined);
});

test("a malformed network or signature of our own is a bug", () => {
  assert.throws(() => toBeSigned(new Uint8Array(7), PURPOSE.OPEN, payload), /^bug: a network/);
  assert.throws(() => encodeSigned(payload, []), /^bug: an envelope/);
  const tooMany = Array.from({ length: 16 }, () => signature);
  assert.throws(() => encodeSigned(payload, tooMany), /^bug: an envelope/);
  assert.throws(() => encodeSigned(payload, [signature.subarray(1)]), /^bug: a signature/);
});

test("nobody can write into the header that the next envelope carries", () => {
  const before = toHex(encodeSigned(payload, [signature]));
  const signed = decodeSigned(encodeSigned(payload, [signature]), 1);
  if (signed.ok) signed.value.payload.fill(0);
  assert.ok(equalBytes(encodeSigned(payload, [signature]), Buffer.from(before, "hex")));
});

test.run();
