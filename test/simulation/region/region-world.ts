/**
 * A region in memory: gateways at several sites and in cars, the outlets and batteries between them, the mesh, what a
 * seed lets go wrong, and what everybody said. It moves from wake to wake, so quiet time costs nothing.
 */
import { assembleArbiter } from "#firmware/assemble-arbiter.ts";
import type { HeadChange } from "#core/ledger/chain.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { FAULT_GROUPS, FAULT_GROUP_NAMES, type FaultGroupForm } from "./fault-groups.ts";
import { FaultCounts } from "./fault-counts.ts";
import type { FaultWorld } from "./fault-world.ts";
import { bentBus } from "./lies.ts";
import { QUIET_MESH } from "./mesh-chance.ts";
import { makeNodeIdentity, type NodeIdentity } from "./node-identity.ts";
import { Observation, type Said } from "./observation.ts";
import { governorSigners, governorsIn } from "./region-governors.ts";
import { RegionMesh } from "./region-mesh.ts";
import { LOST_STORE, RegionNode, RESTART_MS, type RegionNodeParts } from "./region-node.ts";
import type { PlannedVehicle, RegionPlan } from "./region-plan.ts";
import { makeStation, makeVehicle, type ResidentParts, type Station, type Vehicle } from "./residents.ts";
import { regionCryptography, type CryptoKind, type RegionCryptography } from "./simulated-cryptography.ts";
import { timeOf } from "./time-of-day.ts";
import { handVotes } from "./voting-lies.ts";

const WALL_EPOCH_MS = 1_780_300_800_000;
const STORY_LINES_MAX = 20_000;

/** Told of what happens, at once; what they find is told by throwing. */
export interface RegionWatcher {
  onSaid(said: Said): void;
  onHead(node: RegionNode, change: HeadChange | undefined): void;
  onEvent(node: RegionNode, name: string, event: object): void;
}

export class RegionWorld implements FaultWorld {
  readonly plan: RegionPlan;
  readonly clock = new SimulatedClock({ wallEpochMs: WALL_EPOCH_MS, stepsMax: Number.MAX_SAFE_INTEGER });
  readonly counts = new FaultCounts();
  readonly story: string[] = [];
  readonly cryptography: RegionCryptography;
  readonly governors: readonly Signer[];
  readonly genesis: Genesis;
  readonly mesh: RegionMesh;
  readonly observation: Observation;
  readonly stations: readonly Station[];
  readonly vehicles: readonly Vehicle[];
  readonly nodes: readonly RegionNode[];
  readonly calmFromMs: number;
  watcher: RegionWatcher | undefined;
  readonly #clones: RegionNode[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #disturbedUntilMs = new Map<RegionNode | string, number>();
  readonly #random: SeededRandom;
  #isCalm = false;

  constructor(plan: RegionPlan, crypto: CryptoKind) {
    this.plan = plan;
    this.calmFromMs = plan.hours * 3_600_000;
    this.#random = new SeededRandom(`world ${plan.seed}`);
    const random = this.#random;
    this.cryptography = regionCryptography(crypto);
    this.governors = governorSigners(plan, this.cryptography);
    const identities = new Map(
      [...plan.stations, ...plan.vehicles].map(({ name, organisation }) => {
        const role = name.startsWith("station") ? "station" : "vehicle";
        return [name, makeNodeIdentity(this.cryptography, name, role, organisation)] as const;
      }),
    );
    const identityOf = (name: string): NodeIdentity => {
      const identity = identities.get(name);
      if (identity === undefined) throw new Error(`bug: nobody is called ${name}`);
      return identity;
    };
    // Two authorities at each site: a site that is cut off can go on sealing, also while one of them charges a car.
    const authorities = plan.sites.flatMap((site) => plan.stations.filter((each) => each.site === site).slice(0, 2));
    this.genesis = makeGenesis(this.cryptography.crypto, {
      version: 1,
      name: "simulated",
      startedAt: WALL_EPOCH_MS / 1000 - 60,
      rules: plan.rules,
      authorities: authorities.map(({ name, organisation }) => [identityOf(name).inception, organisation] as const),
      ...governorsIn(plan, this.governors),
    });
    this.mesh = new RegionMesh({
      ...{ clock: this.clock, counts: this.counts, sites: plan.sites },
      random: random.fork("mesh"),
    });
    const observed = { crypto: this.cryptography.crypto, genesis: this.genesis, nowMs: () => this.nowMs };
    this.observation = new Observation(observed);
    const makeNode: ResidentParts["makeNode"] = (name, siteOf, makeRole) =>
      this.#makeNode(identityOf(name), siteOf, makeRole);
    const parts: ResidentParts = { world: this, random, makeNode };
    this.stations = plan.stations.map((planned, index) => makeStation(planned, index + 1, parts));
    this.vehicles = plan.vehicles.map((planned) => makeVehicle(planned, parts));
    this.nodes = [...this.stations, ...this.vehicles].map(({ node }) => node);
    for (const { node } of this.vehicles) if (this.planOf(node).isThrifty) this.counts.count("low price limit");
    for (const name of plan.liars.keys()) this.mesh.reachEverywhere(identityOf(name).key);
    for (const lie of plan.liars.values()) {
      if (lie === "shows more") this.counts.count("lying station");
      if (lie === "shows less") this.counts.count("lying vehicle");
    }
  }

  get nowMs(): number {
    return this.clock.monotonicMs();
  }

  get sites(): readonly string[] {
    return this.plan.sites;
  }

  /** With the copies that run beside them. */
  get allNodes(): readonly RegionNode[] {
    return [...this.nodes, ...this.#clones];
  }

  /** By how much more often than in a day's run the faults strike. */
  get pace(): number {
    return this.plan.pace;
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** Those to whom nothing has happened that frees them of the protocol's promises. */
  get honest(): readonly RegionNode[] {
    return this.nodes.filter((node) => this.isHonest(node));
  }

  isHonest(node: RegionNode): boolean {
    return !this.plan.liars.has(node.name) && node.setBack === undefined && !this.#clones.includes(node);
  }

  planOf(node: RegionNode): PlannedVehicle {
    const planned = this.plan.vehicles.find(({ name }) => name === node.name);
    if (planned === undefined) throw new Error(`bug: ${node.name} is no car`);
    return planned;
  }

  tell(line: string): void {
    if (this.story.length < STORY_LINES_MAX) this.story.push(`${timeOf(this.nowMs)} ${line}`);
  }

  /** Everything begins; the faults with it. */
  begin(): void {
    const { groups } = this.plan;
    const random = this.#random.fork("faults");
    const has = (group: (typeof FAULT_GROUP_NAMES)[number], value: number): number => (groups.has(group) ? value : 0);
    this.mesh.setFaults({
      loss: has("loss", random.between(0.01, 0.3)),
      duplication: has("duplication", random.between(0.01, 0.3)),
      corruption: has("corruption", random.between(0.001, 0.05)),
      delayMaxMs: has("delay", random.integer(50, 4_000)),
      reordering: groups.has("reorder"),
    });
    for (const name of FAULT_GROUP_NAMES) {
      const { install }: FaultGroupForm = FAULT_GROUPS[name];
      if (groups.has(name)) install?.(this, random.fork(name));
    }
    const starting = this.#random.fork("start");
    for (const node of this.nodes) {
      this.clock.wakeAt(starting.integer(0, 20_000), () => {
        this.#start(node);
      });
    }
    for (const { driver } of this.vehicles) driver.begin();
  }

  /** The faults have ended: everything that was cut is mended, everybody is at home and runs. */
  endFaults(): void {
    this.#isCalm = true;
    this.tell("the faults end");
    this.mesh.setFaults(QUIET_MESH);
    for (const undo of this.#undo.splice(0)) undo();
    for (const clone of this.#clones) if (clone.running !== undefined) clone.die("kill");
    for (const node of this.nodes) if (node.running === undefined) this.restart(node, RESTART_MS);
  }

  at(monotonicMs: number, act: () => void): void {
    if (monotonicMs >= this.calmFromMs) return;
    this.clock.wakeAt(monotonicMs, act);
  }

  undo(act: () => void): void {
    this.#undo.push(act);
  }

  anyNode(random: SeededRandom): RegionNode {
    return random.pick(this.nodes);
  }

  siteOf(node: RegionNode): string | undefined {
    const station = this.stations.find((each) => each.node === node);
    return station?.site ?? this.vehicles.find((each) => each.node === node)?.driver.site;
  }

  disturb(whom: RegionNode | string, forMs: number): void {
    const untilMs = Math.max(this.#disturbedUntilMs.get(whom) ?? 0, this.nowMs + forMs);
    this.#disturbedUntilMs.set(whom, untilMs);
  }

  isDisturbed(whom: RegionNode | string): boolean {
    return (this.#disturbedUntilMs.get(whom) ?? 0) >= this.nowMs;
  }

  crash(node: RegionNode, how: "kill" | "power", awayMs: number): void {
    node.die(how);
    this.restart(node, awayMs);
  }

  restart(node: RegionNode, awayMs: number): void {
    this.disturb(node, awayMs + 120_000);
    const { life } = node;
    this.clock.wakeAt(this.nowMs + awayMs, () => {
      if (node.life === life) this.#start(node);
    });
  }

  runClone(node: RegionNode): boolean {
    if (node.running === undefined || this.#clones.some(({ identity }) => identity.key === node.identity.key))
      return false;
    const site = this.#random.fork("clone").pick(this.sites);
    const identity = { ...node.identity, name: `${node.name}-copy` };
    const clone = this.#makeNode(
      identity,
      () => site,
      () => Promise.resolve(assembleArbiter()),
    );
    const image = node.image();
    for (const name of image.keys()) clone.cardOf(name);
    clone.restore(image, "a copy");
    node.setBack = "its card was copied";
    this.#clones.push(clone);
    this.#start(clone);
    return true;
  }

  #makeNode(
    identity: NodeIdentity,
    siteOf: () => string | undefined,
    makeRole: RegionNodeParts["makeRole"],
  ): RegionNode {
    const lie = this.plan.liars.get(identity.name);
    return new RegionNode({
      ...{ identity, makeRole, genesis: this.genesis, cryptography: this.cryptography, clock: this.clock },
      ...{ counts: this.counts, random: this.#random.fork(`node ${identity.name}`) },
      connect: this.mesh.connectAt(siteOf),
      tell: (line) => {
        this.tell(line);
      },
      onEvent: (node, name, event) => {
        if (name !== "peerSeen") this.tell(`${node.name} ${name} ${JSON.stringify(event)}`);
        this.watcher?.onEvent(node, name, event);
      },
      onPublish: (node, topic, payload) => {
        const said = this.observation.hear(node, topic, payload);
        if (said !== undefined) this.watcher?.onSaid(said);
      },
      onStart: (node) => {
        node.running?.ledger.listen({
          onFact: (fact) => {
            this.observation.accept(node, fact);
          },
          onBlock: (block) => {
            handVotes(this, node, block);
          },
          onHead: (change) => this.watcher?.onHead(node, change),
        });
        this.watcher?.onHead(node, undefined);
        this.vehicles.find((each) => each.node === node)?.driver.onStart();
      },
      ...(lie === undefined ? {} : { bend: (bus, node) => bentBus(bus, node, { lie, counts: this.counts }) }),
    });
  }

  #start(node: RegionNode): void {
    const life = node.life + 1;
    node.start().catch((error: unknown) => {
      if (node.life !== life) return;
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
      if (code === undefined) throw error;
      this.tell(`${node.name} cannot start: ${String(error)}`);
      node.die("kill");
      this.#operate(node, code);
    });
  }

  /** What a person does with a gateway that does not start: it gets an empty card, or is tried again. */
  #operate(node: RegionNode, code: string): void {
    const isLost = code === "STORE_DAMAGED" || code === "STORE_UNREADABLE";
    if (isLost) {
      node.restore(new Map(), `${LOST_STORE} ${code === "STORE_DAMAGED" ? "damaged" : "not to be read"}`);
      this.tell(`${node.name} gets an empty card`);
    }
    this.restart(node, isLost ? 180_000 : 60_000);
  }
}
