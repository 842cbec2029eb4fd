/**
 * The guard of a contactor: it is closed only while signs of life come and the lease has not run out.
 *
 * ```
 *   open --new permit--> closed --forbid, end of the lease--> open
 *                          \--no sign of life--> open, and that permit is void: only a newer one closes it
 * ```
 */
import type { GpioContactor } from "#hal/charge-points/gpio-contactor.ts";
import type { ChargePointFault } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Beat, ContactorReport, Report } from "./guard-message.ts";
import { BEAT_LIMIT_MS } from "./guard-limits.ts";

export interface ContactorDutyParts {
  readonly contactor: GpioContactor;
  readonly clock: Clock;
  readonly report: (report: Report) => void;
  /** Runs something after what has already come through the pipe has been read. */
  readonly afterReading: (action: () => void) => void;
  /** The chip does not open the contactor any more: only the end of this process lets go of its line. */
  readonly onHelpless: () => void;
}

export class ContactorDuty {
  readonly #parts: ContactorDutyParts;
  #lastBeat: Beat = { beat: 0, permit: 0, forbid: 0, leaseMs: 0 };
  #lastBeatMs = Number.NEGATIVE_INFINITY;
  /** The last permit that was carried out or refused, and how. */
  #answered = 0;
  #asked = 0;
  #refusal: ChargePointFault | undefined;
  /** This permit and all before it are void. */
  #voidPermit = 0;
  #interrupted: ContactorReport["interrupted"];
  #cancelWatch: Cancel = () => undefined;
  #cancelLease: Cancel = () => undefined;

  constructor(parts: ContactorDutyParts) {
    this.#parts = parts;
  }

  beat(beat: Beat): void {
    const before = this.#lastBeat;
    const { clock } = this.#parts;
    this.#lastBeat = beat;
    this.#lastBeatMs = clock.monotonicMs();
    if (beat.forbid !== before.forbid) this.#forbid();
    else if (beat.leaseMs <= 0) this.#interrupt("nothing is permitted");
    if (beat.leaseMs > 0 && beat.permit > Math.max(this.#voidPermit, this.#asked)) this.#permit(beat);
    this.#watch();
    this.tell();
  }

  tell(): void {
    const look = this.#parts.contactor.state();
    const contactor: ContactorReport = {
      look: look.ok ? { state: look.value } : { fault: look.fault },
      permit: this.#answered,
      isOn: this.#parts.contactor.isOn,
      ...(this.#refusal === undefined ? {} : { refusal: this.#refusal }),
      ...(this.#interrupted === undefined ? {} : { interrupted: this.#interrupted }),
    };
    this.#parts.report({ kind: "report", beat: this.#lastBeat.beat, contactor });
  }

  /** The gateway has gone. Afterwards the lines are released. */
  async end(): Promise<void> {
    this.#cancelWatch();
    this.#cancelLease();
    await this.#parts.contactor.close();
  }

  #permit({ permit, leaseMs }: Beat): void {
    const { contactor, clock } = this.#parts;
    this.#asked = permit;
    this.#cancelLease();
    this.#cancelLease = clock.wakeAt(clock.monotonicMs() + leaseMs, () => {
      this.#interrupt("the lease has run out");
      this.tell();
    });
    // What the circuit carries is the gateway's to compare: it has refused a permit of less.
    void contactor.permit(Infinity).then((done) => {
      if (permit < this.#asked) return;
      this.#answered = permit;
      this.#refusal = done.ok ? undefined : done.fault;
      this.tell();
    });
  }

  #forbid(): void {
    this.#cancelLease();
    void this.#parts.contactor.forbid().then((done) => {
      if (!done.ok) this.#parts.onHelpless();
    });
  }

  #interrupt(reason: string): void {
    if (!this.#parts.contactor.isOn) return;
    this.#cancelLease();
    if (!this.#parts.contactor.interrupt(reason).ok) this.#parts.onHelpless();
  }

  #watch(): void {
    this.#cancelWatch();
    if (!this.#parts.contactor.isOn) return;
    const { clock, afterReading } = this.#parts;
    this.#cancelWatch = clock.wakeAt(this.#lastBeatMs + BEAT_LIMIT_MS, () => {
      // If it was this process that stood still, signs of life are waiting to be read.
      afterReading(() => {
        this.#judge();
      });
    });
  }

  #judge(): void {
    const silentMs = this.#parts.clock.monotonicMs() - this.#lastBeatMs;
    if (!this.#parts.contactor.isOn || silentMs < BEAT_LIMIT_MS) return;
    const reason = `the gateway gave no sign of life for ${BEAT_LIMIT_MS} ms`;
    this.#voidPermit = this.#lastBeat.permit;
    this.#interrupted = { permit: this.#voidPermit, reason };
    this.#interrupt(reason);
    this.tell();
  }
}
