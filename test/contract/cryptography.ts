/** What the core may rely on from any `Cryptography`, with a second one to hold it against. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import {
  AEAD_TAG_BYTES,
  HASH_BYTES,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
  type Cryptography,
} from "#core/identity/cryptography.ts";
import { hkdfExpand, hkdfExtract } from "#core/identity/hkdf.ts";
import { complementOfS, ORDER, signatureWithS, toBytes32 } from "#test/builders/p256-signature.ts";

export function cryptographyContract(name: string, crypto: Cryptography, other: Cryptography): void {
  const test = suite(`cryptography of ${name}`);
  const message = bytesOf("0102030405");
  const signer = new NobleSigner(new Uint8Array(32).fill(3));
  const signature = signer.sign(message);

  test("SHA-256 and HMAC have the values of FIPS 180-4 and RFC 4231", () => {
    const abc = bytesOf("616263");
    assert.is(toHex(crypto.sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const mac = crypto.hmac(bytesOf("4a656665"), Buffer.from("what do ya want for nothing?"));
    assert.is(toHex(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  test("what comes out is plain bytes, never a Buffer on memory that others use", () => {
    const secret = new Uint8Array(32).fill(9);
    const sealed = crypto.seal(secret, message, message);
    const outputs = [
      crypto.sha256(message),
      crypto.hmac(secret, message),
      crypto.publicKeyOf(secret),
      crypto.sharedSecret(secret, signer.publicKey),
      sealed,
      crypto.open(secret, message, sealed),
    ];
    for (const output of outputs) {
      assert.ok(output !== undefined);
      assert.is(Object.getPrototypeOf(output), Uint8Array.prototype);
    }
    assert.equal(
      outputs.slice(0, 4).map((output) => output?.length),
      [HASH_BYTES, HASH_BYTES, PUBLIC_KEY_BYTES, 32],
    );
  });

  test("a signature is good for its key and its message, and for nothing else", () => {
    assert.ok(crypto.verify(signer.publicKey, message, signature));
    assert.not.ok(crypto.verify(signer.publicKey, bytesOf("0102030406"), signature));
    assert.not.ok(crypto.verify(new NobleSigner(new Uint8Array(32).fill(4)).publicKey, message, signature));
    for (let bit = 0; bit < 8 * SIGNATURE_BYTES; bit += 7) {
      const changed = signature.slice();
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      assert.not.ok(crypto.verify(signer.publicKey, message, changed), `bit ${bit}`);
    }
  });

  test("the other signature of every message, n - s, is refused", () => {
    for (let count = 0; count < 50; count += 1) {
      const low = signer.sign(Uint8Array.of(count));
      assert.ok(crypto.verify(signer.publicKey, Uint8Array.of(count), low));
      assert.not.ok(crypto.verify(signer.publicKey, Uint8Array.of(count), complementOfS(low)));
    }
  });

  test("the greatest s that counts is half the group order, to the unit", () => {
    const half = ORDER / 2n;
    for (const [s, isGood] of [
      [half, true],
      [half + 1n, false],
      [half - 1n, true],
      [1n, true],
      [ORDER - 1n, false],
    ] as const) {
      const made = signatureWithS(s, message);
      assert.is(crypto.verify(made.publicKey, message, made.signature), isGood, s.toString(16));
    }
  });

  test("r and s of 0, of the order and beyond are refused", () => {
    const good = signatureWithS(5n, message);
    const r = good.signature.subarray(0, 32);
    const s = good.signature.subarray(32);
    for (const wrong of [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n]) {
      assert.not.ok(crypto.verify(good.publicKey, message, Uint8Array.of(...r, ...toBytes32(wrong))));
      assert.not.ok(crypto.verify(good.publicKey, message, Uint8Array.of(...toBytes32(wrong), ...s)));
    }
  });

  test("only a compressed point is a public key", () => {
    const { publicKey } = signer;
    const uncompressed = fromHex(UNCOMPRESSED_BASE) ?? new Uint8Array();
    const wrong = [
      new Uint8Array(0),
      publicKey.subarray(0, 32),
      Uint8Array.of(...publicKey, 0),
      Uint8Array.of(0x00, ...publicKey.subarray(1)),
      Uint8Array.of(0x04, ...publicKey.subarray(1)),
      uncompressed,
      Uint8Array.of(0x06, ...uncompressed.subarray(1)),
      Uint8Array.of(0x02, ...new Uint8Array(32).fill(0xff)),
      OFF_CURVE,
    ];
    for (const key of wrong) {
      assert.not.ok(crypto.verify(key, message, signature), toHex(key));
      assert.is(crypto.sharedSecret(new Uint8Array(32).fill(3), key), undefined, toHex(key));
    }
    assert.ok(crypto.sharedSecret(new Uint8Array(32).fill(3), ON_CURVE));
  });

  test("a secret is a number from 1 to below the order, in 32 bytes", () => {
    const secrets = [0n, ORDER, 2n ** 256n - 1n].map(toBytes32);
    for (const secret of [...secrets, new Uint8Array(31).fill(1), new Uint8Array(33).fill(1), new Uint8Array(0)]) {
      assert.is(crypto.publicKeyOf(secret), undefined);
      assert.is(crypto.sharedSecret(secret, signer.publicKey), undefined);
    }
    assert.equal(crypto.publicKeyOf(toBytes32(1n)), bytesOf(`03${UNCOMPRESSED_BASE.slice(2, 66)}`));
    assert.ok(crypto.publicKeyOf(toBytes32(ORDER - 1n)));
  });

  test("F11 whatever the bytes, verification says no and does not throw", () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 64, maxLength: 64 }));
    const key = fc.oneof(
      any,
      fc.constant(signer.publicKey),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map(asPoint),
    );
    fc.assert(
      fc.property(key, any, any, (publicKey, anyMessage, anySignature) => {
        assert.is(crypto.verify(publicKey, anyMessage, anySignature), false);
        crypto.sharedSecret(anyMessage, publicKey);
        crypto.publicKeyOf(anyMessage);
      }),
      { numRuns: 300 },
    );
  });

  test("a sealed message opens with its key and its additional data only", () => {
    const key = new Uint8Array(32).fill(1);
    const sealed = crypto.seal(key, message, bytesOf("aabb"));
    assert.is(sealed.length, 2 + AEAD_TAG_BYTES);
    assert.is(toHex(crypto.open(key, message, sealed) ?? new Uint8Array()), "aabb");
    assert.is(crypto.open(new Uint8Array(32).fill(2), message, sealed), undefined);
    assert.is(crypto.open(key, bytesOf("00"), sealed), undefined);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      assert.is(crypto.open(key, message, changed), undefined, `byte ${at}`);
      assert.is(crypto.open(key, message, sealed.subarray(0, at)), undefined, `cut to ${at}`);
    }
    assert.throws(() => crypto.seal(new Uint8Array(31), message, message), /^bug: a key/);
    assert.throws(() => crypto.open(new Uint8Array(31), message, sealed), /^bug: a key/);
  });

  test("F11 the other implementation computes the same", () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const text = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(secret, secret, text, text, (own, peer, first, second) => {
        assert.equal(crypto.sha256(first), other.sha256(first));
        assert.equal(crypto.hmac(second, first), other.hmac(second, first));
        assert.equal(crypto.seal(own, first, second), other.seal(own, first, second));
        assert.equal(crypto.open(own, first, other.seal(own, first, second)), second);
        const point = other.publicKeyOf(peer);
        assert.equal(crypto.publicKeyOf(peer), point);
        if (point === undefined) return;
        assert.equal(crypto.sharedSecret(own, point), other.sharedSecret(own, point));
        const ours = hkdfExpand(crypto, hkdfExtract(crypto, first, second), own, 77);
        assert.equal(ours, hkdfExpand(other, hkdfExtract(other, first, second), own, 77));
      }),
      { numRuns: 40 },
    );
  });

  test("F11 both judge every signature alike: good, changed, or with a point that is none", () => {
    const changes = fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), changes, fc.boolean(), (bytes, changed, isOwn) => {
        const key = isOwn ? signer.publicKey : asPoint(bytes);
        const made = signer.sign(bytes);
        for (const [at, byte] of changed) made[at] = byte;
        assert.is(crypto.verify(key, bytes, made), other.verify(key, bytes, made));
      }),
      { numRuns: 60 },
    );
  });

  test.run();
}

/** The base point of P-256 (SP 800-186, 3.2.1.3). */
const UNCOMPRESSED_BASE =
  "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/** There are points with x = 5 and none with x = 4. */
const ON_CURVE = Uint8Array.of(0x02, ...toBytes32(5n));
const OFF_CURVE = Uint8Array.of(0x02, ...toBytes32(4n));

function asPoint(x: Uint8Array): Uint8Array {
  return Uint8Array.of(0x02, ...x);
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
