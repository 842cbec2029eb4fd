/**
 * A charge controller on a bus whose gateway may die: before anything is permitted, a guard knows of it, and switches
 * the controller off in the gateway's place. Without a guard nothing is permitted.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { LEASE_MS, type ChargePoint, type ChargePointFault, type ChargePointState } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { GuardLink, type GuardLinkSettings, type GuardLost } from "./guard-link.ts";
import { ANSWER_LIMIT_MS } from "./guard-limits.ts";
import type { Report } from "./guard-message.ts";

type Outcome = Result<void, ChargePointFault>;

export class WatchedChargePoint implements ChargePoint {
  readonly #clock: Clock;
  readonly #inner: ChargePoint;
  readonly #link: GuardLink;
  /** The controller may be letting current flow. */
  #isArmed = false;
  /** Permits and forbids so far. */
  #commands = 0;
  #forbids = 0;
  readonly #waiting = new Set<(report: Report) => void>();

  /** @param inner closed with this one */
  constructor(clock: Clock, inner: ChargePoint, settings: GuardLinkSettings) {
    this.#clock = clock;
    this.#inner = inner;
    this.#link = new GuardLink(
      {
        clock,
        // A lease that has run out is the driver's to end; the guard only wants to know whether there is a will.
        wish: () => ({ permit: 0, forbid: 0, leaseMs: this.#isArmed ? LEASE_MS : 0 }),
        onReport: (report) => {
          for (const take of [...this.#waiting]) take(report);
        },
        onLost: () => {
          void this.forbid();
        },
      },
      settings,
    );
  }

  /** When the guard is ready, what an earlier life of the gateway has left on is switched off. */
  async start(): Promise<Result<void, GuardLost>> {
    const started = await this.#link.start();
    if (!started.ok) return started;
    if (started.value.inheritsArmed) this.#isArmed = true;
    void this.forbid();
    return ok(undefined);
  }

  get guardPid(): number | undefined {
    return this.#link.pid;
  }

  get variesLimit(): boolean {
    return this.#inner.variesLimit;
  }

  async look(): Promise<Result<ChargePointState, ChargePointFault>> {
    const look = await this.#inner.look();
    const { lost } = this.#link;
    return look.ok && lost !== undefined ? ok({ ...look.value, trouble: look.value.trouble ?? lost }) : look;
  }

  async permit(currentA: number): Promise<Outcome> {
    this.#commands += 1;
    const forbids = this.#forbids;
    const armed = await this.#arm();
    if (!armed.ok) return armed;
    return forbids === this.#forbids ? await this.#inner.permit(currentA) : fail(OVERTAKEN);
  }

  async forbid(): Promise<Outcome> {
    this.#commands += 1;
    this.#forbids += 1;
    const command = this.#commands;
    const forbidden = await this.#inner.forbid();
    // After a newer permit there is a will again.
    if (forbidden.ok && command === this.#commands) this.#disarm();
    return forbidden;
  }

  async close(): Promise<void> {
    await this.#inner.close();
    // A driver that is closed does not say whether the controller has heard it: one that has, hears it twice.
    const forbidden = await this.#inner.forbid();
    if (forbidden.ok) this.#disarm();
    this.#link.stop();
  }

  async #arm(): Promise<Outcome> {
    if (this.#isArmed && this.#link.lost === undefined) return ok(undefined);
    this.#isArmed = true;
    const beat = this.#link.beatNow();
    const isKnown = beat !== undefined && (await this.#isAnswered(beat));
    return isKnown ? ok(undefined) : fail(this.#link.lost ?? UNANSWERED);
  }

  #disarm(): void {
    this.#isArmed = false;
    this.#link.beatNow();
  }

  #isAnswered(beat: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isAnswered: boolean): void => {
        this.#waiting.delete(take);
        cancel();
        resolve(isAnswered);
      };
      const take = (report: Report): void => {
        if (report.beat >= beat) settle(true);
      };
      const cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + ANSWER_LIMIT_MS, () => {
        settle(false);
      });
      this.#waiting.add(take);
    });
  }
}

const OVERTAKEN: ChargePointFault = { code: "CHARGE_POINT_REFUSED", reason: "a forbid came after the permit" };
const UNANSWERED: ChargePointFault = { code: "GUARD_LOST", reason: `no answer within ${ANSWER_LIMIT_MS} ms` };
