/** A vehicle with nothing but the genesis accepts that something is in a final block if, and only if, it is (S17). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { checkInclusion, proveInclusion, type WantedProof } from "#core/ledger/inclusion-proof.ts";
import { factBytesIn } from "#core/ledger/chain-records.ts";
import { trustOfGenesis, type TrustedCommittee } from "#core/ledger/trusted-committee.ts";
import { decodeCbor, encodeCbor, isMap, isList, type CborValue } from "#core/wire/cbor.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { offeredState } from "#test/builders/offered-state.ts";

const { builder } = offeredState(60);
const { chain, genesis } = builder;
const context = { crypto, genesis };
const nothing = trustOfGenesis(context);
const late = linkWith(({ results, serial }) => results.length > 0 && serial <= chain.final.serial, "last");
const early = linkWith(({ results }) => results.length > 0, "first");

const test = suite("proof of inclusion");

test("with the genesis alone a result and a fact of a final block are proven, across several handoffs", () => {
  const proof = resultProof(late, 0);
  const proven = checkInclusion(context, nothing, proof);
  assert.ok(proven.ok, JSON.stringify(proven));
  assert.is(toHex(proven.value.blockId), toHex(late.id));
  assert.ok(proven.value.trust.epoch >= 2, `epoch ${proven.value.trust.epoch}`);
  assert.equal("result" in proven.value.leaf && proven.value.leaf.result, late.results[0]);
  const [fact] = late.block?.facts ?? [];
  if (fact === undefined) throw new Error("bug of the test");
  const told = checkInclusion(context, nothing, prove({ serial: late.serial, fact: fact.id, fromEpoch: 0 }));
  assert.ok(told.ok && "fact" in told.value.leaf && told.value.leaf.fact.key === fact.key);
});

test("who has come to a later committee goes on from there, also for a block of before", () => {
  const first = checkInclusion(context, nothing, resultProof(late, 0));
  if (!first.ok) throw new Error(first.fault.code);
  const { trust } = first.value;
  for (const link of [late, early]) {
    const proof = resultProof(link, trust.epoch);
    const again = checkInclusion(context, trust, proof);
    assert.ok(again.ok && toHex(again.value.blockId) === toHex(link.id), JSON.stringify(again));
    assert.not.ok(checkInclusion(context, nothing, proof).ok, "the genesis alone does not lead there");
  }
});

test("nothing that is not final is proven, nor by another region's genesis", () => {
  const open = linkWith(({ serial }) => serial > chain.final.serial, "last");
  assert.is(tryProof({ serial: open.serial, result: genesis.id, fromEpoch: 0 }), undefined);
  assert.is(tryProof({ serial: late.serial, result: genesis.id, fromEpoch: 0 }), undefined, "not in that block");
  const others = offeredState(1, [makeActor("somebody else", "station")]).builder.genesis;
  const foreign = { crypto, genesis: others };
  assert.not.ok(checkInclusion(foreign, trustOfGenesis(foreign), resultProof(late, 0)).ok);
});

test("a changed byte is refused, or it is in a signature that proves nothing here", () => {
  const proof = resultProof(early, 0);
  let refused = 0;
  for (let at = 0; at < proof.length; at += 7) {
    const bent = Uint8Array.from(proof);
    bent[at] = (bent[at] ?? 0) ^ 0x04;
    if (!accepts(bent, early, nothing)) refused += 1;
  }
  assert.ok(refused > 0.8 * (proof.length / 7), `${refused} of ${Math.ceil(proof.length / 7)} refused`);
});

test("a proof that is cut, doubled or out of order is refused", () => {
  const proof = resultProof(late, 0);
  for (const length of [0, 1, 100, proof.length >> 1, proof.length - 1]) {
    assert.not.ok(checkInclusion(context, nothing, proof.slice(0, length)).ok, `cut at ${length}`);
  }
  const changed = (key: number, change: (list: readonly CborValue[]) => readonly CborValue[]): Uint8Array => {
    const item = decodeCbor(proof);
    if (!item.ok || !isMap(item.value)) throw new Error("bug of the test");
    const value = item.value.get(key);
    if (value === undefined || !isList(value)) throw new Error("bug of the test");
    return encodeCbor(new Map([...item.value, [key, [...change(value)]]]));
  };
  const [handoffs, path] = [1, 7];
  for (const [what, bytes] of [
    ["handoffs the other way round", changed(handoffs, (list) => [...list].reverse())],
    ["a handoff less", changed(handoffs, (list) => list.slice(1))],
    ["the last handoff left out", changed(handoffs, (list) => list.slice(0, -1))],
    ["a handoff twice", changed(handoffs, ([first = 0, ...rest]) => [first, first, ...rest])],
    ["a longer path", changed(path, (list) => [...list, new Uint8Array(32)])],
  ] as const) {
    assert.not.ok(checkInclusion(context, nothing, bytes).ok, what);
  }
});

test.run();

function accepts(proof: Uint8Array, link: ChainLink, trust: TrustedCommittee): boolean {
  const checked = checkInclusion(context, trust, proof);
  if (!checked.ok) return false;
  assert.is(toHex(checked.value.blockId), toHex(link.id), "only what is so is ever proven");
  assert.equal("result" in checked.value.leaf && checked.value.leaf.result, link.results[0]);
  return true;
}

function resultProof(link: ChainLink, fromEpoch: number): Uint8Array {
  const [result] = link.results;
  return prove({ serial: link.serial, ...(result && { result: result.address }), fromEpoch });
}

function prove(wanted: WantedProof): Uint8Array {
  const proof = tryProof(wanted);
  if (proof === undefined) throw new Error("bug of the test: no proof");
  return proof;
}

function tryProof(wanted: WantedProof): Uint8Array | undefined {
  return proveInclusion(chain, wanted, (key) => factBytesIn(chain, key, undefined));
}

function linkWith(suits: (link: ChainLink) => boolean, which: "first" | "last"): ChainLink {
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)).filter(
    (link): link is ChainLink => link !== undefined && suits(link),
  );
  const found = which === "first" ? links[0] : links.at(-1);
  if (found === undefined) throw new Error("bug of the test: no such block");
  return found;
}
