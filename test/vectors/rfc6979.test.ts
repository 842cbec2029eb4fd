/** RFC 6979, appendix A.2.5: P-256 with SHA-256. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";

const secret = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721") ?? new Uint8Array();
const PUBLIC_X = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";

/** The appendix gives s of the first one in the upper half; our signer must give its complement. */
const VECTORS = [
  {
    message: "sample",
    r: "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    s: "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    isHigh: true,
  },
  {
    message: "test",
    r: "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
    s: "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    isHigh: false,
  },
] as const;

const test = suite("RFC 6979");
const signer = new NobleSigner(secret);

test("the public key is that of the appendix", () => {
  assert.is(toHex(signer.publicKey), `03${PUBLIC_X}`);
});

for (const { message, r, s, isHigh } of VECTORS) {
  test(`"${message}" has the signature of the appendix, with s in the lower half`, () => {
    const given = fromHex(r + s) ?? new Uint8Array();
    const expected = isHigh ? complementOfS(given) : given;
    const bytes = Uint8Array.from(Buffer.from(message));
    assert.is(toHex(signer.sign(bytes)), toHex(expected));
    assert.ok(new NodeCryptography().verify(signer.publicKey, bytes, expected));
  });
}

test("a signer shows nothing of its secret and does not change with the bytes it was made from", () => {
  const bytes = secret.slice();
  const own = new NobleSigner(bytes);
  bytes.fill(1);
  assert.equal(own.sign(secret), signer.sign(secret));
  assert.not.ok(JSON.stringify(own).includes(toHex(secret).slice(0, 8)));
  assert.equal(Object.keys(own), ["publicKey"]);
});

test("what is no secret key is a bug", () => {
  for (const wrong of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(32).fill(0xff)]) {
    assert.throws(() => new NobleSigner(wrong), /^bug: a secret key/);
  }
});

test.run();
