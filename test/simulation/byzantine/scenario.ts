/**
 * A small region for one attack: production gateways, each station at a site of its own so that any two can be parted,
 * and members who are not played by the firmware but by hand (`liar.ts`). Nothing happens by chance but keys and jitter.
 * What must hold of the honest is looked at after each event, by the region's own invariants.
 */
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { encodeJoin } from "#core/identity/join.ts";
import { decodeFact, encodeFact, type Fact } from "#core/ledger/fact.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import { meshRoot, topicName, type MeshTopic } from "#core/mesh/topics.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import { CLASS_OF } from "#services/publication-service.ts";
import { ChargeBuilder } from "#test/builders/charge-builder.ts";
import type { Actor } from "#test/builders/ledger-actors.ts";
import { allInvariants } from "../region/invariants/index.ts";
import type { Invariant } from "../region/invariants/invariant.ts";
import { makeNodeIdentity, type NodeIdentity } from "../region/node-identity.ts";
import type { RegionNode } from "../region/region-node.ts";
import { RegionWorld } from "../region/region-world.ts";
import { planOf, type ScenarioWishes } from "./scenario-plan.ts";

export const MINUTE_MS = 60_000;
/** A block each 30 s, and time for the second rank. */
const TALK_EVERY_MS = 30_000;
/** Blocks until a new one is final (protocol 2.21, L3), without and with as many lying voters as a committee bears. */
export const NEW_FINAL_WITHIN = { honest: 16, withLiars: 40 } as const;
const LOOK_EVERY_MS = 10_000;
const HISTORY_TALKS_MAX = 40;
const STORY_LINES = 25;
const STORY_LINE_LENGTH = 160;
/** Held for every scenario; the others of a region ask for more than these small worlds have. */
const WATCHED = ["S1", "S2", "S6", "S8", "S10", "S12", "S15"];

export class Scenario {
  readonly world: RegionWorld;
  /** What gateways refused, by code: how often. */
  readonly refusals = new Map<string, number>();
  readonly #byHand: ReadonlySet<string>;
  readonly #invariants: readonly Invariant[];
  readonly #broken: string[] = [];
  #strangers = 0;
  #isLooking = false;

  constructor(wishes: ScenarioWishes) {
    const plan = planOf(wishes);
    this.world = new RegionWorld(plan, "simulated");
    const { stations } = plan;
    this.#byHand = new Set(stations.slice(stations.length - (wishes.liars ?? 0)).map(({ name }) => name));
    const watched = [...WATCHED, ...(wishes.watched ?? [])].filter((name) => wishes.unwatched?.includes(name) !== true);
    this.#invariants = allInvariants(this.world).filter(({ name }) => watched.includes(name));
    this.#watch();
  }

  /** Gateways that run and keep to the protocol. */
  get honest(): readonly RegionNode[] {
    return this.world.honest.filter(({ running }) => running !== undefined);
  }

  get nowSeconds(): number {
    return Math.floor(this.world.clock.wallMs() / 1000);
  }

  async start(nodes: readonly RegionNode[] = this.world.nodes): Promise<void> {
    await Promise.all(nodes.filter(({ name }) => !this.#byHand.has(name)).map((node) => node.start()));
    this.#lookOften();
    await this.runFor(5_000);
  }

  node(name: string): RegionNode {
    const node = this.world.nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`bug of the test: nobody is called ${name}`);
    return node;
  }

  chainOf({ running, name }: RegionNode): Chain {
    if (running === undefined) throw new Error(`bug of the test: ${name} does not run`);
    return running.ledger.chain;
  }

  /** @throws when something that must always hold does not */
  async runFor(ms: number): Promise<void> {
    await this.world.clock.runFor(ms);
    const [broken] = this.#broken;
    if (broken !== undefined) this.#fail(broken);
  }

  async runUntil(what: string, withinMs: number, holds: () => boolean): Promise<void> {
    for (let leftMs = withinMs; leftMs > 0 && !holds(); leftMs -= 1_000) await this.runFor(1_000);
    if (!holds()) this.#fail(`${what}: not within ${withinMs / 1000} s`);
  }

  /** Gives the gateway something to seal, now and each half minute. */
  async talk(ms: number, by: readonly RegionNode[] = this.honest.slice(0, 1)): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= TALK_EVERY_MS) {
      for (const node of by) this.speak(node);
      await this.runFor(Math.min(leftMs, TALK_EVERY_MS));
    }
  }

  /** The same until it is so. */
  async talkUntil(what: string, withinMs: number, holds: () => boolean, by?: readonly RegionNode[]): Promise<void> {
    for (let leftMs = withinMs; leftMs > 0 && !holds(); leftMs -= TALK_EVERY_MS) await this.talk(TALK_EVERY_MS, by);
    if (!holds()) this.#fail(`${what}: not within ${withinMs / 1000} s`);
  }

  speak({ running }: RegionNode): void {
    this.#strangers += 1;
    const { inception, signer, name } = this.identityOf(`stranger-${this.#strangers}`);
    const { network } = this.world.genesis;
    const join = encodeJoin({ version: 1, network, inception, organisation: name }, signer);
    void running?.ledger.submit(encodeFact("JOIN", join));
  }

  /** Keys of somebody without a gateway. */
  identityOf(name: string, role: NodeIdentity["role"] = "vehicle"): NodeIdentity {
    return makeNodeIdentity(this.world.cryptography, name, role, name);
  }

  /** Somebody without a gateway joins. */
  member(name: string, role: NodeIdentity["role"] = "vehicle"): NodeIdentity {
    const identity = this.identityOf(name, role);
    const { network } = this.world.genesis;
    const join = encodeJoin(
      { version: 1, network, inception: identity.inception, organisation: name },
      identity.signer,
    );
    const fact = decodeFact({ crypto: this.world.cryptography.crypto, network }, encodeFact("JOIN", join));
    if (!fact.ok) throw new Error(`bug of the test: ${fact.fault.code}`);
    this.tell([fact.value]);
    return identity;
  }

  /**
   * Each station has charged a car once, and it counts: so all of them may be in the next committee.
   *
   * @param meanwhile each half minute until then
   */
  async giveHistories(meanwhile: () => void = () => undefined): Promise<void> {
    const car = this.member("everybody's car");
    await this.runFor(1_000);
    const stations = this.world.stations.map(({ node }) => node.identity);
    for (const [salt, station] of stations.entries()) {
      this.tell(this.charge(station, car, salt).whole({ milliWh: 2_000_000 }));
      await this.runFor(500);
    }
    const [first] = this.honest;
    const count = (): number => {
      const { state } = first === undefined ? { state: undefined } : this.chainOf(first).head;
      return stations.filter(({ key }) => state !== undefined && historyOf(state, key, state.sealedAt) > 0).length;
    };
    for (let talks = 0; count() < stations.length; talks += 1) {
      if (talks > HISTORY_TALKS_MAX) throw new Error("bug of the test: no history counts");
      meanwhile();
      await this.talk(TALK_EVERY_MS);
    }
  }

  /** A charge whose two sides are played by hand. */
  charge(station: Actor, vehicle: Actor, salt: number): ChargeBuilder {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, salt);
    return new ChargeBuilder(this.world.genesis, { station, vehicle }, { salt: bytes, startedAt: this.nowSeconds });
  }

  /** Whoever has signed them says them at these sites. */
  tell(facts: readonly Fact[], sites = this.world.sites): void {
    for (const { bytes, kind } of facts) this.say({ kind: "fact", class: CLASS_OF[kind] }, bytes, sites);
  }

  say(topic: MeshTopic, object: Uint8Array, sites: readonly string[]): void {
    const { genesis, mesh } = this.world;
    const name = topicName(meshRoot(genesis.network, "sim"), topic);
    for (const site of sites) mesh.inject(site, name, encodeWrapper(0, object));
  }

  get hasOneHead(): boolean {
    return new Set(this.honest.map((node) => toHex(this.chainOf(node).head.id))).size === 1;
  }

  /** The lowest of what is final at the honest. */
  get final(): number {
    return Math.min(...this.honest.map((node) => this.chainOf(node).final.serial));
  }

  get tallest(): number {
    return Math.max(...this.honest.map((node) => this.chainOf(node).head.serial));
  }

  /** L3: something new is final everywhere and all heads are equal, within so many blocks. Returns how many it took. */
  async finalityGoesOn(blocks: number): Promise<number> {
    const before = Math.max(...this.honest.map((node) => this.chainOf(node).final.serial));
    const from = this.tallest;
    const isBack = (): boolean => this.final > before && this.hasOneHead;
    while (!isBack() && this.tallest - from <= blocks) await this.talk(TALK_EVERY_MS);
    if (!isBack() || this.tallest - from > blocks) {
      const states = this.honest.map((node) => `${node.name} ${this.#placeOf(node)}`);
      this.#fail(`L3: after ${this.tallest - from} blocks: ${states.join(", ")}`);
    }
    return this.tallest - from;
  }

  /** Parts the region into groups of stations by name; those whom no group has stand alone. */
  part(...groups: readonly (readonly string[])[]): void {
    const { stations, sites, mesh } = this.world;
    const groupOf = new Map<string, number>();
    for (const [number, group] of groups.entries()) {
      for (const { node, site } of stations) if (group.includes(node.name)) groupOf.set(site, number);
    }
    for (const from of sites) {
      for (const to of sites.filter((site) => site !== from)) {
        if (groupOf.has(from) && groupOf.get(from) === groupOf.get(to)) mesh.mend(from, to);
        else mesh.cut(from, to);
      }
    }
  }

  heal(): void {
    const { sites, mesh } = this.world;
    for (const from of sites) for (const to of sites) if (from !== to) mesh.mend(from, to);
  }

  /** Looks at what must hold in the end, and stops everything. */
  end(): void {
    for (const each of this.#invariants) each.rarely?.(this.#reporter(each));
    for (const each of this.#invariants) if (each.name !== "S5") each.atEnd?.(this.#reporter(each));
    this.world.watcher = undefined;
    for (const node of this.world.allNodes) node.stop();
    const [broken] = this.#broken;
    if (broken !== undefined) this.#fail(broken);
  }

  #placeOf(node: RegionNode): string {
    const { head, final } = this.chainOf(node);
    return `${head.serial} ${toHex(head.id).slice(0, 6)} final ${final.serial}`;
  }

  #watch(): void {
    const { world } = this;
    world.watcher = {
      onSaid: (said) => {
        for (const each of this.#invariants) each.onSaid?.(said, this.#reporter(each));
      },
      onHead: (node, change) => {
        for (const each of this.#invariants) each.onHead?.(node, change, this.#reporter(each));
      },
      onEvent: (node, name, content) => {
        this.#countRefusal(name, content);
        for (const each of this.#invariants) each.onEvent?.(node, { name, content }, this.#reporter(each));
      },
    };
  }

  /** From the first start on; nothing, where no invariant wants it. */
  #lookOften(): void {
    const { clock } = this.world;
    if (this.#isLooking || !this.#invariants.some(({ often }) => often !== undefined)) return;
    this.#isLooking = true;
    const look = (): void => {
      for (const each of this.#invariants) each.often?.(this.#reporter(each));
      clock.wakeAt(clock.monotonicMs() + LOOK_EVERY_MS, look);
    };
    look();
  }

  #countRefusal(name: string, event: object): void {
    if (name !== "refused" || !("code" in event)) return;
    const code = String(event.code);
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  #reporter({ name }: Invariant): (detail: string) => void {
    return (detail) => {
      this.#broken.push(`${name}: ${detail}`);
    };
  }

  #fail(what: string): never {
    const story = this.world.story.slice(-STORY_LINES).map((line) => line.slice(0, STORY_LINE_LENGTH));
    throw new Error([what, ...story].join("\n"));
  }
}
