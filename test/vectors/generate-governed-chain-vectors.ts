/**
 * The vectors of a chain whose governors have decided: what they may decide on its head, and the blocks that may follow
 * it. `node test/vectors/generate-governed-chain-vectors.ts` writes governed-chain.json.
 */
import { toHex } from "#base/bytes.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import { committeesOf } from "#core/finality/finality-state.ts";
import { encodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Block, HeaderBody } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { blockRecordOf, certificateRecord, factRecord } from "#core/ledger/journal-record.ts";
import { linksRootOf } from "#core/ledger/apply-certificates.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { decodeChainExport, exportChain } from "#records/chain-export.ts";
import { certify, hear, linkAt, voteOf } from "#test/builders/committee-votes.ts";
import { GOVERNOR_SIGNERS, paramsFact, reconfigFact, type Decided } from "#test/builders/governors.ts";
import { named, sha256 } from "#test/builders/ledger-actors.ts";
import { forgeHeader, VEHICLE } from "#test/builders/ledger-builder.ts";
import { GOVERNED_VOTERS, governedChain } from "./governed-chain.ts";
import { judgeGoverned, type Section } from "./judge-governed-chain.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
type Item = Fact | Block | QuorumCertificate;

const { builder, serial: renamedAt } = governedChain();
const { network } = builder.genesis;
builder.join(VEHICLE);
builder.seal();

const exported = exportChain(builder.chain);
const records = recordsIn(exported);
const { head } = builder.chain;
const { final, epoch } = head.state.finality;
const [ONE, TWO, THREE, FOUR] = GOVERNED_VOTERS.map(({ did }) => did) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [first, second] = decidedBefore();

const facts: readonly Case[] = [
  fact("the next PARAMS, two epochs ahead", [params({ number: 3, activeFromEpoch: epoch + 2 })]),
  fact("and one more for the same epoch", [
    params({ number: 3, activeFromEpoch: 7 }),
    params({ number: 4, activeFromEpoch: 7, rules: { historyMin: 3 } }),
  ]),
  fact("a higher version of the code than the one that waits", [
    params({ number: 3, activeFromEpoch: 9, rules: {}, codeVersion: 3 }),
  ]),
  fact("seven more, so that eight wait", sevenMore()),
  fact("PARAMS one epoch ahead", [params({ number: 3, activeFromEpoch: epoch + 1 })]),
  fact("PARAMS for an epoch before that of the one that waits", [
    params({ number: 3, activeFromEpoch: 8 }),
    params({ number: 4, activeFromEpoch: 7 }),
  ]),
  fact("a ninth that waits", [...sevenMore(), params({ number: 10, activeFromEpoch: 20 })]),
  fact("a number too high", [params({ number: 4, activeFromEpoch: 8 })]),
  fact("the last PARAMS again", [second]),
  fact("the first PARAMS again", [first]),
  fact("another PARAMS of the last number", [params({ number: 2, activeFromEpoch: 9 })]),
  fact("another PARAMS of the first number", [params({ number: 1, activeFromEpoch: 9 })]),
  fact("the version of the code that waits", [params({ number: 3, activeFromEpoch: 8, rules: {}, codeVersion: 2 })]),
  fact("the version of the code in force", [params({ number: 3, activeFromEpoch: 8, rules: {}, codeVersion: 1 })]),
  fact("PARAMS of another network", [params({ number: 3, activeFromEpoch: 8, network: named("other").slice(0, 8) })]),
  fact("PARAMS by one governor", [params({ number: 3, activeFromEpoch: 8 }, 1)]),
  fact("PARAMS too soon and by one governor", [params({ number: 3, activeFromEpoch: 5 }, 1)]),
  fact("a RECONFIG of what is final", [reconfig([ONE, TWO])]),
  fact("one that names who was set aside, and leaves another out", [reconfig([THREE, TWO, FOUR])]),
  fact("a RECONFIG of nobody who votes now", [reconfig([FOUR])]),
  fact("the same RECONFIG twice", [reconfig([ONE, TWO]), reconfig([ONE, TWO])]),
  fact("two for one checkpoint", [reconfig([ONE, TWO]), reconfig([TWO, ONE])]),
  fact("the RECONFIG of before again", [reconfigBefore()]),
  fact("another one for its checkpoint", [reconfig([ONE], reconfigBefore().body.checkpoint)]),
  fact("a RECONFIG of what is not final yet", [reconfig([ONE], { serial: final.serial + 2, id: named("later") })]),
  fact("a RECONFIG of another block of that height", [reconfig([ONE], { ...final, id: named("other") })]),
  fact("a RECONFIG of what was final before", [reconfig([ONE], placeAt(final.serial - 2))]),
  fact("a RECONFIG that names nobody's device", [reconfig([ONE, named("nobody")])]),
  fact("a RECONFIG that names a vehicle", [reconfig([ONE, VEHICLE.did])]),
  fact("a vehicle, then nobody's device", [reconfig([VEHICLE.did, named("nobody")])]),
  fact("nobody's device, then a vehicle", [reconfig([named("nobody"), VEHICLE.did])]),
  fact("a RECONFIG by one governor", [reconfig([ONE, TWO], final, 1)]),
];

const blocks = inTurn();

export const governedChainVectors: VectorFile = {
  about:
    "A chain whose governors have decided: firmware/core/governance/README.md, sections 2 to 4. given.chain is an " +
    "exported chain. Of the section fact the input is a CBOR list of facts that are applied to its head's state in turn, " +
    "at the head's time and the block time in force; all but the last stand. Of the section block it is a list of " +
    "records that follow; fault is the innermost rule that does not hold. detail has the state behind the last of them: " +
    "of each RECONFIG the serial, the epoch, and how many are in the rear and in the former committee.",
  given: { network: toHex(network), chain: toHex(exported), head: toHex(head.id) },
  vectors: [...numbered("fact", facts), ...numbered("block", blocks)],
};

if (import.meta.main) await writeVectors("governed-chain", governedChainVectors);

function judged(section: Section, comment: string, items: readonly Uint8Array[]): Case {
  const input = encodeCbor(items);
  return { comment, input: toHex(input), flags: [section], ...judgeGoverned(section, records, input) };
}

function fact(comment: string, all: readonly Fact[]): Case {
  return judged(
    "fact",
    comment,
    all.map(({ bytes }) => bytes),
  );
}

function block(comment: string, items: readonly Item[]): Case {
  return judged("block", comment, items.map(recordOf));
}

function recordOf(item: Item): Uint8Array {
  if ("header" in item) return blockRecordOf(item);
  return "signatures" in item ? factRecord(item) : certificateRecord(item);
}

function recordsIn(chain: Uint8Array): readonly Uint8Array[] {
  const read = decodeChainExport(chain);
  if (!read.ok) throw new Error("bug of the vectors: no chain");
  return read.value;
}

function params(said: Partial<Decided> & Decided, signers = 2): ReturnType<typeof paramsFact> {
  return paramsFact(network, { rules: { cooldownBlocks: 2 }, ...said }, GOVERNOR_SIGNERS.slice(0, signers));
}

function reconfig(
  committee: readonly Uint8Array[],
  on: Checkpoint = final,
  signers = 2,
): ReturnType<typeof reconfigFact> {
  return reconfigFact(network, on, committee, GOVERNOR_SIGNERS.slice(0, signers));
}

function sevenMore(): readonly Fact[] {
  return Array.from({ length: 7 }, (_, at) => params({ number: 3 + at, activeFromEpoch: 10 + at }));
}

function decidedBefore(): readonly [Fact, Fact] {
  const found = Array.from({ length: head.serial }, (_, at) => linkAt(builder, at + 1).block?.facts ?? []).flat();
  const [one, two] = found.filter(({ kind }) => kind === "PARAMS");
  if (one === undefined || two === undefined) throw new Error("bug of the vectors: no PARAMS");
  return [one, two];
}

function reconfigBefore(): ReturnType<typeof reconfigFact> {
  const found = linkAt(builder, renamedAt).block?.facts.find((each) => each.kind === "RECONFIG");
  if (found === undefined) throw new Error("bug of the vectors: no RECONFIG");
  return found;
}

function placeAt(serial: number): Checkpoint {
  return { serial, id: linkAt(builder, serial).id };
}

/** The builder's chain goes on meanwhile: each of these begins with the records that have come since the given ones. */
function inTurn(): readonly Case[] {
  const since: Item[] = [];
  const cases: Case[] = [];
  const say = (comment: string, ...items: readonly Item[]): void =>
    void cases.push(block(comment, [...since, ...items]));
  const go = (sealed: Block, ...before: readonly Item[]): void => {
    builder.add(sealed);
    since.push(...before, sealed);
  };
  const plain = builder.make({ certificates: [], facts: [] });
  const { rules } = head.state;
  say("a block by the rules in force", plain);
  say("one by the rules of the genesis", early(plain, rules));
  say("one that says a version of the code that is not in force", forged(plain, { codeVersion: 2 }));
  const others = reconfig([ONE, TWO, THREE, FOUR]);
  const other = params({ number: 3, activeFromEpoch: epoch + 2 });
  const both = builder.make({ certificates: [], facts: [others, other] });
  say("a block with PARAMS and a RECONFIG", other, others, both);
  say("the same with the RECONFIG first", other, others, reordered(both));
  say("a RECONFIG beside a certificate", others, beside(builder.make({ certificates: [], facts: [others] })));
  go(both, other, others);
  const after = builder.make({ facts: [] });
  say("a block behind it", after);
  go(after);
  while (builder.chain.head.serial % 2 !== 0) {
    const next = builder.make({ facts: [] });
    go(next);
  }
  const pair = [builder.chain.justified, builder.chain.head] as const;
  const { forward = [], former = [] } = committeesOf(builder.state.finality, epoch + 1) ?? {};
  const seats = forward.map((did) => builder.actorOf(did));
  const whole = certify(builder, pair, seats);
  say("the link of all who were named", whole);
  // Three of four in the forward and in the rear committee, and two of three in the former one.
  const voters = seats.filter(({ did }) => toHex(did) !== former[0]);
  say(
    "a link that lacks the quorum of the former committee alone",
    holding(builder.make({ facts: [], certificates: [] }), {
      ...whole.body,
      seats: Uint8Array.of(voters.reduce((sum, voter) => sum | (1 << seats.indexOf(voter)), 0)),
      signatures: voters.map((voter) => voteOf(builder, pair, voter).signature),
    }),
  );
  hear(builder, whole);
  go(builder.make({ facts: [] }), whole);
  while (builder.state.finality.governance?.codeVersion === 1) {
    const next = builder.make({ facts: [] });
    go(next);
    const made = builder.chain.head;
    if (made.serial % 2 === 0) {
      const certificate = certify(builder, [builder.chain.justified, made]);
      hear(builder, certificate);
      since.push(certificate);
    }
  }
  say("blocks until the version of the code comes into force");
  say("a block of that version", builder.make({ facts: [] }));
  return cases;
}

function forged(block: Block, changes: Partial<HeaderBody>): Block {
  return forgeHeader(network, block, changes, builder.actorOf(toHex(block.header.miner)).signer);
}

/** At the time at which the genesis would let it be sealed. */
function early(block: Block, { slotSeconds }: LedgerRules): Block {
  const sealedAt = builder.chain.head.sealedAt + builder.genesis.body.rules.blockSeconds;
  return forged(block, { sealedAt, slot: Math.floor((sealedAt - builder.genesis.body.startedAt) / slotSeconds) });
}

function reordered(block: Block): Block {
  const facts = [...block.facts].reverse();
  const factsRoot = merkleRoot(
    sha256,
    facts.map(({ id }) => id),
  );
  return forged({ ...block, facts }, { factsRoot });
}

function beside(block: Block): Block {
  const { chain } = builder;
  const last = linkAt(builder, chain.head.serial - (chain.head.serial % 2));
  const source = linkAt(builder, last.serial - 2);
  return holding(block, certify(builder, [source, last]).body);
}

/** With that certificate, of which the header says what it has to. */
function holding(block: Block, body: QuorumCertificate["body"]): Block {
  const certificates = [encodeCertificate(body)];
  return forged({ ...block, certificates }, { justify: body.target, linksRoot: linksRootOf(sha256, certificates) });
}
