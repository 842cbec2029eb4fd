/** A car through an OBD adapter, by its profile. */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { CallQueue } from "./call-queue.ts";
import { type ChargingState, isPlugged, NOT_CHARGING, stepCharging } from "./charging-rule.ts";
import type { Quantities } from "./decode-signals.ts";
import {
  type ContactFinding,
  contactFindings,
  contactRefusal,
  type FirstContact,
  NO_CONTACT,
  restCurrentA,
  stepFirstContact,
} from "./first-contact.ts";
import { inletPower } from "./inlet-power.ts";
import { ObdAdapter } from "./obd-adapter.ts";
import { type CounterMemory, findImplausible, measuresBattery } from "./plausibility.ts";
import type { VehicleProfile } from "./profile.ts";
import { batterySteps } from "./profile-measure.ts";
import type { Quantity } from "./quantity.ts";
import { QuantityMemory } from "./quantity-memory.ts";
import { type Reading, RequestPoller } from "./request-poller.ts";
import type { VehicleLine } from "./vehicle-line.ts";

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
  readonly #line: VehicleLine;
  readonly #poller: RequestPoller;
  readonly #settings: Required<ObdVehicleSettings>;
  readonly #steps: ReturnType<typeof batterySteps>;
  readonly #memory = new QuantityMemory();
  readonly #calls = new CallQueue();
  #isClosed = false;
  #charging: ChargingState = NOT_CHARGING;
  #counter: CounterMemory | null = null;
  #sampledAtMs = Number.NEGATIVE_INFINITY;
  #contact: FirstContact = NO_CONTACT;
  #asleep: { readonly fault: AsleepFault; readonly pauseMs: number; readonly untilMs: number } | undefined;

  /** Over an adapter on a byte link, or over a line that may enter the profile's session. */
  constructor(
    dependencies: { readonly clock: Clock } & ({ readonly link: ByteLink } | { readonly line: VehicleLine }),
    settings: ObdVehicleSettings,
  ) {
    const { profile } = settings;
    this.#clock = dependencies.clock;
    this.#profile = profile;
    this.#steps = batterySteps(profile);
    this.#settings = { sampleBudgetMs: 12_000, asleepPauseMs: 2_000, asleepPauseMaxMs: 60_000, ...settings };
    this.#line = "line" in dependencies ? dependencies.line : new ObdAdapter(dependencies, sessionsOf(profile));
    this.#poller = new RequestPoller({ line: this.#line, clock: dependencies.clock }, profile);
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return this.#inOrder(async () => {
      const banner = await this.#line.prepare();
      return banner.ok ? ok({ adapter: banner.value, profile: this.#profile.name }) : banner;
    });
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    return this.#inOrder(() => this.#sampleOrPause());
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return this.#inOrder(() => this.#line.supplyVoltage());
  }

  /** What has been found out since the start about whether the profile is this car's. */
  findings(): readonly ContactFinding[] {
    return contactFindings(this.#profile, this.#contact);
  }

  /** What the current sensor shows at rest, A: a candidate for its zero, not subtracted from anything. */
  get restCurrentA(): number | null {
    return restCurrentA(this.#contact);
  }

  /** All that was known at the last sample, for people to look at. */
  presentQuantities(): Quantities {
    return this.#memory.present(this.#sampledAtMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Ends the command in flight; the calls behind it find the vehicle closed.
    await this.#line.close();
    await this.#calls.settled();
  }

  #inOrder<Value>(work: () => Promise<Result<Value, VehicleFault>>): Promise<Result<Value, VehicleFault>> {
    return this.#calls.run(async () => {
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      const result = await work();
      if (!this.#closedMeanwhile()) return result;
      await this.#line.close();
      return fail({ code: "VEHICLE_CLOSED" });
    });
  }

  #closedMeanwhile(): boolean {
    return this.#isClosed;
  }

  async #sampleOrPause(): Promise<Result<VehicleSample, VehicleFault>> {
    if (this.#asleep !== undefined && this.#clock.monotonicMs() < this.#asleep.untilMs) {
      return fail({ ...this.#asleep.fault, isLeftAlone: true });
    }
    const sample = await this.#takeSample();
    if (sample.ok) this.#asleep = undefined;
    else if (sample.fault.code === "VEHICLE_ASLEEP") this.#letSleep(sample.fault);
    return sample;
  }

  #letSleep(fault: AsleepFault): void {
    const { asleepPauseMs, asleepPauseMaxMs } = this.#settings;
    const pauseMs = Math.min(this.#asleep === undefined ? asleepPauseMs : 2 * this.#asleep.pauseMs, asleepPauseMaxMs);
    this.#asleep = { fault, pauseMs, untilMs: this.#clock.monotonicMs() + pauseMs };
    this.#memory.forget();
    this.#poller.restart();
  }

  async #takeSample(): Promise<Result<VehicleSample, VehicleFault>> {
    const endMs = this.#clock.monotonicMs() + this.#settings.sampleBudgetMs;
    let fault: VehicleFault = { code: "VEHICLE_BAD_REPLY", request: "", reason: "no time to ask" };
    for (let attempt = 0; attempt < ATTEMPTS_MAX && this.#mayGoOn(endMs); attempt += 1) {
      const power = await this.#poller.readPower();
      if (power.ok) {
        const complete = await this.#complete(power.value, endMs);
        if (complete.ok || complete.fault.code === "VEHICLE_WRONG_PROFILE") return complete;
        fault = complete.fault;
        continue;
      }
      fault = power.fault.fault;
      if (power.fault.isFinal) break;
    }
    // A counter that was believed wrongly must not make every later one look wrong.
    if (fault.code === "VEHICLE_IMPLAUSIBLE") this.#counter = null;
    if (fault.code === "VEHICLE_BAD_REPLY") this.#line.distrust();
    return fail(fault);
  }

  #mayGoOn(endMs: number): boolean {
    return !this.#isClosed && this.#clock.monotonicMs() < endMs;
  }

  /** Adds what else is due, and judges the whole. */
  async #complete(power: readonly Reading[], endMs: number): Promise<Result<VehicleSample, VehicleFault>> {
    const others = await this.#poller.readOthers(() => this.#mayGoOn(endMs));
    const readings = [...power, ...others];
    const monotonicMs = ((power[0]?.startedMs ?? 0) + (power.at(-1)?.endedMs ?? 0)) / 2;
    const fresh = new Map(readings.flatMap(({ quantities }) => [...quantities]));
    const implausible = findImplausible(this.#profile, { quantities: fresh, monotonicMs }, this.#counter);
    if (implausible !== undefined) {
      this.#learn({ fresh, present: fresh, implausible: implausible.quantity, monotonicMs });
      return fail(this.#refusal() ?? { code: "VEHICLE_IMPLAUSIBLE", ...implausible });
    }
    this.#poller.commit();
    this.#sampledAtMs = monotonicMs;
    for (const { quantities, pace } of readings) this.#memory.remember(quantities, pace, monotonicMs);
    const present = this.#memory.present(monotonicMs);
    const charged = fresh.get("chargedMilliWh") ?? null;
    if (charged !== null) this.#counter = { chargedMilliWh: charged, monotonicMs };
    this.#charging = stepCharging(this.#profile.charging, this.#charging, { quantities: present, monotonicMs });
    this.#learn({ fresh, present, monotonicMs });
    const refusal = this.#refusal();
    const rawReplies = readings.map(({ reply }) => reply);
    return refusal === undefined ? ok(this.#compose(present, rawReplies, monotonicMs)) : fail(refusal);
  }

  #learn(seen: Omit<Parameters<typeof stepFirstContact>[2], "isCharging" | "plugged">): void {
    const plugged = isPlugged(this.#profile.plugged, seen.present);
    const sample = { ...seen, isCharging: this.#charging.isCharging, plugged };
    this.#contact = stepFirstContact(this.#profile, this.#contact, sample);
  }

  #refusal(): VehicleFault | undefined {
    const finding = contactRefusal(this.#profile, this.#contact);
    if (finding === undefined) return undefined;
    const { check, found, expected } = finding;
    return { code: "VEHICLE_WRONG_PROFILE", profile: this.#profile.name, check, found, expected };
  }

  #compose(present: Quantities, rawReplies: readonly Uint8Array[], monotonicMs: number): VehicleSample {
    const profile = this.#profile;
    const isMeasured = measuresBattery(profile);
    const charged = numberOf(present, "chargedMilliWh");
    // Never one in place of the other: they differ by some per cent, and the step would look like charge.
    const hasOwn = profile.requests.some(({ signals }) => "stateOfChargePercent" in signals);
    const shown = hasOwn ? "stateOfChargePercent" : "displayChargePercent";
    const inlet = inletPower(profile.inlet, present);
    const plugged = this.#charging.isCharging ? true : isPlugged(profile.plugged, present);
    const age = (quantity: Quantity | undefined): number | null => this.#memory.ageMs(quantity, monotonicMs);
    return {
      batteryVoltageV: isMeasured ? numberOf(present, "batteryVoltageV") : null,
      batteryCurrentA: isMeasured ? numberOf(present, "batteryCurrentA") : null,
      chargedMilliWh: charged === null ? null : Math.round(charged),
      chargedResolutionMilliWh: charged === null ? null : (profile.counter?.resolutionMilliWh ?? null),
      stateOfChargePercent: numberOf(present, shown),
      inlet,
      plugged,
      charging: this.#charging.isCharging,
      agesMs: {
        charged: age("chargedMilliWh"),
        stateOfCharge: age(shown),
        inlet: inlet === null ? null : 0,
        plugged: plugged === null ? null : (age(profile.plugged?.yes.quantity) ?? 0),
      },
      ...(isMeasured ? this.#steps : {}),
      rawReplies,
      monotonicMs,
      wallMs: this.#clock.wallMs() - Math.round(this.#clock.monotonicMs() - monotonicMs),
    };
  }
}

/** The diagnostic sessions that a line to this profile's car must be allowed to enter. */
export function sessionsOf({ session }: VehicleProfile): readonly number[] {
  return session === null ? [] : [session.type];
}

type AsleepFault = Extract<VehicleFault, { code: "VEHICLE_ASLEEP" }>;

/** Asked once, and twice again. */
const ATTEMPTS_MAX = 3;

function numberOf(quantities: Quantities, quantity: Quantity): number | null {
  return quantities.get(quantity) ?? null;
}
