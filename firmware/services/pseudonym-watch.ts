/**
 * Looks whether the turn of a vehicle's identity is over, and has the gateway leave it at a moment when nobody needs
 * it: nothing is charged or unsettled, and no broker is connected, who would see the one go and the other come. A car
 * that is never away from a broker is not waited for for ever.
 */
import { turnEndsAt, type Turn, type TurnRules, type TurnVerdict } from "#core/identity/pseudonym-turn.ts";
import type { Cancel } from "#hal/ports/clock.ts";
import type { EmitEvent } from "./events.ts";
import type { WorldTime } from "./world-time.ts";

const LOOK_MS = 60_000;
/** Where no other identity could be used: somebody may bring a certificate. Each time all their keys are read. */
const ALONE_MS = 600_000;
/** After something failed, such as a full card: so long until the next try. */
const FAILED_MS = 86_400_000;
const DAY_SECONDS = 86_400;
/** So long after its end a turn may last until no broker is connected. */
const CONNECTED_SECONDS = 7 * DAY_SECONDS;

export interface PseudonymWatchParts {
  readonly clock: Pick<WorldTime, "monotonicMs" | "wakeAt" | "wallMs" | "dateSource">;
  readonly rules: TurnRules;
  /** Undefined while none has been begun, since the date was not known. */
  readonly turn: Turn | undefined;
  /** Begins the first one, at `now` in unix seconds; undefined when the flash does not take it. */
  readonly beginFirst: (now: number) => Promise<Turn | undefined>;
  readonly judge: (turn: Turn, now: number) => Promise<TurnVerdict>;
  /** At `now` in unix seconds. */
  readonly isBound: (now: number) => Promise<boolean>;
  readonly isConnected: () => boolean;
  /** The gateway is to stop and to start again; `now` is the date as it is known here, unix seconds. */
  readonly leave: (now: number) => void;
  readonly emit: EmitEvent;
}

export class PseudonymWatch {
  readonly #parts: PseudonymWatchParts;
  #turn: Turn | undefined;
  #isRunning = false;
  #hasLeft = false;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #cancel: Cancel = () => undefined;

  constructor(parts: PseudonymWatchParts) {
    this.#parts = parts;
    this.#turn = parts.turn;
  }

  /** As far as this gateway has got. */
  get turn(): Turn | undefined {
    return this.#turn;
  }

  /** @param hasFailed whether the start has tried in vain to go on with another identity */
  start(hasFailed = false): void {
    if (this.#parts.rules.days === 0) return;
    this.#isRunning = true;
    this.#lookAfter(hasFailed ? FAILED_MS : LOOK_MS);
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel();
  }

  #lookAfter(waitMs: number): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + waitMs, () => {
      void this.#look()
        .catch((failure: unknown) => this.#refuse(failure))
        .then((isAlone) => {
          if (this.#isRunning && !this.#hasLeft) this.#lookAfter(isAlone ? ALONE_MS : LOOK_MS);
        });
    });
  }

  /** Resolves to whether no other identity could be used. */
  async #look(): Promise<boolean> {
    const { clock, rules, judge, beginFirst, isBound, isConnected, leave } = this.#parts;
    // One station alone could else make a car use up its identities.
    if (clock.dateSource !== "clock" && clock.dateSource !== "members") return false;
    const now = Math.floor(clock.wallMs() / 1000);
    this.#turn ??= await beginFirst(now);
    const turn = this.#turn;
    if (turn === undefined) return false;
    const verdict = await judge(turn, now);
    if (verdict.kind === "alone") this.#warn(turn, now);
    if (verdict.kind !== "over") return verdict.kind === "alone";
    const isLate = now >= (turnEndsAt(turn, rules) ?? now) + CONNECTED_SECONDS;
    if ((isConnected() && !isLate) || (await isBound(now)) || !this.#isRunning) return false;
    this.#hasLeft = true;
    leave(now);
    return false;
  }

  /** Files that cannot be read are no reason to stop charging; they may be readable later. */
  #refuse(failure: unknown): true {
    const code = failure instanceof Error && "code" in failure ? String(failure.code) : "PSEUDONYM_NOT_READ";
    this.#parts.emit("refused", { what: "pseudonym", code, count: 1 });
    return true;
  }

  #warn({ number, since }: Turn, now: number): void {
    if (now - this.#warnedAt < DAY_SECONDS) return;
    this.#warnedAt = now;
    this.#parts.emit("pseudonymMissing", { number, days: Math.floor((now - since) / DAY_SECONDS) });
  }
}
