/**
 * Two implementations of one curve behind the crypto port: what either accepts, opens or computes, the other does, at
 * the edges of the numbers as well. A gateway that judged a signature otherwise than its neighbour would leave its chain.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { complementOfS, ORDER, signatureWithS, toBytes32 } from "#test/builders/p256-signature.ts";

const test = suite("two implementations of a curve");
const [fast, reference] = [new NodeCryptography(), new NobleCryptography()];
/** The prime of the field of P-256 (SP 800-186, 3.2.1.3). */
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;

/** Numbers of 32 bytes, many of them where something ends: 0, the order, half of it, the prime, all ones. */
const edges = [0n, 1n, 2n, ORDER - 1n, ORDER, ORDER + 1n, ORDER / 2n, ORDER / 2n + 1n, PRIME - 1n, PRIME, PRIME + 1n];
const number32 = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constantFrom(...edges, 2n ** 256n - 1n).map(toBytes32),
);
const point = fc.oneof(
  fc.tuple(fc.constantFrom(2, 3, 4, 0), number32).map(([prefix, x]) => Uint8Array.of(prefix, ...x)),
  number32.map((secret) => reference.publicKeyOf(secret) ?? secret),
  fc.uint8Array({ maxLength: 70 }),
);
const message = fc.uint8Array({ maxLength: 120 });

test("F11 both verify the same signatures: good ones, their complements, and with numbers at every edge", () => {
  let [good, bad] = [0, 0];
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes[0] !== 0xff && bytes[0] !== 0);
  fc.assert(
    fc.property(
      secret,
      message,
      number32,
      fc.constantFrom("good", "complement", "r", "s", "key", "message"),
      (...drawn) => {
        const [own, said, other, what] = drawn;
        const signer = new NobleSigner(own);
        const signature = signer.sign(said);
        const changed = what === "r" || what === "s" ? withPart(signature, other, what) : signature;
        const judged = {
          key: what === "key" ? Uint8Array.of(signer.publicKey[0] ?? 2, ...other) : signer.publicKey,
          message: what === "message" ? other : said,
          signature: what === "complement" ? complementOfS(signature) : changed,
        };
        const verdict = fast.verify(judged.key, judged.message, judged.signature);
        assert.is(reference.verify(judged.key, judged.message, judged.signature), verdict, what);
        if (what === "good") assert.ok(verdict);
        if (what === "complement") assert.not.ok(verdict);
        good += verdict ? 1 : 0;
        bad += verdict ? 0 : 1;
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(good > 10 && bad > 40, `${good} good, ${bad} bad`);
});

test("F11 both draw the line of s at the same number, for a key that was made to fit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: ORDER - 1n }), message, (s, said) => {
      for (const each of [s, ORDER / 2n, ORDER / 2n + 1n]) {
        const made = signatureWithS(each, said);
        assert.is(fast.verify(made.publicKey, said, made.signature), each <= ORDER / 2n);
        assert.is(reference.verify(made.publicKey, said, made.signature), each <= ORDER / 2n);
      }
    }),
    { numRuns: 12 },
  );
});

test("F11 both take the same bytes for a point and for a secret, and agree on what the two share", () => {
  let shared = 0;
  fc.assert(
    fc.property(number32, point, (secret, key) => {
      const [one, other] = [fast.publicKeyOf(secret), reference.publicKeyOf(secret)];
      assert.is(shown(one), shown(other), `public key of ${toHex(secret)}`);
      const [ours, theirs] = [fast.sharedSecret(secret, key), reference.sharedSecret(secret, key)];
      assert.is(shown(ours), shown(theirs), `shared by ${toHex(secret)} and ${toHex(key)}`);
      shared += ours === undefined ? 0 : 1;
    }),
    { numRuns: 150 },
  );
  assert.ok(shared > 15, `${shared} shared a secret`);
});

test("F11 both open what either has sealed, and neither opens it when anything of it was changed", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes32, message, message, fc.tuple(fc.nat(), fc.nat(255)), (key, extra, said, [at, value]) => {
      const sealed = fast.seal(key, extra, said);
      assert.equal(sealed, reference.seal(key, extra, said));
      assert.equal(reference.open(key, extra, sealed), said);
      const changed = sealed.with(at % sealed.length, value);
      assert.is(shown(fast.open(key, extra, changed)), shown(reference.open(key, extra, changed)));
      assert.is(fast.open(key, extra, changed) === undefined, value !== sealed[at % sealed.length]);
    }),
    { numRuns: 200 },
  );
});

test.run();

function withPart(signature: Uint8Array, part: Uint8Array, which: "r" | "s"): Uint8Array {
  return which === "r"
    ? Uint8Array.of(...part, ...signature.subarray(32))
    : Uint8Array.of(...signature.subarray(0, 32), ...part);
}

function shown(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "none" : toHex(bytes);
}
