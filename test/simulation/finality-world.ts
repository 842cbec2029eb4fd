/**
 * Some gateways that only follow and seal the chain, and vote: the production wiring over a bus that loses, repeats and
 * parts. Everything that each says is kept, and what must always hold of votes and finals is looked at each second.
 */
import { toHex } from "#base/bytes.ts";
import { contradict } from "#core/finality/contradiction.ts";
import { decodeVote, type Vote } from "#core/finality/vote.ts";
import { encodeJoin } from "#core/identity/join.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import { assembleArbiter } from "#firmware/assemble-arbiter.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SimulatedBus, type BusFaults } from "./simulated-bus.ts";
import {
  crypto,
  makeIdentity,
  SimulatedGateway,
  type Identity,
  type SimulatedGatewayParts,
} from "./simulated-gateway.ts";

const WALL_EPOCH_MS = Date.UTC(2026, 5, 1, 8);
const STEP_MS = 1000;

export interface FinalityWorldOptions {
  readonly seed?: number;
  readonly stations: number;
  readonly vehicles?: number;
  readonly bus?: Partial<BusFaults>;
  readonly rules?: Partial<LedgerRules>;
  /** So many of the last ones are not started with the others. */
  readonly latecomers?: number;
  readonly tuning?: SimulatedGatewayParts["tuning"];
  /** By the place of the gateway. */
  readonly lies?: readonly SimulatedGatewayParts["lie"][];
}

export class FinalityWorld {
  readonly clock = new SimulatedClock({ wallEpochMs: WALL_EPOCH_MS });
  readonly bus: SimulatedBus;
  readonly genesis: Genesis;
  readonly nodes: readonly SimulatedGateway[];
  readonly story: string[] = [];
  /** By name: every vote that the gateway has published, in any of its lives. */
  readonly votes = new Map<string, Map<string, Vote>>();
  readonly #finals = new Map<string, number>();
  readonly #latecomers: number;
  #strangers = 0;

  constructor(options: FinalityWorldOptions) {
    const { seed = 1, stations, vehicles = 0, bus = {}, rules = {} } = options;
    this.#latecomers = options.latecomers ?? 0;
    const random = new SeededRandom(seed);
    const voters = Array.from({ length: stations }, (_, index) => makeIdentity(`station-${index}`, "station"));
    const cars = Array.from({ length: vehicles }, (_, index) => makeIdentity(`car-${index}`, "vehicle"));
    this.genesis = makeGenesis(crypto, {
      version: 1,
      name: "finality",
      startedAt: WALL_EPOCH_MS / 1000 - 60,
      rules: { ...HARDENED_RULES, ...rules },
      authorities: voters.map(({ inception, name }) => [inception, name] as const),
    });
    this.bus = new SimulatedBus({ clock: this.clock, chance: random.fork("bus") }, bus);
    this.nodes = [...voters, ...cars].map((identity, place) => this.#gateway(identity, random, options, place));
  }

  async start(): Promise<void> {
    const first = this.nodes.slice(0, this.nodes.length - this.#latecomers);
    await Promise.all(first.map((node) => node.start()));
  }

  /** @throws when something that must always hold does not */
  async runFor(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.runFor(Math.min(STEP_MS, left));
      this.#check();
    }
  }

  /** Runs until it is so; throws when it is not within that time. */
  async runUntil(what: string, withinMs: number, isSo: () => boolean): Promise<void> {
    for (let left = withinMs; left > 0; left -= STEP_MS) {
      if (isSo()) return;
      await this.runFor(STEP_MS);
    }
    if (!isSo()) throw new Error(`${what}: not within ${withinMs / 1000} s\n${this.story.slice(-60).join("\n")}`);
  }

  /** Gives the gateway something to seal. One that loses its power meanwhile never says that it is stored. */
  speak(node: SimulatedGateway): void {
    this.#strangers += 1;
    const { inception, signer, name } = makeIdentity(`stranger-${this.#strangers}`, "vehicle");
    const join = encodeJoin({ version: 1, network: this.genesis.network, inception, organisation: name }, signer);
    void node.running?.ledger.submit(encodeFact("JOIN", join));
  }

  chainOf({ running }: SimulatedGateway): Chain {
    if (running === undefined) throw new Error("the gateway does not run");
    return running.ledger.chain;
  }

  /** The lowest of the highest final serials. */
  get final(): number {
    return Math.min(...this.nodes.map((node) => node.running?.ledger.chain.final.serial ?? 0));
  }

  get hasOneHead(): boolean {
    return new Set(this.nodes.map((node) => toHex(this.chainOf(node).head.id))).size === 1;
  }

  /** Parts the bus by places of the gateways. */
  part(...groups: readonly (readonly number[])[]): void {
    this.bus.part(
      groups.map((group) => group.map((place) => toHex(this.nodes[place]?.identity.did ?? new Uint8Array()))),
    );
  }

  /** Serial of the highest target for which it has ever published a vote. */
  highestVoteOf({ identity }: SimulatedGateway): number {
    const votes = this.votes.get(identity.name)?.values() ?? [];
    return Math.max(0, ...[...votes].map(({ body }) => body.target.serial));
  }

  /** Its card is an older copy: what it knew since is not there any more. */
  forgetFinalOf({ identity }: SimulatedGateway): void {
    this.#finals.delete(identity.name);
  }

  #gateway(
    identity: Identity,
    random: SeededRandom,
    { tuning, lies }: FinalityWorldOptions,
    place: number,
  ): SimulatedGateway {
    const lie = lies?.[place];
    const said = new Map<string, Vote>();
    this.votes.set(identity.name, said);
    return new SimulatedGateway({
      ...{ identity, genesis: this.genesis, clock: this.clock, bus: this.bus, random },
      clockState: new SettableClockState(this.clock),
      ...(tuning && { tuning }),
      ...(lie && { lie }),
      makeRole: () => Promise.resolve(assembleArbiter()),
      tell: (line) => {
        this.story.push(`${Math.floor(this.clock.monotonicMs() / 1000)} ${line.slice(0, 200)}`);
      },
      overhear: (topic, payload) => {
        const wrapped = topic.endsWith("/vote") ? decodeWrapper(payload) : undefined;
        const vote = wrapped?.ok === true ? decodeVote(crypto, this.genesis.network, wrapped.value.object) : undefined;
        if (vote?.ok === true && toHex(vote.value.body.member) === toHex(identity.did)) {
          said.set(vote.value.key, vote.value);
        }
      },
    });
  }

  #check(): void {
    this.#checkFinals();
    for (const [name, said] of this.votes) {
      const votes = [...said.values()];
      const last = votes.at(-1);
      const other = last === undefined ? undefined : votes.find(({ body }) => contradict(body, last.body));
      if (other !== undefined) this.#fail(`S8: ${name} contradicts itself`);
    }
  }

  /** S1: no two finals conflict. S2: of each gateway it never falls, whatever it went through. */
  #checkFinals(): void {
    const running = this.nodes.flatMap(({ running: gateway, identity }) =>
      gateway === undefined ? [] : [{ name: identity.name, chain: gateway.ledger.chain }],
    );
    for (const { name, chain } of running) {
      const { serial } = chain.final;
      if (serial < (this.#finals.get(name) ?? 0)) this.#fail(`S2: the final of ${name} fell to ${serial}`);
      this.#finals.set(name, serial);
      for (const other of running) {
        const theirs = other.chain.at(serial);
        const isFinalThere = other.chain.final.serial >= serial;
        if (isFinalThere && (theirs === undefined || toHex(theirs.id) !== toHex(chain.final.id))) {
          this.#fail(`S1: ${name} and ${other.name} disagree at ${serial}`);
        }
      }
    }
  }

  #fail(what: string): never {
    throw new Error(`${what}\n${this.story.slice(-40).join("\n")}`);
  }
}
