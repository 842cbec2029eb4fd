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
