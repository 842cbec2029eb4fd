/**
 * The vectors of evidence: a piece of each kind, and many that prove nothing. Each input is a story from the genesis
 * on; all but its last fact stand, and the last, a piece, is what is judged. `node
 * test/vectors/generate-evidence-vectors.ts` writes evidence.json.
 */
import { toHex } from "#base/bytes.ts";
import { evidenceBody, type EvidenceKind } from "#core/evidence/evidence-body.ts";
import { encodeShown } from "#core/evidence/shown-object.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { ReportBody } from "#core/session/facts.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import {
  pieceOf,
  shownFact,
  shownHeader,
  shownVote,
  wordsPiece,
  type VoteStory,
} from "#test/builders/evidence-pieces.ts";
import { makeActor, signFact, withSignatures, type Actor } from "#test/builders/ledger-actors.ts";
import { forgeHeader, LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { CERTIFIED, certificateOf, certifiedJoin, keyOf, OFFICE, rotation } from "#test/builders/membership-facts.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { judgeEvidence } from "./judge-evidence.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const DAY = 86_400;
const NOW = STARTED_AT + 1000;
const region = new LedgerBuilder({ membership: CERTIFIED });
const { network } = region.genesis;
const joined: readonly Fact[] = [certifiedJoin(network, STATION), certifiedJoin(network, VEHICLE)];
const SECOND = makeActor("charger-2", "station", "east");

const block = region.make();
region.submit(...joined);
const twin = region.make();
const headers = [shownHeader(block), shownHeader(twin)] as const;

const vote = (story: VoteStory, actor: Actor = STATION): Uint8Array => shownVote(network, actor, story);
const low = vote({ source: 4, target: 8 });

const line = (
  changes: Partial<ReportBody> = {},
): { readonly charge: ChargeBuilder; readonly words: readonly Fact[] } => {
  const charge = region.charge();
  const words = [
    charge.report("vehicle", [0], changes),
    charge.report("vehicle", [4_000_000]),
    charge.complete("vehicle"),
  ];
  return { charge, words };
};
const held = line();
const lie = line({ atMs: 1 });
const [heldReport = held.charge.open, heldSecond = heldReport, heldEnd = heldReport] = held.words;
const [lieReport = heldReport, lieSecond = heldReport, lieEnd = heldReport] = lie.words;
const cancel = region.charge().cancel("vehicle");
const early = region.charge().complete("vehicle");
const open = [...joined, held.charge.open];
const sealed = [...open, lieReport, lieSecond, lieEnd];

const other = region.charge({ station: SECOND, vehicle: VEHICLE }, { startedAt: held.charge.open.body.startedAt + 30 });
const both = [...open, certifiedJoin(network, SECOND), other.open];
const here = region.charge().report("vehicle", [0, 700, 700]);
const there = other.report("vehicle", [0, 700]);
const standing = region.charge().report("vehicle", [0, 0, 0]);

const certificate = (changes: Parameters<typeof certificateOf>[2] = {}): Uint8Array =>
  encodeShown("CERT", certificateOf(network, STATION, changes));
const rotations = [
  rotation(network, VEHICLE),
  rotation(network, VEHICLE, 1, { nextKeyDigest: new Uint8Array(32) }),
] as const;
const byOffice = withSignatures(network, rotations[1], [OFFICE, keyOf(VEHICLE, 1)]);

const good: readonly Case[] = [
  valid("E1: two headers for one slot", [...joined, shows("headers", headers)]),
  valid("E1 with a key that was replaced", [...joined, rotation(network, OPERATOR), shows("headers", headers)]),
  valid("E2: two votes for one height", [...joined, votes(low, vote({ source: 4, target: 8, branch: "other" }))]),
  valid("E2: a vote around another", [...joined, votes(vote({ source: 0, target: 12 }), low)]),
  valid("E2: two epochs", [...joined, votes(low, vote({ source: 4, target: 8, epoch: 1 }))]),
  valid("E3: two reports, shown by the station", [...sealed, words(heldReport, lieReport)]),
  valid("E3: the station holds by the one that stands", [...open, heldReport, words(heldReport, lieReport)]),
  valid("E3: shown by a stranger, who takes nothing away", [...sealed, words(heldReport, lieReport, OPERATOR)]),
  valid("E3: shown by the vehicle itself", [...sealed, words(heldReport, lieReport, VEHICLE)]),
  valid("E3: of reports that are not here", [...open, words(heldSecond, lieSecond)]),
  valid("E4: two completions", [...sealed, words(heldEnd, lieEnd)]),
  valid("E4: a report behind the last one that is counted", [...open, early, words(heldReport, early)]),
  valid("E4: the last report is another than the head", [...sealed, words(heldSecond, lieEnd)]),
  valid("E4: a report and a cancellation", [...open, cancel, words(heldReport, cancel)]),
  valid("E4: a completion and a cancellation", [...open, cancel, words(heldEnd, cancel)]),
  valid("E4 after E3", [...sealed, words(heldReport, lieReport), words(heldEnd, lieEnd)]),
  valid("E5: energy at two stations at once", [...both, places(here, there)]),
  valid("E6: two organisations", [...joined, certificates({ organisation: "west" })]),
  valid("E7: two next keys", [...joined, turns(rotations[0], rotations[1])]),
  valid("E7: the owner's leave and the office's", [...joined, turns(rotations[0], byOffice)]),
];

const forged = forgeHeader(network, block, { factCount: 1 }, STATION.signer);
const moved = forgeHeader(network, block, { slot: block.header.slot + 1 });
const elsewhere = new LedgerBuilder({ authorities: [OPERATOR, STATION] }).make();
const piece = shows("headers", headers);
const swapped = { ...piece.body, first: piece.body.second, second: piece.body.first };
const after = region.charge(
  { station: SECOND, vehicle: VEHICLE },
  { startedAt: held.charge.open.body.startedAt + 3600 },
);

const bad: readonly Case[] = [
  refused("EVIDENCE_SAME_OBJECT", "one header twice", [...joined, shows("headers", [headers[0], headers[0]])]),
  refused("EVIDENCE_SAME_OBJECT", "one header, signed twice", [
    ...joined,
    shows("headers", [
      headers[0],
      encodeShown("HEADER", encodeSigned(block.headerPayload, [complementOfS(block.signature)])),
    ]),
  ]),
  refused("EVIDENCE_WRONG_ORDER", "the higher id first", [...joined, stated(swapped)]),
  refused("EVIDENCE_NO_CONTRADICTION", "two slots", [...joined, shows("headers", [headers[0], shownHeader(moved)])]),
  refused("EVIDENCE_WRONG_NETWORK", "a header of another region", [
    ...joined,
    shows("headers", [headers[0], shownHeader(elsewhere)]),
  ]),
  refused("EVIDENCE_WRONG_OBJECT", "a header and a vote", [...joined, shows("headers", [headers[0], low])]),
  refused("EVIDENCE_WRONG_OBJECT", "reports that are called headers", [
    ...open,
    shows("headers", [shownFact(heldReport), shownFact(lieReport)]),
  ]),
  refused("EVIDENCE_UNREADABLE", "bytes", [...joined, shows("headers", [headers[0], Uint8Array.of(1)])]),
  refused("SIGNED_WRONG_FORM", "an envelope that is none", [
    ...joined,
    shows("headers", [headers[0], encodeShown("HEADER", Uint8Array.of(0x80))]),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "votes of an honest member, one after the other", [
    ...joined,
    votes(low, vote({ source: 8, target: 12 })),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "votes of an honest member, from one source", [
    ...joined,
    votes(low, vote({ source: 4, target: 12 })),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "votes of two members", [
    ...joined,
    votes(low, vote({ source: 4, target: 8, branch: "other" }, VEHICLE)),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "two reports, one after the other", [...open, words(heldReport, heldSecond)]),
  refused("EVIDENCE_NO_CONTRADICTION", "a report that the completion counts", [...open, words(heldSecond, heldEnd)]),
  refused("EVIDENCE_NO_CONTRADICTION", "the words of the two sides", [
    ...open,
    words(heldReport, held.charge.report("station", [0])),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "reports called endings", [
    ...open,
    shows("endings", [shownFact(heldReport), shownFact(lieReport)]),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "one charge after the other", [
    ...both,
    after.open,
    places(here, after.report("vehicle", [0, 9])),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "a car that stands", [...both, places(standing, there)]),
  refused("EVIDENCE_NO_CONTRADICTION", "a clock that is not sure", [
    ...both,
    places(here, other.report("vehicle", [9, 9], { flags: 4, firstReading: 0 })),
  ]),
  refused("EVIDENCE_NO_CONTRADICTION", "a renewal", [...joined, certificates({ capabilities: ["charge"] })]),
  refused("EVIDENCE_NO_CONTRADICTION", "a sale", [
    ...joined,
    certificates({ organisation: "west", notBefore: STARTED_AT + 9 * DAY + 1, notAfter: STARTED_AT + 19 * DAY }),
  ]),
  invalid("FACT_BAD_SIGNATURE", "a header that another has signed", [
    ...joined,
    shows("headers", [headers[0], shownHeader(forged)]),
  ]),
  invalid("FACT_BAD_SIGNATURE", "who shows it has not signed", [
    ...joined,
    withSignatures(network, piece, [VEHICLE.signer]),
  ]),
  invalid("FACT_BAD_SIGNATURE", "a report that the station has signed for the vehicle", [
    ...open,
    words(heldReport, withSignatures(network, lieReport, [STATION.signer])),
  ]),
  invalid("FACT_BAD_SIGNATURE", "a certificate of no office", [
    ...joined,
    shows("certificates", [
      certificate(),
      encodeShown("CERT", certificateOf(network, STATION, { organisation: "west" }, OPERATOR.signer)),
    ]),
  ]),
  invalid("FACT_BAD_SIGNATURE", "a rotation without the new key", [
    ...joined,
    turns(rotations[0], withSignatures(network, rotations[1], [VEHICLE.signer, VEHICLE.signer])),
  ]),
  invalid("FACT_NOT_PROMISED", "rotations to keys that were not promised", [
    ...joined,
    turns(rotation(network, VEHICLE, 1, { publicKey: OPERATOR.signer.publicKey }), rotations[0]),
  ]),
  invalid("FACT_REFERS_UNKNOWN", "a voter who is no member", [
    ...joined,
    votes(vote({ source: 4, target: 8 }, SECOND), vote({ source: 5, target: 8 }, SECOND)),
  ]),
  invalid("FACT_REFERS_UNKNOWN", "shown by who is no member", [...joined, shows("headers", headers, SECOND)]),
  invalid("FACT_REFERS_UNKNOWN", "a charge that is not here", [...joined, words(heldReport, lieReport)]),
  invalid("FACT_REFERS_UNKNOWN", "rotations to the key after the next", [
    ...joined,
    turns(rotation(network, VEHICLE, 2), rotation(network, VEHICLE, 2, { nextKeyDigest: new Uint8Array(32) })),
  ]),
  invalid("FACT_KNOWN", "the same piece again", [...joined, piece, piece]),
  invalid("FACT_KNOWN", "the same two, shown by another", [...joined, piece, shows("headers", headers, VEHICLE)]),
  invalid("FACT_KNOWN", "a stranger's after the station's", [
    ...sealed,
    words(heldReport, lieReport),
    words(heldReport, lieReport, OPERATOR),
  ]),
  invalid("FACT_KNOWN", "the same choice again, of another kind of the same words", [
    ...sealed,
    words(heldReport, lieReport),
    words(heldReport, lieReport),
  ]),
  invalid("FACT_CONFLICTS", "the other choice", [
    ...sealed,
    words(heldReport, lieReport),
    words(lieReport, heldReport),
  ]),
  invalid("FACT_CONFLICTS", "a third word held by, which had been taken away", [
    ...sealed,
    words(heldEnd, lieEnd),
    words(lieEnd, cancel),
  ]),
  invalid("FACT_WRONG_NETWORK", "a piece for another region", [
    ...joined,
    stated({ ...piece.body, network: new Uint8Array(8) }),
  ]),
  invalid("FACT_CONFLICTS", "the word that was taken away", [...sealed, words(heldReport, lieReport), lieReport]),
];

export const evidenceVectors: VectorFile = {
  about:
    "Evidence, by firmware/core/evidence/README.md: each input is a CBOR list of [block time, fact], judged by the last",
  given: { genesis: toHex(region.genesis.bytes) },
  vectors: [...numbered("piece", good), ...numbered("no-piece", bad)],
};

if (import.meta.main) await writeVectors("evidence", evidenceVectors);

function shows(kind: EvidenceKind, objects: readonly [Uint8Array, Uint8Array], by: Actor = STATION) {
  return pieceOf(network, kind, objects, by);
}

function votes(one: Uint8Array, another: Uint8Array): Fact {
  return shows("votes", [one, another], VEHICLE);
}

function words(first: Fact, second: Fact, by: Actor = STATION): Fact {
  return wordsPiece(network, first, second, by);
}

function places(one: Fact, another: Fact): Fact {
  return shows("places", [shownFact(one), shownFact(another)]);
}

function certificates(changes: Parameters<typeof certificateOf>[2]): Fact {
  return shows("certificates", [certificate(), certificate(changes)], VEHICLE);
}

function turns(one: Fact, another: Fact): Fact {
  return shows("rotations", [shownFact(one), shownFact(another)]);
}

function stated(body: typeof piece.body): Fact {
  return signFact(network, { kind: "EVIDENCE", shape: evidenceBody, body }, [STATION.signer]);
}

function inputOf(facts: readonly Fact[]): Uint8Array {
  return encodeCbor(facts.map((fact, place) => [NOW + place, fact.bytes]));
}

function valid(comment: string, facts: readonly Fact[]): Case {
  const input = inputOf(facts);
  const { detail, fault, reason } = judgeEvidence(region.genesis.bytes, input);
  if (detail === undefined) throw new Error(`bug of the vectors: ${comment}: ${String(fault)} ${String(reason)}`);
  return { comment, input: toHex(input), result: "valid", detail, flags: [] };
}

function invalid(fault: string, comment: string, facts: readonly Fact[], reason = ""): Case {
  const input = inputOf(facts);
  const judged = judgeEvidence(region.genesis.bytes, input);
  const isExpected = judged.fault === fault && (reason === "" || judged.reason === reason);
  if (!isExpected) throw new Error(`bug of the vectors: ${comment}: ${String(judged.fault)} ${String(judged.reason)}`);
  return { comment, input: toHex(input), result: "invalid", fault, detail: reason, flags: [] };
}

function refused(reason: string, comment: string, facts: readonly Fact[]): Case {
  return invalid("FACT_BAD_EVIDENCE", comment, facts, reason);
}
