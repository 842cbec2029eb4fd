/** RECONFIG: voters in the place of a committee whose quorum is gone, on what is final and beside nothing of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { committeesOf } from "#core/finality/finality-state.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { checkInclusion, proveInclusion } from "#core/ledger/inclusion-proof.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { SnapshotPoints } from "#core/ledger/snapshot-points.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { factBytesIn } from "#core/ledger/chain-records.ts";
import { afterHandoff, handoff, trustOfGenesis } from "#core/ledger/trusted-committee.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { certify, hear, linkAt, sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNOR_SIGNERS, GOVERNORS, paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { crypto, fresh, joinFact, makeActor, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { fetchFor, fetchFrom, serverOf } from "#test/builders/offered-state.ts";

const test = suite("reconfig");

const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));
const [ONE, TWO, THREE, FOUR] = VOTERS as unknown as readonly [Actor, Actor, Actor, Actor];
const NEW_ONE = makeActor("new voter 1", "station");
const NEW_TWO = makeActor("new voter 2", "station");

/** Some blocks are final; from here on nobody certifies anything by itself. */
function region(blocks = 8): LedgerBuilder {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  builder.join(NEW_ONE, NEW_TWO, VEHICLE);
  sealAndCertify(builder, blocks);
  // What is final is recorded in the chain.
  builder.seal();
  return builder;
}

function named(builder: LedgerBuilder, committee: readonly Actor[], at: ChainLink = builder.chain.final): Fact {
  const dids = committee.map(({ did }) => did);
  return reconfigFact(builder.genesis.network, at, dids);
}

function codeOf(builder: LedgerBuilder, fact: Fact): string {
  const added = builder.chain.addFact(fact, builder.state.sealedAt);
  return added.ok ? "ok" : added.fault.code;
}

/** The survivors and two others are named. */
function reconfigured(blocks = 8): { readonly builder: LedgerBuilder; readonly serial: number } {
  const builder = region(blocks);
  builder.submit(named(builder, [ONE, TWO, NEW_ONE, NEW_TWO]));
  builder.seal({ certificates: [] });
  return { builder, serial: builder.state.serial };
}

test("the named committee votes behind the block that holds it, beside who is left of the one before", () => {
  const { builder, serial } = reconfigured();
  const { finality } = builder.state;
  assert.is(finality.epoch, 1 + (linkAt(builder, serial).parent?.state.finality.epoch ?? NaN));
  const committees = committeesOf(finality, finality.epoch);
  assert.equal(committees, {
    forward: [ONE, TWO, NEW_ONE, NEW_TWO].map(({ did }) => toHex(did)),
    rear: [ONE, TWO].map(({ did }) => toHex(did)),
    former: [ONE, TWO].map(({ did }) => toHex(did)),
  });
  assert.is(finality.boundary % RULES.checkpointBlocks, 0);
  assert.ok(finality.boundary >= serial + 8 && finality.next === undefined);
  const before = builder.chain.final.serial;
  sealAndCertify(builder, 6);
  assert.ok(builder.chain.final.serial > serial && before < serial, "what is final grows");
});

test("a quorum of the named that leaves out one who is left of the committee before makes nothing final", () => {
  const { builder } = reconfigured();
  builder.seal({ certificates: [] });
  if (builder.state.serial % 2 === 1) builder.seal({ certificates: [] });
  const pair = [builder.chain.justified, builder.chain.head] as const;
  assert.throws(() => certify(builder, pair, [TWO, NEW_ONE, NEW_TWO]));
  assert.throws(() => certify(builder, pair, [ONE, TWO]));
  hear(builder, certify(builder, pair, [ONE, TWO, NEW_ONE]));
});

test("the committee before may still make final what was sealed before it was replaced, and that stays on the chain", () => {
  const builder = region();
  while (builder.state.serial % 2 === 1) builder.seal({ certificates: [] });
  const target = builder.chain.head;
  builder.submit(named(builder, [ONE, TWO, NEW_ONE, NEW_TWO]));
  builder.seal({ certificates: [] });
  const { justified } = builder.chain;
  hear(builder, certify(builder, [justified, target], [TWO, THREE, FOUR]));
  assert.is(builder.chain.final.serial, justified.serial);
  sealAndCertify(builder, 6);
  assert.ok(builder.chain.final.serial > target.serial);
});

test("nothing else than what is final last on the chain may be named", () => {
  const builder = region();
  const { final } = builder.chain;
  const committee = [ONE, TWO, NEW_ONE];
  assert.is(codeOf(builder, named(builder, committee, linkAt(builder, final.serial - 2))), "FACT_CONTRADICTS_FINAL");
  const beside = { ...final, id: sha256(final.id) } as ChainLink;
  assert.is(codeOf(builder, named(builder, committee, beside)), "FACT_CONTRADICTS_FINAL");
  assert.is(codeOf(builder, named(builder, committee, builder.chain.head)), "FACT_REFERS_UNKNOWN");
  assert.is(codeOf(builder, named(builder, committee)), "ok");
});

test("one that comes after more has become final is refused, here and in blocks", () => {
  const builder = region();
  const late = named(builder, [ONE, TWO, NEW_ONE]);
  sealAndCertify(builder, 4);
  assert.is(codeOf(builder, late), "FACT_CONTRADICTS_FINAL", "also by what only is heard");
  builder.seal();
  const block = builder.make({ facts: [late], certificates: [] });
  assert.not.ok(block.facts.includes(late), "nobody seals it");
});

test("of two for one checkpoint the first counts, and none stands on one that is not final", () => {
  const { builder, serial } = reconfigured();
  const [first] = builder.chain.at(serial)?.block?.facts.filter(({ kind }) => kind === "RECONFIG") ?? [];
  assert.ok(first);
  assert.is(codeOf(builder, fresh(builder.genesis.network, first)), "FACT_KNOWN");
  assert.is(codeOf(builder, named(builder, [ONE, TWO, NEW_ONE])), "FACT_CONFLICTS");
  sealAndCertify(builder, 8);
  builder.seal();
  assert.is(codeOf(builder, named(builder, [ONE, NEW_ONE, NEW_TWO])), "ok", "the next, when that is final");
});

test("who cannot vote is not named, and the governors have to be enough", () => {
  const builder = region();
  const { network } = builder.genesis;
  const { final } = builder.chain;
  const stranger = makeActor("nobody yet", "station");
  assert.is(codeOf(builder, named(builder, [ONE, stranger])), "FACT_REFERS_UNKNOWN");
  assert.is(codeOf(builder, named(builder, [ONE, VEHICLE])), "FACT_WRONG_ROLE");
  const [governor] = GOVERNOR_SIGNERS;
  assert.ok(governor);
  assert.is(codeOf(builder, reconfigFact(network, final, [ONE.did], [governor])), "FACT_TOO_FEW_SIGNATURES");
  assert.is(codeOf(builder, reconfigFact(network, final, [ONE.did], [governor, ONE.signer])), "FACT_BAD_SIGNATURE");
  assert.throws(() => reconfigFact(network, final, [ONE.did, ONE.did]), undefined, "twice the same");
  assert.throws(() => reconfigFact(network, final, []), undefined, "nobody");
  assert.is(codeOf(builder, named(builder, [ONE, stranger, TWO])), "FACT_REFERS_UNKNOWN");
  builder.submit(joinFact(network, stranger));
  assert.is(builder.chain.pending.finality.governance?.reconfigs.length, 1, "it was parked until they had joined");
  const ungoverned = new LedgerBuilder({ rules: RULES, authorities: VOTERS });
  assert.is(codeOf(ungoverned, named(ungoverned, [ONE])), "FACT_NO_GOVERNORS");
});

test("a block with one holds no certificates: what is final does not move in it", () => {
  const builder = region();
  while (builder.state.serial % 2 === 1) builder.seal({ certificates: [] });
  const { head, justified } = builder.chain;
  const certificate = certify(builder, [justified, head]);
  builder.submit(named(builder, [ONE, TWO, NEW_ONE]));
  const held = builder.make({ certificates: [certificate] });
  assert.not.ok(
    held.facts.some(({ kind }) => kind === "RECONFIG"),
    "whoever holds one leaves the other out",
  );
  const bare = builder.make({ certificates: [] });
  assert.ok(bare.facts.some(({ kind }) => kind === "RECONFIG"));
  const both = builder.chain.addBlock({ ...bare, certificates: [certificate] }, undefined);
  const fault = both.ok ? undefined : both.fault;
  assert.ok(fault?.code === "BLOCK_BAD_CERTIFICATE" && fault.fault.code === "QUORUM_BESIDE_RECONFIG");
});

test("PARAMS that wait are not brought into force by it, but by the next handoff", () => {
  const builder = region(2);
  const { network } = builder.genesis;
  builder.submit(paramsFact(network, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 40 } }));
  while (builder.state.finality.epoch < 1) sealAndCertify(builder, 1);
  builder.seal();
  builder.submit(named(builder, [ONE, TWO, NEW_ONE, NEW_TWO]));
  builder.seal({ certificates: [] });
  assert.is(builder.state.finality.epoch, 2);
  assert.is(builder.state.rules.blockSeconds, 30);
  while (builder.state.finality.epoch < 3) sealAndCertify(builder, 1);
  assert.is(builder.state.rules.blockSeconds, 40);
});

test("who was left out has no seat in the committees after it either, before it has sealed a block", () => {
  const { builder } = reconfigured();
  const named = [THREE, FOUR].map(({ did }) => toHex(did));
  const seats = (): readonly string[] => builder.state.finality.committees.at(-1) ?? [];
  const gone = (): readonly string[] => seats().filter((did) => named.includes(did));
  const untilHandoff = (byAll: boolean): void => {
    const { epoch } = builder.state.finality;
    while (builder.state.finality.epoch === epoch) {
      const places = schedule(sha256, builder.state);
      const rank = byAll ? 0 : places.findIndex(({ did }) => !named.includes(did));
      builder.seal({ rank });
      const { chain } = builder;
      if (chain.head.serial % 2 === 0) hear(builder, certify(builder, [chain.justified, chain.head]));
    }
  };
  untilHandoff(false);
  assert.equal(gone(), [], "they are taken for gone");
  assert.ok(seats().length > 0);
  // Authorities take turns by lot: each seals in time.
  untilHandoff(true);
  untilHandoff(true);
  untilHandoff(true);
  assert.ok(gone().length > 0, "whoever seals is there");
});

test("everybody comes to the same state, by all blocks or by a fetched one, and goes on over the next handoffs", () => {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  builder.join(NEW_ONE, NEW_TWO);
  const points = new SnapshotPoints(builder.chain, 24);
  sealAndCertify(builder, 12);
  builder.seal();
  builder.submit(named(builder, [ONE, NEW_ONE, NEW_TWO]));
  builder.seal({ certificates: [] });
  for (let count = 0; count < 50; count += 1) {
    sealAndCertify(builder, 1);
    points.follow();
  }
  const { chain } = builder;
  assert.is(chain.handoffs.epoch, chain.head.state.finality.epoch);
  const other = new Chain(crypto, builder.genesis);
  const fetch = fetchFor(other);
  assert.is(fetchFrom(fetch, serverOf(chain, points)), undefined);
  const finished = fetch.finish();
  assert.ok(finished.ok);
  const { block, after, ids, handoffs } = finished.value;
  const offered = chain.at(block.header.serial)?.state;
  assert.ok(offered);
  assert.is(toHex(stateRoot(sha256, after)), toHex(stateRoot(sha256, offered)));
  assert.equal(after.rules, offered.rules);
  other.restart({ block, state: after, score: 0, ids }, []);
  other.handoffs.begin(handoffs);
  const whole = new Chain(crypto, builder.genesis);
  for (let serial = 1; serial <= chain.head.serial; serial += 1) {
    const next = chain.at(serial)?.block;
    assert.ok(next && whole.addBlock(next, undefined).ok);
    if (serial > block.header.serial) assert.ok(other.addBlock(next, undefined).ok);
  }
  for (const each of [other, whole]) {
    assert.is(toHex(stateRoot(sha256, each.head.state)), toHex(stateRoot(sha256, chain.head.state)));
    assert.is(each.handoffs.epoch, chain.handoffs.epoch);
  }
});

test("with nothing but the genesis a fact behind it is proven; a link that is bent leads nowhere", () => {
  const { builder, serial } = reconfigured();
  sealAndCertify(builder, 12);
  builder.seal();
  const { chain, genesis } = builder;
  const context = { crypto, genesis };
  const fact = chain.at(serial)?.block?.facts.find(({ kind }) => kind === "RECONFIG");
  assert.ok(fact);
  const proof = proveInclusion(chain, { serial, fact: fact.id, fromEpoch: 0 }, (key) =>
    factBytesIn(chain, key, undefined),
  );
  assert.ok(proof);
  const checked = checkInclusion(context, trustOfGenesis(context), proof);
  assert.ok(checked.ok && "fact" in checked.value.leaf && checked.value.leaf.fact.key === fact.key);
  let trust = trustOfGenesis(context);
  const links = chain.handoffs.from(0);
  const bent: string[] = [];
  for (const [place, encoded] of links.entries()) {
    const next = afterHandoff(context, trust, encoded);
    assert.ok(next.ok, JSON.stringify(next));
    const read = decodeShape(handoff, encoded);
    assert.ok(read.ok);
    const { reconfigured: link, ...plain } = read.value;
    if (link !== undefined) {
      const [, index, count, path] = link;
      const foreign = named(builder, [THREE, FOUR, NEW_ONE], chain.final).bytes;
      const [governor] = GOVERNOR_SIGNERS;
      assert.ok(governor && fact.kind === "RECONFIG");
      const alone = reconfigFact(genesis.network, fact.body.checkpoint, fact.body.committee, [
        governor,
        governor,
      ]).bytes;
      for (const other of [
        plain,
        { ...read.value, reconfigured: [foreign, index, count, path] as const },
        { ...read.value, reconfigured: [alone, index, count, path] as const },
        { ...read.value, reconfigured: [fact.bytes, index, count + 1, path] as const },
        { ...read.value, committee: [...read.value.committee].reverse() },
        { ...read.value, committee: read.value.committee.slice(1) },
      ]) {
        const taken = afterHandoff(context, trust, encodeShape(handoff, other));
        bent.push(taken.ok ? `taken at ${place}` : taken.fault.code);
      }
    }
    trust = next.value;
  }
  assert.equal(
    bent,
    Array.from({ length: 6 }, () => "FINALITY_NOT_PROVEN"),
  );
});

test.run();
