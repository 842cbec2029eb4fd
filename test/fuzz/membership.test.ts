/** Certificates, requests and rotations of anybody's making: a value or a fault, and nothing else is ever believed. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeCertificate } from "#core/identity/certificate.ts";
import { decodeEnrolment, encodeEnrolment } from "#core/identity/enrolment.ts";
import { decodeJoin } from "#core/identity/join.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { joinRegionOf } from "#core/ledger/membership.ts";
import { nextLayer } from "#core/ledger/state.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import {
  CERTIFIED,
  certificateOf,
  certifiedJoin,
  OFFICE,
  revocation,
  rotation,
} from "#test/builders/membership-facts.ts";

const builder = new LedgerBuilder({ membership: CERTIFIED });
const { network } = builder.genesis;
builder.submit(certifiedJoin(network, VEHICLE));
const region = joinRegionOf(builder.chain.pending, network);
const certificate = certificateOf(network, STATION, { meter: [10_000, "mains"] });
const { inception, organisation, signer } = STATION;
const request = encodeEnrolment({ version: 1, network, inception, organisation }, signer);
const vouching = { network, authorities: [OFFICE.publicKey] };
const test = suite("membership, fuzzed");

test("any bytes are a fault or a value, never an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.not.ok(decodeCertificate(bytes, crypto, vouching).ok);
      assert.not.ok(decodeEnrolment(bytes, crypto).ok);
      assert.not.ok(decodeJoin(bytes, crypto, region).ok);
    }),
    { numRuns: 300, seed: 20_261_123 },
  );
});

test("no byte of a certificate or a request can be changed", () => {
  assert.ok(decodeCertificate(certificate, crypto, vouching).ok && decodeEnrolment(request, crypto).ok);
  fc.assert(
    fc.property(fc.nat(certificate.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      assert.not.ok(decodeCertificate(flipped(certificate, place, flip), crypto, vouching).ok);
      const at = place % request.length;
      assert.not.ok(decodeEnrolment(flipped(request, at, flip), crypto).ok);
    }),
    { numRuns: 400, seed: 20_261_123 },
  );
});

test("no byte of a JOIN with a certificate, a rotation or a revocation can be changed", () => {
  const facts = [
    certifiedJoin(network, STATION, certificate),
    rotation(network, VEHICLE),
    revocation(network, VEHICLE, 5),
  ];
  for (const fact of facts) assert.ok(stands(fact.bytes), fact.kind);
  fc.assert(
    fc.property(fc.constantFrom(...facts), fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes }, place, flip) => {
      assert.not.ok(stands(flipped(bytes, place % bytes.length, flip)));
    }),
    { numRuns: 400, seed: 20_261_123 },
  );
});

test("a JOIN that is read is written again as the same bytes", () => {
  const { payload, signatures, bytes } = certifiedJoin(network, STATION, certificate);
  const again = decodeFact({ crypto, network }, bytes);
  assert.ok(again.ok);
  assert.equal(encodeSigned(again.value.payload, again.value.signatures), encodeSigned(payload, signatures));
});

test.run();

function stands(bytes: Uint8Array): boolean {
  const fact = decodeFact({ crypto, network }, bytes);
  const context = { crypto, network, now: STARTED_AT, verified: new WeakMap() };
  return fact.ok && applyFact(nextLayer(builder.chain.pending), fact.value, context).ok;
}

function flipped(bytes: Uint8Array, place: number, by: number): Uint8Array {
  return bytes.with(place, (bytes[place] ?? 0) ^ by);
}
