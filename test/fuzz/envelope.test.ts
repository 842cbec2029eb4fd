/** The signed envelope on bytes of anybody's making: one form, no throw, and a signature that covers all of it. */
import { decode as decodeByCborg } from "cborg";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { PURPOSE, type Purpose } from "#core/wire/purpose.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { decodeSigned, encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { cborValues } from "#test/builders/cbor-values.ts";
import { crypto, makeActor, named } from "#test/builders/ledger-actors.ts";

const test = suite("envelope, any input");
const reference = new NobleCryptography();
const network = named("network").subarray(0, 8);
const { signer } = makeActor("signer", "station");
const payload = encodeCbor(new Map<number, CborValue>([[1, named("said")]]));
const message = toBeSigned(network, PURPOSE.REPORT, payload);
const [one, two] = [
  encodeSigned(payload, [signer.sign(message)]),
  encodeSigned(payload, [signer.sign(message), signer.sign(message)]),
];
const PURPOSES: readonly Purpose[] = Object.values(PURPOSE);

/** Lists of any items, among them the right ones; and good envelopes with bytes changed, cut off or put in. */
const item = fc.oneof(
  cborValues,
  fc.constantFrom<CborValue>(Uint8Array.of(0xa1, 0x01, 0x26), new Map(), payload, new Uint8Array(64).fill(3)),
);
const change = fc.tuple(fc.nat(), fc.nat(255), fc.nat(2));
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(item, { maxLength: 6 }).map((items) => encodeCbor(items)),
  fc.tuple(fc.constantFrom(one, two), fc.array(change, { minLength: 1, maxLength: 3 })).map(([bytes, changes]) =>
    changes.reduce((so, [place, value, how]) => {
      const at = place % Math.max(1, so.length);
      if (how === 0) return so.length === 0 ? so : so.with(at, value);
      return how === 1 ? so.slice(0, at) : Uint8Array.of(...so.subarray(0, at), value, ...so.subarray(at));
    }, bytes),
  ),
  fc.constantFrom(one, two),
);

test("F2 any bytes are an envelope of one form or a fault, and another decoder sees the same parts in it", () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(1 as const, 2 as const), (bytes, signers) => {
      const envelope = decodeSigned(bytes, signers);
      if (!envelope.ok) {
        assert.match(envelope.fault.code, /^(SIGNED_WRONG_FORM|CBOR_NOT_CANONICAL)$/);
        return;
      }
      accepted += 1;
      const parts = envelope.value;
      assert.is(parts.signatures.length, signers);
      assert.equal(encodeSigned(parts.payload, parts.signatures), bytes);
      const [, , payloadSeen, ...signaturesSeen] = decodeByCborg(bytes, { useMaps: true }) as readonly Uint8Array[];
      assert.equal([payloadSeen, ...signaturesSeen], [parts.payload, ...parts.signatures]);
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 100, `${accepted} were accepted`);
});

test("F2 no envelope with a byte changed anywhere verifies as another one, by either implementation", () => {
  let verified = 0;
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const envelope = decodeSigned(bytes, 1);
      if (!envelope.ok) return;
      const { payload: said, signatures } = envelope.value;
      const [signature = new Uint8Array()] = signatures;
      const signed = toBeSigned(network, PURPOSE.REPORT, said);
      const isGood = crypto.verify(signer.publicKey, signed, signature);
      assert.is(reference.verify(signer.publicKey, signed, signature), isGood);
      if (!isGood) return;
      verified += 1;
      assert.equal(bytes, one);
    }),
    { numRuns: 1500 },
  );
  assert.ok(verified > 50, `${verified} were good`);
});

test("F2 what is signed says its network, its purpose and its payload, and no two of these look alike", () => {
  const said = fc.record({
    network: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    purpose: fc.constantFrom(...PURPOSES),
    payload: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(payload)),
  });
  fc.assert(
    fc.property(said, said, (left, right) => {
      const [first, second] = [left, right].map((each) => toBeSigned(each.network, each.purpose, each.payload));
      const isSame =
        equalBytes(left.network, right.network) &&
        left.purpose === right.purpose &&
        equalBytes(left.payload, right.payload);
      assert.is(toHex(first ?? network) === toHex(second ?? network), isSame);
      const external = encodeCbor(["TALLY1", left.network, left.purpose]);
      const expected = encodeCbor(["Signature1", Uint8Array.of(0xa1, 0x01, 0x26), external, left.payload]);
      assert.equal(first, expected);
      assert.equal(idOf(crypto, left.network, left.purpose, left.payload), crypto.sha256(expected));
    }),
    { numRuns: 500 },
  );
});

test.run();
