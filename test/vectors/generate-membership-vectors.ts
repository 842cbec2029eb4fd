/**
 * The vectors of membership: certificates, JOINs with them, rotations, revocations, and contracts of members who may or
 * may not. Each input is a story from the genesis on; all but its last fact stand, and the last is what is judged.
 * `node test/vectors/generate-membership-vectors.ts` writes membership.json.
 */
import { toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { encodeCertificate, type CertificateBody } from "#core/identity/certificate.ts";
import { joinPayload, joinWith } from "#core/identity/join.ts";
import { encodeFact, type Fact } from "#core/ledger/fact.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { joinFact, named, signFact } from "#test/builders/ledger-actors.ts";
import { ARBITER, LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import {
  CERTIFIED,
  certificateOf,
  certifiedJoin,
  keyOf,
  OFFICE,
  OTHER_OFFICE,
  renewal as officeRenewal,
  revocation,
  rotation,
} from "#test/builders/membership-facts.ts";
import { bodyOf, certificateSigned, changedSignature, forged, payloadOf } from "./forged-certificates.ts";
import { certifiedJoinWith, joinInOfficesName, malformedJoin, mixedJoin } from "./malformed-joins.ts";
import { judgeStory } from "./judge-membership.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
/** A fact or what should be one, and the block time at which it comes. */
type Step = readonly [number, Fact | Uint8Array];

const DAY = 86_400;
const NOW = STARTED_AT + 1000;
const region = new LedgerBuilder({ membership: CERTIFIED });
const { network } = region.genesis;
const otherNetwork = network.map((byte) => byte ^ 0xff);
const joined = { station: at(certifiedJoin(network, STATION)), vehicle: at(certifiedJoin(network, VEHICLE)) };
const both = [joined.station, joined.vehicle];
const rotated = at(rotation(network, VEHICLE), NOW + 100);
const newVehicle = { ...VEHICLE, signer: keyOf(VEHICLE, 1) };

const certificates: readonly Case[] = [
  valid("a station with its certificate", [joined.station]),
  valid("a vehicle with its certificate", [joined.vehicle]),
  valid("an arbiter with its certificate", [at(certifiedJoin(network, ARBITER))]),
  valid("one with the meter's class", [with_({ meter: [10_000, "mains"] })]),
  valid("every right that a station can have", [with_({ capabilities: ["charge", "seal", "vote"] })]),
  valid("the longest organisation and the longest time", [
    with_({ organisation: "0123456789abcdef0123456789abcdef", notAfter: STARTED_AT + 29 * DAY }),
  ]),
  valid("one that begins later", [with_({ notBefore: NOW + DAY })]),
  valid("one that has ended 30 days ago", [[STARTED_AT + 39 * DAY, certifiedJoin(network, STATION)]]),
  invalid("FACT_BAD_JOIN", "one that has ended a second longer ago", [
    [STARTED_AT + 39 * DAY + 1, certifiedJoin(network, STATION)],
  ]),
  valid("the next certificate", [joined.station, with_({ notAfter: STARTED_AT + 20 * DAY })]),
  invalid("FACT_KNOWN", "the same one again", [joined.station, joined.station]),
  invalid("FACT_BAD_JOIN", "without a certificate", [at(joinFact(network, STATION))]),
  invalid("FACT_BAD_JOIN", "by another office", [join(certificateOf(network, STATION, {}, OTHER_OFFICE))]),
  invalid("FACT_BAD_JOIN", "by the device itself", [join(certificateOf(network, STATION, {}, STATION.signer))]),
  invalid("FACT_BAD_JOIN", "s of the office's signature in the upper half", [join(changedSignature(network))]),
  invalid("FACT_BAD_JOIN", "signed for the purpose JOIN", [join(certificateSigned(network, PURPOSE.JOIN, network))]),
  invalid("FACT_BAD_JOIN", "signed for another network", [
    join(certificateSigned(network, PURPOSE.CERT, otherNetwork)),
  ]),
  invalid("FACT_BAD_JOIN", "of another network", [join(certificateOf(otherNetwork, STATION))]),
  invalid("FACT_BAD_JOIN", "another role than the inception's", [join(forged(network, { role: "vehicle" }))]),
  invalid("FACT_BAD_JOIN", "a right that a vehicle cannot have", [
    [NOW, certifiedJoin(network, VEHICLE, forged(network, { capabilities: ["charge", "vote"] }, VEHICLE))],
  ]),
  invalid("FACT_BAD_JOIN", "a station that judges", [join(forged(network, { capabilities: ["charge", "arbiter"] }))]),
  invalid("FACT_BAD_JOIN", "longer than 30 days", [join(forged(network, { notAfter: STARTED_AT + 29 * DAY + 1 }))]),
  invalid("FACT_BAD_JOIN", "an end before its beginning", [join(forged(network, { notAfter: STARTED_AT - DAY - 1 }))]),
  invalid("FACT_BAD_JOIN", "shown by a thief of it", [thief()]),
  valid("the office renews a member by its own word", [joined.station, byOffice(STATION)]),
  invalid("FACT_REFERS_UNKNOWN", "the office's word for who has never joined", [byOffice(STATION)]),
  invalid("FACT_BAD_JOIN", "in the office's name by the device", [joined.station, at(joinInOfficesName(network))]),
  invalid("WIRE_WRONG_SHAPE", "the office's word with the number of a key", [
    joined.station,
    at(
      certifiedJoinWith(network, [
        [8, 1],
        [9, 2],
      ]),
    ),
  ]),
  invalid("WIRE_WRONG_SHAPE", "by the owner, written out", [at(certifiedJoinWith(network, [[9, 1]]))]),
  invalid("WIRE_WRONG_SHAPE", "no rights", [at(malformedJoin(network, 9, 0))]),
  invalid("WIRE_WRONG_SHAPE", "a right that there is not", [at(malformedJoin(network, 9, 16))]),
  invalid("WIRE_WRONG_SHAPE", "an error above all of it", [at(malformedJoin(network, 10, [1_000_001, 1]))]),
  invalid("WIRE_WRONG_SHAPE", "null for the meter", [at(malformedJoin(network, 10, null))]),
  invalid("WIRE_WRONG_SHAPE", "version 2", [at(malformedJoin(network, 1, 2))]),
  invalid("WIRE_WRONG_SHAPE", "a key that a certificate does not have", [at(malformedJoin(network, 4, 0))]),
  invalid("WIRE_WRONG_SHAPE", "an inception of version 2", [
    at(malformedJoin(network, 3, STATION.inception.with(1, 2))),
  ]),
  invalid("WIRE_WRONG_SHAPE", "inception and certificate at once", [at(mixedJoin(network))]),
];

const rotations: readonly Case[] = [
  valid("a vehicle rotates", [...both, rotated]),
  valid("twice", [...both, rotated, at(rotation(network, VEHICLE, 2), NOW + 200)]),
  valid("by the office's word, for a lost key", [...both, at(rotation(network, VEHICLE, 1, { by: "authority" }))]),
  valid("an authority of the genesis rotates", [at(rotation(network, OPERATOR))]),
  invalid("FACT_KNOWN", "the same rotation again", [...both, rotated, rotated]),
  invalid("FACT_CONFLICTS", "another promise under the same number", [
    ...both,
    rotated,
    at(rotation(network, VEHICLE, 1, { nextKeyDigest: named("another") }), NOW + 200),
  ]),
  invalid("FACT_REFERS_UNKNOWN", "of nobody who is a member", [joined.station, rotated]),
  invalid("FACT_REFERS_UNKNOWN", "the second before the first", [...both, at(rotation(network, VEHICLE, 2))]),
  invalid("FACT_NOT_PROMISED", "to a key that was not promised", [...both, at(unpromised())]),
  invalid("FACT_BAD_SIGNATURE", "by the new key alone", [
    ...both,
    at(rotation(network, VEHICLE, 1, { first: keyOf(VEHICLE, 1) })),
  ]),
  invalid("FACT_BAD_SIGNATURE", "by another office", [
    ...both,
    at(rotation(network, VEHICLE, 1, { by: "authority", first: OTHER_OFFICE })),
  ]),
  invalid("FACT_BAD_SIGNATURE", "by the office, in the owner's name", [
    ...both,
    at(rotation(network, VEHICLE, 1, { first: OFFICE })),
  ]),
  invalid("FACT_WRONG_NETWORK", "of another network", [
    ...both,
    at(rotation(network, VEHICLE, 1, { network: otherNetwork })),
  ]),
  invalid("FACT_REFERS_UNKNOWN", "a certificate in a JOIN with a key that is not known yet", [renewal(NOW)]),
  valid("a renewal with the new key", [...both, rotated, renewal(NOW + 200)]),
];

const revocations: readonly Case[] = [
  valid("a vehicle is revoked", [...both, at(revocation(network, VEHICLE, NOW))]),
  valid("before it has ever joined", [at(revocation(network, VEHICLE, NOW))]),
  valid("an earlier one", [
    at(revocation(network, VEHICLE, NOW)),
    at(revocation(network, VEHICLE, NOW - 1, { reason: "retired" })),
  ]),
  invalid("FACT_KNOWN", "a later one", [
    at(revocation(network, VEHICLE, NOW)),
    at(revocation(network, VEHICLE, NOW + 1, { reason: "retired" })),
  ]),
  invalid("FACT_BAD_SIGNATURE", "by another office", [at(revocation(network, VEHICLE, NOW, { office: OTHER_OFFICE }))]),
  invalid("FACT_BAD_SIGNATURE", "by the device itself", [
    at(revocation(network, VEHICLE, NOW, { office: VEHICLE.signer })),
  ]),
  invalid("FACT_WRONG_NETWORK", "of another network", [
    at(revocation(network, VEHICLE, NOW, { network: otherNetwork })),
  ]),
];

const contracts: readonly Case[] = [
  valid("two certified members", [...both, open({})]),
  valid("one of them revoked before: a signed contract is not cancelled", [
    ...both,
    at(revocation(network, VEHICLE, STARTED_AT)),
    open({}),
  ]),
  valid("on the last second of both certificates", [...both, open({ startedAt: STARTED_AT + 9 * DAY })]),
  invalid("FACT_NOT_CERTIFIED", "a second after it", [...both, open({ startedAt: STARTED_AT + 9 * DAY + 1 })]),
  invalid("FACT_NOT_CERTIFIED", "a second before both begin", [...both, open({ startedAt: STARTED_AT - DAY - 1 })]),
  invalid("FACT_NOT_CERTIFIED", "a station that may only seal", [
    with_({ capabilities: ["seal"] }),
    joined.vehicle,
    open({}),
  ]),
  invalid("FACT_NOT_CERTIFIED", "an authority of the genesis without a certificate", [
    joined.vehicle,
    [NOW, region.charge({ station: OPERATOR, vehicle: VEHICLE }).open],
  ]),
  invalid("FACT_NOT_CERTIFIED", "a larger error than the certified one", [
    with_({ meter: [1, "mains"] }),
    joined.vehicle,
    open({}),
  ]),
  valid("the new key, named", [...both, rotated, open({ keys: [1, 0], startedAt: NOW + 400 }, newVehicle)]),
  valid("the old key, dated before the rotation", [
    ...both,
    rotated,
    open({ startedAt: NOW + 99 }, VEHICLE, NOW + 300),
  ]),
  valid("the old key, 119 s after the rotation", [
    ...both,
    rotated,
    open({ startedAt: NOW + 219 }, VEHICLE, NOW + 300),
  ]),
  invalid("FACT_KEY_REPLACED", "the old key, 120 s after it", [
    ...both,
    rotated,
    open({ startedAt: NOW + 220 }, VEHICLE, NOW + 300),
  ]),
  valid("the old key, 30 days late", [...both, rotated, open({ startedAt: NOW }, VEHICLE, NOW + 100 + 30 * DAY)]),
  invalid("FACT_KEY_REPLACED", "the old key, a second later", [
    ...both,
    rotated,
    open({ startedAt: NOW }, VEHICLE, NOW + 101 + 30 * DAY),
  ]),
  invalid("FACT_BAD_SIGNATURE", "the old key, that names the new one", [
    ...both,
    rotated,
    open({ keys: [1, 0], startedAt: NOW + 400 }),
  ]),
  invalid("FACT_REFERS_UNKNOWN", "a key that is not known yet", [...both, open({ keys: [1, 0] }, newVehicle)]),
  invalid("WIRE_WRONG_SHAPE", "keys named although none has rotated", [...both, [NOW, namedKeys()]]),
];

export const membershipVectors: VectorFile = {
  about:
    "Memberships in a region with an office: firmware/core/identity/README.md and firmware/core/ledger/README.md, 2.2. " +
    "input is a CBOR list of [block time, fact], applied one after the other to the state of the genesis; all but the " +
    "last one stand. detail has the device's keys, certificates and revocation after that.",
  given: {
    network: toHex(network),
    genesis: toHex(region.genesis.bytes),
    office: toHex(OFFICE.publicKey),
    station: toHex(STATION.did),
    vehicle: toHex(VEHICLE.did),
  },
  vectors: [
    ...numbered("certificate", certificates),
    ...numbered("rotation", rotations),
    ...numbered("revocation", revocations),
    ...numbered("contract", contracts),
  ],
};

if (import.meta.main) await writeVectors("membership", membershipVectors);

function at(fact: Fact | Uint8Array, now = NOW): Step {
  return [now, fact];
}

function join(certificate: Uint8Array): Step {
  return at(certifiedJoin(network, STATION, certificate));
}

function with_(changes: Partial<CertificateBody>): Step {
  return join(certificateOf(network, STATION, changes));
}

function open(changes: Partial<OpenBody>, vehicle = VEHICLE, now = NOW): Step {
  return [now, region.charge({ station: STATION, vehicle }, changes).open];
}

function renewal(now: number): Step {
  const next = certificateOf(network, VEHICLE, { notAfter: STARTED_AT + 20 * DAY });
  return [now, certifiedJoin(network, VEHICLE, next, 1)];
}

function byOffice(actor: typeof STATION): Step {
  return at(officeRenewal(network, actor, { notAfter: STARTED_AT + 20 * DAY }), NOW + 100);
}

function unpromised(): Fact {
  const { publicKey } = new NobleSigner(named("nobody's key"));
  return rotation(network, VEHICLE, 1, { publicKey });
}

function thief(): Step {
  const body = joinWith(encodeCertificate(bodyOf(network, {}), OFFICE), network);
  return at(signFact(network, { kind: "JOIN", shape: joinPayload, body }, [VEHICLE.signer]));
}

function namedKeys(): Uint8Array {
  const { open: fact } = region.charge();
  const item = new Map<number, CborValue>([...payloadOf(fact), [13, [0, 0]]]);
  const payload = encodeCbor(item);
  const message = toBeSigned(network, PURPOSE.OPEN, payload);
  return encodeFact("OPEN", encodeSigned(payload, [VEHICLE.signer.sign(message), STATION.signer.sign(message)]));
}

function invalid(fault: string, comment: string, story: readonly Step[]): Case {
  const judged = judgeStory(region.genesis.bytes, inputOf(story));
  // A certificate that is not taken is told of by its own fault.
  const detail = judged.reason ?? "";
  return { comment, input: toHex(inputOf(story)), result: "invalid", fault, detail, flags: [] };
}

function valid(comment: string, story: readonly Step[]): Case {
  const judged = judgeStory(region.genesis.bytes, inputOf(story));
  if (judged.detail === undefined) throw new Error(`bug: ${comment}: ${judged.fault ?? ""} ${judged.reason ?? ""}`);
  return { comment, input: toHex(inputOf(story)), result: "valid", detail: judged.detail, flags: [] };
}

function inputOf(story: readonly Step[]): Uint8Array {
  return encodeCbor(story.map(([now, fact]) => [now, fact instanceof Uint8Array ? fact : fact.bytes]));
}
