/**
 * Requests in order, with what ISO 14229-1 wants around them: a diagnostic session where a unit asks for one and the
 * vehicle's profile names it, kept alive while it is used, and a second opinion on a refusal for ever.
 */
import { toHex } from "#base/bytes.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { type EcuAddress, unitOf } from "#hal/protocols/obd/ecu-address.ts";
import {
  REFUSED_FOR_GOOD,
  RESPONSE_CODES,
  SESSION_CONTROL,
  TESTER_PRESENT_REQUEST,
} from "#hal/protocols/obd/uds-codes.ts";
import { CallQueue } from "./call-queue.ts";
import type { AskOutcome } from "./vehicle-line.ts";

export interface SessionKeeperDependencies {
  readonly clock: Clock;
  /** One request and its answer, without any of what is done here. */
  readonly exchange: (request: EcuRequest) => Promise<AskOutcome>;
}

/** A unit falls back to its default session 5 s after the last request (ISO 14229-2, S3server). */
const LAPSES_AFTER_MS = 4_500;
const KEEP_ALIVE_AFTER_MS = 2_000;
/** Nobody asked for anything in this long: the session is let go, and the unit may sleep. */
const USED_WITHIN_MS = 15_000;

export class SessionKeeper {
  readonly #clock: Clock;
  readonly #exchangeNow: (request: EcuRequest) => Promise<AskOutcome>;
  readonly #sessions: readonly number[];
  readonly #open = new Map<string, OpenSession>();
  readonly #believedRefusals = new Set<string>();
  readonly #calls = new CallQueue();
  #cancelKeepAlive: Cancel | undefined;
  /** Counts the times that the line was closed. */
  #stops = 0;
  /** That count when the call that is being done now was made. */
  #stopsOfCall = 0;

  /** `sessions`: the diagnostic session types that may be entered, none for most cars; tried in this order. */
  constructor(dependencies: SessionKeeperDependencies, sessions: readonly number[]) {
    this.#clock = dependencies.clock;
    this.#exchangeNow = dependencies.exchange;
    this.#sessions = sessions;
  }

  ask(request: EcuRequest): Promise<AskOutcome> {
    const stops = this.#stops;
    return this.inOrder(async () => {
      this.#stopsOfCall = stops;
      const outcome = await this.#askInSession(request);
      this.#note(request, outcome, "used");
      return outcome;
    });
  }

  /** Does other work on the same line when its turn has come. */
  inOrder<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#calls.run(work);
  }

  /** The line is closed: no session is kept alive through it, and what was asked before does not open it again. */
  stop(): void {
    this.#stops += 1;
    this.#cancelKeepAlive?.();
    this.#cancelKeepAlive = undefined;
    this.#open.clear();
  }

  async #exchange(request: EcuRequest): Promise<AskOutcome> {
    if (this.#stopsOfCall !== this.#stops) return { kind: "given-up", fault: { code: "VEHICLE_CLOSED" } };
    return await this.#exchangeNow(request);
  }

  async #askInSession(request: EcuRequest): Promise<AskOutcome> {
    const session = this.#open.get(unitOf(request.ecu));
    if (session !== undefined && this.#clock.monotonicMs() - session.heardMs > LAPSES_AFTER_MS) {
      await this.#enter(request.ecu, session.type);
    }
    const outcome = await this.#exchange(request);
    if (outcome.kind !== "refused" || request.bytes[0] === SESSION_CONTROL) return outcome;
    if (WANTS_SESSION.has(outcome.responseCode)) return (await this.#askInAnySession(request)) ?? outcome;
    return REFUSED_FOR_GOOD.has(outcome.responseCode) ? await this.#confirm(request, outcome) : outcome;
  }

  /** Undefined when there is no session to try, or none is entered. */
  async #askInAnySession(request: EcuRequest): Promise<AskOutcome | undefined> {
    for (const type of this.#sessions) {
      if (await this.#enter(request.ecu, type)) return await this.#exchange(request);
    }
    return undefined;
  }

  async #enter(ecu: EcuAddress, type: number): Promise<boolean> {
    const request = { ecu, bytes: Uint8Array.of(SESSION_CONTROL, type) };
    const outcome = await this.#exchange(request);
    this.#note(request, outcome, "used");
    return outcome.kind === "payload";
  }

  /**
   * A refusal names the service and not the identifier, so a late one of the request before looks like one of this.
   * For ever is decided by two.
   */
  async #confirm(request: EcuRequest, refusal: AskOutcome): Promise<AskOutcome> {
    const name = `${unitOf(request.ecu)} ${toHex(request.bytes)}`;
    if (this.#believedRefusals.has(name)) return refusal;
    const outcome = await this.#exchange(request);
    if (outcome.kind === "refused" && this.#believedRefusals.size < REFUSALS_MAX) this.#believedRefusals.add(name);
    return outcome;
  }

  #note(request: EcuRequest, outcome: AskOutcome, how: "used" | "kept"): void {
    const unit = unitOf(request.ecu);
    const nowMs = this.#clock.monotonicMs();
    const session = this.#open.get(unit);
    const isHeard = outcome.kind === "payload" || outcome.kind === "refused";
    if (outcome.kind === "payload" && request.bytes[0] === SESSION_CONTROL) {
      const type = request.bytes[1] ?? 0;
      this.#open.set(unit, { ecu: request.ecu, type, heardMs: nowMs, usedMs: nowMs });
    } else if (session !== undefined && isHeard) {
      this.#open.set(unit, { ...session, heardMs: nowMs, usedMs: how === "used" ? nowMs : session.usedMs });
    }
    this.#armKeepAlive();
  }

  /** Sessions that nobody uses any more are forgotten: the next use is refused and enters anew. */
  #armKeepAlive(): void {
    this.#cancelKeepAlive?.();
    this.#cancelKeepAlive = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const [unit, { usedMs }] of this.#open) if (nowMs - usedMs > USED_WITHIN_MS) this.#open.delete(unit);
    const [next] = [...this.#open.values()].sort((left, right) => left.heardMs - right.heardMs);
    if (next === undefined) return;
    const atMs = Math.max(next.heardMs + KEEP_ALIVE_AFTER_MS, nowMs);
    this.#cancelKeepAlive = this.#clock.wakeAt(atMs, () => {
      void this.inOrder(() => this.#keepAlive(unitOf(next.ecu)));
    });
  }

  async #keepAlive(unit: string): Promise<void> {
    const session = this.#open.get(unit);
    if (session === undefined) return;
    if (this.#clock.monotonicMs() < session.heardMs + KEEP_ALIVE_AFTER_MS) {
      this.#armKeepAlive();
      return;
    }
    const request = { ecu: session.ecu, bytes: TESTER_PRESENT_REQUEST };
    this.#stopsOfCall = this.#stops;
    const outcome = await this.#exchange(request);
    if (outcome.kind !== "payload") this.#open.delete(unit);
    this.#note(request, outcome, "kept");
  }
}

/** With these a unit may want its diagnostic session first. */
const WANTS_SESSION: ReadonlySet<number> = new Set([
  RESPONSE_CODES.conditionsNotCorrect,
  RESPONSE_CODES.subFunctionNotInThisSession,
  RESPONSE_CODES.serviceNotInThisSession,
]);
/** More requests than all profiles have. */
const REFUSALS_MAX = 256;

interface OpenSession {
  readonly ecu: EcuAddress;
  readonly type: number;
  /** When the unit last answered. */
  readonly heardMs: number;
  /** When something was last asked of it for its own sake. */
  readonly usedMs: number;
}
