/**
 * The SimpleEVSE-WB controller (also sold as EVSE WB, EVSE DIN) on a register bus.
 *
 * Registers, as two public programs that talk to the device describe them (an installer's read-out of registers 1000 to
 * 1007 and 2000 to 2017, and an ESPHome component); evcc's charger/simpleevse.go agrees on 1000, 1002, 9600 8N1, unit 1
 * and function 16:
 *
 * | holding | meaning |
 * |---|---|
 * | 1000 | configured current, A; the controller starts with the value of 2000 |
 * | 1001 | current offered to the car by the pilot signal, A |
 * | 1002 | vehicle state: 1 ready, 2 present, 3 charging, 4 charging with ventilation, 5 failure |
 * | 1003 | limit of the cable, A; the controller keeps it by itself |
 * | 1004 | commands: bit 0 turn off charging now, bit 1 test of the residual current device, bit 2 clear its error |
 * | 1005 | firmware revision |
 *
 * Not confirmed by the maker's own document: whether bit 0 of 1004 survives a change of the plug, and the firmware
 * revisions that show currents in hundredths of an ampere (a setting, off by default). Therefore the bit is looked at
 * with each question for the plug state, and set again when it is not as it has to be.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { LEASE_MS, type ChargePoint, type ChargePointFault, type PlugState } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { BusFault, RegisterBus, RegisterRequest } from "#hal/ports/register-bus.ts";
import { exceptionText } from "#hal/protocols/modbus/exception-text.ts";

export interface SimpleEvseParts {
  readonly bus: RegisterBus;
  readonly clock: Clock;
}

export interface SimpleEvseOptions {
  readonly unit: number;
  /** Rest between two requests, where it is not the usual one. */
  readonly pauseMs?: number;
}

const CONFIGURED_CURRENT = 1000;
const STATUS_REGISTERS = 5;
const VEHICLE_STATE_AT = 2;
const COMMANDS_AT = 4;
const COMMANDS = CONFIGURED_CURRENT + COMMANDS_AT;
/** Bits 1 and 2 of the command register start a test or clear an error; they are never part of what we write. */
const TURN_OFF = 1;
const CURRENT_ON = 0;

/** IEC 61851-1, table A.8: less than 6 A cannot be told to a car. 80 A is the most that the pilot signal can say. */
const CURRENT_A_MIN = 6;
const CURRENT_A_MAX = 80;
/** A controller that could not be reached is told to switch off as soon as it answers. */
const SWITCH_OFF_AGAIN_MS = 1_000;

const PLUG_STATES: Readonly<Record<number, PlugState>> = {
  1: "unplugged",
  2: "plugged",
  3: "charging",
  4: "charging",
  5: "fault",
};

/** evcc rests 200 ms between two requests to this controller. */
const PAUSE_MS = 200;
const PATIENCE = { answerMs: 500, deadlineMs: 3_000 } as const;

type Outcome = Result<void, ChargePointFault>;

export class SimpleEvse implements ChargePoint {
  readonly #parts: SimpleEvseParts;
  readonly #options: SimpleEvseOptions;
  #isPermitted = false;
  /** Commands in the order in which they were given: a late permit must not overtake a forbid. */
  #lastCommand: Promise<unknown> = Promise.resolve();
  #cancelTimer: Cancel = () => undefined;
  #isClosed = false;

  constructor(parts: SimpleEvseParts, options: SimpleEvseOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Switches off what an earlier life of this gateway, or the controller's own start, has left on. */
  start(): void {
    this.#switchOffUntilDone();
  }

  async plugState(): Promise<Result<PlugState, ChargePointFault>> {
    const status = await this.#parts.bus.read({
      ...this.#request(CONFIGURED_CURRENT, "normal"),
      functionCode: 3,
      count: STATUS_REGISTERS,
    });
    if (!status.ok) return fail(this.#faultOf(status.fault));
    const isOn = ((status.value.words[COMMANDS_AT] ?? 0) & TURN_OFF) === 0;
    // A controller that lost its power comes back switched on.
    if (isOn && !this.#isPermitted) this.#switchOffUntilDone();
    const code = status.value.words[VEHICLE_STATE_AT] ?? 0;
    const state = PLUG_STATES[code];
    return state === undefined ? fail(refused(`vehicle state ${code} is not one of 1 to 5`)) : ok(state);
  }

  async permit(currentA: number): Promise<Outcome> {
    if (this.#isClosed) return fail(refused("the charge point was closed"));
    // The controller knows whole amperes only; rounding down keeps the promise of "at most".
    const wholeA = Math.floor(Math.min(currentA, CURRENT_A_MAX));
    if (!(wholeA >= CURRENT_A_MIN)) return fail(refused(`${currentA} A is less than ${CURRENT_A_MIN} A`));
    this.#isPermitted = true;
    // The lease runs from the moment of the command, so that an answer that is lost cannot lengthen it.
    this.#endLeaseAfter(LEASE_MS);
    return await this.#inTurn(async () => {
      if (!this.#mayFlow()) return fail(OVERTAKEN);
      const configured = await this.#write(CONFIGURED_CURRENT, wholeA, "normal");
      if (!configured.ok) return configured;
      return this.#mayFlow() ? await this.#write(COMMANDS, CURRENT_ON, "normal") : fail(OVERTAKEN);
    });
  }

  async forbid(): Promise<Outcome> {
    this.#isPermitted = false;
    this.#cancelTimer();
    const forbidden = await this.#inTurn(() => this.#write(COMMANDS, TURN_OFF, "urgent"));
    if (!forbidden.ok) this.#switchOffLater();
    return forbidden;
  }

  /** Leaves the car without current. The bus stays open: other devices may be on it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.forbid();
    this.#cancelTimer();
  }

  /** A forbid may come at any moment, also between the two writes of a permit. */
  #mayFlow(): boolean {
    return this.#isPermitted;
  }

  #endLeaseAfter(durationMs: number): void {
    const { clock } = this.#parts;
    this.#cancelTimer();
    this.#cancelTimer = clock.wakeAt(clock.monotonicMs() + durationMs, () => {
      this.#switchOffUntilDone();
    });
  }

  #switchOffUntilDone(): void {
    void this.forbid();
  }

  #switchOffLater(): void {
    if (this.#isClosed || this.#isPermitted) return;
    this.#endLeaseAfter(SWITCH_OFF_AGAIN_MS);
  }

  #inTurn(command: () => Promise<Outcome>): Promise<Outcome> {
    const done = this.#lastCommand.then(command);
    this.#lastCommand = done;
    return done;
  }

  async #write(address: number, word: number, priority: "normal" | "urgent"): Promise<Outcome> {
    const written = await this.#parts.bus.write({
      ...this.#request(address, priority),
      functionCode: 16,
      words: [word],
    });
    return written.ok ? ok(undefined) : fail(this.#faultOf(written.fault));
  }

  #request(address: number, priority: "normal" | "urgent"): RegisterRequest {
    const { unit, pauseMs = PAUSE_MS } = this.#options;
    return { unit, address, priority, pauseMs, ...PATIENCE };
  }

  #faultOf(fault: BusFault): ChargePointFault {
    const { endpoint } = this.#parts.bus;
    const { unit } = this.#options;
    const unreachable = (reason: string): ChargePointFault => ({ code: "CHARGE_POINT_UNREACHABLE", endpoint, reason });
    switch (fault.code) {
      case "BUS_CLOSED":
        return unreachable("the line was closed");
      case "BUS_BUSY":
        return unreachable(`the line was busy for ${fault.waitedMs} ms`);
      case "BUS_UNREACHABLE":
        return unreachable(fault.reason);
      case "BUS_SILENT":
        return unreachable(`unit ${unit} did not answer within ${fault.waitedMs} ms`);
      case "BUS_BAD_FRAME":
        return unreachable(`unit ${unit} gave no intact answer`);
      case "BUS_EXCEPTION":
        return refused(`register ${fault.address}: ${exceptionText(fault.exception)}`);
    }
  }
}

const OVERTAKEN: ChargePointFault = { code: "CHARGE_POINT_REFUSED", reason: "a forbid came after the permit" };

function refused(reason: string): ChargePointFault {
  return { code: "CHARGE_POINT_REFUSED", reason };
}
