/**
 * The way to the car straight over a CAN bus, without an adapter: the same requests, in the same order, with the same
 * rules as through one. The bus must be set to 500 kbit/s, which the system does.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { CanBus, CanBusFault, CanFrame } from "#hal/ports/can-bus.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { type EcuAddress, idDigits } from "#hal/protocols/obd/ecu-address.ts";
import {
  CLIENT_TIMING,
  type ClientEffect,
  type ClientOutcome,
  type ClientTiming,
  IsoTpClient,
} from "#hal/protocols/obd/isotp-client.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { asleep, type AskOutcome, type Attempt, badReply, type VehicleLine } from "./vehicle-line.ts";

export interface CanVehicleLineSettings {
  /** The diagnostic sessions that may be entered, none by default. */
  readonly sessions?: readonly number[];
  readonly timing?: ClientTiming;
}

export class CanVehicleLine implements VehicleLine {
  readonly #bus: CanBus;
  readonly #clock: Clock;
  readonly #sessions: readonly number[];
  readonly #timing: ClientTiming;
  readonly #keeper: SessionKeeper;
  #exchange: CanExchange | undefined;
  #isClosed = false;

  constructor(
    dependencies: { readonly bus: CanBus; readonly clock: Clock },
    { sessions = [], timing = CLIENT_TIMING }: CanVehicleLineSettings = {},
  ) {
    this.#bus = dependencies.bus;
    this.#clock = dependencies.clock;
    this.#sessions = sessions;
    this.#timing = timing;
    this.#keeper = new SessionKeeper(
      { clock: dependencies.clock, exchange: (request) => this.#ask(request) },
      sessions,
    );
  }

  prepare(): Promise<Result<string, VehicleFault>> {
    if (this.#isClosed) return Promise.resolve(fail(this.#unreachable("closed by its owner")));
    return Promise.resolve(ok(`CAN bus ${this.#bus.endpoint}`));
  }

  async ask(request: EcuRequest): Promise<AskOutcome> {
    assert(isReadOnlyRequest(request.bytes, this.#sessions), `only reading is allowed, not ${toHex(request.bytes)}`);
    return await this.#keeper.ask(request);
  }

  /** A bus has no voltmeter. */
  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return Promise.resolve(ok(null));
  }

  /** A bus has no settings that could be lost. */
  distrust(): void {
    return;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#keeper.stop();
    await this.#bus.close();
    this.#exchange?.abandon();
  }

  async #ask(request: EcuRequest): Promise<AskOutcome> {
    if (this.#isClosed) return { kind: "given-up", fault: this.#unreachable("closed by its owner") };
    const startedMs = this.#clock.monotonicMs();
    const exchange = new CanExchange({ bus: this.#bus, clock: this.#clock }, request, this.#timing);
    this.#exchange = exchange;
    const outcome = await exchange.run();
    this.#exchange = undefined;
    const { text } = exchange;
    return this.#judge(request, outcome, { startedMs, endedMs: this.#clock.monotonicMs(), text });
  }

  #judge(request: EcuRequest, outcome: ExchangeOutcome, attempt: Attempt): AskOutcome {
    const name = toHex(request.bytes).toUpperCase();
    switch (outcome.kind) {
      case "positive":
        return { kind: "payload", payload: outcome.message, ...attempt };
      case "negative":
        return { kind: "refused", responseCode: outcome.responseCode };
      case "broken":
        return badReply(name, outcome.reason);
      case "silent":
        return asleep(`${addressText(request.ecu)} says nothing in ${Math.round(outcome.waitedMs)} ms`);
      case "bus-fault":
        return this.#outcomeOf(name, outcome.fault);
    }
  }

  #outcomeOf(request: string, fault: CanBusFault): AskOutcome {
    switch (fault.code) {
      case "CAN_CLOSED":
        return { kind: "given-up", fault: this.#unreachable("the bus is closed") };
      // In a car that sleeps nobody acknowledges.
      case "CAN_BUS_OFF":
        return asleep(`bus off: ${fault.reason}`);
      case "CAN_QUEUE_FULL":
        return badReply(request, `${fault.waitingFrames} frames wait to be sent`);
    }
  }

  #unreachable(reason: string): VehicleFault {
    return { code: "VEHICLE_ADAPTER_UNREACHABLE", endpoint: this.#bus.endpoint, reason };
  }
}

type ExchangeOutcome = ClientOutcome | { readonly kind: "bus-fault"; readonly fault: CanBusFault };

/** Pumps one client: frames from the bus, deadlines from the clock. */
class CanExchange {
  readonly #bus: CanBus;
  readonly #clock: Clock;
  readonly #ecu: EcuAddress;
  readonly #client: IsoTpClient;
  readonly #lines: string[] = [];
  #settle: (outcome: ExchangeOutcome) => void = () => undefined;
  #cancelWake: Cancel | undefined;
  #isOver = false;

  constructor(
    dependencies: { readonly bus: CanBus; readonly clock: Clock },
    request: EcuRequest,
    timing: ClientTiming,
  ) {
    this.#bus = dependencies.bus;
    this.#clock = dependencies.clock;
    this.#ecu = request.ecu;
    this.#client = new IsoTpClient(request, timing);
  }

  /** The unit's frames as an adapter would print them. */
  get text(): string {
    return this.#lines.join("\r");
  }

  async run(): Promise<ExchangeOutcome> {
    const unlisten = this.#bus.onFrame((frame) => {
      this.#receive(frame);
    });
    const outcome = await new Promise<ExchangeOutcome>((resolve) => {
      this.#settle = resolve;
      this.#apply(this.#client.start(this.#clock.monotonicMs()));
    });
    this.#isOver = true;
    this.#cancelWake?.();
    unlisten();
    return outcome;
  }

  abandon(): void {
    this.#settle({ kind: "bus-fault", fault: { code: "CAN_CLOSED" } });
  }

  #receive(frame: CanFrame): void {
    if (frame.idBits !== this.#ecu.idBits || frame.id !== this.#ecu.responseId || this.#isOver) return;
    // A unit that floods its identifier is cut off by the deadline; its frames are not all kept.
    if (this.#lines.length < LINES_MAX) {
      this.#lines.push(`${idDigits(frame.id, frame.idBits)}${toHex(frame.bytes).toUpperCase()}`);
    }
    this.#apply(this.#client.acceptFrame(frame.bytes, this.#clock.monotonicMs()));
  }

  #apply(effects: readonly ClientEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "send") void this.#send(effect.bytes);
      else this.#settle(effect.outcome);
    }
    this.#arm();
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const sent = await this.#bus.send({ idBits: this.#ecu.idBits, id: this.#ecu.requestId, bytes });
    if (!sent.ok) this.#settle({ kind: "bus-fault", fault: sent.fault });
  }

  #arm(): void {
    this.#cancelWake?.();
    const atMs = this.#client.deadlineMs;
    this.#cancelWake =
      atMs === undefined || this.#isOver
        ? undefined
        : this.#clock.wakeAt(atMs, () => {
            this.#cancelWake = undefined;
            this.#apply(this.#client.acceptDeadline(this.#clock.monotonicMs()));
          });
  }
}

/** More frames than the longest message has. */
const LINES_MAX = 1024;

function addressText(ecu: EcuAddress): string {
  return idDigits(ecu.responseId, ecu.idBits);
}
