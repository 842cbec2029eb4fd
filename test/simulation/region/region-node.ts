/**
 * One gateway of a simulated region: the production wiring over a simulated clock, mesh, card and devices. It can be
 * killed, lose power at any write, get an old image of its card back, and be started again from what its card holds.
 */
import { CODE_VERSION } from "#core/governance/governance.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { ConnectBus, MessageBus } from "#core/mesh/message-bus.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import { assembleGateway, type Gateway, type RoleParts, type RoleService } from "#firmware/assemble-gateway.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import { MortalClock } from "#hal/mock/mortal-clock.ts";
import type { NodeClock } from "#hal/mock/node-clock.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { FlashError } from "#hal/ports/flash.ts";
import type { EmitEvent } from "#services/events.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { NodeIdentity } from "./node-identity.ts";
import type { RegionCryptography } from "./simulated-cryptography.ts";
import { watchedFlash } from "./watched-flash.ts";

/** So small that a day passes from one segment to the next. */
const SEGMENT_BYTES = 64 * 1024;
/** What a service manager waits before it starts a process again. */
export const RESTART_MS = 5_000;

export interface RegionNodeParts {
  readonly identity: NodeIdentity;
  readonly genesis: Genesis;
  readonly cryptography: RegionCryptography;
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly counts: FaultCounts;
  readonly connect: ConnectBus;
  readonly makeRole: (parts: RoleParts, clock: Clock) => Promise<RoleService>;
  readonly tell: (line: string) => void;
  readonly onEvent: (node: RegionNode, ...event: Parameters<EmitEvent>) => void;
  readonly onPublish: (node: RegionNode, topic: string, payload: Uint8Array) => void;
  readonly onStart: (node: RegionNode) => void;
  /** What a liar does to its own wiring; the wiring as it is of everybody else. */
  readonly bend?: (bus: MessageBus, node: RegionNode) => MessageBus;
}

/** How `setBack` begins for whose store could not be read any more. */
export const LOST_STORE = "its store was";

/** The card of a board, folder by folder. */
export type CardImage = ReadonlyMap<string, FlashSnapshot>;

export class RegionNode {
  readonly identity: NodeIdentity;
  readonly cards = new Map<string, FlashCard>();
  /** How a card of it was set back, so that it cannot know what it has signed; undefined while that never happened. */
  setBack: string | undefined;
  /** Something on its card has rotted: a block of which nobody has sent it the rest again it cannot show. */
  hasRotted = false;
  /** The newest version of the code that its software knows. */
  codeVersion = CODE_VERSION;
  /** Calls to its flash take so long. */
  flashDelayMs = 0;
  readonly #parts: RegionNodeParts;
  #capacityBytes: number | undefined;
  #dateOffsetMs = 0;
  #driftPpm = 0;
  #isClockSynced = true;
  #nodeClock: NodeClock;
  #clockState: SettableClockState;
  #mortal: MortalClock;
  #life = 0;
  #gateway: Gateway | undefined;
  #bus: MessageBus | undefined;
  #startFault: string | undefined;

  constructor(parts: RegionNodeParts) {
    this.#parts = parts;
    this.identity = parts.identity;
    this.#nodeClock = parts.clock.nodeClock();
    this.#clockState = new SettableClockState(this.#nodeClock);
    this.#mortal = new MortalClock(this.#nodeClock);
  }

  get name(): string {
    return this.identity.name;
  }

  /** Undefined while it is dead or starting. */
  get running(): Gateway | undefined {
    return this.#gateway;
  }

  /** Why it could not start; undefined when it could. */
  get startFault(): string | undefined {
    return this.#startFault;
  }

  get life(): number {
    return this.#life;
  }

  get lostPages(): { readonly lost: number; readonly torn: number } {
    const pages = [...this.cards.values()].map((card) => card.lostPages);
    return { lost: sum(pages.map(({ lost }) => lost)), torn: sum(pages.map(({ torn }) => torn)) };
  }

  get usedBytes(): number {
    return sum([...this.cards.values()].map((card) => card.usedBytes));
  }

  setClock(faults: { readonly offsetMs?: number; readonly driftPpm?: number; readonly isSynced?: boolean }): void {
    this.#dateOffsetMs = faults.offsetMs ?? this.#dateOffsetMs;
    this.#driftPpm = faults.driftPpm ?? this.#driftPpm;
    this.#isClockSynced = faults.isSynced ?? this.#isClockSynced;
  }

  /** Sets the date while the gateway runs. `isSynced` says what the gateway then believes of it. */
  stepClock(byMs: number, isSynced: boolean): void {
    this.#dateOffsetMs += byMs;
    this.#isClockSynced = isSynced;
    this.#nodeClock.stepWall(byMs);
    this.#tellClockState();
  }

  /** The date is right again, and it is known to be. */
  repairClock(): void {
    this.stepClock(-this.#nodeClock.wallErrorMs, true);
    this.#dateOffsetMs = 0;
  }

  loseClock(): void {
    this.#isClockSynced = false;
    this.#tellClockState();
  }

  get dateErrorMs(): number {
    return this.#nodeClock.wallErrorMs;
  }

  /** Rejects with what keeps it from starting. */
  async start(): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    const { identity, genesis, cryptography, random, connect, makeRole } = this.#parts;
    this.#startFault = undefined;
    // A board counts from its own start, with the date that it was left with.
    this.#nodeClock = this.#parts.clock.nodeClock({ offsetMs: this.#dateOffsetMs, driftPpm: this.#driftPpm });
    this.#clockState = new SettableClockState(this.#nodeClock);
    this.#tellClockState();
    this.#mortal = new MortalClock(this.#nodeClock);
    const clock = this.#mortal;
    try {
      const gateway = await assembleGateway(
        {
          ...{ ...identity, crypto: cryptography.crypto, genesis, clock },
          root: meshRoot(genesis.network, "sim"),
          clockState: this.#clockState,
          toMonotonicMs: (stampMs) => stampMs,
          randomness: new SeededRandomness(`${random.next()} ${life}`),
          connect: (clientId, filters, listener) => this.#connect(connect, life, { clientId, filters, listener }),
          openFolder: async (name) => {
            const { clock: worldClock, counts } = this.#parts;
            const delayMs = (): number => {
              if (this.flashDelayMs > 0) counts.count("slow flash");
              return this.flashDelayMs;
            };
            const onFailure = (error: FlashError): void => {
              if (error.code === "FLASH_IO") counts.count("failed write");
              FAILURES.set(error, { node: this, life });
            };
            return watchedFlash(await this.cardOf(name).open(), { clock: worldClock, delayMs, onFailure });
          },
          segmentBytes: SEGMENT_BYTES,
          onChain: (chain) => {
            chain.codeVersion = this.codeVersion;
          },
          emit: (...event) => {
            if (this.#life === life) this.#parts.onEvent(this, ...event);
          },
        },
        (parts) => makeRole(parts, clock),
      );
      if (this.#life !== life) return;
      this.#gateway = gateway;
      this.#parts.onStart(this);
    } catch (error) {
      if (this.#life === life) this.#startFault = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  async #connect(
    connect: ConnectBus,
    life: number,
    { clientId, filters, listener }: ConnectArguments,
  ): Promise<MessageBus> {
    const line = await connect(clientId, filters, {
      onMessage: (topic, payload) => {
        if (this.#life === life) listener.onMessage(topic, payload);
      },
      onConnection: (up) => {
        if (this.#life === life) listener.onConnection(up);
      },
    });
    const bent = this.#parts.bend?.(line, this) ?? line;
    this.#bus = {
      close: () => line.close(),
      publish: (topic, payload, options) => {
        if (this.#life !== life) return;
        this.#parts.onPublish(this, topic, payload);
        bent.publish(topic, payload, options);
      },
    };
    return this.#bus;
  }

  /** The process dies. With `power`, so does the board: what was not synced may be lost. */
  die(how: "kill" | "power"): void {
    const { counts } = this.#parts;
    const before = this.lostPages;
    this.#life += 1;
    this.#gateway = undefined;
    this.#mortal.kill();
    for (const card of this.cards.values()) {
      if (how === "kill") card.killOwner();
      else card.cutPower();
    }
    void this.#bus?.close();
    this.#bus = undefined;
    const { lost, torn } = this.lostPages;
    counts.count("lost write", lost - before.lost);
    counts.count("torn write", torn - before.torn);
    counts.count(how === "kill" ? "kill" : "power cut");
    this.#parts.tell(`${this.name} ${how === "kill" ? "is killed" : "loses power"}`);
  }

  /** The simulation is over: nothing of it happens any more. */
  stop(): void {
    this.#life += 1;
    this.#mortal.kill();
    this.#gateway = undefined;
  }

  cardOf(name: string): FlashCard {
    const known = this.cards.get(name);
    if (known !== undefined) return known;
    const { random, identity } = this.#parts;
    const card = new FlashCard({ seed: `${random.fork(name).next()} ${identity.name} ${name}` });
    if (this.#capacityBytes !== undefined) card.resize(this.#capacityBytes);
    this.cards.set(name, card);
    return card;
  }

  image(): CardImage {
    return new Map([...this.cards].map(([name, card]) => [name, card.snapshot()]));
  }

  /** The owner must be dead. */
  restore(image: CardImage, why: string): void {
    this.setBack = why;
    for (const [name, card] of this.cards) card.restore(image.get(name) ?? new Map());
  }

  resizeCards(capacityBytes: number): void {
    this.#capacityBytes = capacityBytes;
    for (const card of this.cards.values()) card.resize(capacityBytes);
  }

  #tellClockState(): void {
    if (this.#isClockSynced) this.#clockState.sync(50);
    else this.#clockState.lose();
  }
}

interface ConnectArguments {
  readonly clientId: string;
  readonly filters: readonly string[];
  readonly listener: Parameters<ConnectBus>[2];
}

/** Whose flash it was that failed, and in which of its lives. */
const FAILURES = new WeakMap<Error, { readonly node: RegionNode; readonly life: number }>();

/** The gateway whose flash is behind a failure that nobody handled; undefined when it is a bug. */
export function failedNode(reason: unknown): { readonly node: RegionNode; readonly life: number } | undefined {
  for (let error = reason; error instanceof Error; error = error.cause) {
    const found = FAILURES.get(error);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
