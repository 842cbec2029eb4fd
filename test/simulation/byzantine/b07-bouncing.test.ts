/**
 * B07: a voter withholds the votes that would justify a checkpoint, and releases each when the others have gone to
 * another branch, so that they bounce back and forth. S1 holds all the while, and L3 after the last release.
 *
 * One of four lies, and has the network in its hand: it parts it as it likes. The first branch has the votes of A and B
 * for its checkpoint 4, the second those of A and C for a later one; each lacks one for its quorum, which is the liar's.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { dueAt } from "#core/ledger/schedule.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const [A, B, C] = ["station-1", "station-2", "station-3"] as const;
const CHECKPOINT = 4;

const test = suite("B07 bouncing");

test("B07 voters withhold justifying votes and release them late: S1 holds, and L3 after the release", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, "station-4");
  const chainOf = (name: string): Chain => scenario.chainOf(scenario.node(name));
  const hasVotedFor = (name: string, target: ChainLink | undefined): boolean =>
    target !== undefined && votesOf(scenario, name).includes(toHex(target.id));

  // A and B seal one branch and vote for its checkpoint, C another one; the liar's vote for the first is not said.
  scenario.part([A, B], [C]);
  const early = (): boolean => [A, B].every((name) => hasVotedFor(name, chainOf(A).at(CHECKPOINT)));
  await talkUntil(scenario, [A, C], early);
  const first = chainOf(A).at(CHECKPOINT);
  assert.ok(first);
  const root = chainOf(A).at(0);
  assert.ok(root);
  const withheld = [liar.vote(chainOf(A), root, first)];

  // The liar seals with C, and A and B are parted: the branch of C becomes the better one.
  scenario.part([A], [B], [C]);
  const secondLine = new Helper(scenario, liar, C);
  const isBetter = (): boolean => {
    const [own, others] = [chainOf(C).head, [A, B].map((name) => chainOf(name).head)];
    const isAhead = others.every(({ score, serial }) => own.score > score && own.serial >= serial);
    const target = own.serial - (own.serial % CHECKPOINT);
    return isAhead && target > 0 && target <= lastTargetOf(scenario, A) && own.serial % CHECKPOINT < 3;
  };
  await talkUntil(scenario, [A, B, C], isBetter, () => {
    secondLine.sealIfDue();
  });

  // A joins C and votes for the next checkpoint with it. With the liar's vote that one would be justified, too.
  scenario.part([A, C], [B]);
  const next = chainOf(C).head.serial - (chainOf(C).head.serial % CHECKPOINT) + CHECKPOINT;
  await talkUntil(scenario, [A, C], () => [A, C].every((name) => hasVotedFor(name, chainOf(C).at(next))));
  const second = chainOf(C).at(next);
  assert.ok(second);
  assert.ok(
    [A, C].every((name) => !chainOf(name).isOfHead(first)),
    "both follow the second branch",
  );
  withheld.push(liar.vote(chainOf(C), root, second));
  assert.equal(
    scenario.honest.map((node) => scenario.chainOf(node).justified.serial),
    [0, 0, 0],
    "nothing is justified for anybody",
  );

  // First release: all go back to the first branch. Second release: all go over to the second one.
  scenario.heal();
  const release = (): void => {
    const [vote] = withheld.splice(0, 1);
    assert.ok(vote);
    liar.cast(vote);
  };
  const follow = (link: ChainLink) => (): boolean =>
    scenario.honest.every((node) => scenario.chainOf(node).at(link.serial)?.id.join() === link.id.join());
  release();
  await scenario.runUntil("all bounce to the first branch", 2 * MINUTE_MS, follow(first));
  assert.ok(scenario.honest.every((node) => toHex(scenario.chainOf(node).justified.id) === toHex(first.id)));
  await scenario.talk(MINUTE_MS / 2);
  release();
  await scenario.runUntil("all bounce to the second branch", 2 * MINUTE_MS, follow(second));
  assert.is(scenario.final, 0);

  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.withLiars);
  assert.ok(follow(second)(), "the second branch is the final one");
  scenario.end();
});

test.run();

/** They talk each half minute until it is so. */
async function talkUntil(
  scenario: Scenario,
  names: readonly string[],
  holds: () => boolean,
  eachSecond: () => void = () => undefined,
): Promise<void> {
  for (let second = 0; !holds(); second += 1) {
    assert.ok(second < 2_400, "the attack comes about");
    if (second % 30 === 0) for (const name of names) scenario.speak(scenario.node(name));
    eachSecond();
    await scenario.runFor(1_000);
  }
}

/** Ids of all targets for which the gateway has said a vote. */
function votesOf(scenario: Scenario, name: string): readonly string[] {
  const { said } = scenario.world.observation;
  return said.flatMap((each) => (each.kind === "vote" && each.by.name === name ? [toHex(each.vote.target.id)] : []));
}

function lastTargetOf(scenario: Scenario, name: string): number {
  const { said } = scenario.world.observation;
  const own = said.flatMap((each) => (each.kind === "vote" && each.by.name === name ? [each.vote.target.serial] : []));
  return Math.max(0, ...own);
}

/** The liar seals in its turn on one gateway's branch, and there only. */
class Helper {
  readonly #scenario: Scenario;
  readonly #liar: Liar;
  readonly #name: string;

  constructor(scenario: Scenario, liar: Liar, name: string) {
    this.#scenario = scenario;
    this.#liar = liar;
    this.#name = name;
  }

  sealIfDue(): void {
    const scenario = this.#scenario;
    const chain = scenario.chainOf(scenario.node(this.#name));
    const rank = this.#liar.rankOn(chain.head.state);
    if (rank === undefined || dueAt(chain.head.state, rank) > scenario.nowSeconds) return;
    const site = scenario.world.stations.find(({ node }) => node.name === this.#name)?.site;
    const block = this.#liar.seal(chain, chain.head, { sealedAt: scenario.nowSeconds });
    this.#liar.announce(block, site === undefined ? [] : [site]);
  }
}
