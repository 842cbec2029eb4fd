/** PARAMS: who may decide, which rules, from when on, and what a gateway does that does not know the version. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes } from "#base/bytes.ts";
import { PENDING_PARAMS_MAX } from "#core/governance/governance.ts";
import { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { ledgerRules, ruleChanges, type LedgerRules, type RuleChanges } from "#core/ledger/rules.ts";
import { SnapshotPoints } from "#core/ledger/snapshot-points.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { isMap } from "#core/wire/cbor.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNOR_SIGNERS, GOVERNORS, paramsFact, type Decided } from "#test/builders/governors.ts";
import { crypto, fresh, makeActor, named, sha256, signFact, withSignatures } from "#test/builders/ledger-actors.ts";
import { fetchFor, fetchFrom, serverOf } from "#test/builders/offered-state.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { paramsBody } from "#core/governance/params-fact.ts";

const test = suite("params");

/** An epoch is two checkpoints of two blocks. */
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 2 };
const AUTHORITIES = [1, 2, 3, 4].map((number) => makeActor(`authority ${number}`, "station"));
const EPOCHS_BLOCKS_MAX = 40;

function region(governed = true): LedgerBuilder {
  return new LedgerBuilder({ rules: RULES, authorities: AUTHORITIES, ...(governed ? { governors: GOVERNORS } : {}) });
}

function decided(builder: LedgerBuilder, said: Decided, signers?: Parameters<typeof paramsFact>[2]): Fact {
  return paramsFact(builder.genesis.network, said, signers);
}

function codeOf(builder: LedgerBuilder, fact: Fact): string {
  const added = builder.chain.addFact(fact, builder.state.sealedAt);
  return added.ok ? "ok" : added.fault.code;
}

function epochOf({ state }: LedgerBuilder): number {
  return state.finality.epoch;
}

/** Seals and certifies until the epoch begins; the serial of the block behind which it does. */
function goOnToEpoch(builder: LedgerBuilder, epoch: number): number {
  for (let blocks = 0; epochOf(builder) < epoch && blocks < EPOCHS_BLOCKS_MAX; blocks += 1) sealAndCertify(builder, 1);
  assert.is(epochOf(builder), epoch);
  return builder.state.serial;
}

test("what governors may change has the keys and ranges of the genesis, and the rest is not theirs", () => {
  const changeable = new Map<number, unknown>(Object.entries(ruleKeys()).map(([name, key]) => [key, name]));
  assert.equal([...changeable.keys()], [2, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 19, 21]);
  const all = ledgerRules.write(RULES);
  assert.ok(isMap(all));
  for (const [key, value] of all) {
    const item = new Map([[key, value]]);
    const reads = (): RuleChanges => ruleChanges.read(item);
    if (changeable.has(key))
      assert.equal(reads(), { [String(changeable.get(key))]: valueOf(String(changeable.get(key))) });
    else
      assert.throws(() => {
        reads();
      });
  }
});

test("rules change behind the block that begins their epoch, and not one block before", () => {
  const builder = region();
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 45, historyMin: 7 } }));
  builder.seal();
  assert.is(builder.state.finality.governance?.pending.length, 1);
  goOnToEpoch(builder, 1);
  assert.is(builder.state.rules.blockSeconds, 30);
  const serial = goOnToEpoch(builder, 2);
  const before = builder.chain.at(serial - 1)?.state;
  assert.is(before?.rules.blockSeconds, 30);
  assert.is(builder.state.rules.blockSeconds, 45);
  assert.is(builder.state.rules.historyMin, 7);
  assert.is(builder.state.rules.committeeMax, RULES.committeeMax);
  assert.is(builder.state.finality.governance?.pending.length, 0);
  const [parentAt, next] = [builder.state.sealedAt, builder.seal()];
  assert.is(next.header.sealedAt - parentAt, 45, "the next block is sealed by them");
  assert.is(next.header.codeVersion, 1);
});

test("a region that names nobody has no governance, and its genesis and state are what they were", () => {
  const builder = region(false);
  assert.is(codeOf(builder, decided(builder, { number: 1, activeFromEpoch: 2, codeVersion: 2 })), "FACT_NO_GOVERNORS");
  assert.is(builder.state.finality.governance, undefined);
  assert.is.not(region().genesis.network.join(), builder.genesis.network.join());
});

test("whoever has not signed enough, or is no governor, or signs twice, decides nothing", () => {
  const builder = region();
  const [one, two, three] = GOVERNOR_SIGNERS;
  const [stranger] = AUTHORITIES;
  assert.ok(one && two && three && stranger);
  const said = { number: 1, activeFromEpoch: 2, rules: { emptyBlocks: true } };
  assert.is(codeOf(builder, decided(builder, said, [one])), "FACT_TOO_FEW_SIGNATURES");
  assert.is(codeOf(builder, decided(builder, said, [one, one])), "FACT_BAD_SIGNATURE");
  assert.is(codeOf(builder, decided(builder, said, [two, one])), "FACT_BAD_SIGNATURE", "in the order of the genesis");
  assert.is(codeOf(builder, decided(builder, said, [one, stranger.signer])), "FACT_BAD_SIGNATURE");
  assert.is(codeOf(builder, decided(builder, said, [one, two, stranger.signer])), "FACT_BAD_SIGNATURE");
  const other = decided(builder, { ...said, rules: { emptyBlocks: false } });
  const elsewhere = region(false).genesis.network;
  assert.is(codeOf(builder, withSignatures(elsewhere, other, [one, two])), "FACT_BAD_SIGNATURE");
  const body = { network: elsewhere, ...said };
  const foreign = signFact(builder.genesis.network, { kind: "PARAMS", shape: paramsBody, body }, [one, two]);
  assert.is(codeOf(builder, foreign), "FACT_WRONG_NETWORK");
  assert.is(codeOf(builder, decided(builder, said, [one, two, three])), "ok");
});

test("numbers go up by one: the next waits for the one before, the same is known, another one conflicts", () => {
  const builder = region();
  const first = decided(builder, { number: 1, activeFromEpoch: 2, rules: { historyMin: 2 } });
  const second = decided(builder, { number: 2, activeFromEpoch: 2, rules: { historyMin: 3 } });
  assert.is(codeOf(builder, second), "FACT_REFERS_UNKNOWN");
  assert.is(codeOf(builder, first), "ok");
  assert.is(builder.chain.pending.finality.governance?.number, 2, "the parked one follows");
  builder.seal();
  assert.is(builder.state.finality.governance?.number, 2, "both in one block, in their order");
  assert.is(codeOf(builder, fresh(builder.genesis.network, first)), "FACT_KNOWN");
  const other = decided(builder, { number: 1, activeFromEpoch: 3, rules: { historyMin: 9 } });
  assert.is(codeOf(builder, other), "FACT_CONFLICTS");
  goOnToEpoch(builder, 2);
  assert.is(builder.state.rules.historyMin, 3, "the later word on the same rule");
});

test("two epochs are left to hear of it, counted from the block that holds it; order of numbers is order of epochs", () => {
  const builder = region();
  assert.is(
    codeOf(builder, decided(builder, { number: 1, activeFromEpoch: 1, rules: { historyMin: 2 } })),
    "FACT_TOO_SOON",
  );
  goOnToEpoch(builder, 1);
  assert.is(
    codeOf(builder, decided(builder, { number: 1, activeFromEpoch: 2, rules: { historyMin: 2 } })),
    "FACT_TOO_SOON",
  );
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 9, rules: { historyMin: 2 } }));
  const earlier = decided(builder, { number: 2, activeFromEpoch: 8, rules: { historyMin: 2 } });
  assert.is(codeOf(builder, earlier), "FACT_BAD_PARAMS");
  for (let number = 2; number <= PENDING_PARAMS_MAX; number += 1) {
    builder.submit(decided(builder, { number, activeFromEpoch: 9, rules: { historyMin: number } }));
  }
  const further = { number: PENDING_PARAMS_MAX + 1, activeFromEpoch: 9, rules: { historyMin: 1 } };
  assert.is(codeOf(builder, decided(builder, further)), "FACT_BAD_PARAMS");
});

test("a version of the code only rises, and is in the headers from its epoch on", () => {
  const builder = region();
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 2, codeVersion: 3 }));
  for (const codeVersion of [1, 2, 3]) {
    const lower = decided(builder, { number: 2, activeFromEpoch: 2, codeVersion });
    assert.is(codeOf(builder, lower), "FACT_BAD_PARAMS");
  }
  builder.chain.codeVersion = 3;
  const serial = goOnToEpoch(builder, 2);
  builder.seal();
  const versions = [serial, serial + 1].map((each) => builder.chain.at(each)?.block?.header.codeVersion);
  assert.equal(versions, [1, 3]);
});

test("software that does not know the version judges no block behind the boundary, and every block up to it", () => {
  const builder = region();
  builder.chain.codeVersion = 2;
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 2, codeVersion: 2 }));
  const last = goOnToEpoch(builder, 2);
  sealAndCertify(builder, 4);
  const old = new Chain(crypto, builder.genesis);
  for (let serial = 1; serial <= last; serial += 1) {
    assert.is(old.newerCode, undefined);
    const block = builder.chain.at(serial)?.block;
    assert.ok(block && old.addBlock(block, undefined).ok);
  }
  assert.is(old.newerCode, 2);
  const next = builder.chain.at(last + 1)?.block;
  assert.ok(next);
  const refused = old.addBlock(next, undefined);
  assert.equal(refused.ok ? undefined : refused.fault, { code: "BLOCK_NEWER_CODE", version: 2, known: 1 });
  old.codeVersion = 2;
  assert.ok(old.addBlock(next, undefined).ok, "after an update it goes on where it stood");
});

test("who joins with software that does not know the version is told so, and blames nobody", () => {
  const builder = region();
  builder.chain.codeVersion = 2;
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 2, codeVersion: 2 }));
  const points = new SnapshotPoints(builder.chain, 24);
  while ((points.newest?.checkpoint.serial ?? 0) < 24 || builder.state.finality.epoch < 4) {
    sealAndCertify(builder, 1);
    points.follow();
  }
  const server = serverOf(builder.chain, points);
  const joining = new Chain(crypto, builder.genesis);
  assert.equal(fetchFrom(fetchFor(joining), server), { code: "SNAPSHOT_NEWER_CODE", version: 2 });
  joining.codeVersion = 2;
  const fetch = fetchFor(joining);
  assert.is(fetchFrom(fetch, server), undefined);
  const finished = fetch.finish();
  assert.ok(finished.ok && finished.value.after.finality.governance?.codeVersion === 2);
});

test("on another branch the boundary comes at another height, and going there and back undoes what it did", () => {
  const builder = region();
  builder.submit(decided(builder, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 60 } }));
  const serial = goOnToEpoch(builder, 2);
  const parent = builder.chain.at(serial)?.parent;
  assert.ok(parent);
  // A sibling of the block that has recorded the boundary's finality: without certificates nothing begins.
  const sibling = builder.make({ parent, rank: 1, certificates: [] });
  builder.add(sibling);
  const beside = builder.linkOf(sibling).state;
  assert.is(beside.rules.blockSeconds, 30);
  assert.is(beside.finality.epoch, 1);
  assert.is(builder.state.rules.blockSeconds, 60);
  const again = builder.make({ parent: builder.linkOf(sibling) });
  builder.add(again);
  assert.is(builder.linkOf(again).state.rules.blockSeconds, 60, "with the certificates it begins there, too");
  assert.ok(!equalBytes(stateRoot(sha256, beside), stateRoot(sha256, builder.linkOf(again).state)));
});

test("a genesis takes different keys, more than half of which decide, and votes", () => {
  const { keys } = GOVERNORS;
  const [key] = keys;
  assert.ok(key);
  const make = (governors: typeof GOVERNORS, rules = RULES): LedgerBuilder =>
    new LedgerBuilder({ rules, authorities: AUTHORITIES, governors });
  for (const governors of [
    { keys: [key, key], threshold: 2 },
    { keys, threshold: 1 },
    { keys, threshold: 4 },
    { keys: [], threshold: 1 },
    { keys: [named("no key").slice(0, 32)], threshold: 1 },
  ]) {
    assert.throws(() => make(governors), undefined, JSON.stringify(governors.threshold));
  }
  assert.throws(() => make(GOVERNORS, { ...RULES, finality: "off" }));
  assert.ok(make({ keys: [key], threshold: 1 }));
});

test.run();

function ruleKeys(): Readonly<Record<string, number>> {
  const names = Object.keys(RULES) as readonly (keyof LedgerRules)[];
  const entries = names.flatMap((name) => {
    const written = ruleChanges.write({ [name]: RULES[name] }) as Map<number, unknown>;
    return [...written.keys()].map((key) => [name, key] as const);
  });
  return Object.fromEntries(entries);
}

function valueOf(name: string): unknown {
  return RULES[name as keyof LedgerRules];
}
