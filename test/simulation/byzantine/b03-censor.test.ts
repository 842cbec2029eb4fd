/**
 * B03: the miner with the highest history leaves out whatever one vehicle has to do with, for ever, and will not even
 * build on a block that holds it. Each fact is in a block within c + 2 blocks, since whoever has sealed waits for c others.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { dueAt } from "#core/ledger/schedule.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import { Liar, minerOf, sealedIn } from "./liar.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const STATIONS = 5;

const test = suite("B03 censor");

test("B03 the top miner censors one vehicle for ever: each of its facts is in a block within c + 2 blocks", async () => {
  const scenario = new Scenario({ stations: STATIONS, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, "station-5");
  const victim = await giveHistories(scenario, liar);
  const first = scenario.node("station-2");
  const chain = scenario.chainOf(first);
  const { key } = liar.identity;
  const ofLiar = historyOf(chain.head.state, key, chain.head.sealedAt);
  for (const { identity } of scenario.honest) {
    assert.ok(historyOf(chain.head.state, identity.key, chain.head.sealedAt) < ofLiar, "nobody has a higher history");
  }
  const post = scenario.member("a post without history", "station");
  await liar.untilItsTurn();
  const charge = scenario.charge(post, victim, 1_000);
  const censor = new Censor(scenario, liar, (fact) => concerns(fact, charge.address, charge.open.key));
  const steps: readonly (readonly Fact[])[] = [
    [charge.open, charge.report("station", [0]), charge.report("vehicle", [0])],
    ...Array.from({ length: 4 }, () => [charge.report("station", [500_000]), charge.report("vehicle", [490_000])]),
    [charge.complete("station"), charge.complete("vehicle")],
  ];
  const waited: number[] = [];
  for (const facts of steps) {
    scenario.tell(facts);
    const before = chain.head.serial;
    const serials = (): readonly (number | undefined)[] => facts.map((fact) => sealedIn(chain, fact.key));
    await censor.runUntil(() => serials().every((serial) => serial !== undefined));
    waited.push(...serials().map((serial) => (serial ?? Infinity) - before));
  }
  const { cooldownBlocks } = scenario.world.genesis.body.rules;
  assert.ok(Math.max(...waited) <= cooldownBlocks + 2, `blocks until sealed: ${waited.join()}`);
  assert.ok(censor.sealed.length >= 3, `the censor has sealed ${censor.sealed.length} blocks`);
  assert.ok(censor.followed(chain) >= 1, "and one at least is in the chain");
  await censor.runFor(3 * MINUTE_MS);
  await scenario.finalityGoesOn(40);
  const serial = sealedIn(chain, steps.at(-1)?.at(-1)?.key ?? "") ?? Infinity;
  assert.ok(serial <= scenario.final, "what it left out is final");
  assert.is(chain.head.state.transactions.get(toHex(charge.address))?.result?.state, "SETTLED");
  scenario.end();
});

test.run();

/** The liar has charged the victim's car and others most; the other stations once each. Counts when it is final. */
async function giveHistories(scenario: Scenario, liar: Liar): Promise<ReturnType<Scenario["member"]>> {
  const victim = scenario.member("the victim's car");
  const others = ["one", "two"].map((name) => scenario.member(`car ${name}`));
  await scenario.runFor(2_000);
  const cars = [victim, ...others];
  const charges = [
    ...cars.flatMap((car) => [car, car]).map((car) => [liar.identity, car] as const),
    ...scenario.honest.map(({ identity }, index) => [identity, cars[index % cars.length] ?? victim] as const),
  ];
  for (const [salt, [station, car]] of charges.entries()) {
    scenario.tell(scenario.charge(station, car, salt).whole({ milliWh: 2_000_000 }));
    await scenario.runFor(500);
  }
  const counted = (): boolean => {
    const { state } = scenario.chainOf(scenario.node("station-2")).head;
    return historyOf(state, liar.identity.key, state.sealedAt) >= 2 * cars.length;
  };
  for (let minutes = 0; !counted(); minutes += 1) {
    assert.ok(minutes < 10, "histories count");
    await scenario.talk(MINUTE_MS);
  }
  return victim;
}

function concerns(fact: Fact, address: Uint8Array, openKey: string): boolean {
  return fact.key === openKey || ("address" in fact.body && toHex(fact.body.address) === toHex(address));
}

/** Seals whenever it may, without what it censors: on the head while that is clean, else on its own last clean block. */
class Censor {
  readonly sealed: string[] = [];
  readonly #scenario: Scenario;
  readonly #liar: Liar;
  readonly #isCensored: (fact: Fact) => boolean;
  #clean: ChainLink;
  #lastSlot = 0;

  constructor(scenario: Scenario, liar: Liar, isCensored: (fact: Fact) => boolean) {
    this.#scenario = scenario;
    this.#liar = liar;
    this.#isCensored = isCensored;
    this.#clean = this.#chain.head;
  }

  get #chain(): ReturnType<Scenario["chainOf"]> {
    return this.#scenario.chainOf(this.#scenario.node("station-2"));
  }

  followed(chain: ReturnType<Scenario["chainOf"]>): number {
    const from = chain.head.serial - this.sealed.length - 40;
    const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1));
    return links.filter((link) => (link?.serial ?? 0) > from && this.sealed.includes(link?.block?.key ?? "")).length;
  }

  async runUntil(holds: () => boolean): Promise<void> {
    for (let looks = 0; !holds(); looks += 1) {
      assert.ok(looks < 600, "the fact comes into a block");
      await this.runFor(1_000);
    }
  }

  async runFor(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= 1_000) {
      this.#sealIfDue();
      await this.#scenario.runFor(1_000);
    }
  }

  #sealIfDue(): void {
    const chain = this.#chain;
    // As far as it can go along the head's chain without a block that it will not have.
    for (let next = chain.at(this.#clean.serial + 1); next !== undefined; next = chain.at(next.serial + 1)) {
      const isOn = next.parent === this.#clean && minerOf(next) !== "";
      if (!isOn || next.block?.facts.some(this.#isCensored) === true) break;
      this.#clean = next;
    }
    const { state } = this.#clean;
    const rank = this.#liar.rankOn(state);
    if (rank === undefined || dueAt(state, rank) > this.#scenario.nowSeconds) return;
    const facts = chain.mempool.facts().filter((fact) => !this.#isCensored(fact));
    const block = this.#liar.seal(chain, this.#clean, { facts, sealedAt: this.#scenario.nowSeconds });
    // It is no E1: of two blocks in a slot it would be convicted.
    if (block.header.slot <= this.#lastSlot) return;
    this.#lastSlot = block.header.slot;
    this.#liar.announce(block);
    this.sealed.push(block.key);
    this.#pending = block.key;
  }

  set #pending(key: string) {
    const { clock } = this.#scenario.world;
    clock.wakeAt(clock.monotonicMs() + 500, () => {
      this.#clean = this.#chain.link(key) ?? this.#clean;
    });
  }
}
