import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import {
  decodeInception,
  deviceIdOf,
  encodeInception,
  INCEPTION_BYTES,
  inceptionOf,
  shortDeviceId,
  topicDeviceId,
} from "#core/identity/device-id.ts";

const crypto = new NodeCryptography();
const keyOf = (fill: number): Uint8Array => crypto.publicKeyOf(new Uint8Array(32).fill(fill)) ?? new Uint8Array();
const inception = inceptionOf(crypto, "station", keyOf(1), keyOf(2));

const test = suite("device id");

test("an inception is written and read back, and has its one length", () => {
  const encoded = encodeInception(inception);
  assert.is(encoded.length, INCEPTION_BYTES);
  assert.equal(decodeInception(encoded), { ok: true, value: inception });
  assert.equal(inception.nextKeyDigest, crypto.sha256(keyOf(2)));
});

test("role, key and next key each change the id", () => {
  const variants = [
    inception,
    inceptionOf(crypto, "vehicle", keyOf(1), keyOf(2)),
    inceptionOf(crypto, "station", keyOf(3), keyOf(2)),
    inceptionOf(crypto, "station", keyOf(1), keyOf(3)),
  ];
  const ids = new Set(variants.map((variant) => toHex(deviceIdOf(crypto, encodeInception(variant)))));
  assert.is(ids.size, variants.length);
});

test("an inception of another version, role or form is refused", () => {
  const [version, role, key, digest] = [1, 1, keyOf(1), inception.nextKeyDigest];
  const wrong: readonly (readonly [CborValue, string])[] = [
    [[2, role, key, digest], "0"],
    [[version, 0, key, digest], "1"],
    [[version, 4, key, digest], "1"],
    [[version, role, key.subarray(1), digest], "2"],
    [[version, role, key, digest.subarray(1)], "3"],
    [[version, role, key], ""],
    [[version, role, key, digest, 0], ""],
    [new Map([[1, 1]]), ""],
  ];
  for (const [item, path] of wrong) {
    const read = decodeInception(encodeCbor(item));
    assert.not.ok(read.ok);
    if (!read.ok && read.fault.code === "WIRE_WRONG_SHAPE") assert.is(read.fault.path, path);
  }
});

test("the short form is the first 8 bytes as a number in Crockford's base 32", () => {
  const shorts: readonly (readonly [string, string])[] = [
    ["0000000000000000", "0000000000000"],
    ["0000000000000001", "0000000000001"],
    ["000000000000001f", "000000000000Z"],
    ["0000000000000020", "0000000000010"],
    ["ffffffffffffffff", "FZZZZZZZZZZZZ"],
    ["0123456789abcdef", "028T5CY4TQKFF"],
  ];
  for (const [start, short] of shorts) {
    const did = fromHex(`${start}${"77".repeat(24)}`) ?? new Uint8Array();
    assert.is(shortDeviceId(did), short);
    assert.is(topicDeviceId(did), start);
  }
});

test("what is no device id has no short form", () => {
  assert.throws(() => shortDeviceId(new Uint8Array(8)), /^bug: a device id/);
});

test.run();
