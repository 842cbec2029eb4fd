/**
 * The vectors of finality: votes, and chains whose blocks carry quorum certificates, with a handoff from one committee
 * to the next. `node test/vectors/generate-vote-vectors.ts` writes votes.json.
 */
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { voteBody } from "#core/finality/vote.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE, type Purpose } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import {
  certify,
  didsOf,
  FEW_BLOCKS,
  NETWORK,
  VotedChain,
  voteFor,
  voterOf,
  type Voter,
} from "#test/builders/finality-voters.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { encodeChanged } from "./encode-changed.ts";
import { judgeChain, judgeVote, type FinalityGiven } from "./judge-votes.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";
import { NEW, OLD, PLAIN, STRANGER, votedStories, type VotedStory } from "./voted-stories.ts";

type Case = Omit<Vector, "id">;

const members = encodeCbor(
  [...OLD, ...NEW.slice(1), STRANGER].map(({ did, signer }) => [bytesOf(did), signer.publicKey]),
);
const given: FinalityGiven = { crypto: new NodeCryptography(), network: NETWORK, members };

const sample = voteFor(PLAIN.link(0, 4), voterOf("v1"), 0);

const votes: readonly Case[] = [
  vote("from the genesis", sample.bytes),
  vote("in a later epoch, from a later source", voteFor(PLAIN.link(6, 12), voterOf("w1"), 3).bytes),
  vote(
    "the largest numbers",
    voteFor({ source: PLAIN.at(2 ** 53 - 2), target: PLAIN.at(2 ** 53 - 1) }, STRANGER, 2 ** 53 - 1).bytes,
  ),
  vote("signed by another", signed(payloadWith({}), voterOf("v2")), "VOTE_BAD_SIGNATURE"),
  vote("of nobody known", signed(payloadWith({ 5: PLAIN.at(1).id }), voterOf("v1")), "VOTE_BAD_SIGNATURE"),
  vote("s in the upper half", encodeSigned(sample.payload, [complementOfS(sample.signature)]), "VOTE_BAD_SIGNATURE"),
  vote("signed for the purpose QC", signed(sample.payload, voterOf("v1"), PURPOSE.QC), "VOTE_BAD_SIGNATURE"),
  vote("signed for the purpose HEADER", signed(sample.payload, voterOf("v1"), PURPOSE.HEADER), "VOTE_BAD_SIGNATURE"),
  vote("of another network", signed(payloadWith({ 1: NETWORK.with(0, 0) }), voterOf("v1")), "VOTE_WRONG_NETWORK"),
  vote(
    "a target as high as its source",
    signed(payloadWith({ 4: [0, PLAIN.at(4).id] }), voterOf("v1")),
    "WIRE_WRONG_SHAPE",
  ),
  vote("a source above the target", signed(payloadWith({ 3: [8, PLAIN.at(8).id] }), voterOf("v1")), "WIRE_WRONG_SHAPE"),
  vote("a checkpoint without an id", signed(payloadWith({ 3: [0] }), voterOf("v1")), "WIRE_WRONG_SHAPE"),
  vote(
    "an id of 31 bytes",
    signed(payloadWith({ 3: [0, PLAIN.at(0).id.slice(1)] }), voterOf("v1")),
    "WIRE_WRONG_SHAPE",
  ),
  vote("no epoch", signed(payloadWith({ 2: undefined }), voterOf("v1")), "WIRE_WRONG_SHAPE"),
  vote("a negative epoch", signed(payloadWith({ 2: -1 }), voterOf("v1")), "WIRE_WRONG_SHAPE"),
  vote("a key that a vote does not have", signed(payloadWith({ 6: 0 }), voterOf("v1")), "WIRE_WRONG_SHAPE"),
  vote("two signatures", encodeSigned(sample.payload, [sample.signature, sample.signature]), "SIGNED_WRONG_FORM"),
];

export const voteVectors: VectorFile = {
  about:
    "Votes and quorum certificates: firmware/core/finality/README.md. vote: input is the envelope. chain: input is " +
    "[C, E, genesis id, [did…], [[block id, [certificate…], next committee or null]…]], blocks from serial 1 on; the " +
    "first certificate that may not stand decides, else detail tells the chain's finality after all of them.",
  given: { network: toHex(NETWORK), members: toHex(members) },
  vectors: [...numbered("vote", votes), ...numbered("chain", votedStories.map(chain))],
};

if (import.meta.main) await writeVectors("votes", voteVectors);

function vote(comment: string, input: Uint8Array, fault?: string): Case {
  return caseOf(comment, input, judgeVote(given, input), fault);
}

/** A chain with the steps of the story, the last of whose certificates is changed. */
function chain({ comment, steps, fault, change }: VotedStory): Case {
  const made = new VotedChain(didsOf(OLD), didsOf(NEW));
  const blocks: CborValue[] = [];
  const growWith = (
    serial: number,
    certificates: readonly QuorumCertificate[],
    encoded: readonly Uint8Array[],
  ): void => {
    const next = made.finality.boundary === serial ? didsOf(NEW).map(bytesOf) : null;
    blocks.push([PLAIN.at(serial).id, [...encoded], next]);
    made.growTo(serial, certificates);
  };
  for (const [place, [serial, links]] of steps.entries()) {
    while (made.serial < serial - 1) growWith(made.serial + 1, [], []);
    const certificates = links.map(([source, target, voters, epoch]) =>
      certify(made.finality, made.link(source, target), voters, epoch),
    );
    const last = place === steps.length - 1 ? certificates.at(-1) : undefined;
    growWith(
      serial,
      certificates,
      certificates.map((each) => (each === last ? change(each) : each.bytes)),
    );
  }
  const { checkpointBlocks, epochCheckpoints } = FEW_BLOCKS;
  const input = encodeCbor([checkpointBlocks, epochCheckpoints, PLAIN.at(0).id, didsOf(OLD).map(bytesOf), blocks]);
  return caseOf(comment, input, judgeChain(given, input), fault);
}

function payloadWith(changes: Readonly<Record<number, CborValue | undefined>>): Uint8Array {
  return encodeChanged(voteBody.write(sample.body), changes);
}

function signed(payload: Uint8Array, { signer }: Voter, purpose: Purpose = PURPOSE.VOTE): Uint8Array {
  return encodeSigned(payload, [signer.sign(toBeSigned(NETWORK, purpose, payload))]);
}

function caseOf(comment: string, input: Uint8Array, judged: ReturnType<typeof judgeVote>, fault?: string): Case {
  const found = judged.ok ? undefined : judged.fault.code;
  if (found !== fault) throw new Error(`bug: ${comment}: ${found ?? "valid"}`);
  const common = { comment, input: toHex(input), flags: [] };
  if (judged.ok) return { ...common, result: "valid", detail: judged.value };
  return { ...common, result: "invalid", fault: judged.fault.code, detail: "" };
}

function bytesOf(did: string): Uint8Array {
  const bytes = fromHex(did);
  if (bytes === undefined) throw new Error("bug: a did is hex");
  return bytes;
}
