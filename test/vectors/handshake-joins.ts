/** How a station shows itself to the vehicle of `handshake.json`, in a region whose members an office certifies. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { readMember } from "#core/handshake/member.ts";
import type { JoinRegion } from "#core/identity/join.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { contextOf, named, NETWORK } from "#test/builders/handshake-parties.ts";
import { joinFact, makeActor } from "#test/builders/ledger-actors.ts";
import { certificateOf, certifiedJoin, keyOf, OFFICE, OTHER_OFFICE, renewal } from "#test/builders/membership-facts.ts";
import { VEHICLE, type Judged } from "./judge-handshake.ts";
import { numbered, type Vector } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const NEW = makeActor("new station", "station");
/** Has rotated once, as the vehicle knows. */
const ROTATED = makeActor("rotated station", "station");
const OWN = makeActor("vehicle", "vehicle");
const OTHER_NETWORK = named("other").slice(0, 8);

/** What a reader needs beside the rest of `given`. */
export const joinsGiven = {
  officeKey: OFFICE.publicKey,
  rotatedDevice: ROTATED.did,
  rotatedKey: keyOf(ROTATED, 1).publicKey,
};

const REGION: JoinRegion = {
  network: NETWORK,
  authorities: [OFFICE.publicKey],
  admitsUncertified: false,
  keyOf: (did, number) => (number === 1 && equalBytes(did, ROTATED.did) ? joinsGiven.rotatedKey : undefined),
  newestKeyOf: (did) => (equalBytes(did, ROTATED.did) ? 1 : 0),
};

const cases: readonly Case[] = [
  join("a station with its certificate", certifiedJoin(NETWORK, NEW)),
  join("one that has rotated, by its first key", certifiedJoin(NETWORK, ROTATED)),
  join("by its second", certifiedJoin(NETWORK, ROTATED, certificateOf(NETWORK, ROTATED), 1)),
  join("by a key that is not known here", certifiedJoin(NETWORK, NEW, certificateOf(NETWORK, NEW), 1)),
  join("by the office: that does not show who has the key", renewal(NETWORK, NEW)),
  join("without a certificate", joinFact(NETWORK, NEW)),
  join("certified by another office", certifiedJoin(NETWORK, NEW, certificateOf(NETWORK, NEW, {}, OTHER_OFFICE))),
  join("with a certificate of another network", certifiedJoin(NETWORK, NEW, certificateOf(OTHER_NETWORK, NEW))),
  join("of another network", certifiedJoin(OTHER_NETWORK, NEW)),
  join("of an arbiter", certifiedJoin(NETWORK, makeActor("arbiter", "arbiter"))),
  join("of the vehicle itself: another role", certifiedJoin(NETWORK, OWN)),
  judged("of 449 bytes", new Uint8Array(449)),
  judged("cut off", envelopeOf(certifiedJoin(NETWORK, NEW)).slice(0, -1)),
];

export const handshakeJoins: readonly Vector[] = numbered("join", cases);

/** By the vehicle, of somebody who is to be a station. */
export function judgeJoin(input: Uint8Array): Judged {
  const read = readMember(input, "station", contextOf(VEHICLE, { region: REGION }));
  if (!read.ok) return { result: "invalid", fault: read.fault.code, detail: "" };
  const { deviceId, publicKey, keyNumber } = read.value;
  const detail = { device: toHex(deviceId), publicKey: toHex(publicKey), keyNumber: String(keyNumber) };
  return { result: "valid", detail };
}

function join(comment: string, fact: Fact): Case {
  return judged(comment, envelopeOf(fact));
}

function envelopeOf({ payload, signatures }: Fact): Uint8Array {
  return encodeSigned(payload, signatures);
}

function judged(comment: string, input: Uint8Array): Case {
  return { comment, input: toHex(input), flags: ["join"], ...judgeJoin(input) };
}
