/** RFC 5869, appendix A.1 to A.3, and the edges of the length. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { HKDF_BYTES_MAX, hkdfExpand, hkdfExtract } from "#core/identity/hkdf.ts";

const crypto = new NodeCryptography();
const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

const test = suite("HKDF");

test("appendix A.1: salt and info", () => {
  const key = hkdfExtract(crypto, bytes("000102030405060708090a0b0c"), bytes("0b".repeat(22)));
  assert.is(toHex(key), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  assert.is(
    toHex(hkdfExpand(crypto, key, bytes("f0f1f2f3f4f5f6f7f8f9"), 42)),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  );
});

test("appendix A.3: neither salt nor info", () => {
  const key = hkdfExtract(crypto, new Uint8Array(0), bytes("0b".repeat(22)));
  assert.is(toHex(key), "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  assert.equal(hkdfExtract(crypto, new Uint8Array(32), bytes("0b".repeat(22))), key);
  assert.is(
    toHex(hkdfExpand(crypto, key, new Uint8Array(0), 42)),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  );
});

test("a shorter output is the start of a longer one, up to the greatest", () => {
  const key = hkdfExtract(crypto, bytes("00"), bytes("01"));
  const greatest = hkdfExpand(crypto, key, bytes("02"), HKDF_BYTES_MAX);
  for (const length of [0, 1, 31, 32, 33, 64, 65]) {
    assert.equal(hkdfExpand(crypto, key, bytes("02"), length), greatest.slice(0, length));
  }
});

test("more than 255 blocks, or a key that is no hash, is a bug", () => {
  const key = crypto.sha256(bytes("00"));
  assert.throws(() => hkdfExpand(crypto, key, bytes(""), HKDF_BYTES_MAX + 1), /^bug: HKDF cannot give/);
  assert.throws(() => hkdfExpand(crypto, key, bytes(""), -1), /^bug: HKDF cannot give/);
  assert.throws(() => hkdfExpand(crypto, key.subarray(1), bytes(""), 1), /^bug: a pseudorandom key/);
});

test.run();
