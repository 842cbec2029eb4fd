/**
 * The vectors of what governors decide: the facts, what the state says of them, and a proof that leads over voters whom
 * they have named. `node test/vectors/generate-governance-vectors.ts` writes governance.json.
 */
import { toHex } from "#base/bytes.ts";
import { encodeFact, type Fact } from "#core/ledger/fact.ts";
import { proveInclusion } from "#core/ledger/inclusion-proof.ts";
import type { RuleChanges } from "#core/ledger/rules.ts";
import { encodeFinality } from "#core/ledger/snapshot-frame.ts";
import { factBytesIn } from "#core/ledger/chain-records.ts";
import { decodeCbor, encodeCbor, isList, isMap, type CborMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { signedItem, toBeSigned } from "#core/wire/signed.ts";
import { GOVERNOR_SIGNERS, paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { named } from "#test/builders/ledger-actors.ts";
import { STATION } from "#test/builders/ledger-builder.ts";
import { GOVERNED_VOTERS, governedChain } from "./governed-chain.ts";
import { judgeGovernance, type Section } from "./judge-governance.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
type Kind = "PARAMS" | "RECONFIG";

const { builder, serial } = governedChain();
const { genesis, chain } = builder;
const { network } = genesis;
const [ONE, TWO, THREE] = GOVERNOR_SIGNERS as readonly [Signer, Signer, Signer];
type Signer = (typeof GOVERNOR_SIGNERS)[number];

const params = paramsFact(network, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 45, historyMin: 7 } });
const dids = GOVERNED_VOTERS.slice(0, 2).map(({ did }) => did);
const checkpoint = { serial: 8, id: named("a final block") };
const reconfig = reconfigFact(network, checkpoint, dids);
const EVERY_RULE: RuleChanges = {
  ...{ blockSeconds: 86_400, emptyBlocks: true, heartbeatBlocks: 10_000, historyMin: 0, counterpartiesMin: 0 },
  ...{ countedMilliWhMin: 0, historyDays: null, otherOrganisationOnly: false, cooldownBlocks: 100 },
  ...{ relatedScope: "oldest", biasPenalty: true, committeeMax: 31, seatsPerOrganisation: false },
};

const facts: readonly Case[] = [
  fact("two rules, by the first two of three governors", params.bytes),
  fact("the same by the last two", signed("PARAMS", params.payload, [TWO, THREE])),
  fact("the same by all: one id", signed("PARAMS", params.payload, [ONE, TWO, THREE])),
  fact(
    "every rule that may change, and a version of the code",
    paramsFact(network, { number: 9, activeFromEpoch: 1000, rules: EVERY_RULE, codeVersion: 65_535 }).bytes,
  ),
  fact(
    "a version of the code alone",
    paramsFact(network, { number: 2, activeFromEpoch: 3, rules: {}, codeVersion: 2 }).bytes,
  ),
  fact("two voters", reconfig.bytes),
  fact("one voter", reconfigFact(network, checkpoint, dids.slice(1)).bytes),
  fact("one signature of two", signed("PARAMS", params.payload, [ONE])),
  fact("one governor twice", signed("PARAMS", params.payload, [ONE, ONE])),
  fact("governors in the other order", signed("PARAMS", params.payload, [TWO, ONE])),
  fact("a governor and a member", signed("RECONFIG", reconfig.payload, [ONE, STATION.signer])),
  fact("two governors and a member", signed("RECONFIG", reconfig.payload, [ONE, TWO, STATION.signer])),
  fact("signed for another network", signed("PARAMS", params.payload, [ONE, TWO], { on: named("other").slice(0, 8) })),
  fact("signed for the other purpose", signed("PARAMS", params.payload, [ONE, TWO], { purpose: PURPOSE.RECONFIG })),
  fact("no signature", encodeFact("PARAMS", encodeCbor([...unsignedItem(params.payload)]))),
  fact(
    "sixteen signatures",
    encodeFact("PARAMS", encodeCbor([...unsignedItem(params.payload), ...Array.from({ length: 16 }, signatureOfOne)])),
  ),
  ...payloads("PARAMS", params, [
    ["number 0", 2, 0],
    ["nothing that changes", 4, new Map()],
    ["a rule that stays, finality", 4, new Map([[17, 1]])],
    ["a rule that stays, the slot", 4, new Map([[3, 6]])],
    ["a block time of nothing", 4, new Map([[2, 0]])],
    ["32 seats", 4, new Map([[19, 32]])],
    ["code version 0", 5, 0],
    ["a key that it does not have", 6, 0],
  ]),
  ...payloads("RECONFIG", reconfig, [
    ["nobody to vote", 3, []],
    ["one member twice", 3, [dids[0] ?? 0, dids[0] ?? 0]],
    ["32 voters", 3, Array.from({ length: 32 }, (_, at) => named(`voter ${at}`))],
    ["a checkpoint without an id", 2, [8]],
    ["a key that it does not have", 4, 0],
  ]),
  fact("a RECONFIG as a PARAMS", signed("PARAMS", reconfig.payload, [ONE, TWO])),
];

const finality = encodeFinality(builder.state.finality);
const finalities: readonly Case[] = [
  judged("finality", "rules in force, others that wait, voters named", finality),
  judged(
    "finality",
    "before anything was decided",
    encodeFinality(chain.at(0)?.state.finality ?? builder.state.finality),
  ),
  judged("finality", "in the block with the RECONFIG", encodeFinality(finalityAt(serial))),
  judged(
    "finality",
    "a code version of 0",
    withGovernance((map) => new Map(map).set(4, 0)),
  ),
  judged(
    "finality",
    "without who is set aside",
    withGovernance((map) => new Map([...map].filter(([key]) => key !== 7))),
  ),
];

const wanted = factAt(serial);
const own = proofOf(serial);
const later = Array.from({ length: chain.head.serial - serial }, (_, at) => serial + 1 + at).find(
  (at) => factAt(at) !== undefined,
);

const proofs: readonly Case[] = [
  judged("proof", "the RECONFIG itself, by those whom it names", own),
  judged("proof", "a fact behind it, over the next handoff", proofOf(later ?? 0)),
  judged(
    "proof",
    "the link without its RECONFIG",
    withLink((link) => withoutKey(link, 5)),
  ),
  judged(
    "proof",
    "the link with another RECONFIG",
    withLink((link) => withFact(link, reconfig.bytes)),
  ),
  judged(
    "proof",
    "the link with signatures of one governor",
    withLink((link) => withFact(link, alone())),
  ),
  judged("proof", "the link with the voters in the other order", withLink(reversed)),
  judged(
    "proof",
    "the link with one fact more in the block",
    withLink((link) => withCount(link)),
  ),
];

export const governanceVectors: VectorFile = {
  about:
    "What governors decide: firmware/core/governance/README.md. Of the section fact the input is a fact, judged by its " +
    "form and by the governors' signatures; of finality that part of a state; of proof an inclusion proof, checked " +
    "with the genesis alone, whose detail is the id of the block and the epoch that it leads to.",
  given: { network: toHex(network), genesis: toHex(genesis.bytes), genesisId: toHex(genesis.id) },
  vectors: [...numbered("fact", facts), ...numbered("finality", finalities), ...numbered("proof", proofs)],
};

if (import.meta.main) await writeVectors("governance", governanceVectors);

function judged(section: Section, comment: string, input: Uint8Array): Case {
  return { comment, input: toHex(input), flags: [section], ...judgeGovernance(genesis, section, input) };
}

function fact(comment: string, input: Uint8Array): Case {
  return judged("fact", comment, input);
}

interface SignedFor {
  readonly on?: Uint8Array;
  readonly purpose?: (typeof PURPOSE)[Kind];
}

function signed(kind: Kind, payload: Uint8Array, by: readonly Signer[], signedFor: SignedFor = {}): Uint8Array {
  const { on = network, purpose = PURPOSE[kind] } = signedFor;
  const message = toBeSigned(on, purpose, payload);
  return encodeFact(
    kind,
    encodeCbor(
      signedItem(
        payload,
        by.map((signer) => signer.sign(message)),
      ),
    ),
  );
}

function unsignedItem(payload: Uint8Array): readonly CborValue[] {
  return [Uint8Array.of(0xa1, 0x01, 0x26), new Map(), payload];
}

function signatureOfOne(): Uint8Array {
  return ONE.sign(toBeSigned(network, PURPOSE.PARAMS, params.payload));
}

function payloads(kind: Kind, of: Fact, changes: readonly (readonly [string, number, CborValue])[]): readonly Case[] {
  return changes.map(([what, key, value]) => {
    const changed = encodeCbor(new Map(mapIn(of.payload)).set(key, value));
    return fact(`${kind}: ${what}`, signed(kind, changed, [ONE, TWO]));
  });
}

function finalityAt(at: number): (typeof builder.state)["finality"] {
  return chain.at(at)?.state.finality ?? builder.state.finality;
}

/** What governors have decided in a block. */
function factAt(at: number): Fact | undefined {
  return chain.at(at)?.block?.facts.find(({ kind }) => kind === "PARAMS" || kind === "RECONFIG");
}

function proofOf(at: number): Uint8Array {
  const said = { serial: at, fact: factAt(at)?.id ?? named("none"), fromEpoch: 0 };
  const made = proveInclusion(chain, said, (key) => factBytesIn(chain, key, undefined));
  if (made === undefined) throw new Error("bug: no proof");
  return made;
}

function alone(): Uint8Array {
  return wanted === undefined ? new Uint8Array() : signed("RECONFIG", wanted.payload, [ONE, ONE]);
}

function withGovernance(change: (map: CborMap) => CborMap): Uint8Array {
  const map = mapIn(finality);
  const governance = map.get(8);
  if (governance === undefined || !isMap(governance)) throw new Error("bug: no governance");
  return encodeCbor(new Map(map).set(8, change(governance)));
}

/** The proof with the link that has key 5 changed. */
function withLink(change: (link: CborMap) => CborMap): Uint8Array {
  const map = mapIn(own);
  const handoffs = map.get(1);
  if (handoffs === undefined || !isList(handoffs)) throw new Error("bug: no handoffs");
  const changed = handoffs.map((item) => {
    const link = mapIn(item instanceof Uint8Array ? item : new Uint8Array());
    return encodeCbor(link.has(5) ? change(link) : link);
  });
  return encodeCbor(new Map(map).set(1, changed));
}

function withoutKey(link: CborMap, key: number): CborMap {
  return new Map([...link].filter(([each]) => each !== key));
}

function withFact(link: CborMap, bytes: Uint8Array): CborMap {
  const [, ...rest] = listAt(link, 5);
  return new Map(link).set(5, [bytes, ...rest]);
}

function withCount(link: CborMap): CborMap {
  const [bytes = 0, index = 0, count, path = 0] = listAt(link, 5);
  return new Map(link).set(5, [bytes, index, Number(count) + 1, path]);
}

function reversed(link: CborMap): CborMap {
  return new Map(link).set(2, [...listAt(link, 2)].reverse());
}

function listAt(map: CborMap, key: number): readonly CborValue[] {
  const item = map.get(key);
  if (item === undefined || !isList(item)) throw new Error("bug: no list");
  return item;
}

function mapIn(bytes: Uint8Array): CborMap {
  const item = decodeCbor(bytes);
  if (!item.ok || !isMap(item.value)) throw new Error("bug: no map");
  return item.value;
}
