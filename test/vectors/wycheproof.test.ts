/**
 * The vectors of Wycheproof against both implementations. The files are not part of the project; without the folder
 * beside the checkout these tests say so and pass.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import * as nobleChacha from "#adapters/crypto/noble-chacha.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import * as nodeChacha from "#adapters/crypto/node-chacha.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { AEAD_TAG_BYTES, SIGNATURE_BYTES } from "#core/identity/cryptography.ts";
import { HKDF_BYTES_MAX, hkdfExpand, hkdfExtract } from "#core/identity/hkdf.ts";
import { complementOfS, ORDER } from "#test/builders/p256-signature.ts";

const folder = new URL("../../../shared/data/wycheproof/", import.meta.url);

const test = suite("Wycheproof");

if (existsSync(fileURLToPath(folder))) {
  for (const [name, crypto, chacha] of [
    ["node", new NodeCryptography(), nodeChacha],
    ["noble", new NobleCryptography(), nobleChacha],
  ] as const) {
    test(`${name}: ECDSA P-256, r||s: all 262 vectors, of which 70 valid ones are high-S and refused`, () => {
      const counts = { verified: 0, refused: 0, highS: 0 };
      for (const vector of vectorsOf("ecdsa_secp256r1_sha256_p1363_test")) {
        const key = compressed(bytes(vector, "uncompressed"));
        const [message, signature] = [bytes(vector, "msg"), bytes(vector, "sig")];
        const isHighS = signature.length === SIGNATURE_BYTES && sOf(signature) > ORDER / 2n;
        const isGood = crypto.verify(key, message, signature);
        assert.is(isGood, vector.result === "valid" && !isHighS, vector.label);
        counts[isGood ? "verified" : "refused"] += 1;
        if (vector.result !== "valid" || !isHighS) continue;
        // The refused twin of a valid high-S signature has to be good: that is all that is wrong with it.
        counts.highS += 1;
        assert.ok(crypto.verify(key, message, complementOfS(signature)), vector.label);
      }
      assert.equal(counts, { verified: 103, refused: 159, highS: 70 });
    });

    test(`${name}: ECDH P-256: every valid point compressed, and every other form refused`, () => {
      const counts = { computed: 0, otherForm: 0, noPoint: 0 };
      for (const vector of vectorsOf("ecdh_secp256r1_ecpoint_test")) {
        const point = bytes(vector, "public");
        const secret = padded(bytes(vector, "private"));
        if (point.length !== 33) {
          assert.is(crypto.sharedSecret(secret, point), undefined, vector.label);
          counts.otherForm += 1;
        }
        const ours = point.length === 33 ? point : compressed(point);
        if (vector.result === "invalid") {
          // Without its y a point off the curve may become one on it; those that do not must be refused.
          if (point.length === 33) assert.is(crypto.sharedSecret(secret, point), undefined, vector.label);
          counts.noPoint += 1;
          continue;
        }
        assert.is(toHex(crypto.sharedSecret(secret, ours) ?? new Uint8Array()), vector.fields["shared"], vector.label);
        counts.computed += 1;
      }
      assert.equal(counts, { computed: 331, otherForm: 347, noPoint: 24 });
    });

    test(`${name}: HKDF-SHA256: all 86 vectors`, () => {
      let count = 0;
      for (const vector of vectorsOf("hkdf_sha256_test")) {
        const key = hkdfExtract(crypto, bytes(vector, "salt"), bytes(vector, "ikm"));
        const size = Number(vector.fields["size"]);
        const expand = (): Uint8Array => hkdfExpand(crypto, key, bytes(vector, "info"), size);
        if (vector.result === "valid") assert.is(toHex(expand()), vector.fields["okm"], vector.label);
        else assert.throws(expand, /^bug: HKDF cannot give/, vector.label);
        assert.is(size > HKDF_BYTES_MAX, vector.result === "invalid", vector.label);
        count += 1;
      }
      assert.is(count, 86);
    });

    test(`${name}: HMAC-SHA256: all 174 vectors`, () => {
      let count = 0;
      for (const vector of vectorsOf("hmac_sha256_test")) {
        const tag = crypto.hmac(bytes(vector, "key"), bytes(vector, "msg"));
        const wanted = String(vector.fields["tag"]);
        assert.is(toHex(tag).startsWith(wanted), vector.result === "valid", vector.label);
        count += 1;
      }
      assert.is(count, 174);
    });

    test(`${name}: ChaCha20-Poly1305: all 316 vectors with a nonce of 12 bytes`, () => {
      const counts = { good: 0, bad: 0, otherNonce: 0 };
      for (const vector of vectorsOf("chacha20_poly1305_test")) {
        const key = { key: bytes(vector, "key"), nonce: bytes(vector, "iv") };
        if (key.nonce.length !== 12) {
          counts.otherNonce += 1;
          continue;
        }
        const [additional, plain] = [bytes(vector, "aad"), bytes(vector, "msg")];
        const sealed = Uint8Array.of(...bytes(vector, "ct"), ...bytes(vector, "tag"));
        assert.ok(sealed.length >= AEAD_TAG_BYTES);
        const opened = chacha.openChacha(key, additional, sealed);
        if (vector.result === "valid") {
          assert.is(toHex(chacha.sealChacha(key, additional, plain)), toHex(sealed), vector.label);
          assert.is(toHex(opened ?? Uint8Array.of(0xff)), toHex(plain), vector.label);
          counts.good += 1;
        } else {
          assert.is(opened, undefined, vector.label);
          counts.bad += 1;
        }
      }
      assert.equal(counts, { good: 256, bad: 60, otherNonce: 9 });
    });
  }
} else {
  test(`the vectors are not here (${fileURLToPath(folder)}): nothing was checked`, () => {
    console.log("skipped: no Wycheproof files beside the checkout");
  });
}

test.run();

interface WycheproofVector {
  readonly label: string;
  readonly result: string;
  /** The fields of the vector and of the key of its group. */
  readonly fields: Readonly<Record<string, unknown>>;
}

function vectorsOf(name: string): readonly WycheproofVector[] {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as {
    readonly testGroups: readonly { readonly publicKey?: object; readonly tests: readonly Record<string, unknown>[] }[];
  };
  return file.testGroups.flatMap((group) =>
    group.tests.map((fields) => ({
      label: `${String(fields["tcId"])} ${String(fields["comment"])}`,
      result: String(fields["result"]),
      fields: { ...group.publicKey, ...fields },
    })),
  );
}

function bytes(vector: WycheproofVector, field: string): Uint8Array {
  const value = fromHex(String(vector.fields[field]));
  assert.ok(value, `${vector.label}: ${field} is hex`);
  return value;
}

function compressed(point: Uint8Array): Uint8Array {
  return Uint8Array.of(0x02 | ((point.at(-1) ?? 0) & 1), ...point.subarray(1, 33));
}

/** Their secrets are numbers with their own lengths, ours are 32 bytes. */
function padded(secret: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(toHex(secret).padStart(64, "0").slice(-64), "hex"));
}

function sOf(signature: Uint8Array): bigint {
  return BigInt(`0x${toHex(signature.subarray(32))}`);
}
