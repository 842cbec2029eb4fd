/**
 * An ELM327-like adapter as the way to the car: set to the control unit that is asked, in the way that this adapter
 * really can. Reading only, whatever it is asked for.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import { decodeReply, type DecodedReply, type EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { unitOf } from "#hal/protocols/obd/ecu-address.ts";
import {
  ADAPTER_TIMEOUT_STEPS,
  type AdapterCapabilities,
  timeoutCommand,
} from "#hal/protocols/obd/elm327/adapter-capabilities.ts";
import { ACTIONS } from "#hal/protocols/obd/elm327/adapter-texts.ts";
import { type AdapterContext, contextCommands } from "#hal/protocols/obd/elm327/ecu-context.ts";
import { isBanner, isOk, isUnknownCommand, oneLine, supplyVoltageOf } from "#hal/protocols/obd/elm327/read-reply.ts";
import { requestText } from "#hal/protocols/obd/elm327/request-text.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import { RESPONSE_CODES, TESTER_PRESENT_REQUEST } from "#hal/protocols/obd/uds-codes.ts";
import { AdapterConnection } from "./adapter-connection.ts";
import { AdapterTuning } from "./adapter-tuning.ts";
import { type CountDigitSupport, isDigitTaken, LineCounts } from "./line-counts.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { asleep, type AskOutcome, type Attempt, badReply, type VehicleLine } from "./vehicle-line.ts";

export class ObdAdapter implements VehicleLine {
  readonly #clock: Clock;
  readonly #connection: AdapterConnection;
  readonly #keeper: SessionKeeper;
  readonly #sessions: readonly number[];
  #lineCounts = new LineCounts();
  #tuning: AdapterTuning | undefined;
  #capabilities: AdapterCapabilities | undefined;
  #context: AdapterContext | undefined;
  #closings = 0;
  /** How often in a row each command was unknown that should not be. */
  readonly #unknown = new Map<string, number>();

  /** `sessions`: the diagnostic sessions that may be entered, none by default. */
  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, sessions: readonly number[] = []) {
    this.#clock = dependencies.clock;
    this.#sessions = sessions;
    this.#connection = new AdapterConnection(dependencies, () => {
      this.#context = undefined;
    });
    this.#keeper = new SessionKeeper(
      { clock: dependencies.clock, exchange: (request) => this.#exchange(request) },
      sessions,
    );
  }

  /** What the adapter said that it can do; undefined before it was set up. */
  get capabilities(): AdapterCapabilities | undefined {
    return this.#capabilities;
  }

  /** What became of telling it how many lines to expect. */
  get countDigit(): CountDigitSupport {
    return this.#lineCounts.support;
  }

  prepare(): Promise<Result<string, VehicleFault>> {
    return this.#inOrder(async () => {
      const prepared = await this.#prepare();
      return prepared.ok ? ok(prepared.value.stnVersion ?? prepared.value.banner) : prepared;
    });
  }

  async ask(request: EcuRequest): Promise<AskOutcome> {
    assert(isReadOnlyRequest(request.bytes, this.#sessions), `only reading is allowed, not ${toHex(request.bytes)}`);
    return await this.#keeper.ask(request);
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return this.#inOrder(async () => {
      const prepared = await this.#prepare();
      if (!prepared.ok) return prepared;
      if (!prepared.value.measuresSupply) return ok(null);
      const reply = await this.#connection.command("ATRV", COMMAND_TIMEOUT_MS);
      return reply.ok ? ok(supplyVoltageOf(reply.value) ?? null) : reply;
    });
  }

  distrust(): void {
    this.#connection.distrust();
  }

  async close(): Promise<void> {
    this.#closings += 1;
    this.#keeper.stop();
    await this.#connection.close();
  }

  /** What was called before a close does not open the line again. */
  #inOrder<Value>(work: () => Promise<Result<Value, VehicleFault>>): Promise<Result<Value, VehicleFault>> {
    const closings = this.#closings;
    return this.#keeper.inOrder(async () =>
      closings === this.#closings ? await work() : fail({ code: "VEHICLE_CLOSED" }),
    );
  }

  async #prepare(): Promise<Result<AdapterCapabilities, VehicleFault>> {
    const prepared = await this.#connection.prepare();
    if (prepared.ok && prepared.value !== this.#capabilities) {
      this.#capabilities = prepared.value;
      this.#tuning = new AdapterTuning(prepared.value);
      this.#lineCounts = new LineCounts();
      this.#unknown.clear();
    }
    return prepared;
  }

  async #exchange(request: EcuRequest): Promise<AskOutcome> {
    const set = await this.#prepareFor(request);
    if ("kind" in set) return set;
    const outcome = await this.#askOnce(request, set);
    if (outcome === "pending") return await this.#awaitPending(request, set);
    if (
      outcome.kind === "refused" &&
      outcome.responseCode === RESPONSE_CODES.wrongLength &&
      request.bytes.length > SHORT_BYTES
    ) {
      return await this.#findTruncation(request, set, outcome);
    }
    return outcome;
  }

  async #prepareFor(request: EcuRequest): Promise<Ready | AskOutcome> {
    const prepared = await this.#prepare();
    if (!prepared.ok) return { kind: "given-up", fault: prepared.fault };
    const tuning = this.#tuning ?? new AdapterTuning(prepared.value);
    const wanted = tuning.contextFor(request, this.#clock.monotonicMs());
    if (!wanted.ok) return this.#unfit(wanted.fault);
    const set = await this.#setContext(wanted.value);
    return set.ok ? { context: wanted.value, tuning } : this.#outcomeOf(set.fault);
  }

  async #setContext(wanted: AdapterContext): Promise<Result<void, VehicleFault>> {
    const commands = contextCommands(this.#context, wanted);
    // Unknown from the first command on: half of an old context with half of a new one is neither.
    if (commands.length > 0) this.#context = undefined;
    for (const { command, isRequired } of commands) {
      const reply = await this.#connection.command(command, COMMAND_TIMEOUT_MS);
      if (!reply.ok) return reply;
      if (isOk(reply.value, command)) continue;
      const isUnknown = isUnknownCommand(reply.value, command);
      // Not knowing an optional command is no harm; anything else means that settings and memory have parted.
      if (isUnknown && !isRequired) continue;
      this.distrust();
      if (isUnknown && this.#isUnknownAgain(command)) return fail(this.#unfitFault(command));
      return fail({ code: "VEHICLE_BAD_REPLY", request: command, reason: oneLine(reply.value) });
    }
    this.#context = wanted;
    return ok(undefined);
  }

  async #askOnce(request: EcuRequest, { context, tuning }: Ready): Promise<AskOutcome | "pending"> {
    const name = toHex(request.bytes).toUpperCase();
    const key = `${unitOf(request.ecu)} ${name}`;
    const digit = this.#lineCounts.digitFor(key);
    const command = requestText(request, context.framing, digit);
    const startedMs = this.#clock.monotonicMs();
    const text = await this.#connection.command(command, REPLY_TIMEOUT_MS);
    if (!text.ok) return this.#outcomeOf(text.fault);
    const endedMs = this.#clock.monotonicMs();
    const reply = decodeReply(request, command, text.value, tuning.paddingOf(request.ecu));
    this.#lineCounts.learn(key, { digit, reply, durationMs: endedMs - startedMs });
    tuning.learn(request, reply, endedMs);
    if (digit !== "" && isDigitTaken(reply))
      return badReply(name, `the count digit is not known: ${oneLine(text.value)}`);
    return await this.#judge(name, reply, { startedMs, endedMs, text: text.value });
  }

  async #judge(name: string, reply: DecodedReply, attempt: Attempt): Promise<AskOutcome | "pending"> {
    switch (reply.kind) {
      case "payload":
        this.#unknown.delete(name);
        return { kind: "payload", payload: reply.payload, ...attempt };
      case "pending":
        return "pending";
      case "refused":
        return { kind: "refused", responseCode: reply.responseCode };
      case "ask-again":
        if (reply.sign === "out-of-step") await this.#connection.resync();
        return badReply(name, reply.reason);
      case "trouble":
        return await this.#actOn(name, reply);
    }
  }

  async #actOn(name: string, { trouble, text }: Extract<DecodedReply, { kind: "trouble" }>): Promise<AskOutcome> {
    switch (ACTIONS[trouble]) {
      case "set-up-anew":
        this.distrust();
        return badReply(name, text);
      case "ask-again":
      case "slow-down":
        return badReply(name, text);
      case "resynchronise":
        await this.#connection.resync();
        return badReply(name, text);
      case "do-without":
        return this.#isUnknownAgain(name) ? this.#unfit(`the request ${name}`) : badReply(name, text);
      case "leave-the-bus-alone":
        this.distrust();
        return asleep(text);
      case "count-silence":
        return asleep(text);
    }
  }

  /**
   * The unit needs more time than the adapter listens. The adapter cannot be told to go on listening, so it is asked
   * anew with its longest wait until ISO 14229-2's P2* is over.
   */
  async #awaitPending(request: EcuRequest, ready: Ready): Promise<AskOutcome> {
    const untilMs = this.#clock.monotonicMs() + PENDING_MAX_MS;
    await this.#setAdapterTimeout(LONGEST_TIMEOUT_STEPS);
    let outcome: AskOutcome | "pending" = "pending";
    // A lost context would send the request to another unit.
    while (outcome === "pending" && this.#context === ready.context && this.#clock.monotonicMs() < untilMs) {
      outcome = await this.#askOnce(request, ready);
      if (
        outcome !== "pending" &&
        outcome.kind === "refused" &&
        outcome.responseCode === RESPONSE_CODES.busyRepeatRequest
      )
        outcome = "pending";
    }
    if (this.#context !== undefined) await this.#setAdapterTimeout(ADAPTER_TIMEOUT_STEPS);
    return outcome === "pending" ? { kind: "refused", responseCode: RESPONSE_CODES.responsePending } : outcome;
  }

  async #setAdapterTimeout(steps: number): Promise<void> {
    const reply = await this.#connection.command(timeoutCommand(steps), COMMAND_TIMEOUT_MS);
    if (reply.ok && isBanner(reply.value)) this.distrust();
  }

  /**
   * The unit says that a well-formed request has the wrong length. Some imitations pass on two bytes of a command and
   * drop the rest: then a request of two is answered.
   */
  async #findTruncation(request: EcuRequest, ready: Ready, refusal: AskOutcome): Promise<AskOutcome> {
    const short = await this.#askOnce({ ecu: request.ecu, bytes: TESTER_PRESENT_REQUEST }, ready);
    if (short === "pending" || short.kind !== "payload") return refusal;
    const missing = `requests of more than ${SHORT_BYTES} bytes`;
    ready.tuning.lacks(missing, this.#clock.monotonicMs());
    return this.#unfit(missing);
  }

  #isUnknownAgain(command: string): boolean {
    const times = (this.#unknown.get(command) ?? 0) + 1;
    this.#unknown.set(command, times >= UNKNOWN_BELIEVED ? 0 : times);
    return times >= UNKNOWN_BELIEVED;
  }

  #unfit(missing: string): AskOutcome {
    return { kind: "given-up", fault: this.#unfitFault(missing) };
  }

  #unfitFault(missing: string): VehicleFault {
    const adapter = this.#capabilities?.stnVersion ?? this.#capabilities?.banner ?? "the adapter";
    return { code: "VEHICLE_ADAPTER_UNFIT", adapter, missing };
  }

  #outcomeOf(fault: VehicleFault): AskOutcome {
    return fault.code === "VEHICLE_ADAPTER_UNFIT" ? { kind: "given-up", fault } : { kind: "ask-again", fault };
  }
}

interface Ready {
  readonly context: AdapterContext;
  readonly tuning: AdapterTuning;
}

const COMMAND_TIMEOUT_MS = 1_000;
/** The adapter's own wait (205 ms), a slow radio link, and a margin; while bytes come it is put off. */
const REPLY_TIMEOUT_MS = 2_000;
const LONGEST_TIMEOUT_STEPS = 0xff;
/** ISO 14229-2, default of P2*server. */
const PENDING_MAX_MS = 5_000;
const SHORT_BYTES = 2;
/** A question mark may be noise on the line; this many in a row are none. */
const UNKNOWN_BELIEVED = 3;
