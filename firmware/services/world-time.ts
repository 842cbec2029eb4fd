/**
 * The gateway's date, and what it is worth. A board without a battery for its clock starts at the date of its firmware;
 * a site without an uplink has no time but its own. So the date comes from the best of these that there is:
 *
 *     clock    the machine's own, while something outside has set it (`ClockStateSource`)
 *     members  what members with a synchronised clock tell in their TIPs, the median of them
 *     station  what the station's newest offer says: two without a time must at least agree on one
 *     own      the machine's own, but never before what the chain says and what this gateway has signed
 *
 * Only `clock` lets a gateway seal like everybody, and sell by the time of day. What the others say is good for the
 * dates of offers and contracts, which the two parties must only agree on: energy is measured, and billed by a tariff
 * without hours, on monotonic time.
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { ClockState, ClockStateSource } from "#hal/ports/clock-state.ts";
import type { EmitEvent } from "./events.ts";

/** What a block's time may be off: more, and a gateway does not seal by its own clock (protocol 2.18). */
export const SEALING_ERROR_MS_MAX = 1_000;
/** How long one look at the state serves. */
const LOOK_MS = 1_000;
/** A first word may have lain at the broker or on the way; a later one tells better when that was. */
const SAME_WORD_MS = 120_000;
const MEMBERS_MAX = 64;

export type DateSource = "clock" | "members" | "station" | "own";

export interface WorldTimeParts {
  readonly clock: Clock;
  readonly source: ClockStateSource;
  readonly emit: EmitEvent;
}

export class WorldTime implements Clock {
  readonly #parts: WorldTimeParts;
  #state: ClockState;
  #lookedAtMs: number;
  #told: DateSource | undefined;
  /** UTC at monotonic 0 by the newest word of each member, who spoke last at the end. */
  readonly #members = new Map<string, number>();
  #station: number | undefined;
  #floor = Number.NEGATIVE_INFINITY;

  constructor(parts: WorldTimeParts) {
    this.#parts = parts;
    this.#lookedAtMs = parts.clock.monotonicMs();
    this.#state = parts.source.look();
  }

  monotonicMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  wakeAt(monotonicMs: number, wake: () => void): Cancel {
    return this.#parts.clock.wakeAt(monotonicMs, wake);
  }

  wallMs(): number {
    const { clock } = this.#parts;
    if (this.isSynced) return clock.wallMs();
    const zeroMs = { clock: undefined, members: this.#membersZeroMs(), station: this.#station, own: undefined };
    const told = zeroMs[this.dateSource];
    if (told !== undefined) return Math.floor(told + clock.monotonicMs());
    return Math.floor(Math.max(clock.wallMs(), this.#floor + clock.monotonicMs()));
  }

  get state(): ClockState {
    const atMs = this.#parts.clock.monotonicMs();
    if (atMs - this.#lookedAtMs < LOOK_MS) return this.#state;
    this.#lookedAtMs = atMs;
    this.#state = this.#parts.source.look();
    return this.#state;
  }

  get dateSource(): DateSource {
    if (this.isSynced) return "clock";
    if (this.#members.size > 0) return "members";
    return this.#station === undefined ? "own" : "station";
  }

  get isSynced(): boolean {
    return this.state.kind === "synced";
  }

  /** Within what a block's time may be off. */
  get isExact(): boolean {
    const { state } = this;
    return state.kind === "synced" && state.errorMs <= SEALING_ERROR_MS_MAX;
  }

  /** Nothing that is known speaks against the machine's own date, or it is not needed. */
  get isDateKnown(): boolean {
    const { clock } = this.#parts;
    return this.dateSource !== "own" || clock.wallMs() >= this.#floor + clock.monotonicMs();
  }

  /** What no right date can be before: a time of the chain's, or one that this gateway has signed. */
  hearPast(seconds: number): void {
    this.#floor = Math.max(this.#floor, seconds * 1000 - this.#parts.clock.monotonicMs());
  }

  /** A member whose clock is synchronised has said that it is this time. */
  hearMember(did: string, seconds: number): void {
    const known = this.#members.get(did);
    this.#members.delete(did);
    this.#members.set(did, this.#laterOf(known, seconds));
    const [oldest] = this.#members.keys();
    if (this.#members.size > MEMBERS_MAX && oldest !== undefined) this.#members.delete(oldest);
  }

  /** A station offers from this time on. */
  hearStation(seconds: number): void {
    this.#station = this.#laterOf(this.#station, seconds);
  }

  /** Tells of the date's source when it has become another one; called now and then. */
  tell(): void {
    const { dateSource, state } = this;
    if (dateSource === this.#told) return;
    // That all is well from the start is no news.
    const isNews = this.#told !== undefined || dateSource !== "clock";
    this.#told = dateSource;
    const errorMs = state.kind === "synced" ? Math.ceil(state.errorMs) : null;
    if (isNews) this.#parts.emit("clockChanged", { source: dateSource, errorMs, wallMs: this.wallMs() });
  }

  /** A word is never early: of two that differ by their way only, the later is the better one. */
  #laterOf(knownZeroMs: number | undefined, seconds: number): number {
    const zeroMs = seconds * 1000 - this.#parts.clock.monotonicMs();
    const isSame = knownZeroMs !== undefined && Math.abs(knownZeroMs - zeroMs) <= SAME_WORD_MS;
    return isSame ? Math.max(knownZeroMs, zeroMs) : zeroMs;
  }

  #membersZeroMs(): number | undefined {
    const sorted = [...this.#members.values()].sort((left, right) => left - right);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  }
}
