/** One handshake by hand: both machines, every message kept, storage that is ready at once. */
import type { Committed, HandshakeEffect, Instant, Send, Step } from "#core/handshake/effects.ts";
import type { HandshakeContext, StationContext } from "#core/handshake/handshake-context.ts";
import { stepStationHandshake } from "#core/handshake/station-handshake.ts";
import { LISTENING, type StationInput, type StationState } from "#core/handshake/station-state.ts";
import { stepVehicleHandshake } from "#core/handshake/vehicle-handshake.ts";
import type { Start, VehicleInput, VehicleState } from "#core/handshake/vehicle-state.ts";
import { stationSecrets, WALL_SECONDS } from "#test/builders/handshake-parties.ts";

/** A machine with its memory of effects; `store` is answered with `stored` before the next input. */
class Side<State, Input> {
  state: State;
  readonly effects: HandshakeEffect[] = [];
  readonly #step: (state: State, input: Input) => Step<State>;
  readonly #stored: (handshake: Uint8Array) => Input;

  constructor(state: State, step: (state: State, input: Input) => Step<State>, stored: (id: Uint8Array) => Input) {
    this.state = state;
    this.#step = step;
    this.#stored = stored;
  }

  /** The effects of this input, those after storing included. */
  take(input: Input): readonly HandshakeEffect[] {
    const { state, effects } = this.#step(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    const later = effects.flatMap((effect) =>
      effect.kind === "store" ? this.take(this.#stored(effect.handshake)) : [],
    );
    return [...effects, ...later];
  }

  get sent(): readonly Uint8Array[] {
    return this.effects.filter((effect): effect is Send => effect.kind === "send").map(({ bytes }) => bytes);
  }

  get committed(): readonly Committed[] {
    return this.effects.filter((effect): effect is Committed => effect.kind === "committed");
  }

  get abortCode(): string | undefined {
    const aborted = this.effects.find((effect) => effect.kind === "aborted");
    return aborted?.reason.code;
  }

  get faultCodes(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.kind === "ignored" ? [effect.fault.code] : []));
  }
}

export type VehicleSide = Side<VehicleState, VehicleInput>;
export type StationSide = Side<StationState, StationInput>;

export function vehicleSide(context: HandshakeContext, state: VehicleState = { phase: "idle" }): VehicleSide {
  return new Side<VehicleState, VehicleInput>(
    state,
    (before, input) => stepVehicleHandshake(before, input, context),
    (handshake) => ({ kind: "stored", handshake, at: instant(0) }),
  );
}

export function stationSide(context: StationContext): StationSide {
  return new Side<StationState, StationInput>(
    LISTENING,
    (before, input) => stepStationHandshake(before, input, context),
    (handshake) => ({ kind: "stored", handshake, at: instant(0) }),
  );
}

export function instant(monotonicMs: number): Instant {
  return { monotonicMs, wallSeconds: WALL_SECONDS + Math.floor(monotonicMs / 1000) };
}

/** The messages that the side sends in answer to one. */
export function giveVehicle(side: VehicleSide, bytes: Uint8Array, monotonicMs = 100): readonly Uint8Array[] {
  return sentIn(side.take({ kind: "message", bytes, at: instant(monotonicMs) }));
}

export function giveStation(
  side: StationSide,
  bytes: Uint8Array,
  { name = "station", monotonicMs = 100 }: { readonly name?: string; readonly monotonicMs?: number } = {},
): readonly Uint8Array[] {
  const fresh = stationSecrets(`${name} ${side.sent.length}`);
  return sentIn(side.take({ kind: "message", bytes, at: instant(monotonicMs), fresh }));
}

export interface Recorded {
  readonly m1: Uint8Array;
  readonly m2: Uint8Array;
  readonly m3: Uint8Array;
  readonly m4: Uint8Array;
}

/** A whole honest run; throws when a message is missing. */
export function runHonestly(vehicle: VehicleSide, station: StationSide, start: Start): Recorded {
  const m1 = only(sentIn(vehicle.take(start)));
  const m2 = only(giveStation(station, m1));
  const m3 = only(giveVehicle(vehicle, m2));
  const m4 = only(giveStation(station, m3));
  giveVehicle(vehicle, m4);
  return { m1, m2, m3, m4 };
}

export function only(messages: readonly Uint8Array[]): Uint8Array {
  const [message] = messages;
  if (message === undefined || messages.length > 1) throw new Error(`${messages.length} messages instead of one`);
  return message;
}

export function sentIn(effects: readonly HandshakeEffect[]): readonly Uint8Array[] {
  return effects.flatMap((effect) => (effect.kind === "send" ? [effect.bytes] : []));
}
