/**
 * What a control unit says to a diagnostic request: readings, refusals and sessions (ISO 14229-1; service 21 and its
 * sessions by ISO 14230-3). It knows messages only, not frames.
 */
import type { Clock } from "#hal/ports/clock.ts";
import { concatBytes, fromHex } from "#base/bytes.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { BatterySource } from "./battery-source.ts";
import type { ControlUnit, Identifier } from "./cars/control-unit.ts";

export interface ServerFaults {
  /** Probability of an identifier's value for none, where the unit has one. */
  readonly valueUnknown?: number;
  /** Probability that the session has ended by itself. */
  readonly sessionLost?: number;
}

export interface ServerDependencies {
  readonly clock: Clock;
  readonly battery: BatterySource;
  readonly random: SeededRandom;
  readonly count: (fault: string) => void;
}

/** Negative response codes, ISO 14229-1, annex A.1; on purpose not those of `hal/protocols/obd/uds-codes.ts`. */
export const NRC = {
  serviceUnknown: 0x11,
  subFunctionUnknown: 0x12,
  wrongLength: 0x13,
  conditionsNotCorrect: 0x22,
  outOfRange: 0x31,
  responsePending: 0x78,
  notInThisSession: 0x7f,
} as const;

const DEFAULT_SESSION = 0x01;
const SUPPRESS_REPLY = 0x80;

export class DiagnosticServer {
  readonly #unit: ControlUnit;
  readonly #faults: ServerFaults;
  readonly #dependencies: ServerDependencies;
  #session = DEFAULT_SESSION;
  #lastRequestMs = Number.NEGATIVE_INFINITY;

  constructor(dependencies: ServerDependencies, unit: ControlUnit, faults: ServerFaults) {
    this.#dependencies = dependencies;
    this.#unit = unit;
    this.#faults = faults;
  }

  /** The whole message, from the service byte on; undefined where the unit keeps silent. */
  answer(request: Uint8Array): Uint8Array | undefined {
    this.#keepSession();
    const [service = 0, detail = 0] = request;
    switch (service) {
      case 0x10:
        return request.length === 2 ? this.#changeSession(detail) : refuse(service, NRC.wrongLength);
      case 0x3e:
        if (request.length > 2) return refuse(service, NRC.wrongLength);
        return (detail & SUPPRESS_REPLY) !== 0 ? undefined : Uint8Array.of(0x7e, detail);
      case 0x21:
      case 0x22:
        return this.#read(request);
      default:
        return refuse(service, NRC.serviceUnknown);
    }
  }

  /** A unit that loses its supply forgets its session. */
  reset(): void {
    this.#session = DEFAULT_SESSION;
  }

  #keepSession(): void {
    const nowMs = this.#dependencies.clock.monotonicMs();
    const timeoutMs = this.#unit.session?.timeoutMs ?? 0;
    const isOver = nowMs - this.#lastRequestMs > timeoutMs;
    this.#lastRequestMs = nowMs;
    if (this.#session === DEFAULT_SESSION) return;
    const isLost = this.#dependencies.random.chance(this.#faults.sessionLost ?? 0);
    if (isLost) this.#dependencies.count("sessionLost");
    if (isOver || isLost) this.#session = DEFAULT_SESSION;
  }

  #changeSession(kind: number): Uint8Array {
    const wanted = this.#unit.session?.kind;
    if (kind !== DEFAULT_SESSION && kind !== wanted) return refuse(0x10, NRC.subFunctionUnknown);
    this.#session = kind;
    // Makers' sessions of the older protocol tell no timing; P2 is 50 ms and P2* 5 s in those of ISO 14229.
    return kind < 0x40 ? Uint8Array.of(0x50, kind, 0x00, 0x32, 0x01, 0xf4) : Uint8Array.of(0x50, kind);
  }

  #read(request: Uint8Array): Uint8Array {
    const [service = 0, high = 0, low = 0] = request;
    const known = this.#unit.identifiers;
    if (!known.some((identifier) => identifier.service === service)) return refuse(service, NRC.serviceUnknown);
    if (request.length !== (service === 0x21 ? 2 : 3)) return refuse(service, NRC.wrongLength);
    const wanted = this.#unit.session?.kind;
    if (wanted !== undefined && this.#session !== wanted) return refuse(service, NRC.notInThisSession);
    const id = service === 0x21 ? high : high * 256 + low;
    const identifier = known.find((each) => each.service === service && each.id === id);
    if (identifier === undefined) return refuse(service, NRC.outOfRange);
    const echo = Uint8Array.from(request);
    echo[0] = service + 0x40;
    return concatBytes(echo, this.#value(identifier));
  }

  #value(identifier: Identifier): Uint8Array {
    const { random, battery, count } = this.#dependencies;
    const { unknown } = identifier;
    if (unknown !== undefined && random.chance(this.#faults.valueUnknown ?? 0)) {
      count("valueUnknown");
      return fromHex(random.pick(unknown)) ?? new Uint8Array();
    }
    return identifier.encode(battery.now());
  }
}

export function refuse(service: number, code: number): Uint8Array {
  return Uint8Array.of(0x7f, service, code);
}
