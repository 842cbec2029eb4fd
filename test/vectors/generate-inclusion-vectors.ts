/**
 * The vectors of proofs for somebody who has no chain: `node test/vectors/generate-inclusion-vectors.ts` writes
 * inclusion.json.
 */
import { toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { proveInclusion, type WantedProof } from "#core/ledger/inclusion-proof.ts";
import { factBytesIn } from "#core/ledger/chain-records.ts";
import { decodeCbor, encodeCbor, isList, isMap, type CborMap, type CborValue } from "#core/wire/cbor.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { offeredState, VOTERS } from "#test/builders/offered-state.ts";
import { judgeInclusion } from "./judge-inclusion.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const { chain, genesis } = offeredState(56, VOTERS.slice(0, 2)).builder;
const late = blockWith(({ serial, results }) => results.length > 0 && serial <= chain.final.serial);
const [result] = late.results;
const [fact] = late.block?.facts ?? [];
const whole = prove({ serial: late.serial, ...(result && { result: result.address }), fromEpoch: 0 });
const [HANDOFFS, FINAL, HEADER, LEAF, INDEX, COUNT, PATH] = [1, 2, 3, 4, 5, 6, 7];

const cases: readonly Case[] = [
  proof("a result, from the genesis over two handoffs", whole),
  proof("a fact of the same block", prove({ serial: late.serial, ...(fact && { fact: fact.id }), fromEpoch: 0 })),
  proof(
    "a result whose leaf was changed",
    changed(LEAF, ([kind = 0, bytes]) => [kind, flipped(bytes)]),
  ),
  proof(
    "the other root",
    changed(LEAF, ([, bytes = 0]) => [2, bytes]),
  ),
  proof(
    "no handoffs",
    changed(HANDOFFS, () => []),
  ),
  proof(
    "the first handoff left out",
    changed(HANDOFFS, (all) => all.slice(1)),
  ),
  proof(
    "the last handoff left out",
    changed(HANDOFFS, (all) => all.slice(0, -1)),
  ),
  proof(
    "handoffs in the other order",
    changed(HANDOFFS, (all) => [...all].reverse()),
  ),
  proof(
    "a handoff twice",
    changed(HANDOFFS, ([first = 0, ...all]) => [first, first, ...all]),
  ),
  proof(
    "a handoff with a changed signature",
    changed(HANDOFFS, ([first, ...all]) => [flipped(first), ...all]),
  ),
  proof("the header of another block", withKey(HEADER, chain.at(late.serial - 1)?.block?.headerBytes ?? 0)),
  proof("an index behind the last leaf", withKey(INDEX, 1)),
  proof("more leaves than there are", withKey(COUNT, 3)),
  proof(
    "a longer path",
    changed(PATH, (all) => [...all, new Uint8Array(32)]),
  ),
  proof("no votes", withKey(FINAL, new Map([[1, new Map<number, CborValue>()]]))),
  proof("cut off", whole.slice(0, -1)),
  proof("a byte behind", Uint8Array.of(...whole, 0)),
  proof("nothing", Uint8Array.of(0xa0)),
  proof(
    "a handoff that cannot be read",
    changed(HANDOFFS, ([first, ...all]) => [cut(first), ...all]),
  ),
  proof(
    "votes that cannot be read",
    withFinal(1, (word) => new Map(word).set(1, cut(word.get(1)))),
  ),
  proof(
    "a checkpoint that cannot be read",
    withFinal(1, (word) => new Map(word).set(2, cut(word.get(1)))),
  ),
  proof("a rotation that is none", withKey(FINAL, new Map(finalIn()).set(2, [fact?.bytes ?? 0]))),
  proof(
    "a result that cannot be read",
    changed(LEAF, ([kind = 0, bytes]) => [kind, cut(bytes)]),
  ),
  proof("the same, of a block that nobody has made final", unreadableOf(chain.at(late.serial - 1))),
  proof("an index that no block has", withKey(INDEX, 513)),
  proof("no leaves", withKey(COUNT, 0)),
  proof("a key that it does not have", withKey(8, 0)),
];

export const inclusionVectors: VectorFile = {
  about:
    "Proofs of inclusion: firmware/core/ledger/README.md, section 7.3. input is the proof, checked with the genesis alone; detail is the id of the block.",
  given: { genesis: toHex(genesis.bytes) },
  vectors: numbered("inclusion", cases),
};

if (import.meta.main) await writeVectors("inclusion", inclusionVectors);

function proof(comment: string, bytes: Uint8Array): Case {
  const judged = judgeInclusion({ crypto, genesis: genesis.bytes }, bytes);
  const input = toHex(bytes);
  return judged.ok
    ? { comment, input, result: "valid", detail: judged.value, flags: [] }
    : { comment, input, result: "invalid", fault: judged.fault.code, detail: "", flags: [] };
}

function parts(): CborMap {
  const item = decodeCbor(whole);
  if (!item.ok || !isMap(item.value)) throw new Error("bug of the vectors: a proof is a map");
  return item.value;
}

function withKey(key: number, value: CborValue): Uint8Array {
  return encodeCbor(new Map([...parts(), [key, value]]));
}

function changed(key: number, change: (all: readonly CborValue[]) => readonly CborValue[]): Uint8Array {
  const value = parts().get(key);
  if (value === undefined || !isList(value)) throw new Error("bug of the vectors: no list");
  return withKey(key, [...change(value)]);
}

function finalIn(): CborMap {
  const value = parts().get(FINAL);
  if (value === undefined || !isMap(value)) throw new Error("bug of the vectors: no final word");
  return value;
}

function withFinal(key: number, change: (word: CborMap) => CborMap): Uint8Array {
  const word = finalIn().get(key);
  if (word === undefined || !isMap(word)) throw new Error("bug of the vectors: no word");
  return withKey(FINAL, new Map(finalIn()).set(key, change(word)));
}

/** Two things are wrong with it: what is final is asked first. */
function unreadableOf(link: ChainLink | undefined): Uint8Array {
  const map = new Map(parts()).set(HEADER, link?.block?.headerBytes ?? 0);
  return encodeCbor(map.set(LEAF, [1, new Uint8Array(1)]));
}

function cut(item: CborValue | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new Error("bug of the vectors: no bytes");
  return item.slice(0, -1);
}

function flipped(item: CborValue | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new Error("bug of the vectors: no bytes");
  const at = item.length - 30;
  return item.with(at, (item[at] ?? 0) ^ 1);
}

function prove(wanted: WantedProof): Uint8Array {
  const proven = proveInclusion(chain, wanted, (key) => factBytesIn(chain, key, undefined));
  if (proven === undefined) throw new Error("bug of the vectors: no proof");
  return proven;
}

function blockWith(suits: (link: ChainLink) => boolean): ChainLink {
  for (let { serial } = chain.head; serial > 0; serial -= 1) {
    const link = chain.at(serial);
    if (link !== undefined && suits(link)) return link;
  }
  throw new Error("bug of the vectors: no such block");
}
