/**
 * Runs one side of one charge on the ledger: asks the party machine what is next, signs it, and has it durable before
 * the next question. The same for station and vehicle, and for a charge found open after a restart.
 */
import { toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { encodeFact, type Fact, type FactKind } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import {
  PARTY_START,
  READING_LATE_MS_MAX,
  stepParty,
  type PartyState,
  type PartyView,
} from "#core/session/charge-party.ts";
import { idleReadings, isSaidIdle } from "#core/session/idle.ts";
import { cancelBody, completeBody, otherRole, REPORT_FLAG, reportBody, type Role } from "#core/session/facts.ts";
import type { PowerAdvice } from "#core/session/stop-rules.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape, type Shape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface ChargeRunnerParts {
  readonly ledger: LedgerService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly role: Role;
  /** Whether its own words about this charge, should its card have lost any, have had the time to come back. */
  readonly isSettled: () => boolean;
  readonly emit: EmitEvent;
}

export type Measured = Pick<
  PartyView,
  "registerMilliWh" | "registerAgeMs" | "wish" | "isStill" | "takes" | "isPlugged" | "pluggedAgeMs" | "isBound"
>;

export class ChargeRunner {
  readonly address: Uint8Array;
  readonly #parts: ChargeRunnerParts;
  readonly #key: string;
  /** Monotonic time of the start. Session time must not jump when the wall clock is set. */
  readonly #startMs: number;
  #party: PartyState = PARTY_START;
  #behind = false;
  /** Its COMPLETE or CANCEL, once one was signed. */
  #lastWord: Fact | undefined;

  /** @param startMs monotonic time of the start, where this process has witnessed it; else the wall clock says it. */
  constructor(parts: ChargeRunnerParts, transaction: Transaction, startMs?: number) {
    this.#parts = parts;
    this.address = transaction.address;
    this.#key = toHex(transaction.address);
    const { clock, role } = parts;
    const byWallMs = clock.monotonicMs() - (clock.wallMs() - 1000 * transaction.open.startedAt);
    // A board without a battery for its clock may wake up in the past; what it has signed already was not later than
    // now.
    const signedMs = transaction.logs[role].nextReading * 1000 * transaction.open.terms.readingIntervalSeconds;
    this.#startMs = Math.min(startMs ?? byWallMs, clock.monotonicMs() - signedMs);
  }

  /**
   * As the ledger holds it now, with what waits for a block. Undefined when a branch change has taken the OPEN away.
   */
  get transaction(): Transaction | undefined {
    return this.#parts.ledger.chain.pending.transactions.get(this.#key);
  }

  /** This side has said its last word, or there is nothing more to say. */
  get isOver(): boolean {
    const transaction = this.transaction;
    if (transaction === undefined) return false;
    const { role } = this.#parts;
    return (
      transaction.completes[role] !== undefined ||
      transaction.cancelled[role] === true ||
      transaction.result !== undefined
    );
  }

  /** The other side's newest report says that power is off for now. */
  get isPausedByPeer(): boolean {
    const newest = this.transaction?.logs[otherRole(this.#parts.role)].reports.at(-1);
    return newest !== undefined && (newest.flags & REPORT_FLAG.PAUSED) !== 0;
  }

  /** The energy has ended and the plug is still in, as this side sees it, under a tariff with a price for that. */
  get isIdle(): boolean {
    return this.#party.idle?.isIdle === true;
  }

  /** Both sides say so: whoever measures may do it rarely. */
  get isIdleForBoth(): boolean {
    return this.isIdle && isSaidIdle(this.transaction?.logs[otherRole(this.#parts.role)].reports.at(-1));
  }

  /** While both are idle: one of the few readings of that time is due about now. */
  get isIdleReadingNear(): boolean {
    const { terms } = this.transaction?.open ?? {};
    if (terms === undefined) return false;
    const stepMs = 1000 * terms.readingIntervalSeconds * idleReadings(terms);
    return this.elapsedMs % stepMs <= READING_LATE_MS_MAX;
  }

  /** Since t0. */
  get elapsedMs(): number {
    return Math.max(0, this.#parts.clock.monotonicMs() - this.#startMs);
  }

  /** Looks once; resolves when what it signed is durable. */
  async look(measured: Measured): Promise<PowerAdvice> {
    const transaction = this.transaction;
    if (transaction === undefined || !this.#mayGoOn(transaction)) return { kind: "pause", reason: "ledger-behind" };
    const { role } = this.#parts;
    const { elapsedMs } = this;
    const clockUnsure = !this.#parts.ledger.time.isSynced;
    const step = stepParty(this.#party, { ...measured, role, transaction, elapsedMs, clockUnsure });
    if (step.report !== undefined) {
      const report = await this.#submit("REPORT", reportBody, step.report);
      // What flows while this side cannot sign what it measures is nobody's.
      if (report === undefined) return { kind: "pause", reason: "ledger-behind" };
      // After the report is durable: a number noted before would wait for ever for a report that was never signed.
      await this.#parts.boot.useSequence(this.address, step.report.sequence + 1);
      this.#emitReport(transaction, step.report.sequence);
    }
    if (this.#lastWord !== undefined && (step.complete !== undefined || step.cancels)) {
      // A change of branch has lost it. Another one in its place would be proof against this gateway.
      await this.#parts.ledger.submit(this.#lastWord.bytes);
    } else if (step.complete !== undefined) {
      this.#lastWord = await this.#submit("COMPLETE", completeBody, step.complete);
      this.#parts.emit("completed", { address: this.#key, role, reason: step.complete.reason });
    } else if (step.cancels) {
      this.#lastWord = await this.#submit("CANCEL", cancelBody, { address: this.address, role });
    }
    const wasIdle = this.isIdle;
    this.#party = step.state;
    if (this.isIdle !== wasIdle) this.#parts.emit("idleChanged", { address: this.#key, role, idle: this.isIdle });
    return step.power;
  }

  /**
   * The register says that more was signed than the ledger holds: flash has lost something that others may have. Going
   * on would use a number twice, so wait until a peer has given it back. The register itself may be an old copy: about
   * a charge that was agreed on before this start others are heard first.
   */
  #mayGoOn(transaction: Transaction): boolean {
    if (!this.#parts.isSettled()) return false;
    const signed = this.#parts.boot.nextSequence(this.address);
    const isBehind = transaction.logs[this.#parts.role].nextSequence < signed;
    if (isBehind && !this.#behind) this.#parts.emit("refused", { what: "own log", code: "OWN_LOG_BEHIND", count: 1 });
    this.#behind = isBehind;
    return !isBehind;
  }

  async #submit<Body>(kind: FactKind, shape: Shape<Body>, body: Body): Promise<Fact | undefined> {
    const { ledger, signer, emit } = this.#parts;
    const payload = encodeShape(shape, body);
    const signature = signer.sign(toBeSigned(ledger.chain.context.network, PURPOSE[kind], payload));
    const submitted = await ledger.submit(encodeFact(kind, encodeSigned(payload, [signature])));
    if (submitted.ok) return submitted.value;
    emit("refused", { what: `own ${kind}`, code: submitted.fault.code, count: 1 });
    return undefined;
  }

  #emitReport(before: Transaction, sequence: number): void {
    const { role } = this.#parts;
    const register = this.transaction?.logs[role].lastRegisterMilliWh ?? 0;
    const start = before.open.startMilliWh[role === "station" ? 0 : 1];
    this.#parts.emit("reportSigned", { address: this.#key, role, sequence, energyMilliWh: register - start });
  }
}
