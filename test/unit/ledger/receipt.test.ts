/** A receipt stands by itself: every ending verifies, and whatever is changed in it is named. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { resultBody, type ResultBody } from "#core/ledger/block.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { makeReceipt, verifyReceipt, type ReceiptFault } from "#records/receipt.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { crypto, joinFact, makeActor, named, sha256 } from "#test/builders/ledger-actors.ts";
import { forgeHeader, LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { SECOND_OPERATOR, tellStory } from "#test/builders/ledger-story.ts";

const { builder, charges } = tellStory();
const { network } = builder.genesis;
const KEY = {
  title: 0,
  version: 1,
  genesis: 2,
  address: 3,
  facts: 4,
  header: 5,
  result: 6,
  index: 7,
  count: 8,
  path: 9,
};

const test = suite("receipt");

for (const [ending, state, revision] of [
  ["settled", "SETTLED", 1],
  ["disputed", "DISPUTED", 1],
  ["abandoned", "ABANDONED", 1],
  ["cancelled", "CANCELLED", 1],
  ["healed", "SETTLED", 2],
] as const) {
  test(`the receipt of a charge that was ${ending} verifies`, () => {
    const verified = verifyReceipt(crypto, receiptOf(charges[ending]));
    assert.ok(verified.ok, JSON.stringify(verified));
    const { result, transaction, header, blockId, genesis } = verified.value;
    assert.equal([result.state, result.revision], [state, revision]);
    assert.equal(result, builder.state.transactions.get(toHex(charges[ending].address))?.result);
    assert.equal(transaction.address, charges[ending].address);
    assert.equal(builder.chain.at(header.serial)?.state.id, blockId);
    assert.equal(genesis, builder.genesis);
  });
}

test("there is no receipt before there is a result", () => {
  assert.is(makeReceipt(builder.chain, charges.open.address), undefined);
  assert.is(makeReceipt(builder.chain, named("nothing")), undefined);
});

test("each field that is changed is named", () => {
  const good = partsOf(receiptOf(charges.settled));
  const facts = listIn(good, KEY.facts);
  const path = listIn(good, KEY.path);
  const cases: readonly (readonly [string, number, CborValue, string, string?])[] = [
    ["another title", KEY.title, "TALLY1/receip!", "RECEIPT_UNREADABLE"],
    ["another version", KEY.version, 2, "RECEIPT_UNREADABLE"],
    ["another region", KEY.genesis, new LedgerBuilder().genesis.bytes, "RECEIPT_BAD_FACT"],
    ["no genesis", KEY.genesis, new Uint8Array(1), "RECEIPT_UNREADABLE"],
    ["another charge", KEY.address, charges.disputed.address, "RECEIPT_NO_SUCH_CHARGE"],
    ["no facts", KEY.facts, [], "RECEIPT_NO_SUCH_CHARGE"],
    ["a fact that is none", KEY.facts, [new Uint8Array(3)], "RECEIPT_UNREADABLE"],
    ["a fact twice", KEY.facts, [...facts, facts.at(-1) ?? null], "RECEIPT_BAD_FACT"],
    ["facts out of order", KEY.facts, [...facts].reverse(), "RECEIPT_BAD_FACT"],
    ["the header of another block", KEY.header, headerOf(2), "RECEIPT_NOT_SEALED"],
    ["no header", KEY.header, new Uint8Array(1), "RECEIPT_UNREADABLE"],
    ["a result that is none", KEY.result, new Uint8Array(1), "RECEIPT_UNREADABLE"],
    ["another place", KEY.index, 1, "RECEIPT_NOT_SEALED"],
    ["more results", KEY.count, 2, "RECEIPT_NOT_SEALED"],
    ["a longer path", KEY.path, [...path, named("sibling")], "RECEIPT_NOT_SEALED"],
  ];
  for (const [what, key, value, code] of cases) {
    const changed =
      key === KEY.header && what.includes("another") ? withHeader(good, 4) : new Map(good).set(key, value);
    assert.is(faultOf(encodeCbor(changed))?.code, code, what);
  }
});

test("each value of the result that does not follow from the facts is named", () => {
  const good = partsOf(receiptOf(charges.settled));
  const read = decodeShape(resultBody, bytesIn(good, KEY.result));
  assert.ok(read.ok);
  const others: Partial<ResultBody> = {
    state: "DISPUTED",
    stationMilliWh: 1,
    vehicleMilliWh: 1,
    billedMilliWh: 1,
    contestedMilliWh: 1,
    amount: 1,
    verdict: "NONE",
    differencePpm: 1,
    rejectionLimitPpm: 1,
    silent: 1,
  };
  for (const [field, value] of Object.entries(others)) {
    const result = encodeShape(resultBody, { ...read.value, [field]: value });
    const fault = faultOf(encodeCbor(new Map(good).set(KEY.result, result)));
    assert.ok(fault?.code === "RECEIPT_WRONG_RESULT" && fault.field === field, field);
    assert.is(fault.claimed, String(value));
  }
  const revision = encodeShape(resultBody, { ...read.value, revision: 2 });
  assert.is(faultOf(encodeCbor(new Map(good).set(KEY.result, revision)))?.code, "RECEIPT_NOT_SEALED");
});

test("a fact that is left out changes the result or is missed", () => {
  const good = partsOf(receiptOf(charges.settled));
  const facts = listIn(good, KEY.facts);
  for (const index of facts.keys()) {
    const fault = faultOf(encodeCbor(new Map(good).set(KEY.facts, facts.toSpliced(index, 1))));
    // Without the vehicle's readings, between its first and its completion, the result is the same: they are not needed.
    assert.ok(fault !== undefined || isVehicleReport(facts[index]), `fact ${index}`);
  }
});

test("a header that the miner did not sign, or a stranger did, seals nothing", () => {
  const good = partsOf(receiptOf(charges.settled));
  const block = builder.chain.at(2)?.block;
  assert.ok(block);
  const stranger = makeActor("stranger", "station");
  for (const forged of [
    forgeHeader(network, block, {}, stranger.signer),
    forgeHeader(network, block, { miner: stranger.did }, stranger.signer),
    forgeHeader(network, block, { network: named("elsewhere").slice(0, 8) }, OPERATOR.signer),
  ]) {
    const fault = faultOf(encodeCbor(new Map(good).set(KEY.header, forged.headerBytes)));
    assert.is(fault?.code, "RECEIPT_NOT_SEALED");
  }
});

test("no miner can abandon a charge before the grace that its contract gives can be over", () => {
  const own = new LedgerBuilder({ authorities: [OPERATOR, SECOND_OPERATOR] });
  own.join(STATION, VEHICLE);
  own.seal();
  const charge = own.charge();
  own.submit(...charge.whole({ milliWh: 10_000_000 }).slice(0, -1));
  own.seal();
  own.seal({ at: own.state.sealedAt + 601 });
  const receipt = makeReceipt(own.chain, charge.address);
  const sealing = own.chain.head.block;
  assert.ok(receipt !== undefined && sealing !== undefined && verifyReceipt(crypto, receipt).ok);
  const early = charge.open.body.startedAt + 600;
  const miner = own.actorOf(toHex(sealing.header.miner));
  const forged = forgeHeader(own.genesis.network, sealing, { sealedAt: early }, miner.signer);
  const fault = faultOf(encodeCbor(new Map(partsOf(receipt)).set(KEY.header, forged.headerBytes)));
  assert.equal(fault, { code: "RECEIPT_WRONG_RESULT", field: "state", claimed: "ABANDONED", follows: "still open" });
});

test("a receipt from a block of many results carries the path to its own", () => {
  const own = new LedgerBuilder();
  own.join(STATION, VEHICLE);
  own.seal();
  const many = Array.from({ length: 5 }, (_, index) => own.charge(undefined, { salt: new Uint8Array(16).fill(index) }));
  for (const charge of many) own.submit(...charge.whole({ milliWh: 10_000_000 }));
  own.seal();
  const block = own.chain.head.block;
  assert.ok(block);
  assert.is(block.results.length, 5);
  assert.equal(block.header.resultsRoot, merkleRoot(sha256, block.results));
  for (const { address } of many) {
    const receipt = makeReceipt(own.chain, address);
    assert.ok(receipt);
    assert.ok(verifyReceipt(crypto, receipt).ok);
    const parts = partsOf(receipt);
    const [sibling, ...others] = listIn(parts, KEY.path);
    assert.ok(sibling instanceof Uint8Array);
    const bent = [sibling.with(0, (sibling[0] ?? 0) ^ 1), ...others];
    assert.is(faultOf(encodeCbor(new Map(parts).set(KEY.path, bent)))?.code, "RECEIPT_NOT_SEALED");
  }
});

test("a receipt names the members that its signatures need, and nobody else", () => {
  const own = new LedgerBuilder();
  own.join(STATION, VEHICLE, makeActor("bystander", "vehicle"));
  own.seal();
  const charge = own.charge();
  own.submit(...charge.whole({ milliWh: 10_000_000 }));
  own.seal();
  const receipt = makeReceipt(own.chain, charge.address);
  assert.ok(receipt);
  const facts = listIn(partsOf(receipt), KEY.facts);
  const joins = [STATION, VEHICLE].map((actor) => toHex(joinFact(own.genesis.network, actor).bytes));
  const inReceipt = facts.flatMap((fact) => (fact instanceof Uint8Array && fact[1] === 2 ? [toHex(fact)] : []));
  assert.equal(inReceipt.sort(), joins.sort());
});

test.run();

function receiptOf(charge: ChargeBuilder): Uint8Array {
  const receipt = makeReceipt(builder.chain, charge.address);
  assert.ok(receipt);
  return receipt;
}

function faultOf(file: Uint8Array): ReceiptFault | undefined {
  const verified = verifyReceipt(crypto, file);
  return verified.ok ? undefined : verified.fault;
}

function partsOf(file: Uint8Array): ReadonlyMap<number, CborValue> {
  const item = decodeCbor(file);
  assert.ok(item.ok && isMap(item.value));
  return item.value;
}

function listIn(parts: ReadonlyMap<number, CborValue>, key: number): readonly CborValue[] {
  const value = parts.get(key);
  assert.ok(Array.isArray(value));
  return value as readonly CborValue[];
}

function bytesIn(parts: ReadonlyMap<number, CborValue>, key: number): Uint8Array {
  const value = parts.get(key);
  assert.ok(value instanceof Uint8Array);
  return value;
}

function headerOf(serial: number): Uint8Array {
  return builder.chain.at(serial)?.block?.headerBytes ?? new Uint8Array();
}

function withHeader(parts: ReadonlyMap<number, CborValue>, serial: number): ReadonlyMap<number, CborValue> {
  return new Map(parts).set(KEY.header, headerOf(serial));
}

function isVehicleReport(encoded: CborValue | undefined): boolean {
  if (!(encoded instanceof Uint8Array)) return false;
  const item = decodeCbor(encoded);
  const envelope = item.ok && Array.isArray(item.value) ? (item.value as readonly CborValue[])[1] : undefined;
  const signed = envelope instanceof Uint8Array ? decodeCbor(envelope) : undefined;
  const payload =
    signed?.ok === true && Array.isArray(signed.value) ? (signed.value as readonly CborValue[])[2] : undefined;
  const body = payload instanceof Uint8Array ? decodeCbor(payload) : undefined;
  return body?.ok === true && isMap(body.value) && body.value.has(9) && body.value.get(2) === 2;
}
