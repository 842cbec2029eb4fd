/**
 * What the bench knows from the gateways' events: whose chain ends where, how far each charge is, and what is waited
 * for. A gateway that dies, or a deadline that passes, ends every wait with the reason.
 */
import type { BlockEvent, ResultEvent } from "#services/events.ts";
import type { EventName, EventOf, GatewayNews } from "./gateway-news.ts";
import type { GatewayListener, GatewayProcess } from "./gateway-process.ts";

/** The bench could not go on; the message names the gateway and shows its last lines. */
export class BenchFailure extends Error {}

export interface WatchedGateway {
  readonly name: string;
  isStarted: boolean;
  isMeshUp: boolean;
  isPlugged: boolean;
  /** Newest block of its chain; undefined until it has one. */
  head: { readonly serial: number; readonly id: string } | undefined;
  /** By the charge's address. */
  readonly results: Map<string, ResultEvent>;
  /** Blocks up to this one are final there. */
  finalSerial: number;
}

export interface WatchedCharge {
  readonly address: string;
  readonly station: string;
  readonly vehicle: string;
  /** Names of the gateways that hold the contract. */
  readonly signedBy: Set<string>;
  readonly completedBy: Map<string, string>;
  readonly reported: Map<string, { readonly sequence: number; readonly energyMilliWh: number }>;
  /** Roles that say that the car has enough and stands on. */
  readonly idleBy: Set<string>;
  isFlowing: boolean;
  /** Power was on at least once. */
  hasFlowed: boolean;
}

interface Wait {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class BenchWatch implements GatewayListener {
  readonly gateways = new Map<string, WatchedGateway>();
  readonly charges = new Map<string, WatchedCharge>();
  /** Each block once, by id, as the first gateway told it. */
  readonly blocks = new Map<string, BlockEvent>();
  /** When the newest block was told of, on the machine's monotonic clock. */
  newestBlockMs = 0;
  readonly #onNews: (gateway: GatewayProcess, news: GatewayNews) => void;
  readonly #waits = new Set<Wait>();
  readonly #processes: GatewayProcess[] = [];
  #failure: BenchFailure | undefined;

  constructor(onNews: (gateway: GatewayProcess, news: GatewayNews) => void) {
    this.#onNews = onNews;
  }

  add(gateway: GatewayProcess): void {
    this.#processes.push(gateway);
    const { name } = gateway;
    const nothing = {
      isStarted: false,
      isMeshUp: false,
      isPlugged: false,
      head: undefined,
      results: new Map(),
      finalSerial: 0,
    };
    this.gateways.set(gateway.name, { name, ...nothing });
  }

  of(gateway: GatewayProcess): WatchedGateway {
    const watched = this.gateways.get(gateway.name);
    if (watched === undefined) throw new Error(`bug: ${gateway.name} is not watched`);
    return watched;
  }

  /** It was killed on purpose, and says nothing of it. */
  forget(gateway: GatewayProcess): void {
    const watched = this.of(gateway);
    watched.isStarted = false;
    watched.isMeshUp = false;
  }

  /** Resolves when the condition holds; looks after each event. Rejects after so many real milliseconds. */
  until(what: string, timeoutMs: number, isOver: () => boolean): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (isOver()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fail(`${what}: not within ${Math.round(timeoutMs / 1000)} s`);
      }, timeoutMs);
      this.#waits.add({ isOver, resolve, reject, timer });
    });
  }

  /** Ends everything that is waited for. The first failure is the one that counts. */
  fail(reason: string): void {
    this.#failure ??= new BenchFailure(`${reason}\n${this.#lastLines()}`);
    for (const { reject, timer } of this.#waits) {
      clearTimeout(timer);
      reject(this.#failure);
    }
    this.#waits.clear();
  }

  /** To be called when something other than an event has changed. */
  look(): void {
    for (const wait of this.#waits) {
      if (!wait.isOver()) continue;
      clearTimeout(wait.timer);
      this.#waits.delete(wait);
      wait.resolve();
    }
  }

  onNews(gateway: GatewayProcess, news: GatewayNews): void {
    this.#note(this.of(gateway), news);
    this.#onNews(gateway, news);
    this.look();
  }

  onDeath(gateway: GatewayProcess, how: string): void {
    this.of(gateway).isStarted = false;
    this.fail(`${gateway.name} has ended by itself (${how})`);
  }

  #lastLines(): string {
    return this.#processes
      .map(({ name, lastLines }) => [`  last lines of ${name}:`, ...lastLines.map((line) => `    ${line}`)].join("\n"))
      .join("\n");
  }

  #note(gateway: WatchedGateway, { name, event }: GatewayNews): void {
    const note: ((gateway: WatchedGateway, event: never) => void) | undefined = this.#notes[name];
    note?.(gateway, event as never);
  }

  readonly #notes: { readonly [Name in EventName]?: (gateway: WatchedGateway, event: EventOf<Name>) => void } = {
    started: (gateway) => void (gateway.isStarted = true),
    stopped: (gateway) => void Object.assign(gateway, { isStarted: false, isMeshUp: false }),
    meshConnected: (gateway, { up }) => void (gateway.isMeshUp = up),
    plugged: (gateway, { plugged }) => void (gateway.isPlugged = plugged),
    contractSigned: ({ name }, contract) => void this.#chargeOf(contract).signedBy.add(name),
    reportSigned: (_, report) => void this.charges.get(report.address)?.reported.set(report.role, report),
    powerChanged: (_, power) => {
      this.#notePower(power);
    },
    completed: (_, { address, role, reason }) => void this.charges.get(address)?.completedBy.set(role, reason),
    blockAppended: (gateway, block) => {
      gateway.head = { serial: block.serial, id: block.id };
      if (this.blocks.has(block.id)) return;
      this.newestBlockMs = performance.now();
      this.blocks.set(block.id, block);
    },
    resultRecorded: ({ results }, result) => void results.set(result.address, result),
    idleChanged: (_, { address, role, idle }) => {
      if (idle) this.charges.get(address)?.idleBy.add(role);
      else this.charges.get(address)?.idleBy.delete(role);
    },
    finalMoved: (gateway, { serial }) => void (gateway.finalSerial = serial),
  };

  #notePower({ address, flowing }: { readonly address: string; readonly flowing: boolean }): void {
    const charge = this.charges.get(address);
    if (charge === undefined) return;
    charge.isFlowing = flowing;
    charge.hasFlowed ||= flowing;
  }

  #chargeOf(contract: { readonly address: string; readonly station: string; readonly vehicle: string }): WatchedCharge {
    const { address, station, vehicle } = contract;
    const known = this.charges.get(address);
    if (known !== undefined) return known;
    const charge: WatchedCharge = {
      ...{ address, station, vehicle, isFlowing: false, hasFlowed: false },
      signedBy: new Set(),
      completedBy: new Map(),
      idleBy: new Set(),
      reported: new Map(),
    };
    this.charges.set(address, charge);
    return charge;
  }
}
