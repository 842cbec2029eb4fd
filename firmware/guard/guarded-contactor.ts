/** A contactor as the gateway has it: the lines are held by its guard, and obey only while this process lives. */
import { fail, ok, type Result } from "#base/result.ts";
import {
  LEASE_MS,
  type ChargePoint,
  type ChargePointFault,
  type ChargePointState,
  type PlugState,
} from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { GuardLink, type GuardLinkSettings, type GuardLost } from "./guard-link.ts";
import { ANSWER_LIMIT_MS } from "./guard-limits.ts";
import type { ContactorReport, Duty, Report } from "./guard-message.ts";

export interface GuardedContactorSettings extends GuardLinkSettings {
  readonly duty: Extract<Duty, { readonly kind: "contactor" }>;
}

type Outcome = Result<void, ChargePointFault>;

/** A command that waits for the guard to have done it. */
interface Waiting {
  readonly isDone: (report: Report, contactor: ContactorReport) => Outcome | undefined;
  readonly settle: (outcome: Outcome) => void;
}

export class GuardedContactor implements ChargePoint {
  /** There is no pilot by which a car could be told another limit. */
  readonly variesLimit = false;
  readonly #clock: Clock;
  readonly #settings: GuardedContactorSettings;
  readonly #link: GuardLink;
  readonly #waiting = new Set<Waiting>();
  #last: ContactorReport | undefined;
  #permits = 0;
  #forbids = 0;
  /** The newest permit; 0 when the last word was a forbid. */
  #permit = 0;
  #leaseEndMs = 0;
  #toldInterruption = 0;
  #isClosed = false;

  constructor(clock: Clock, settings: GuardedContactorSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#link = new GuardLink(
      {
        clock,
        wish: () => ({ permit: this.#permits, forbid: this.#forbids, leaseMs: this.#leaseMs() }),
        onReport: (report) => {
          this.#take(report);
        },
        onLost: (fault) => {
          this.#lose(fault);
        },
      },
      settings,
    );
  }

  async start(): Promise<Result<void, GuardLost>> {
    const started = await this.#link.start();
    return started.ok ? ok(undefined) : started;
  }

  /** Of the guard's process, for those who look after it. */
  get guardPid(): number | undefined {
    return this.#link.pid;
  }

  look(): Promise<Result<ChargePointState, ChargePointFault>> {
    const { lost } = this.#link;
    const look = this.#last?.look;
    if (lost !== undefined || look === undefined) {
      return Promise.resolve(ok({ plug: this.#lastPlug(), contactor: "unknown", trouble: lost ?? NOT_YET }));
    }
    return Promise.resolve("state" in look ? ok(look.state) : fail(look.fault));
  }

  permit(currentA: number): Promise<Outcome> {
    const obstacle = this.#obstacle(currentA);
    if (obstacle !== undefined) return Promise.resolve(fail(obstacle));
    this.#permits += 1;
    this.#permit = this.#permits;
    this.#leaseEndMs = this.#clock.monotonicMs() + LEASE_MS;
    const permit = this.#permit;
    return this.#command((_, { permit: answered, refusal }) => {
      if (this.#permit < permit) return fail(OVERTAKEN);
      if (answered < permit) return undefined;
      return refusal === undefined ? ok(undefined) : fail(refusal);
    });
  }

  forbid(): Promise<Outcome> {
    this.#forbids += 1;
    this.#permit = 0;
    this.#leaseEndMs = 0;
    // Whoever forbids need not be told that the permits before were taken back already.
    this.#toldInterruption = this.#permits;
    for (const waiting of [...this.#waiting]) this.#settle(waiting, fail(OVERTAKEN));
    return this.#command((_, { isOn }) => (isOn ? undefined : ok(undefined)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.forbid();
    this.#link.stop();
  }

  #obstacle(currentA: number): ChargePointFault | undefined {
    const { circuitA } = this.#settings.duty.settings;
    if (this.#isClosed) return { code: "CHARGE_POINT_REFUSED", reason: "the charge point was closed" };
    // Also for a number that is none.
    if (!(currentA >= circuitA)) {
      const reason = `a contactor cannot limit its circuit of ${circuitA} A to ${currentA} A`;
      return { code: "CHARGE_POINT_REFUSED", reason };
    }
    const interrupted = this.#last?.interrupted;
    if (interrupted !== undefined && interrupted.permit > this.#toldInterruption) {
      // Told once: whoever wants the current after that permits it anew.
      this.#toldInterruption = interrupted.permit;
      return { code: "CHARGE_POINT_INTERRUPTED", reason: interrupted.reason };
    }
    return this.#link.lost;
  }

  #command(isDone: (report: Report, contactor: ContactorReport) => Outcome | undefined): Promise<Outcome> {
    const beat = this.#link.beatNow();
    const { lost } = this.#link;
    if (beat === undefined) return Promise.resolve(fail(lost ?? NOT_YET));
    return new Promise((resolve) => {
      let cancel: Cancel = () => undefined;
      const waiting: Waiting = {
        isDone: (report, contactor) => (report.beat < beat ? undefined : isDone(report, contactor)),
        settle: (outcome) => {
          cancel();
          resolve(outcome);
        },
      };
      this.#waiting.add(waiting);
      cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + ANSWER_LIMIT_MS, () => {
        this.#settle(waiting, fail(UNANSWERED));
      });
    });
  }

  #take(report: Report): void {
    const { contactor } = report;
    if (contactor === undefined) return;
    this.#last = contactor;
    for (const waiting of [...this.#waiting]) {
      const outcome = waiting.isDone(report, contactor);
      if (outcome !== undefined) this.#settle(waiting, outcome);
    }
  }

  #settle(waiting: Waiting, outcome: Outcome): void {
    this.#waiting.delete(waiting);
    waiting.settle(outcome);
  }

  /** The next guard knows nothing of this permit, and must not be told of it. */
  #lose(fault: ChargePointFault): void {
    this.#permit = 0;
    this.#leaseEndMs = 0;
    for (const waiting of [...this.#waiting]) this.#settle(waiting, fail(fault));
  }

  #leaseMs(): number {
    return this.#permit === 0 ? 0 : Math.max(0, this.#leaseEndMs - this.#clock.monotonicMs());
  }

  #lastPlug(): PlugState {
    const look = this.#last?.look;
    return look !== undefined && "state" in look ? look.state.plug : "unplugged";
  }
}

const NOT_YET: ChargePointFault = { code: "GUARD_LOST", reason: "it has not said anything yet" };
const UNANSWERED: ChargePointFault = { code: "GUARD_LOST", reason: `no answer within ${ANSWER_LIMIT_MS} ms` };
const OVERTAKEN: ChargePointFault = { code: "CHARGE_POINT_REFUSED", reason: "a forbid came after the permit" };
