/** A receipt says C2 only by what it proves itself: a quorum of voters whom the genesis, or handoffs from it, name. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { findCheckpoint } from "#core/finality/finality-state.ts";
import { signVote } from "#core/finality/vote.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { receiptContent } from "#records/receipt-content.ts";
import { viewOfCharge, viewOfReceipt } from "#records/receipt-view.ts";
import { sealedLevel } from "#records/sealed-finality.ts";
import { crypto, makeActor, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const C = VOTING_RULES.checkpointBlocks;
const OTHERS = ["second", "third", "fourth"].map((name) => makeActor(`${name} operator`, "station", name));
const FINALITY = 10;

const test = suite("finality of a receipt");

class Voted {
  readonly builder: LedgerBuilder;
  readonly address: Uint8Array;
  readonly voters: readonly Actor[];

  /** A charge whose result stands in block 2. */
  constructor(voters: readonly Actor[], rules: Partial<LedgerRules> = {}) {
    this.voters = voters;
    this.builder = new LedgerBuilder({ authorities: voters, rules: { ...VOTING_RULES, ...rules } });
    this.builder.join(STATION, VEHICLE);
    this.builder.seal();
    const charge = this.builder.charge();
    this.builder.submit(...charge.whole({ milliWh: 20_000_000, count: 3 }));
    this.builder.seal();
    this.address = charge.address;
  }

  /** Seals up to the next checkpoint, and lets so many vote for it. */
  checkpoint(count = this.voters.length): void {
    const { chain } = this.builder;
    do this.builder.seal();
    while (chain.head.serial % C !== 0);
    const { serial, id } = chain.head;
    const target = { serial, id };
    const source = { serial: chain.justified.serial, id: chain.justified.id };
    const epoch = findCheckpoint(chain.head.state.finality, target)?.epoch ?? 0;
    for (const { did, signer } of this.voters.slice(0, count)) {
      const taken = chain.addVote(signVote(chain.context, { epoch, source, target, member: did }, signer));
      assert.ok(taken.ok, JSON.stringify(taken));
    }
  }

  get receipt(): Uint8Array {
    const made = makeReceipt(this.builder.chain, this.address);
    assert.ok(made !== undefined);
    return made;
  }

  get text(): string {
    const view = viewOfCharge(this.builder.chain, this.address);
    const rows = view === undefined ? [] : receiptContent(view, { language: "en" }).proof;
    return rows.map(({ text }) => text).find((text) => /^C\d/.test(text)) ?? "";
  }
}

function finalityOf(receipt: Uint8Array): string {
  const verified = verifyReceipt(crypto, receipt);
  return verified.ok ? verified.value.finality.kind : verified.fault.code;
}

test("the vote of the only voter makes C2, and says that it is the operator's log", () => {
  const voted = new Voted([OPERATOR]);
  assert.is(finalityOf(voted.receipt), "not shown");
  assert.match(voted.text, /^C1, sealed: .*; not final yet$/);
  voted.checkpoint();
  assert.is(finalityOf(voted.receipt), "not shown", "justified is not final");
  voted.checkpoint();
  const verified = verifyReceipt(crypto, voted.receipt);
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.equal(verified.value.finality, { kind: "final", voters: 1 });
  assert.match(voted.text, /^C2, final: .*only voter.*the operator's log$/);
  assert.is(viewOfReceipt(verified.value).sealed?.finality.kind, "final");
});

test("three of four voters make C2, two of them nothing", () => {
  const voted = new Voted([OPERATOR, ...OTHERS]);
  voted.checkpoint(2);
  voted.checkpoint(2);
  assert.is(finalityOf(voted.receipt), "not shown");
  voted.checkpoint(3);
  voted.checkpoint(3);
  const verified = verifyReceipt(crypto, voted.receipt);
  assert.equal(verified.ok && verified.value.finality, { kind: "final", voters: 4 });
  assert.match(voted.text, /^C2, final: .*more than two thirds of 4 voters/);
});

test("a certificate in a block proves as much as one that was heard", () => {
  const voted = new Voted([OPERATOR]);
  for (let count = 0; count < 4; count += 1) voted.checkpoint();
  assert.is(finalityOf(voted.receipt), "final");
});

test("the handoffs from the committee of the genesis are shown and checked", () => {
  const voted = new Voted([OPERATOR, ...OTHERS], { epochCheckpoints: 1 });
  for (let count = 0; count < 8; count += 1) voted.checkpoint();
  const { builder } = voted;
  const late = builder.charge(undefined, { salt: new Uint8Array(16).fill(9) });
  builder.submit(...late.whole({ milliWh: 20_000_000, count: 3 }));
  for (let count = 0; count < 3; count += 1) voted.checkpoint();
  const made = makeReceipt(builder.chain, late.address) ?? new Uint8Array();
  const verified = verifyReceipt(crypto, made);
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.equal(verified.value.finality, { kind: "final", voters: 4 });
  const proof = proofOf(made);
  const handoffs = proof.get(2);
  assert.ok(Array.isArray(handoffs) && handoffs.length >= 2, "there were epochs in between");
  const without = withProof(made, new Map([...proof, [2, []]]));
  assert.is(finalityOf(without), "RECEIPT_NOT_FINAL", "of a later epoch the way from the genesis must be there");
});

test("voters whom only the file names make no C2", () => {
  const voted = new Voted([OPERATOR]);
  voted.checkpoint();
  voted.checkpoint();
  const proof = proofOf(voted.receipt);
  const named = new Map<number, CborValue>([
    [1, [OPERATOR.did]],
    [2, [OPERATOR.did]],
  ]);
  const verified = verifyReceipt(crypto, withProof(voted.receipt, new Map([...proof, [3, named]])));
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.equal(verified.value.finality, { kind: "claimed", signed: 1, voters: 1, epoch: 0 });
  assert.is(sealedLevel(verified.value.finality), "C1");
});

test("a proof that does not hold is refused, not left out", () => {
  const voted = new Voted([OPERATOR, ...OTHERS]);
  for (let count = 0; count < 3; count += 1) voted.checkpoint();
  const good = voted.receipt;
  const proof = proofOf(good);
  const vouched = proof.get(1);
  assert.ok(isMap(vouched ?? null));
  const parts = new Map(vouched instanceof Map ? (vouched as Map<number, CborValue>) : []);
  const certificate = parts.get(1);
  assert.ok(certificate instanceof Uint8Array);
  const damaged = Uint8Array.from(certificate instanceof Uint8Array ? certificate : []);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  const changed = [
    new Map([...parts, [1, damaged]]),
    new Map([...parts, [3, []]]),
    new Map([...parts].filter(([key]) => key !== 2)),
  ];
  for (const each of changed) {
    assert.is(finalityOf(withProof(good, new Map([...proof, [1, each]]))), "RECEIPT_NOT_FINAL");
  }
  const another = new Voted([OPERATOR, ...OTHERS], { slotSeconds: 7 });
  assert.is(finalityOf(withProof(another.receipt, proof)), "RECEIPT_NOT_FINAL", "of another region");
});

function mapOf(encoded: Uint8Array): Map<number, CborValue> {
  const item = decodeCbor(encoded);
  if (!item.ok || !isMap(item.value)) throw new Error("bug of the test: no map");
  return new Map([...item.value].map(([key, value]) => [key, value]));
}

function proofOf(receipt: Uint8Array): Map<number, CborValue> {
  const proof = mapOf(receipt).get(FINALITY);
  if (!(proof instanceof Uint8Array)) throw new Error("bug of the test: no proof");
  return mapOf(proof);
}

function withProof(receipt: Uint8Array, proof: Map<number, CborValue>): Uint8Array {
  return encodeCbor(new Map([...mapOf(receipt), [FINALITY, encodeCbor(proof)]]));
}

test("a region without votes says so", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  builder.seal();
  const charge = builder.charge();
  builder.submit(...charge.whole({ milliWh: 20_000_000, count: 3 }));
  builder.seal();
  const made = makeReceipt(builder.chain, charge.address) ?? new Uint8Array();
  assert.is(finalityOf(made), "never");
  assert.is(toHex(made.subarray(0, 1)), "aa", "ten fields, none of them about finality");
});

test.run();
