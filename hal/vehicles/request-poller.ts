/**
 * Asks a profile's requests, each at its pace and by the variant that this car answers, in the session that it needs.
 * What fails again and again is asked ever more rarely; what the car refuses for good is not asked any more.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import { type EcuAddress, unitOf } from "#hal/protocols/obd/ecu-address.ts";
import { REFUSED_FOR_GOOD, SESSION_CONTROL } from "#hal/protocols/obd/uds-codes.ts";
import { decodeSignals, type Quantities, type SignalFault } from "./decode-signals.ts";
import type { Pace, RequestVariant, VehicleProfile } from "./profile.ts";
import { requestBytes, variantsOf } from "./profile-requests.ts";
import { PACE_MS } from "./quantity-memory.ts";
import type { VehicleLine } from "./vehicle-line.ts";

export interface Reading {
  readonly quantities: Quantities;
  readonly pace: Pace;
  readonly reply: Uint8Array;
  /** From the request's first byte to the prompt. */
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface FailedReading {
  readonly fault: VehicleFault;
  /** Asking again is of no use. */
  readonly isFinal: boolean;
}

export class RequestPoller {
  readonly #line: Pick<VehicleLine, "ask">;
  readonly #clock: Clock;
  readonly #profile: VehicleProfile;
  readonly #slots: readonly Slot[];
  /** Of the profile's requests. */
  readonly #bytes = new Map<string, Uint8Array>();
  /** Units that have answered of late. */
  readonly #answering = new Set<string>();

  constructor(
    dependencies: { readonly line: Pick<VehicleLine, "ask">; readonly clock: Clock },
    profile: VehicleProfile,
  ) {
    this.#line = dependencies.line;
    this.#clock = dependencies.clock;
    this.#profile = profile;
    this.#slots = profile.requests.map((request) => ({
      pace: request.pace,
      variants: variantsOf(request),
      index: 0,
      isProven: false,
      isAsked: false,
      isRead: false,
      refused: new Set<number>(),
      failures: 0,
      dueAtMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Back to back, so that voltage and current belong together; one that fails spoils them all. */
  async readPower(): Promise<Result<readonly Reading[], FailedReading>> {
    const readings: Reading[] = [];
    for (const slot of this.#slots.filter(({ pace }) => pace === "power")) {
      const reading = await this.#read(slot);
      if (!reading.ok) return reading;
      readings.push(reading.value);
    }
    const [first] = readings;
    const last = readings.at(-1);
    if (first !== undefined && last !== undefined && last.endedMs - first.startedMs > PAIR_MS_MAX) {
      return again({ code: "VEHICLE_BAD_REPLY", request: "", reason: "voltage and current are too far apart in time" });
    }
    return ok(readings);
  }

  /** Of the rest, what is due; what fails is left out. `mayGoOn` is asked before each request. */
  async readOthers(mayGoOn: () => boolean): Promise<readonly Reading[]> {
    const readings: Reading[] = [];
    for (const slot of this.#slots) {
      if (slot.pace === "power" || slot.dueAtMs > this.#clock.monotonicMs() || !mayGoOn()) continue;
      const reading = await this.#read(slot);
      slot.isRead = reading.ok;
      if (reading.ok) readings.push(reading.value);
      else this.#putOff(slot);
    }
    return readings;
  }

  /** The sample that the readings were for is believed: from now on their requests wait for their next turn. */
  commit(): void {
    const now = this.#clock.monotonicMs();
    for (const slot of this.#slots) {
      if (slot.isRead) slot.dueAtMs = now + PACE_MS[slot.pace];
      slot.isRead = false;
    }
  }

  /** The car was away: all is due again. */
  restart(): void {
    this.#answering.clear();
    for (const slot of this.#slots) {
      slot.dueAtMs = Number.NEGATIVE_INFINITY;
      slot.failures = 0;
    }
  }

  async #read(slot: Slot): Promise<Result<Reading, FailedReading>> {
    const variant = this.#choose(slot);
    await this.#enterSession(variant.ecu);
    const bytes = this.#bytesOf(variant.request);
    const outcome = await this.#line.ask({ ecu: variant.ecu, bytes });
    switch (outcome.kind) {
      case "payload": {
        this.#answering.add(unitOf(variant.ecu));
        const decoded = decodeSignals(variant, bytes, outcome.payload);
        if (!decoded.ok) {
          if (decoded.fault.code === "SIGNALS_OTHER_LENGTH") moveOn(slot);
          return again(faultOfSignals(variant, decoded.fault));
        }
        slot.isProven = true;
        slot.failures = 0;
        const { startedMs, endedMs, text } = outcome;
        return ok({ quantities: decoded.value, pace: slot.pace, reply: evidenceOf(text), startedMs, endedMs });
      }
      case "ask-again":
        this.#answering.delete(unitOf(variant.ecu));
        moveOn(slot);
        return again(outcome.fault);
      case "refused":
        return this.#acceptRefusal(slot, variant, outcome.responseCode);
      case "given-up":
        return fail({ fault: outcome.fault, isFinal: true });
    }
  }

  #acceptRefusal(slot: Slot, variant: RequestVariant, responseCode: number): ReturnType<typeof again> {
    const fault: VehicleFault = { code: "VEHICLE_REFUSED", request: variant.request, responseCode };
    if (!REFUSED_FOR_GOOD.has(responseCode)) return again(fault);
    slot.refused.add(slot.index);
    slot.isProven = false;
    moveOn(slot);
    return fail({ fault, isFinal: slot.refused.size === slot.variants.length });
  }

  #bytesOf(request: string): Uint8Array {
    const known = this.#bytes.get(request) ?? requestBytes(request);
    this.#bytes.set(request, known);
    return known;
  }

  /** At first by a unit that has answered before: alternatives are often the same identifiers at another unit. */
  #choose(slot: Slot): RequestVariant {
    if (!slot.isAsked) {
      const spoken = slot.variants.findIndex(({ ecu }) => this.#answering.has(unitOf(ecu)));
      slot.index = Math.max(0, spoken);
      slot.isAsked = true;
    }
    const variant = slot.variants[slot.index] ?? slot.variants[0];
    return variant;
  }

  /**
   * Before a unit is asked for the first time, and again after it was silent: some say nothing outside of the session
   * instead of refusing. The line keeps the session alive, and enters it anew where the unit refuses.
   */
  async #enterSession(ecu: EcuAddress): Promise<void> {
    const { session } = this.#profile;
    if (session === null || this.#answering.has(unitOf(ecu))) return;
    // Whatever becomes of it: one that refuses the session, or does not know it, may answer without.
    await this.#line.ask({ ecu, bytes: Uint8Array.of(SESSION_CONTROL, session.type) });
  }

  #putOff(slot: Slot): void {
    slot.failures = Math.min(slot.failures + 1, 16);
    const isHopeless = slot.refused.size === slot.variants.length;
    const pauseMs = Math.min(Math.max(PACE_MS[slot.pace], RETRY_FIRST_MS) * 2 ** (slot.failures - 1), RETRY_MAX_MS);
    slot.dueAtMs = isHopeless ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + pauseMs;
  }
}

interface Slot {
  readonly pace: Pace;
  readonly variants: readonly [RequestVariant, ...RequestVariant[]];
  index: number;
  /** The variant at the index has answered. */
  isProven: boolean;
  isAsked: boolean;
  /** For the sample that is being taken. */
  isRead: boolean;
  readonly refused: Set<number>;
  failures: number;
  dueAtMs: number;
}

/** Further apart, voltage and current do not belong together: a battery that begins to charge is at another voltage. */
const PAIR_MS_MAX = 3_000;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 300_000;

/** Another variant is tried next; one that has answered is not left because of a lost reply. */
function moveOn(slot: Slot): void {
  if (slot.isProven || slot.variants.length === 1) return;
  for (let step = 1; step <= slot.variants.length; step += 1) {
    const index = (slot.index + step) % slot.variants.length;
    if (slot.refused.has(index)) continue;
    slot.index = index;
    return;
  }
}

/** Characters beyond ASCII, which stand for line noise, become question marks. */
function evidenceOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    bytes[index] = code < 0x80 ? code : 0x3f;
  }
  return bytes;
}

function again(fault: VehicleFault): { readonly ok: false; readonly fault: FailedReading } {
  return fail({ fault, isFinal: false });
}

function faultOfSignals(variant: RequestVariant, fault: SignalFault): VehicleFault {
  if (fault.code === "SIGNAL_IMPLAUSIBLE") return { ...fault, code: "VEHICLE_IMPLAUSIBLE" };
  const reason = `${fault.bytes} data bytes, not ${fault.expected}`;
  return { code: "VEHICLE_BAD_REPLY", request: variant.request, reason };
}
