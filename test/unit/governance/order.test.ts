/** Branches on both sides of a boundary and of a RECONFIG, told in any order: one head, one state, one set of rules. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Block } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { certify, hear } from "#test/builders/committee-votes.ts";
import { GOVERNORS, paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { crypto, fresh, makeActor, sha256 } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const test = suite("order of decisions");
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));
const RULES = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 2 };
const ORDERS = 12;

interface Story {
  readonly builder: LedgerBuilder;
  /** Of all branches, each behind its parent. */
  readonly blocks: readonly Block[];
  readonly certificates: readonly QuorumCertificate[];
  readonly facts: readonly Fact[];
}

/** At each height there is a second block without facts and certificates, and on some of these a third. */
function tell(): Story {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  const { network } = builder.genesis;
  const [blocks, certificates, facts]: [Block[], QuorumCertificate[], Fact[]] = [[], [], []];
  const decide = (...decided: readonly Fact[]): void => {
    facts.push(...decided);
    builder.submit(...decided);
  };
  const grow = (isCertified = true): void => {
    const parent = builder.chain.head;
    const beside = builder.make({ parent, rank: 1, facts: [], certificates: [] });
    blocks.push(builder.seal(isCertified ? {} : { certificates: [] }), beside);
    builder.add(beside);
    if (beside.header.serial % 3 === 0) {
      const above = builder.make({ parent: builder.linkOf(beside), facts: [] });
      blocks.push(above);
      builder.add(above);
    }
    const { head, justified } = builder.chain;
    if (!isCertified || head.serial % 2 === 1) return;
    const certificate = certify(builder, [justified, head]);
    certificates.push(certificate);
    hear(builder, certificate);
  };
  decide(
    paramsFact(network, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 45 } }),
    paramsFact(network, { number: 2, activeFromEpoch: 2, rules: { blockSeconds: 50, historyMin: 3 } }),
  );
  while (builder.state.finality.epoch < 2) grow();
  // What is final stands in the chain before governors name it.
  while (builder.state.finality.final.serial < builder.chain.final.serial) grow(false);
  const survivors = VOTERS.slice(0, 2).map(({ did }) => did);
  decide(reconfigFact(network, builder.chain.final, survivors));
  grow(false);
  for (let count = 0; count < 6; count += 1) grow();
  return { builder, blocks, certificates, facts };
}

/** The blocks in another order, each behind its parent. */
function shuffled(blocks: readonly Block[], random: SeededRandom): readonly Block[] {
  const [waiting, told, known] = [[...blocks], [] as Block[], new Set<string>()];
  const inStory = new Set(blocks.map(({ key }) => key));
  while (waiting.length > 0) {
    const ready = waiting.filter(({ header }) => {
      const parent = toHex(header.previous);
      return !inStory.has(parent) || known.has(parent);
    });
    const next = random.pick(ready);
    waiting.splice(waiting.indexOf(next), 1);
    known.add(next.key);
    told.push(next);
  }
  return told;
}

test("whoever hears blocks, votes and decisions in another order has the same head, root, rules and committees", () => {
  const { builder, blocks, certificates, facts } = tell();
  const { head } = builder.chain;
  assert.is(head.state.rules.blockSeconds, 50);
  assert.is(head.state.finality.governance?.reconfigs.length, 1);
  for (let seed = 0; seed < ORDERS; seed += 1) {
    const random = new SeededRandom(seed);
    const chain = new Chain(crypto, builder.genesis);
    const early = random.next() < 0.5;
    const say = (): void => {
      for (const fact of random.chance(0.5) ? facts : [...facts].reverse())
        chain.addFact(fresh(builder.genesis.network, fact), head.sealedAt);
    };
    if (early) say();
    // Some certificates come before their block, and wait; those in blocks come with these.
    for (const certificate of certificates) if (random.next() < 0.3) chain.addCertificate(certificate);
    for (const block of shuffled(blocks, random)) chain.addBlock(block, undefined);
    if (!early) say();
    for (const certificate of certificates) chain.addCertificate(certificate);
    assert.is(toHex(chain.head.id), toHex(head.id), `seed ${seed}`);
    assert.is(toHex(stateRoot(sha256, chain.head.state)), toHex(stateRoot(sha256, head.state)));
    assert.equal(chain.head.state.rules, head.state.rules);
    assert.is(toHex(chain.final.id), toHex(builder.chain.final.id));
    assert.equal(chain.mempool.facts(), [], "nothing of it waits");
  }
});

test.run();
