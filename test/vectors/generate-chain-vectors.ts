/**
 * The vectors of the chain: five blocks that stand, and what may and may not come after them. Each wrong block is made
 * again around what is wrong with it and signed by its miner, so that nothing else is.
 * `node test/vectors/generate-chain-vectors.ts` writes chain.json.
 */
import { concatBytes, toHex } from "#base/bytes.ts";
import { resultBody, type Block, type HeaderBody, type ResultBody } from "#core/ledger/block.ts";
import { compareFacts } from "#core/ledger/block-order.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { dueAt, schedule, slotOf } from "#core/ledger/schedule.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { exportChain } from "#records/chain-export.ts";
import { GRACE_SECONDS } from "#test/builders/charge-builder.ts";
import { joinFact, makeActor, named, sha256, withSignatures, type Actor } from "#test/builders/ledger-actors.ts";
import { ARBITER, forgeHeader, LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const SECOND = makeActor("second operator", "station");
const BYSTANDER = makeActor("bystander", "vehicle");
const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
const { network } = builder.genesis;

/** The JOINs; a charge from its contract to its settlement; the begin of another one, whose vehicle falls silent. */
builder.join(STATION, VEHICLE, BYSTANDER, ARBITER);
builder.seal();
const settled = builder.charge();
const story = settled.whole({ milliWh: 20_000_000, count: 3 });
builder.submit(...story.slice(0, 5));
builder.seal();
builder.submit(...story.slice(5, -1));
builder.seal({ rank: 1 });
builder.submit(...story.slice(-1));
builder.seal();
const judged = { ...settled.open.body.terms, arbiter: ARBITER.did };
const abandoned = builder.charge(undefined, { terms: judged, salt: named("second").slice(0, 16) });
const second = abandoned.whole({ milliWh: 10_000_000 });
builder.submit(...second.slice(0, -1));
builder.seal();

const parent = builder.chain.head;
const late = second.slice(-1);
const newcomer = joinFact(network, makeActor("newcomer", "vehicle"));
const afterGrace = parent.state.sealedAt + GRACE_SECONDS + 1;
const miner = holderOf(0);
const next = holderOf(1);
const good = builder.make({ facts: [...late, newcomer] });
const closing = builder.make({ facts: [], at: afterGrace });
const agreement = (["station", "vehicle"] as const).map((role) => abandoned.propose(role, 9_000_000, 400));
const ruling = abandoned.judge(ARBITER, 10_000_000, { fault: "vehicle" });
const agreed = builder.make({ facts: agreement, at: afterGrace });
const ruled = builder.make({ facts: [ruling], at: afterGrace });
const offered = builder.make({ facts: agreement.slice(0, 1) });

const accepted: readonly Case[] = [
  valid("nothing more", [], undefined),
  valid("a block that settles the second charge", [...factsOf(good), good], good),
  valid("an empty block after the grace, which abandons it", [closing], closing),
  valid("an empty block at the last second of the grace", ...only(builder.make({ facts: [], at: afterGrace - 1 }))),
  valid("a block of rank 1", ...only(builder.make({ facts: [], rank: 1 }))),
  valid("a fact that waits", [newcomer], undefined),
  valid("a block with what both have agreed on", [...factsOf(agreed), agreed], agreed),
  valid("a block with the arbiter's ruling", [...factsOf(ruled), ruled], ruled),
  valid("a proposal while the charge is still open", [...factsOf(offered), offered], offered),
];

const HEADERS: readonly (readonly [string, string, Partial<HeaderBody>])[] = [
  ["BLOCK_WRONG_FIELD", "another network", { network: named("elsewhere").slice(0, 8) }],
  ["BLOCK_WRONG_FIELD", "a serial left out", { serial: good.header.serial + 1 }],
  ["BLOCK_WRONG_FIELD", "a serial twice", { serial: good.header.serial - 1 }],
  ["CHAIN_UNKNOWN_PARENT", "a parent that is not here", { previous: named("elsewhere") }],
  ["BLOCK_WRONG_FIELD", "another root of the facts", { factsRoot: named("root") }],
  ["BLOCK_WRONG_RESULT", "another root of the results", { resultsRoot: named("root") }],
  ["BLOCK_WRONG_FIELD", "another root of the log", { logRoot: named("root") }],
  ["BLOCK_WRONG_FIELD", "one fact more than there are", { factCount: good.facts.length + 1 }],
  ["BLOCK_WRONG_FIELD", "another version of the code", { codeVersion: 2 }],
  ["BLOCK_WRONG_FIELD", "a slot that is not that of its time", { slot: good.header.slot + 1 }],
  ["BLOCK_WRONG_FIELD", "another tier", { rank: [0, 3] }],
  ["BLOCK_NOT_ITS_TURN", "a rank that nobody holds", { rank: [2, 2] }],
  ["BLOCK_NOT_ITS_TURN", "the miner of rank 1 at rank 0", { miner: next.did }],
  ["BLOCK_NOT_ITS_TURN", "a member that may not seal", { miner: BYSTANDER.did }],
  ["BLOCK_UNKNOWN_MINER", "a miner that is no member", { miner: named("nobody") }],
];

const badHeader: readonly Case[] = [
  ...HEADERS.map(([fault, what, changes]) => withHeader(fault, what, changes)),
  early("a second before rank 0 is due", 0),
  early("a second before rank 1 is due", 1),
  invalid("BLOCK_BAD_SIGNATURE", "signed by the miner of rank 1", [...factsOf(good), forged({}, next.signer)]),
  invalid("BLOCK_BAD_SIGNATURE", "signed by a stranger", [...factsOf(good), forged({}, BYSTANDER.signer)]),
  invalid("BLOCK_WRONG_FIELD", "a root of the state in a block that is no checkpoint", [withKey(7)]),
  invalid("BLOCK_WRONG_FIELD", "a justified checkpoint where nobody votes", [withKey(13)]),
  invalid("BLOCK_WRONG_FIELD", "a next committee where nobody votes", [withKey(16)]),
  invalid("BLOCK_WRONG_FIELD", "a root of links where nobody votes", [withKey(17)]),
  invalid("WIRE_WRONG_SHAPE", "a key that no header has", [withKey(18)]),
];

const badContent: readonly Case[] = [
  around("BLOCK_FACTS_MISPLACED", "facts out of order", [...good.facts].reverse(), { asGiven: true }),
  around("FACT_KNOWN", "a fact of an earlier block", [...story.slice(0, 1)], { isStored: true }),
  around("FACT_REFERS_UNKNOWN", "a report of no charge", [strayReport()]),
  around("FACT_CONFLICTS", "a report more than the completion counts", [abandoned.report("vehicle", [0]), ...late]),
  around("FACT_WRONG_STATE", "a report of a charge that is settled", [settled.report("station", [1])]),
  around("FACT_CONFLICTS", "two proposals with one number", [...agreement, abandoned.propose("station", 1, 1)]),
  around("FACT_NO_ARBITER", "a ruling about a charge whose terms name nobody", [settled.judge(ARBITER, 1)]),
  around("FACT_CONFLICTS", "two rulings", [ruling, abandoned.judge(ARBITER, 1)]),
  around("FACT_BAD_SIGNATURE", "a ruling that the station signed", [withSignatures(network, ruling, [STATION.signer])]),
  around("FACT_BAD_SIGNATURE", "the vehicle's proposal, signed by the station", misSigned(agreement.slice(1))),
  around("FACT_BAD_JOIN", "a JOIN that another key signed", [withSignatures(network, newcomer, [STATION.signer])]),
  around("FACT_BAD_SIGNATURE", "the vehicle's completion, signed by the station", misSigned(late)),
  around("FACT_BAD_TERMS", "a contract whose end is not that of its duration", [contract({ notAfter: 1_780_000_061 })]),
  around("FACT_REFERENCE_NOT_HERE", "a contract that refers to another block", [
    contract({ reference: [4, parent.state.id] }),
  ]),
  ...wrongResults(),
  {
    ...invalid("BLOCK_WRONG_FIELD", "a result that is left out", [...factsOf(good), withResults([])]),
    flags: ["settle"],
  },
];

const badRecords: readonly Case[] = [
  invalid("JOURNAL_FACT_MISSING", "a block without its facts", [good]),
  invalid("JOURNAL_FACT_MISSING", "a block before its facts", [good, ...factsOf(good)]),
  invalid("JOURNAL_FACT_TWICE", "a waiting fact twice", [newcomer, newcomer]),
  invalid("JOURNAL_FACT_TWICE", "a fact of an earlier block once more", [...story.slice(0, 1)]),
  invalid("JOURNAL_BLOCK_TWICE", "the head once more", parent.block === undefined ? [] : [parent.block]),
  invalid("JOURNAL_BLOCK_TWICE", "a new block twice", [...factsOf(good), good, good]),
  raw("JOURNAL_UNKNOWN_RECORD", "a second genesis", concatBytes(Uint8Array.of(0x47), builder.genesis.bytes)),
  raw("JOURNAL_UNKNOWN_RECORD", "an empty record", new Uint8Array()),
  raw("CBOR_NOT_CANONICAL", "a fact cut short", factRecord(newcomer).slice(0, -1)),
  raw("CBOR_NOT_CANONICAL", "a block cut short", blockRecordOf(closing).slice(0, -1)),
  raw(
    "WIRE_WRONG_SHAPE",
    "a block without a list of facts",
    concatBytes(Uint8Array.of(0x42), encodeCbor([closing.headerBytes])),
  ),
];

export const chainVectors: VectorFile = {
  about:
    "Chains of firmware/core/ledger/README.md: given.chain is an exported chain of five blocks (firmware/records/README.md); " +
    "input is a CBOR list of records that follow its records. fault is the innermost rule that does not hold; the flag " +
    "`settle` marks those that only a reader that computes results can judge.",
  given: {
    network: toHex(network),
    genesis: toHex(builder.genesis.bytes),
    chain: toHex(exportChain(builder.chain)),
    head: toHex(parent.state.id),
    blocks: [1, 2, 3, 4, 5].map((serial) => toHex(builder.chain.at(serial)?.state.id ?? new Uint8Array())).join(" "),
    results: [1, 2, 3, 4, 5].flatMap((serial) => (builder.chain.at(serial)?.block?.results ?? []).map(toHex)).join(" "),
  },
  vectors: [
    ...numbered("good", accepted),
    ...numbered("header", badHeader),
    ...numbered("content", badContent),
    ...numbered("record", badRecords),
  ],
};

if (import.meta.main) await writeVectors("chain", chainVectors);

function holderOf(rank: number): Actor {
  return builder.actorOf(schedule(sha256, parent.state)[rank]?.did ?? "");
}

function only(block: Block): readonly [readonly Block[], Block] {
  return [[block], block];
}

function valid(comment: string, records: readonly (Fact | Block)[], block: Block | undefined): Case {
  const head = block ?? parent.block;
  const results = (block?.results ?? []).map((result) => textOf(result)).join("; ");
  const detail = {
    serial: String(head?.header.serial),
    head: head?.key ?? "",
    results,
    resultBytes: (block?.results ?? []).map(toHex).join(" "),
    waiting: String(records.filter((record) => !("header" in record) && !block?.facts.includes(record)).length),
  };
  return { comment, input: inputOf(records), result: "valid", detail, flags: [] };
}

function textOf(result: Uint8Array): string {
  const read = decodeShape(resultBody, result);
  if (!read.ok) throw new Error("bug: our own result");
  const { state, billedMilliWh, contestedMilliWh, amount, verdict, revision } = read.value;
  return `${state} ${billedMilliWh} mWh, ${contestedMilliWh} contested, ${amount}, ${verdict}, revision ${revision}`;
}

function invalid(fault: string, comment: string, records: readonly (Fact | Block)[]): Case {
  return { comment, input: inputOf(records), result: "invalid", fault, detail: "", flags: [] };
}

function raw(fault: string, comment: string, record: Uint8Array): Case {
  return { comment, input: toHex(encodeCbor([record])), result: "invalid", fault, detail: "", flags: [] };
}

function inputOf(records: readonly (Fact | Block)[]): string {
  return toHex(encodeCbor(records.map((record) => ("header" in record ? blockRecordOf(record) : factRecord(record)))));
}

function factsOf({ facts }: Block): readonly Fact[] {
  return facts;
}

function forged(changes: Partial<HeaderBody>, signer: Signer): Block {
  return forgeHeader(network, good, changes, signer);
}

function withHeader(fault: string, what: string, changes: Partial<HeaderBody>): Case {
  return invalid(fault, what, [...factsOf(good), forged(changes, miner.signer)]);
}

function early(comment: string, rank: number): Case {
  const sealedAt = dueAt(parent.state, rank) - 1;
  const block = builder.make({ facts: [], rank });
  const changes = { sealedAt, slot: slotOf(parent.state, sealedAt) };
  return invalid("BLOCK_TOO_EARLY", comment, [forgeHeader(network, block, changes, holderOf(rank).signer)]);
}

/** A header with one key more, signed by the miner. */
function withKey(key: 7 | 13 | 16 | 17 | 18): Block {
  const item = decodeCbor(closing.headerPayload);
  if (!item.ok || !isMap(item.value)) throw new Error("bug: a header is a map");
  const value = key === 13 ? [5, parent.state.id] : named("more");
  const payload = encodeCbor(new Map<number, CborValue>([...item.value, [key, value]]));
  const signature = miner.signer.sign(toBeSigned(network, PURPOSE.HEADER, payload));
  return { ...closing, headerBytes: encodeSigned(payload, [signature]) };
}

/** The good block around other facts, in their order or as they are given. */
function around(fault: string, comment: string, facts: readonly Fact[], how: Around = {}): Case {
  const placed = how.asGiven === true ? facts : [...facts].sort(compareFacts);
  const factsRoot = merkleRoot(
    sha256,
    placed.map(({ id }) => id),
  );
  const changes = { factsRoot, factCount: placed.length };
  const block = forgeHeader(network, { ...good, facts: placed }, changes, miner.signer);
  return invalid(fault, comment, how.isStored === true ? [block] : [...placed, block]);
}

interface Around {
  readonly asGiven?: boolean;
  /** The chain holds the facts already. */
  readonly isStored?: boolean;
}

function strayReport(): Fact {
  return builder.charge(undefined, { salt: named("nowhere").slice(0, 16) }).report("station", [0]);
}

function contract(changes: Partial<OpenBody>): Fact {
  return builder.charge(undefined, { salt: named("third").slice(0, 16), ...changes }).open;
}

function misSigned(facts: readonly Fact[]): readonly Fact[] {
  return facts.map((fact) => withSignatures(network, fact, [STATION.signer]));
}

/** Results are not stored: a wrong one shows in the root that the header commits to. */
function wrongResults(): readonly Case[] {
  const [result = new Uint8Array()] = good.results;
  const read = decodeShape(resultBody, result);
  if (!read.ok) throw new Error("bug: our own result");
  const others: readonly (readonly [string, Partial<ResultBody>])[] = [
    ["another state", { state: "DISPUTED" }],
    ["1 mWh more billed", { billedMilliWh: read.value.billedMilliWh + 1 }],
    ["one cent more", { amount: read.value.amount + 1 }],
    ["another verdict", { verdict: "INCONCLUSIVE" }],
    ["another revision", { revision: 2 }],
  ];
  const cases = others.map(([what, changes]) => {
    const results = [encodeShape(resultBody, { ...read.value, ...changes })];
    return invalid("BLOCK_WRONG_FIELD", `a result with ${what}`, [...factsOf(good), withResults(results)]);
  });
  return cases.map((each) => ({ ...each, flags: ["settle"] }));
}

function withResults(results: readonly Uint8Array[]): Block {
  return forgeHeader(network, { ...good, results }, { resultsRoot: merkleRoot(sha256, results) }, miner.signer);
}
