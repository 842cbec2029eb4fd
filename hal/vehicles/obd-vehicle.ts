/** A car through an OBD adapter, by its profile. */
import { fail, ok, type Result } from "#base/result.ts";
import { fromHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { asciiBytes } from "./adapter-line.ts";
import { type ChargingState, NOT_CHARGING, stepCharging } from "./charging-rule.ts";
import { decodeSignals, type Quantities } from "./decode-signals.ts";
import { ObdAdapter } from "./obd-adapter.ts";
import { type CounterMemory, findImplausible } from "./plausibility.ts";
import type { ProfileRequest, Quantity, VehicleProfile } from "./profile.ts";

export interface ObdVehicleSettings {
  readonly profile: VehicleProfile;
  /** No new attempt of a sample begins after this. A started one may add the seconds of its recovery. */
  readonly sampleBudgetMs?: number;
  /** A car that sleeps is left alone, for its 12 V battery's sake: this long at first, twice as long each time. */
  readonly asleepPauseMs?: number;
  readonly asleepPauseMaxMs?: number;
}

export class ObdVehicle implements VehicleLink {
  readonly #clock: Clock;
  readonly #profile: VehicleProfile;
  readonly #adapter: ObdAdapter;
  readonly #settings: Required<ObdVehicleSettings>;
  readonly #unsupported = new Set<ProfileRequest>();
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #charging: ChargingState = NOT_CHARGING;
  #counter: CounterMemory | null = null;
  #asleep: { readonly fault: VehicleFault; readonly pauseMs: number; readonly untilMs: number } | undefined;

  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, settings: ObdVehicleSettings) {
    this.#clock = dependencies.clock;
    this.#profile = settings.profile;
    this.#settings = { sampleBudgetMs: 12_000, asleepPauseMs: 2_000, asleepPauseMaxMs: 60_000, ...settings };
    this.#adapter = new ObdAdapter(dependencies, settings.profile.sessions);
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return this.#inOrder(async () => {
      const banner = await this.#adapter.prepare();
      return banner.ok ? ok({ adapter: banner.value, profile: this.#profile.name }) : banner;
    });
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    return this.#inOrder(() => this.#sampleOrPause());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Ends the command in flight; the calls behind it find the vehicle closed.
    await this.#adapter.close();
    await this.#queue;
  }

  #inOrder<Value>(work: () => Promise<Result<Value, VehicleFault>>): Promise<Result<Value, VehicleFault>> {
    const run = async (): Promise<Result<Value, VehicleFault>> => {
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      const result = await work();
      if (!this.#closedMeanwhile()) return result;
      await this.#adapter.close();
      return fail({ code: "VEHICLE_CLOSED" });
    };
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #closedMeanwhile(): boolean {
    return this.#isClosed;
  }

  async #sampleOrPause(): Promise<Result<VehicleSample, VehicleFault>> {
    if (this.#asleep !== undefined && this.#clock.monotonicMs() < this.#asleep.untilMs) return fail(this.#asleep.fault);
    const sample = await this.#takeSample();
    if (sample.ok) this.#asleep = undefined;
    else if (sample.fault.code === "VEHICLE_ASLEEP") this.#letSleep(sample.fault);
    return sample;
  }

  #letSleep(fault: VehicleFault): void {
    const { asleepPauseMs, asleepPauseMaxMs } = this.#settings;
    const pauseMs = Math.min(this.#asleep === undefined ? asleepPauseMs : 2 * this.#asleep.pauseMs, asleepPauseMaxMs);
    this.#asleep = { fault, pauseMs, untilMs: this.#clock.monotonicMs() + pauseMs };
    this.#charging = NOT_CHARGING;
  }

  async #takeSample(): Promise<Result<VehicleSample, VehicleFault>> {
    const endMs = this.#clock.monotonicMs() + this.#settings.sampleBudgetMs;
    let fault: VehicleFault = { code: "VEHICLE_BAD_REPLY", request: "", reason: "no time to ask" };
    for (let attempt = 0; attempt < ATTEMPTS_MAX && this.#mayGoOn(endMs); attempt += 1) {
      const power = await this.#askAll(this.#profile.powerRequests);
      if (power.ok) {
        const complete = await this.#complete(power.value, endMs);
        if (complete.ok) return complete;
        fault = complete.fault;
        continue;
      }
      fault = power.fault.fault;
      if (power.fault.isFinal) break;
    }
    // A counter that was believed wrongly must not make every later one look wrong.
    if (fault.code === "VEHICLE_IMPLAUSIBLE") this.#counter = null;
    if (fault.code === "VEHICLE_BAD_REPLY") this.#adapter.distrust();
    return fail(fault);
  }

  #mayGoOn(endMs: number): boolean {
    return !this.#isClosed && this.#clock.monotonicMs() < endMs;
  }

  /** Back to back, so that voltage and current belong together; one that fails spoils the group. */
  async #askAll(requests: readonly ProfileRequest[]): Promise<Result<Answers, FailedAttempt>> {
    let answers: Answers | undefined;
    for (const request of requests) {
      const answer = await this.#askOne(request);
      if (!answer.ok) return answer;
      answers = answers === undefined ? answer.value : join(answers, answer.value);
    }
    assert(answers !== undefined, "a profile has a request for voltage and current");
    return ok(answers);
  }

  async #askOne(request: ProfileRequest): Promise<Result<Answers, FailedAttempt>> {
    const bytes = fromHex(request.request) ?? new Uint8Array();
    const outcome = await this.#adapter.ask({ ecu: request.ecu, bytes });
    switch (outcome.kind) {
      case "payload": {
        const decoded = decodeSignals(request, bytes, outcome.payload);
        if (!decoded.ok) return again(faultOfSignals(request, decoded.fault));
        const { startedMs, endedMs, text } = outcome;
        return ok({ quantities: decoded.value, startedMs, endedMs, replies: [asciiBytes(text)] });
      }
      case "ask-again":
        return again(outcome.fault);
      case "refused": {
        const fault: VehicleFault = {
          code: "VEHICLE_REFUSED",
          request: request.request,
          responseCode: outcome.responseCode,
        };
        return fail({ fault, isFinal: NEVER_KNOWN.has(outcome.responseCode) });
      }
      case "given-up":
        return fail({ fault: outcome.fault, isFinal: true });
    }
  }

  /** Adds what else the car tells, and judges the whole. */
  async #complete(power: Answers, endMs: number): Promise<Result<VehicleSample, VehicleFault>> {
    let answers = power;
    for (const request of this.#profile.otherRequests) {
      if (this.#unsupported.has(request) || !this.#mayGoOn(endMs)) continue;
      const answer = await this.#askOne(request);
      if (answer.ok) answers = { ...join(answers, answer.value), startedMs: power.startedMs, endedMs: power.endedMs };
      else if (answer.fault.fault.code === "VEHICLE_REFUSED" && answer.fault.isFinal) this.#unsupported.add(request);
    }
    const monotonicMs = (power.startedMs + power.endedMs) / 2;
    const seen = { quantities: answers.quantities, monotonicMs };
    const implausible = findImplausible(this.#profile, seen, this.#counter);
    if (implausible !== undefined) return fail({ code: "VEHICLE_IMPLAUSIBLE", ...implausible });
    return ok(this.#accept(answers, monotonicMs));
  }

  #accept(answers: Answers, monotonicMs: number): VehicleSample {
    const { quantities, replies } = answers;
    const charged = numberOf(quantities, "chargedMilliWh");
    if (charged !== null) this.#counter = { chargedMilliWh: charged, monotonicMs };
    this.#charging = stepCharging(this.#profile.charging, this.#charging, { quantities, monotonicMs });
    return {
      batteryVoltageV: numberOf(quantities, "batteryVoltageV") ?? 0,
      batteryCurrentA: numberOf(quantities, "batteryCurrentA") ?? 0,
      chargedMilliWh: charged === null ? null : Math.round(charged),
      chargedResolutionMilliWh: charged === null ? null : this.#profile.chargedResolutionMilliWh,
      stateOfChargePercent: numberOf(quantities, "stateOfChargePercent"),
      inlet: null,
      plugged: null,
      charging: this.#charging.isCharging,
      rawReplies: replies,
      monotonicMs,
      wallMs: this.#clock.wallMs() - Math.round(this.#clock.monotonicMs() - monotonicMs),
    };
  }
}

/** Asked once, and twice again. */
const ATTEMPTS_MAX = 3;
/** ISO 14229-1: service not supported, sub-function not supported, request out of range. */
const NEVER_KNOWN: ReadonlySet<number> = new Set([0x11, 0x12, 0x31]);

interface Answers {
  readonly quantities: Quantities;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly replies: readonly Uint8Array[];
}

interface FailedAttempt {
  readonly fault: VehicleFault;
  /** Asking again is of no use. */
  readonly isFinal: boolean;
}

function join(first: Answers, second: Answers): Answers {
  return {
    quantities: new Map([...first.quantities, ...second.quantities]),
    startedMs: first.startedMs,
    endedMs: second.endedMs,
    replies: [...first.replies, ...second.replies],
  };
}

function again(fault: VehicleFault): { readonly ok: false; readonly fault: FailedAttempt } {
  return fail({ fault, isFinal: false });
}

function faultOfSignals(
  request: ProfileRequest,
  fault: Extract<ReturnType<typeof decodeSignals>, { readonly ok: false }>["fault"],
): VehicleFault {
  if (fault.code === "SIGNAL_IMPLAUSIBLE") return { ...fault, code: "VEHICLE_IMPLAUSIBLE" };
  const reason = `${fault.bytes} data bytes, not ${fault.expectedMin}`;
  return { code: "VEHICLE_BAD_REPLY", request: request.request, reason };
}

function numberOf(quantities: Quantities, quantity: Quantity): number | null {
  return quantities.get(quantity) ?? null;
}
