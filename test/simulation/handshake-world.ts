/**
 * One vehicle, one station, a mesh that loses, repeats, reorders, delays and damages, and two gateways that may lose
 * their power at any instant and start again from what was durable. One seed, one history.
 */
import type { Committed, HandshakeEffect, Instant } from "#core/handshake/effects.ts";
import type { HandshakeContext, StationContext } from "#core/handshake/handshake-context.ts";
import { recommit } from "#core/handshake/recommit.ts";
import { stepStationHandshake } from "#core/handshake/station-handshake.ts";
import { LISTENING, type StationState } from "#core/handshake/station-state.ts";
import { stepVehicleHandshake } from "#core/handshake/vehicle-handshake.ts";
import {
  resumeVehicleHandshake,
  type Start,
  type VehicleInput,
  type VehicleState,
} from "#core/handshake/vehicle-state.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { stationSecrets, WALL_SECONDS } from "#test/builders/handshake-parties.ts";

/** Chances from 0 to 1, and times in ms. */
export interface Faults {
  readonly loss: number;
  readonly repetition: number;
  readonly damage: number;
  readonly delayMaxMs: number;
  readonly vehicleCrash: number;
  readonly stationCrash: number;
}

export interface Disk {
  promise: Uint8Array | undefined;
  readonly opens: Uint8Array[];
}

export type Name = "vehicle" | "station";

/** When faults end: messages that were lost before stay lost, facts are told again and arrive. */
const FAULTS_END_MS = 60_000;
const END_MS = 400_000;
const FACT_REPEATED_MS = [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 127_000];
const RESTART_MS = 3000;

export class HandshakeWorld {
  readonly random: SeededRandom;
  readonly sent: Uint8Array[] = [];
  readonly committed: Readonly<Record<Name, Committed[]>> = { vehicle: [], station: [] };
  readonly disks: Readonly<Record<Name, Disk>> = {
    vehicle: { promise: undefined, opens: [] },
    station: { promise: undefined, opens: [] },
  };
  crashes = 0;
  nowMs = 0;
  /** When the vehicle first knew of the contract. */
  agreedMs: number | undefined;
  vehicle: VehicleState | undefined = { phase: "idle" };
  #station: StationState | undefined = LISTENING;
  #queue: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  readonly #faults: Faults;
  readonly #contexts: { readonly vehicle: HandshakeContext; readonly station: StationContext };

  constructor(
    seed: number,
    faults: Faults,
    contexts: { readonly vehicle: HandshakeContext; readonly station: StationContext },
  ) {
    this.random = new SeededRandom(seed);
    this.#faults = faults;
    const evse = (number: number): ReturnType<StationContext["evse"]> => {
      const view = contexts.station.evse(number);
      return view && { ...view, isBusy: this.disks.station.opens.length > 0 };
    };
    this.#contexts = { ...contexts, station: { ...contexts.station, evse } };
  }

  run(start: Start): void {
    this.#at(0, () => {
      this.#stepVehicle(start);
    });
    for (let event = this.#next(); event !== undefined; event = this.#next()) {
      this.nowMs = event.atMs;
      event.run();
    }
  }

  #next(): { readonly atMs: number; readonly run: () => void } | undefined {
    this.#queue.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
    const event = this.#queue.shift();
    return event === undefined || event.atMs > END_MS ? undefined : event;
  }

  #at(atMs: number, run: () => void): void {
    this.#queue.push({ atMs, order: this.#order, run });
    this.#order += 1;
  }

  get #instant(): Instant {
    return { monotonicMs: this.nowMs, wallSeconds: WALL_SECONDS + Math.floor(this.nowMs / 1000) };
  }

  #stepVehicle(input: VehicleInput): void {
    if (this.vehicle === undefined) return;
    const { state, effects } = stepVehicleHandshake(this.vehicle, input, this.#contexts.vehicle);
    this.vehicle = state;
    this.#perform("vehicle", effects);
  }

  #receive(name: Name, bytes: Uint8Array): void {
    const at = this.#instant;
    if (name === "vehicle") this.#stepVehicle({ kind: "message", bytes, at });
    else this.#stepStation({ kind: "message", bytes, at, fresh: stationSecrets(`draw ${this.#order}`) });
  }

  #stepStation(input: Parameters<typeof stepStationHandshake>[1]): void {
    if (this.#station === undefined) return;
    const { state, effects } = stepStationHandshake(this.#station, input, this.#contexts.station);
    this.#station = state;
    this.#perform("station", effects);
  }

  /** A crash may hit between any two effects; what follows is then not done. */
  #perform(name: Name, effects: readonly HandshakeEffect[]): void {
    for (const effect of effects) {
      if (this.#crashesNow(name)) return;
      this.#performOne(name, effect);
    }
  }

  #performOne(name: Name, effect: HandshakeEffect): void {
    switch (effect.kind) {
      case "send":
        this.sent.push(effect.bytes);
        this.#carry(effect.bytes, (bytes) => {
          this.#receive(name === "vehicle" ? "station" : "vehicle", bytes);
        });
        break;
      case "store":
        this.#store(name, effect);
        break;
      case "wakeAt":
        this.#at(Math.max(effect.monotonicMs, this.nowMs), () => {
          const input = { kind: "deadline", at: this.#instant } as const;
          if (name === "vehicle") this.#stepVehicle(input);
          else this.#stepStation(input);
        });
        break;
      case "committed":
        this.committed[name].push(effect);
        if (name === "vehicle") this.agreedMs ??= this.nowMs;
        this.#publish(effect.open);
        break;
      case "aborted":
      case "ignored":
        break;
    }
  }

  #store(name: Name, effect: Extract<HandshakeEffect, { kind: "store" }>): void {
    this.#at(this.nowMs + this.random.integer(1, 200), () => {
      if (this.#isDown(name) || this.#crashesNow(name)) return;
      const disk = this.disks[name];
      if (effect.record === "promise") disk.promise = effect.bytes;
      else disk.opens.push(effect.bytes);
      if (this.#crashesNow(name)) return;
      const input = { kind: "stored", handshake: effect.handshake, at: this.#instant } as const;
      if (name === "vehicle") this.#stepVehicle(input);
      else this.#stepStation(input);
    });
  }

  /** OPEN as a fact: told again and again, by whoever has it. */
  #publish(open: Uint8Array): void {
    for (const laterMs of FACT_REPEATED_MS) {
      this.#at(this.nowMs + laterMs, () => {
        this.#carry(open, (bytes) => {
          this.#stepVehicle({ kind: "openSeen", open: bytes, at: this.#instant });
        });
      });
    }
  }

  #carry(bytes: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    const isCalm = this.nowMs >= FAULTS_END_MS;
    const { loss, repetition, damage, delayMaxMs } = this.#faults;
    if (!isCalm && this.random.next() < loss) return;
    const copies = !isCalm && this.random.next() < repetition ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const content = !isCalm && this.random.next() < damage ? this.#damaged(bytes) : bytes;
      this.#at(this.nowMs + this.random.integer(5, isCalm ? 50 : delayMaxMs), () => {
        arrive(content);
      });
    }
  }

  #damaged(bytes: Uint8Array): Uint8Array {
    const place = this.random.integer(0, bytes.length - 1);
    return bytes.with(place, (bytes[place] ?? 0) ^ (1 << this.random.integer(0, 7)));
  }

  #isDown(name: Name): boolean {
    return (name === "vehicle" ? this.vehicle : this.#station) === undefined;
  }

  #crashesNow(name: Name): boolean {
    const chance = name === "vehicle" ? this.#faults.vehicleCrash : this.#faults.stationCrash;
    if (this.nowMs >= FAULTS_END_MS || this.random.next() >= chance) return false;
    this.crashes += 1;
    if (name === "vehicle") this.vehicle = undefined;
    else this.#station = undefined;
    this.#at(this.nowMs + RESTART_MS, () => {
      this.#restart(name);
    });
    return true;
  }

  #restart(name: Name): void {
    const { promise, opens } = this.disks[name];
    if (name === "station") this.#station = LISTENING;
    else this.vehicle = opens.length > 0 ? { phase: "idle" } : this.#resumed(promise);
    for (const open of opens) {
      const again = recommit(open, this.#contexts[name]);
      if (!again.ok) throw new Error(`a stored OPEN is not readable: ${again.fault.code}`);
      this.#performOne(name, again.value);
    }
  }

  #resumed(promise: Uint8Array | undefined): VehicleState {
    if (promise === undefined) return { phase: "idle" };
    const resumed = resumeVehicleHandshake(promise, this.#contexts.vehicle);
    if (!resumed.ok) throw new Error(`a stored promise is not readable: ${resumed.fault.code}`);
    return resumed.value;
  }
}
