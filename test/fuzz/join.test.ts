import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { encodeInception, inceptionOf } from "#core/identity/device-id.ts";
import { openRegion, decodeJoin, encodeJoin } from "#core/identity/join.ts";

const crypto = new NodeCryptography();
const signer = new NobleSigner(new Uint8Array(32).fill(1));
const nextKey = new NobleSigner(new Uint8Array(32).fill(2)).publicKey;
const network = new Uint8Array(8).fill(3);
const inception = encodeInception(inceptionOf(crypto, "vehicle", signer.publicKey, nextKey));
const good = encodeJoin({ version: 1, network, inception, organisation: "Flotte" }, signer);

const test = suite("JOIN, any input");

test("any bytes give a fault and no throw", () => {
  const any = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 5000, maxLength: 5000 }));
  fc.assert(
    fc.property(any, (bytes) => {
      assert.not.ok(decodeJoin(bytes, crypto, openRegion(network)).ok);
    }),
    { numRuns: 1000 },
  );
});

test("no byte of a JOIN can be changed without its being noticed", () => {
  assert.ok(decodeJoin(good, crypto, openRegion(network)).ok);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ change;
      assert.not.ok(decodeJoin(bytes, crypto, openRegion(network)).ok, toHex(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("what a gateway may call itself comes back as it was, or is refused before it is signed", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (organisation) => {
      const join = { version: 1, network, inception, organisation };
      try {
        const read = decodeJoin(encodeJoin(join, signer), crypto, openRegion(network));
        assert.is(read.ok ? read.value.organisation : undefined, organisation);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("bug: organisation is not")) throw error;
        refused += 1;
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(refused < 300);
});

test("a JOIN for a key that the signer does not hold is a bug", () => {
  const stranger = new NobleSigner(new Uint8Array(32).fill(9));
  const join = { version: 1, network, inception, organisation: "" };
  assert.throws(() => encodeJoin(join, stranger), /^bug: the signer is not the one who joins/);
});

test.run();
