/**
 * The vectors of a chain with votes: twenty blocks with four quorum certificates, of which the last is signed by two
 * committees, and what may and may not come after them. Each wrong block is made around what is wrong with it and
 * signed by its miner, so that nothing else is. `node test/vectors/generate-voted-chain-vectors.ts` writes
 * voted-chain.json.
 */
import { concatBytes, toHex } from "#base/bytes.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import { committeesOf, seatsOf } from "#core/finality/finality-state.ts";
import { encodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { linksRootOf } from "#core/ledger/apply-certificates.ts";
import type { Block, HeaderBody } from "#core/ledger/block.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { blockRecordOf, certificateRecord, RECORD_KIND } from "#core/ledger/journal-record.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { exportChain } from "#records/chain-export.ts";
import { certify, hear, linkAt, voteOf } from "#test/builders/committee-votes.ts";
import { makeActor, named, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { forgeHeader, LedgerBuilder, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
type Item = Block | QuorumCertificate;

/** More than have a seat, so that the second committee is another one. */
const AUTHORITIES = Array.from({ length: 10 }, (_, index) => makeActor(`authority ${index}`, "station"));
const [TRADER = makeActor("authority 0", "station")] = AUTHORITIES;
const LENGTH = 20;

const rules = { ...VOTING_RULES, epochCheckpoints: 2 };
const builder = new LedgerBuilder({ rules, authorities: AUTHORITIES });
const { network } = builder.genesis;
builder.join(VEHICLE);
for (let serial = 1; serial <= LENGTH; serial += 1) {
  if (serial === 2) builder.submit(...builder.charge({ station: TRADER, vehicle: VEHICLE }).whole({ milliWh: 2e7 }));
  builder.seal();
  const [source, head] = [builder.chain.justified, builder.chain.head];
  if (serial % 4 === 0 && serial < LENGTH) hear(builder, certify(builder, [source, head]));
}

const parent = builder.chain.head;
const [twelve, sixteen, twenty] = [linkAt(builder, 12), linkAt(builder, 16), linkAt(builder, 20)];
const miner = builder.actorOf(toHex(builder.make().header.miner));
const committees = committeesOf(parent.state.finality, 1) ?? { forward: [], rear: [] };
const seats = seatsOf(committees).map((did) => builder.actorOf(did));
/** Just as many of each committee as are needed. */
const fewest = seats.filter(({ did }) =>
  [committees.forward, committees.rear].some((each) => each.slice(0, 3).includes(toHex(did))),
);

const next = certify(builder, [sixteen, twenty], seats);
const other = certify(builder, [sixteen, twenty], fewest);
const skipping = certify(builder, [twelve, twenty], seats);
const bare = builder.make({ certificates: [], facts: [] });
const good = withThese([next]);
const skipped = withThese([skipping]);

const accepted: readonly Case[] = [
  valid("nothing more: the chain says of itself what is final", [], parent, 12),
  valid("a certificate that stands in no block", [next], parent, 16),
  valid("a certificate with just the votes that are needed", [other], parent, 16),
  valid("a link that skips a checkpoint justifies it and makes nothing final", [skipping], parent, 12),
  valid("a block without a certificate", [bare], bare, 12),
  valid("a block that holds the certificate", [good], good, 16),
  valid("the certificate before the block that holds it", [next, good], good, 16),
  valid("the same block with other signatures under its link", [{ ...good, certificates: [other] }], good, 16),
  valid("a block with the link that skips", [skipped], skipped, 12),
];

const badCertificate: readonly Case[] = [
  certified("QUORUM_WRONG_NETWORK", "of another network", { network: named("elsewhere").slice(0, 8) }),
  certified("QUORUM_UNKNOWN_TARGET", "for another block of that height", { target: elsewhere(20) }),
  certified("QUORUM_UNKNOWN_TARGET", "for a block that is no checkpoint", { target: placeOf(linkAt(builder, 19)) }),
  certified("QUORUM_UNKNOWN_SOURCE", "from another block of that height", { source: elsewhere(16) }),
  certified("QUORUM_UNKNOWN_SOURCE", "from a checkpoint below the final one", { source: placeOf(linkAt(builder, 4)) }),
  certified("QUORUM_WRONG_EPOCH", "of the epoch before", { epoch: 0 }),
  certified("QUORUM_WRONG_SEATS", "with a byte of seats too many", { seats: concatBytes(next.body.seats, zeros(1)) }),
  certified("QUORUM_WRONG_SEATS", "with a seat that does not exist", { seats: withBit(next.body.seats, seats.length) }),
  certified("QUORUM_WRONG_SEATS", "with a signature less", { signatures: next.body.signatures.slice(1) }),
  certified("QUORUM_BAD_SIGNATURE", "with two signatures exchanged", { signatures: exchanged(next) }),
  certified("QUORUM_BAD_SIGNATURE", "with signatures for another link", { signatures: skipping.body.signatures }),
  short("of the new committee alone", committees.forward),
  short("of the old committee alone", committees.rear),
  short("of one member less than is needed", fewest.slice(1).map(didOf)),
  invalid("QUORUM_NOTHING_NEW", "a block that says the same twice", [withThese([next, next])]),
  invalid("QUORUM_NOTHING_NEW", "a block that says what its chain says", [
    withThese([certify(builder, [twelve, sixteen])]),
  ]),
  raw("JOURNAL_BAD_CERTIFICATE", "a record that is no certificate", RECORD_KIND.certificate, Uint8Array.of(0xa0)),
  raw("JOURNAL_BAD_CERTIFICATE", "a record of one member's vote", RECORD_KIND.certificate, oneVote()),
];

const badHeader: readonly Case[] = [
  header("a header that does not say what is justified", bare, { justify: undefined }),
  header("a header that says more than is justified", bare, { justify: placeOf(twenty) }),
  header("a header that says less than is justified", good, { justify: placeOf(sixteen) }),
  header("a root of links without a link", bare, { linksRoot: linksRootOf(sha256, []) }),
  header("no root of links with one", good, { linksRoot: undefined }),
  header("the root of another link", good, { linksRoot: linksRootOf(sha256, [skipping]) }),
  header("a certificate that is left out", { ...good, certificates: [] }, {}),
  header("a certificate that was put in", { ...bare, certificates: [next] }, {}),
  header("a committee where none is to be named", good, { nextCommittee: named("committee") }),
  header("a root of the state in a block that is no checkpoint", bare, { stateRoot: named("state") }),
  raw("WIRE_WRONG_SHAPE", "five certificates", RECORD_KIND.block, fiveCertificates()),
  beside(),
];

export const votedChainVectors: VectorFile = {
  about:
    "Chains with votes of firmware/core/ledger/README.md, sections 3.2 and 7, and firmware/core/finality: given.chain is " +
    "an exported chain of twenty blocks with four certificates; input is a CBOR list of records that follow its records. " +
    "fault is the innermost rule that does not hold. detail.final and detail.justified are the serials of what is known " +
    "to be so, detail.chainFinal what the head's chain says, detail.epoch the head's.",
  given: {
    network: toHex(network),
    genesis: toHex(builder.genesis.bytes),
    chain: toHex(exportChain(builder.chain)),
    head: toHex(parent.id),
    finals: serials((link) => link.state.finality.final.serial),
    epochs: serials((link) => link.state.finality.epoch),
    committees: parent.state.finality.committees.map((each) => each.join(" ")).join("; "),
  },
  vectors: [
    ...numbered("good", accepted),
    ...numbered("certificate", badCertificate),
    ...numbered("header", badHeader),
  ],
};

if (import.meta.main) await writeVectors("voted-chain", votedChainVectors);

function serials(say: (link: ChainLink) => number): string {
  return Array.from({ length: LENGTH }, (_, place) => say(linkAt(builder, place + 1))).join(" ");
}

function valid(comment: string, items: readonly Item[], head: Block | ChainLink, final: number): Case {
  const { serial, id } = "header" in head ? { serial: head.header.serial, id: head.id } : head;
  const justified = items.some((item) => !("header" in item) || item.certificates.length > 0) ? 20 : 16;
  const inChain = "header" in head && head.certificates.length > 0 ? final : 12;
  const detail = {
    ...{ serial: String(serial), head: toHex(id), final: String(final), justified: String(justified) },
    ...{ chainFinal: String(inChain), epoch: String(parent.state.finality.epoch) },
  };
  return { comment, input: inputOf(items), result: "valid", detail, flags: [] };
}

function invalid(fault: string, comment: string, items: readonly Item[]): Case {
  return { comment, input: inputOf(items), result: "invalid", fault, detail: "", flags: [] };
}

function raw(fault: string, comment: string, kind: number, content: Uint8Array): Case {
  const input = toHex(encodeCbor([concatBytes(Uint8Array.of(kind), content)]));
  return { comment, input, result: "invalid", fault, detail: "", flags: [] };
}

function inputOf(items: readonly Item[]): string {
  return toHex(encodeCbor(items.map((item) => ("header" in item ? blockRecordOf(item) : certificateRecord(item)))));
}

/** The next block with these certificates, which says of them what they say. */
function withThese(certificates: readonly QuorumCertificate[]): Block {
  const heights = [placeOf(sixteen), ...certificates.map(({ body }) => body.target)];
  const justify = heights.reduce((high, each) => (each.serial > high.serial ? each : high));
  const linksRoot = linksRootOf(sha256, certificates);
  return forgeHeader(network, { ...bare, certificates }, { justify, linksRoot }, miner.signer);
}

/** A block whose one certificate is not the good one. */
function certified(fault: string, comment: string, changes: Partial<QuorumCertificate["body"]>): Case {
  const certificate = encodeCertificate({ ...next.body, ...changes });
  return invalid(fault, `a certificate ${comment}`, [withThese([certificate])]);
}

/** A block with the votes of these alone. */
function short(comment: string, dids: readonly string[]): Case {
  const voting = seats.filter((seat) => dids.includes(didOf(seat)));
  const bits = voting.reduce((sum, seat) => withBit(sum, seats.indexOf(seat)), zeros(next.body.seats.length));
  const signatures = voting.map((seat) => voteOf(builder, [sixteen, twenty], seat).signature);
  return certified("QUORUM_TOO_FEW", comment, { seats: bits, signatures });
}

function header(comment: string, block: Block, changes: { readonly [Name in keyof HeaderBody]?: unknown }): Case {
  const changed = forgeHeader(network, block, changes as Partial<HeaderBody>, miner.signer);
  return invalid("BLOCK_WRONG_FIELD", comment, [changed]);
}

/** A block that could have been sealed instead of the final one. */
function beside(): Case {
  const block = builder.make({ parent: linkAt(builder, 11), rank: 1, facts: [], certificates: [] });
  return invalid("CHAIN_CONTRADICTS_FINAL", "a block beside the final one", [block]);
}

function fiveCertificates(): Uint8Array {
  return encodeCbor([good.headerBytes, [], Array.from({ length: 5 }, () => next.bytes), []]);
}

function oneVote(): Uint8Array {
  return voteOf(builder, [sixteen, twenty], seats[0] ?? miner).bytes;
}

function exchanged({ body: { signatures } }: QuorumCertificate): readonly Uint8Array[] {
  const [first, second, ...rest] = signatures;
  return first === undefined || second === undefined ? signatures : [second, first, ...rest];
}

function withBit(bits: Uint8Array, place: number): Uint8Array {
  return bits.map((byte, index) => (index === place >> 3 ? byte | (1 << (place & 7)) : byte));
}

function placeOf({ serial, id }: Checkpoint): Checkpoint {
  return { serial, id };
}

function elsewhere(serial: number): Checkpoint {
  return { serial, id: named("elsewhere") };
}

function didOf({ did }: Actor): string {
  return toHex(did);
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}
