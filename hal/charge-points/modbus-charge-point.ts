/**
 * A charge controller on a register bus, of any model that a table describes.
 *
 * A permit is written when it begins, when it changes, when the device shows that it has lost it, and when the device
 * would forget it; between, a renewal is the driver's own affair, for some registers are kept in memory that wears out.
 */
import { fail, ok, type Result } from "#base/result.ts";
import {
  LEASE_MS,
  type ChargePoint,
  type ChargePointFault,
  type ChargePointState,
  type PlugState,
} from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { refused } from "./bus-charge-point-fault.ts";
import type { ChargePointMap, RegisterWrite } from "./charge-point-map.ts";
import { countsOf, fieldValue, ruleState, type StateWords } from "./charge-point-words.ts";
import { RegisterPort, type RegisterPortOptions } from "./register-port.ts";

export interface ModbusChargePointParts {
  readonly bus: RegisterBus;
  readonly clock: Clock;
  readonly map: ChargePointMap;
}

/** A controller that could not be reached is told to switch off as soon as it answers. */
const FORBID_AGAIN_MS = 1_000;
/** A car has up to 3 s to stop, then the controller opens its contactor under load (IEC 61851-1, table A.6). */
const STILL_AFTER_MS = 10_000;
/** A permit by which nothing flows although somebody is plugged in is told again, in case the device has lost it. */
const RETELL_MS = 15_000;

type Outcome = Result<void, ChargePointFault>;

interface Told {
  readonly counts: number;
  readonly atMs: number;
}

export class ModbusChargePoint implements ChargePoint {
  readonly #clock: Clock;
  readonly #map: ChargePointMap;
  readonly #port: RegisterPort;
  #isPermitted = false;
  /** How many forbids there were: a permit from before the last one must not be carried out. */
  #forbids = 0;
  /** What the device has acknowledged and, as far as can be seen, still has. */
  #told: Told | undefined;
  #forbiddenAtMs: number | undefined;
  #hasSettings = false;
  #heartbeatMs = Number.NEGATIVE_INFINITY;
  #plug: PlugState = "unplugged";
  #weld: ChargePointFault | undefined;
  /** Commands in the order in which they were given: a late permit must not overtake a forbid. */
  #lastCommand: Promise<unknown> = Promise.resolve();
  #cancelTimer: Cancel = () => undefined;
  #isClosed = false;

  constructor({ bus, clock, map }: ModbusChargePointParts, options: RegisterPortOptions) {
    this.#clock = clock;
    this.#map = map;
    this.#port = new RegisterPort(bus, map, options);
  }

  /** Switches off what an earlier life of this gateway, or the controller's own start, has left on. */
  start(): void {
    void this.forbid();
  }

  get variesLimit(): boolean {
    return this.#map.variesLimit === true;
  }

  async look(): Promise<Result<ChargePointState, ChargePointFault>> {
    await this.#beat();
    const reads = await this.#port.readAll();
    if (!reads.ok) {
      this.#hasSettings = false;
      return reads;
    }
    const plug = this.#plugIn(reads.value);
    if (!plug.ok) return plug;
    this.#plug = plug.value;
    const { contactor: rule } = this.#map;
    const contactor = (rule === undefined ? undefined : ruleState(reads.value, rule)) ?? "unknown";
    this.#compare(reads.value);
    const nowMs = this.#clock.monotonicMs();
    const isStill = this.#forbiddenAtMs !== undefined && nowMs - this.#forbiddenAtMs > STILL_AFTER_MS;
    if (contactor === "closed" && isStill && !this.#isPermitted) this.#weld ??= WELD;
    return ok({ plug: plug.value, contactor, ...(this.#weld === undefined ? {} : { trouble: this.#weld }) });
  }

  async permit(currentA: number): Promise<Outcome> {
    if (this.#isClosed) return fail(refused("the charge point was closed"));
    if (this.#weld !== undefined) return fail(this.#weld);
    const counts = countsOf(currentA, this.#map.current);
    if (counts === undefined) return fail(refused(`${currentA} A is less than ${this.#map.current.minA} A`));
    this.#isPermitted = true;
    // The lease runs from the moment of the command, so that an answer that is lost cannot lengthen it.
    this.#forbidAfter(LEASE_MS);
    const forbids = this.#forbids;
    return await this.#inTurn(() => this.#carryOut(counts, () => forbids === this.#forbids));
  }

  async forbid(): Promise<Outcome> {
    this.#isPermitted = false;
    this.#forbids += 1;
    this.#told = undefined;
    this.#cancelTimer();
    const forbidden = await this.#inTurn(async () => {
      // A permit that was under way may have noted what it told.
      this.#told = undefined;
      return await this.#writeAll(this.#map.forbid, 0, () => true);
    });
    if (forbidden.ok) this.#forbiddenAtMs ??= this.#clock.monotonicMs();
    else if (!this.#isClosed && !this.#mayFlow()) this.#forbidAfter(FORBID_AGAIN_MS);
    return forbidden;
  }

  /** Leaves the car without current. The bus stays open: other devices may be on it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.forbid();
    this.#cancelTimer();
  }

  async #carryOut(counts: number, mayFlow: () => boolean): Promise<Outcome> {
    if (!mayFlow()) return fail(OVERTAKEN);
    if (this.#isTold(counts)) return ok(undefined);
    if (!this.#hasSettings) {
      const ensured = await this.#port.ensureSettings();
      if (!ensured.ok) return ensured;
      this.#hasSettings = true;
    }
    this.#forbiddenAtMs = undefined;
    const permitted = await this.#writeAll(this.#map.permit, counts, mayFlow);
    if (permitted.ok) this.#told = { counts, atMs: this.#clock.monotonicMs() };
    return permitted;
  }

  #isTold(counts: number): boolean {
    if (this.#told?.counts !== counts) return false;
    const ageMs = this.#clock.monotonicMs() - this.#told.atMs;
    const holdsMs = this.#map.refreshMs ?? (this.#plug === "plugged" ? RETELL_MS : Infinity);
    return ageMs < holdsMs;
  }

  #plugIn(reads: StateWords): Result<PlugState, ChargePointFault> {
    for (const rule of this.#map.plug) {
      const state = ruleState(reads, rule);
      if (state === undefined) {
        const value = fieldValue(reads, rule.field) ?? "nothing";
        return fail(refused(`${value} is none of the states that ${this.#map.model} has`));
      }
      if (state !== "next") return ok(state);
    }
    return fail(refused(`${this.#map.model} does not tell whether somebody is plugged in`));
  }

  /** What the device shows against what it was told: it may have lost its power, or somebody else has written to it. */
  #compare(reads: StateWords): void {
    const { off, limit, refreshMs } = this.#map;
    const switchWord = off === undefined ? undefined : fieldValue(reads, off.field);
    const isOff = off === undefined || typeof switchWord !== "number" ? undefined : isOffBy(switchWord, off);
    if (this.#isPermitted) {
      const counts = limit === undefined ? undefined : fieldValue(reads, limit);
      const isMore = typeof counts === "number" && counts > (this.#told?.counts ?? Infinity);
      if (isOff !== true && !isMore) return;
      this.#told = undefined;
      this.#hasSettings = false;
      return;
    }
    const sinceMs = this.#clock.monotonicMs() - (this.#forbiddenAtMs ?? Infinity);
    const isForgotten = refreshMs !== undefined && sinceMs >= refreshMs;
    const isFlowing = isOff === undefined && this.#plug === "charging" && sinceMs > STILL_AFTER_MS;
    if (isOff !== false && !isFlowing && !isForgotten) return;
    this.#hasSettings = false;
    this.#forbiddenAtMs = undefined;
    void this.forbid();
  }

  async #beat(): Promise<void> {
    const { heartbeat } = this.#map;
    const nowMs = this.#clock.monotonicMs();
    if (heartbeat === undefined || nowMs - this.#heartbeatMs < heartbeat.everyMs) return;
    const beaten = await this.#port.write(heartbeat.write, 0, "normal");
    if (beaten.ok) this.#heartbeatMs = nowMs;
  }

  async #writeAll(writes: readonly RegisterWrite[], counts: number, mayGoOn: () => boolean): Promise<Outcome> {
    for (const write of writes) {
      if (!mayGoOn()) return fail(OVERTAKEN);
      const written = await this.#port.write(write, counts, writes === this.#map.forbid ? "urgent" : "normal");
      if (!written.ok) return written;
    }
    // The last answer may have come after a forbid: the current goes again, but this was no permit.
    return mayGoOn() ? ok(undefined) : fail(OVERTAKEN);
  }

  /** A permit may have come while a forbid was under way. */
  #mayFlow(): boolean {
    return this.#isPermitted;
  }

  #forbidAfter(durationMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.wakeAt(this.#clock.monotonicMs() + durationMs, () => {
      void this.forbid();
    });
  }

  #inTurn(command: () => Promise<Outcome>): Promise<Outcome> {
    const done = this.#lastCommand.then(command);
    this.#lastCommand = done;
    return done;
  }
}

function isOffBy(word: number, off: NonNullable<ChargePointMap["off"]>): boolean {
  return (word & off.mask) === off.value;
}

const OVERTAKEN = refused("a forbid came after the permit");

const WELD: ChargePointFault = {
  code: "CONTACTOR_WELDED",
  reason: `the controller shows its contactor closed ${STILL_AFTER_MS / 1000} s after it was switched off`,
};
