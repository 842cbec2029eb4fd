/**
 * What the bench knows from the gateways' events: whose chain ends where, how far each charge is, and what is waited
 * for. A gateway that dies, or a deadline that passes, ends every wait with the reason.
 */
import type { BlockEvent, ResultEvent } from "#services/events.ts";
import type { GatewayNews } from "./gateway-news.ts";
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
    switch (name) {
      case "started":
        gateway.isStarted = true;
        break;
      case "stopped":
        gateway.isStarted = false;
        gateway.isMeshUp = false;
        break;
      case "meshConnected":
        gateway.isMeshUp = event.up;
        break;
      case "plugged":
        gateway.isPlugged = event.plugged;
        break;
      case "contractSigned":
        this.#chargeOf(event).signedBy.add(gateway.name);
        break;
      case "reportSigned":
        this.charges.get(event.address)?.reported.set(event.role, event);
        break;
      case "powerChanged":
        this.#notePower(event);
        break;
      case "completed":
        this.charges.get(event.address)?.completedBy.set(event.role, event.reason);
        break;
      case "blockAppended":
        gateway.head = { serial: event.serial, id: event.id };
        if (!this.blocks.has(event.id)) this.newestBlockMs = performance.now();
        if (!this.blocks.has(event.id)) this.blocks.set(event.id, event);
        break;
      case "resultRecorded":
        gateway.results.set(event.address, event);
        break;
      case "idleChanged":
        if (event.idle) this.charges.get(event.address)?.idleBy.add(event.role);
        else this.charges.get(event.address)?.idleBy.delete(event.role);
        break;
      case "finalMoved":
        gateway.finalSerial = event.serial;
        break;
      case "branchAbandoned":
      case "chainRequested":
      case "snapshotTaken":
      case "brokerConnected":
      case "voteCast":
      case "votesDoubted":
      case "contradictionFound":
      case "peerSeen":
      case "refused":
      case "handshakeEnded":
      case "tariffLost":
      case "tariffBack":
      case "meterLost":
      case "meterBack":
      case "chargePointFailed":
      case "chargePointBack":
      case "boardFailed":
      case "clockChanged":
      case "certificateTaken":
      case "certificateRefused":
      case "certificateEnding":
      case "keyRotated":
      case "biasFound":
      case "misconductShown":
      case "lossLearned":
        break;
    }
  }

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
