/**
 * One gateway in the simulation: the production wiring over a simulated clock, bus, card and devices. It can die at any
 * write and be started again from what its card then holds.
 */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { ConnectBus, MessageBus } from "#core/mesh/message-bus.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import {
  assembleGateway,
  type Gateway,
  type GatewayPorts,
  type RoleParts,
  type RoleService,
} from "#firmware/assemble-gateway.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { MortalClock } from "#hal/mock/mortal-clock.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { ClockStateSource } from "#hal/ports/clock-state.ts";
import type { EmitEvent } from "#services/events.ts";
import type { SimulatedBus } from "./simulated-bus.ts";

export const crypto = new NodeCryptography();

/** Small, so that a run passes from one segment to the next. */
const SEGMENT_BYTES = 16 * 1024;
const FOLDERS = ["ledger", "energy", "promise", "meter", "ocmf", "binding"] as const;

export interface Identity {
  readonly name: string;
  readonly signer: NobleSigner;
  readonly inception: Uint8Array;
  readonly did: Uint8Array;
}

export function makeIdentity(name: string, role: DeviceRole): Identity {
  const secret = (key: string): Uint8Array => crypto.sha256(new TextEncoder().encode(`${name} ${key}`));
  const signer = new NobleSigner(secret("K0"));
  const inception = encodeInception(
    inceptionOf(crypto, role, signer.publicKey, new NobleSigner(secret("K1")).publicKey),
  );
  return { name, signer, inception, did: deviceIdOf(crypto, inception) };
}

export interface SimulatedGatewayParts {
  readonly identity: Identity;
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly clockState: ClockStateSource;
  readonly bus: SimulatedBus;
  /** A second broker, on which it is as well. */
  readonly otherBus?: SimulatedBus | undefined;
  readonly random: SeededRandom;
  readonly makeRole: (parts: RoleParts, clock: Clock) => Promise<RoleService>;
  readonly tell: (line: string) => void;
  /** Looks at what is written; the flash as it is when it does nothing. */
  readonly watchFlash?: (folder: string, flash: Flash) => Flash;
  readonly segmentBytes?: number;
  /** Of snapshots, where they are not as usual. */
  readonly tuning?: Pick<GatewayPorts, "snapshotBlocks" | "blocksBehindMax" | "keepDays">;
  /** What it publishes instead of what it should. */
  readonly lie?: (topic: string, payload: Uint8Array) => Uint8Array;
  /** Hears what this gateway publishes, as a bystander with a perfect line. */
  readonly overhear: (topic: string, payload: Uint8Array) => void;
}

export class SimulatedGateway {
  readonly identity: Identity;
  /** One card for each folder, so that each can be cut at its own writes. */
  readonly cards: Readonly<Record<(typeof FOLDERS)[number], FlashCard>>;
  readonly #parts: SimulatedGatewayParts;
  #life = 0;
  #clock: MortalClock;
  #gateway: Gateway | undefined;
  #lines: MessageBus[] = [];

  constructor(parts: SimulatedGatewayParts) {
    this.#parts = parts;
    this.identity = parts.identity;
    this.#clock = new MortalClock(parts.clock);
    const card = (name: string): FlashCard => new FlashCard({ seed: `${parts.random.next()} ${name}` });
    const ocmf = new FlashCard({ seed: `${this.identity.name} ocmf` });
    const binding = new FlashCard({ seed: `${this.identity.name} binding` });
    this.cards = {
      ...{
        ledger: card("ledger"),
        energy: card("energy"),
        promise: card("promise"),
        meter: card("meter"),
        ocmf,
        binding,
      },
    };
  }

  /** Undefined while it is dead or starting. */
  get running(): Gateway | undefined {
    return this.#gateway;
  }

  async start(): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    const { identity, clock, genesis, bus, otherBus, random, makeRole } = this.#parts;
    this.#clock = new MortalClock(clock);
    const own = this.#clock;
    const ports: GatewayPorts = {
      ...{ ...identity, organisation: identity.name, crypto, genesis, clock: own },
      root: meshRoot(genesis.network, "sim"),
      clockState: this.#parts.clockState,
      toMonotonicMs: (stampMs) => stampMs,
      randomness: new SeededRandomness(`${random.next()} ${identity.name} ${life}`),
      connect:
        otherBus === undefined
          ? this.#connectTo(bus, life)
          : [
              { name: "first", site: "sim", connect: this.#connectTo(bus, life) },
              { name: "second", site: "sim", connect: this.#connectTo(otherBus, life) },
            ],
      openFolder: async (name) => {
        const flash = await this.#cardOf(name).open();
        return this.#parts.watchFlash?.(name, flash) ?? flash;
      },
      segmentBytes: this.#parts.segmentBytes ?? SEGMENT_BYTES,
      ...this.#parts.tuning,
      emit: this.#emit(life),
    };
    const gateway = await assembleGateway(ports, (parts) => makeRole(parts, own));
    if (this.#life === life) this.#gateway = gateway;
  }

  /** The process dies. With `power`, so does the board: what was not synced may be lost. */
  die(how: "kill" | "power"): void {
    this.#life += 1;
    this.#gateway = undefined;
    this.#clock.kill();
    for (const folder of FOLDERS) {
      if (how === "kill") this.cards[folder].killOwner();
      else this.cards[folder].cutPower();
    }
    for (const line of this.#lines.splice(0)) void line.close();
    this.#parts.tell(`${this.identity.name} ${how === "kill" ? "is killed" : "loses power"}`);
  }

  #connectTo(bus: SimulatedBus, life: number): ConnectBus {
    return async (clientId, filters, listener) => {
      const line = await bus.connect(clientId, filters, {
        onMessage: (topic, payload) => {
          if (this.#life === life) listener.onMessage(topic, payload);
        },
        onConnection: (up) => {
          if (this.#life === life) listener.onConnection(up);
        },
      });
      const own: MessageBus = {
        close: () => line.close(),
        publish: (topic, payload, options) => {
          if (this.#life !== life) return;
          const said = this.#parts.lie?.(topic, payload) ?? payload;
          this.#parts.overhear(topic, said);
          line.publish(topic, said, options);
        },
      };
      this.#lines.push(own);
      return own;
    };
  }

  #cardOf(name: string): FlashCard {
    const folder = FOLDERS.find((known) => known === name);
    if (folder === undefined) throw new Error(`bug: no card for ${name}`);
    return this.cards[folder];
  }

  #emit(life: number): EmitEvent {
    return (name, event) => {
      if (this.#life === life) this.#parts.tell(`${this.identity.name} ${name} ${JSON.stringify(event)}`);
    };
  }
}
