/**
 * A plain contactor on a GPIO chip: closes and opens a circuit, reads it back, and obeys a stop.
 *
 * There is no control pilot here and cannot be: no GPIO line makes a 1 kHz signal exact to a thousandth and samples it.
 * So the car is told no current, and the circuit, its fuse and the cable have to stand what `circuitA` says; cars that
 * ask for a pilot signal do not charge on it. Who needs one takes a charge controller.
 *
 * ```
 *   open --permit--> closed --forbid, end of the lease--> open
 *                      \--stop demanded, pulled out, opened by itself--> open, and a new permit is needed
 * ```
 */
import { fail, ok, type Result } from "#base/result.ts";
import {
  LEASE_MS,
  type ChargePoint,
  type ChargePointFault,
  type ChargePointState,
  type ContactorState,
  type PlugState,
} from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import { describeGpioFault } from "#hal/protocols/gpio/describe-gpio-fault.ts";
import { refused } from "./bus-charge-point-fault.ts";
import { holdContactor, type ContactorInputName, type ContactorWiring, type HeldContactor } from "./contactor-lines.ts";

export interface ContactorSettings extends ContactorWiring {
  /** What may flow when it is closed, A a phase. */
  readonly circuitA: number;
}

export interface GpioContactorParts {
  readonly chip: GpioChip;
  readonly clock: Clock;
  /** Called after anything has changed without having been asked for. */
  readonly onChange?: () => void;
}

/** From an order to the auxiliary contact. AC coils take 30 ms, DC coils with a diode up to 200. */
export const SETTLE_MS = 500;
const OPEN_AGAIN_MS = 1_000;
/**
 * Without plug detection the next car is one that comes so long after the last charge; then the outlet counts as free
 * for a moment. Longer than any pause within a charge.
 */
const NEXT_CAR_AFTER_MS = 15 * 60_000;
const FREE_FOR_MS = 5_000;
/** A pulled plug is shown for so long, however soon the next one comes: it may belong to another car. */
const OUT_MS_MIN = 3_000;

type Outcome = Result<void, ChargePointFault>;

export class GpioContactor implements ChargePoint {
  /** There is no pilot by which a car could be told another limit. */
  readonly variesLimit = false;
  readonly #parts: GpioContactorParts;
  readonly #settings: ContactorSettings;
  #lines: HeldContactor | undefined;
  #isClosed = false;
  #isCoilOn = false;
  #forbids = 0;
  /** Since when it has been open after a charge. */
  #idleSinceMs: number | undefined;
  #outUntilMs = Number.NEGATIVE_INFINITY;
  #stop: Extract<ChargePointFault, { readonly code: "CHARGE_POINT_STOPPED" }> | undefined;
  #defect: ChargePointFault | undefined;
  #waiting: ((outcome: Outcome) => void) | undefined;
  #cancelLease: Cancel = () => undefined;
  #cancelVerify: Cancel = () => undefined;

  private constructor(parts: GpioContactorParts, settings: ContactorSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Holds the lines, with the contactor open. */
  static hold(parts: GpioContactorParts, settings: ContactorSettings): Result<GpioContactor, GpioFault> {
    const point = new GpioContactor(parts, settings);
    const held = holdContactor(parts.chip, settings, (name, isActive) => {
      point.#onInput(name, isActive);
    });
    if (!held.ok) return held;
    point.#lines = held.value;
    if (point.#read("emergencyStop") === true) point.#stopFor("emergency-stop");
    point.#verifyLater();
    return ok(point);
  }

  look(): Promise<Result<ChargePointState, ChargePointFault>> {
    return Promise.resolve(this.state());
  }

  /** As `look`, at once: nothing here has to be waited for. */
  state(): Result<ChargePointState, ChargePointFault> {
    const lines = this.#lines;
    if (lines === undefined) return fail(refused("the charge point was closed"));
    for (const input of Object.values(lines.inputs)) {
      const level = input.isActive();
      if (!level.ok) return fail(this.#faultOf(level.fault));
    }
    const trouble = this.#trouble();
    const state = { plug: this.#plugState(), contactor: this.#contactorState() };
    return ok(trouble === undefined ? state : { ...state, trouble });
  }

  permit(currentA: number): Promise<Outcome> {
    const obstacle = this.#obstacle(currentA);
    if (obstacle !== undefined) return Promise.resolve(fail(obstacle));
    const { clock } = this.#parts;
    this.#cancelLease();
    this.#cancelLease = clock.wakeAt(clock.monotonicMs() + LEASE_MS, () => {
      void this.forbid();
    });
    if (!this.#isCoilOn) {
      const closed = this.#setCoil(true);
      if (!closed.ok) return Promise.resolve(closed);
    }
    if (this.#read("feedback") !== false) return Promise.resolve(ok(undefined));
    const forbids = this.#forbids;
    return new Promise((resolve) => {
      const before = this.#waiting;
      this.#waiting = (outcome) => {
        before?.(outcome);
        resolve(forbids === this.#forbids || !outcome.ok ? outcome : fail(OVERTAKEN));
      };
    });
  }

  forbid(): Promise<Outcome> {
    this.#forbids += 1;
    this.#cancelLease();
    this.#settleWaiting(fail(OVERTAKEN));
    if (this.#defect?.code === "CONTACTOR_NOT_CLOSED") this.#defect = undefined;
    if (!this.#isDemanded()) this.#stop = undefined;
    return Promise.resolve(this.#openCoil());
  }

  /** Opens for another reason than a forbid: what somebody has demanded meanwhile stays demanded. */
  interrupt(reason: string): Outcome {
    this.#forbids += 1;
    this.#cancelLease();
    const opened = this.#openCoil();
    this.#settleWaiting(fail({ code: "CHARGE_POINT_INTERRUPTED", reason }));
    return opened;
  }

  /** As ordered. */
  get isOn(): boolean {
    return this.#isCoilOn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.forbid();
    this.#cancelLease();
    this.#cancelVerify();
    this.#lines?.release();
    this.#lines = undefined;
  }

  #obstacle(currentA: number): ChargePointFault | undefined {
    const { circuitA } = this.#settings;
    if (this.#isClosed) return refused("the charge point was closed");
    const trouble = this.#trouble();
    if (trouble !== undefined) return trouble;
    // Also for a number that is none.
    if (!(currentA >= circuitA)) {
      return refused(`a contactor cannot limit its circuit of ${circuitA} A to ${currentA} A`);
    }
    return this.#plugState() === "unplugged" ? refused("nobody is plugged in") : undefined;
  }

  #trouble(): ChargePointFault | undefined {
    return this.#defect ?? this.#stop;
  }

  #plugState(): PlugState {
    const isOut = this.#read("plug") === false || this.#parts.clock.monotonicMs() < this.#outUntilMs;
    if (isOut || this.#isBetweenCars()) return "unplugged";
    return this.#isCoilOn ? "charging" : "plugged";
  }

  #isBetweenCars(): boolean {
    if (this.#settings.plug !== "always" || this.#idleSinceMs === undefined) return false;
    const idleMs = this.#parts.clock.monotonicMs() - this.#idleSinceMs;
    if (idleMs >= NEXT_CAR_AFTER_MS + FREE_FOR_MS) this.#idleSinceMs = undefined;
    return this.#idleSinceMs !== undefined && idleMs >= NEXT_CAR_AFTER_MS;
  }

  #contactorState(): ContactorState {
    const isClosed = this.#read("feedback");
    return isClosed === undefined ? "unknown" : isClosed ? "closed" : "open";
  }

  /** Undefined for a line that is not wired, or cannot be read; who asks for all of them says which. */
  #read(name: ContactorInputName): boolean | undefined {
    const level = this.#lines?.inputs[name]?.isActive();
    return level?.ok === true ? level.value : undefined;
  }

  #isDemanded(): boolean {
    return this.#read("emergencyStop") === true || this.#read("stopButton") === true;
  }

  #onInput(name: ContactorInputName, isActive: boolean): void {
    if (this.#isClosed) return;
    if (name === "emergencyStop" && isActive) this.#stopFor("emergency-stop");
    else if (name === "stopButton" && isActive) this.#stopFor("stop-button");
    else if (name === "plug" && !isActive) this.#onPull();
    else if (name === "feedback") this.#onFeedback(isActive);
    this.#parts.onChange?.();
  }

  #onPull(): void {
    this.#outUntilMs = this.#parts.clock.monotonicMs() + OUT_MS_MIN;
    this.interrupt("the plug was pulled");
  }

  #onFeedback(isClosed: boolean): void {
    if (isClosed !== this.#isCoilOn) this.#verifyLater();
    else if (isClosed) this.#settleWaiting(ok(undefined));
  }

  #stopFor(by: "emergency-stop" | "stop-button"): void {
    this.#stop = this.#stop?.by === "emergency-stop" ? this.#stop : { code: "CHARGE_POINT_STOPPED", by };
    this.interrupt(`stopped by ${by}`);
  }

  /** An order that the chip has not taken is given again. */
  #openCoil(): Outcome {
    const opened = this.#setCoil(false);
    if (!opened.ok && !this.#isClosed) {
      const { clock } = this.#parts;
      this.#cancelLease = clock.wakeAt(clock.monotonicMs() + OPEN_AGAIN_MS, () => {
        this.#openCoil();
      });
    }
    return opened;
  }

  #setCoil(isOn: boolean): Outcome {
    const coil = this.#lines?.coil;
    if (coil === undefined) return ok(undefined);
    const done = coil.set(isOn);
    if (!done.ok) return fail(this.#faultOf(done.fault));
    if (isOn) this.#idleSinceMs = undefined;
    else if (this.#isCoilOn) this.#idleSinceMs = this.#parts.clock.monotonicMs();
    this.#isCoilOn = isOn;
    this.#verifyLater();
    return done;
  }

  #verifyLater(): void {
    const { clock } = this.#parts;
    this.#cancelVerify();
    this.#cancelVerify = clock.wakeAt(clock.monotonicMs() + SETTLE_MS, () => {
      this.#verify();
    });
  }

  /** What the auxiliary contact says, when it has had the time to follow. */
  #verify(): void {
    const isClosed = this.#read("feedback");
    if (isClosed === undefined || isClosed === this.#isCoilOn) return;
    // A weld is the worse finding, and stays.
    if (isClosed) this.#defect = WELD;
    else this.#defect ??= NOT_CLOSED;
    if (!isClosed) this.interrupt(NOT_CLOSED.reason);
    this.#parts.onChange?.();
  }

  #settleWaiting(outcome: Outcome): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(outcome);
  }

  #faultOf(fault: GpioFault): ChargePointFault {
    return { code: "CHARGE_POINT_UNREACHABLE", endpoint: this.#parts.chip.label, reason: describeGpioFault(fault) };
  }
}

const OVERTAKEN = refused("a forbid came after the permit");

const WELD = {
  code: "CONTACTOR_WELDED",
  reason: `its auxiliary contact shows it closed ${SETTLE_MS} ms after it was told to open`,
} as const satisfies ChargePointFault;

const NOT_CLOSED = {
  code: "CONTACTOR_NOT_CLOSED",
  reason: `its auxiliary contact shows it open ${SETTLE_MS} ms after it was told to close`,
} as const satisfies ChargePointFault;
