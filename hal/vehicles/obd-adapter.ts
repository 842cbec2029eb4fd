/**
 * An ELM327-like adapter, kept usable: opened, set up, set to the control unit that is asked, and brought back after
 * resets, silence and a pulled plug. One attempt at a time; who asks decides whether to ask again.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import { decodeReply, type EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import {
  acceptSetupReply,
  ADAPTER_TIMEOUT_STEPS,
  isOk,
  nextSetupStep,
  SETUP_START,
} from "#hal/protocols/obd/elm327/adapter-setup.ts";
import { contextCommands } from "#hal/protocols/obd/elm327/ecu-context.ts";
import { isBanner, readReply } from "#hal/protocols/obd/elm327/read-reply.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import { toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { AdapterLine, type LineFault } from "./adapter-line.ts";
import { LineCounts } from "./line-counts.ts";

export interface Attempt {
  /** From the command's first byte to the prompt. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly text: string;
}

export type AskOutcome =
  | ({ readonly kind: "payload"; readonly payload: Uint8Array } & Attempt)
  | { readonly kind: "ask-again"; readonly fault: VehicleFault }
  | { readonly kind: "refused"; readonly responseCode: number }
  /** Asking at once again is of no use. */
  | { readonly kind: "given-up"; readonly fault: VehicleFault };

export class ObdAdapter {
  readonly #clock: Clock;
  readonly #endpoint: string;
  readonly #line: AdapterLine;
  readonly #sessions: readonly number[];
  readonly #lineCounts = new LineCounts();
  #banner: string | undefined;
  #context: EcuAddress | undefined;
  #failedOpenings = 0;
  #openAgainAtMs = Number.NEGATIVE_INFINITY;
  #lastFault: VehicleFault | undefined;

  /** `sessions`: the diagnostic sessions that may be asked for, none by default. */
  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, sessions: readonly number[] = []) {
    this.#clock = dependencies.clock;
    this.#endpoint = dependencies.link.endpoint;
    this.#sessions = sessions;
    this.#line = new AdapterLine(dependencies, () => {
      this.distrust();
    });
  }

  /** Opens and sets up where needed. The banner of the adapter, or why there is none. */
  async prepare(): Promise<Result<string, VehicleFault>> {
    const opened = await this.#open();
    if (!opened.ok) return opened;
    if (this.#banner !== undefined) return ok(this.#banner);
    const prepared = await this.#setUp();
    if (!prepared.ok) await this.#backOff(prepared.fault);
    else this.#failedOpenings = 0;
    return prepared;
  }

  async ask(request: EcuRequest): Promise<AskOutcome> {
    assert(isReadOnlyRequest(request.bytes, this.#sessions), `only reading is allowed, not ${toHex(request.bytes)}`);
    const prepared = await this.prepare();
    if (!prepared.ok) return { kind: "given-up", fault: prepared.fault };
    const set = await this.#setContext(request.ecu);
    if (!set.ok) return { kind: "ask-again", fault: set.fault };
    const outcome = await this.#askOnce(request);
    return outcome === "pending" ? await this.#awaitPending(request) : outcome;
  }

  /** What the adapter is set to is not known any more: before the next request it is set up from the start. */
  distrust(): void {
    this.#banner = undefined;
    this.#context = undefined;
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  async #open(): Promise<Result<void, VehicleFault>> {
    if (this.#line.isOpen) return ok(undefined);
    if (this.#lastFault !== undefined && this.#clock.monotonicMs() < this.#openAgainAtMs) return fail(this.#lastFault);
    this.distrust();
    const opened = await this.#line.open();
    if (opened.ok) return opened;
    const fault = unreachable(this.#endpoint, opened.fault.reason);
    await this.#backOff(fault);
    return fail(fault);
  }

  async #setUp(): Promise<Result<string, VehicleFault>> {
    let state = SETUP_START;
    for (let step = nextSetupStep(state); step !== undefined; step = nextSetupStep(state)) {
      const reply = await this.#line.exchange(step.command, step.timeoutMs);
      if (!reply.ok && !isRecovered(reply.fault)) return fail(this.#faultOf(reply.fault));
      const next = acceptSetupReply(state, reply.ok ? reply.value : "");
      if (!next.ok) return fail({ code: "VEHICLE_BAD_REPLY", request: next.fault.command, reason: next.fault.reply });
      state = next.value;
    }
    this.#banner = state.stnVersion ?? state.banner;
    this.#context = undefined;
    return ok(this.#banner);
  }

  async #setContext(ecu: EcuAddress): Promise<Result<void, VehicleFault>> {
    const commands = contextCommands(this.#context, ecu);
    // Unknown from the first command on: half of an old context with half of a new one is neither.
    if (commands.length > 0) this.#context = undefined;
    for (const { command, isRequired } of commands) {
      const reply = await this.#line.exchange(command, CONTEXT_TIMEOUT_MS);
      if (!reply.ok) return fail(await this.#lose(reply.fault));
      if (isOk(reply.value, command)) continue;
      // Not knowing an optional command is no harm; anything else means that settings and memory have parted.
      if (!isRequired && isUnknownCommand(reply.value, command)) continue;
      this.distrust();
      return fail({ code: "VEHICLE_BAD_REPLY", request: command, reason: reply.value.trim().slice(0, 120) });
    }
    this.#context = ecu;
    return ok(undefined);
  }

  async #askOnce(request: EcuRequest): Promise<AskOutcome | "pending"> {
    const name = toHex(request.bytes).toUpperCase();
    const digit = this.#lineCounts.digitFor(name);
    const command = `${name}${digit}`;
    const startedMs = this.#clock.monotonicMs();
    const reply = await this.#line.exchange(command, REPLY_TIMEOUT_MS);
    if (!reply.ok) return { kind: "ask-again", fault: await this.#lose(reply.fault) };
    const decoded = decodeReply(request, command, reply.value);
    this.#lineCounts.learn(name, digit, decoded);
    const bad = (reason: string): AskOutcome => ({
      kind: "ask-again",
      fault: { code: "VEHICLE_BAD_REPLY", request: name, reason },
    });
    switch (decoded.kind) {
      case "payload":
        return {
          kind: "payload",
          payload: decoded.payload,
          text: reply.value,
          startedMs,
          endedMs: this.#clock.monotonicMs(),
        };
      case "pending":
        return "pending";
      case "refused":
        return { kind: "refused", responseCode: decoded.responseCode };
      case "ask-again":
        return bad(decoded.reason);
      case "trouble":
        if (decoded.trouble === "rebooted" || decoded.trouble === "bus") this.distrust();
        if (decoded.trouble !== "no-data" && decoded.trouble !== "bus") return bad(decoded.text);
        return { kind: "ask-again", fault: { code: "VEHICLE_ASLEEP", reply: decoded.text } };
    }
  }

  /**
   * The unit needs more time than the adapter listens. The adapter cannot be told to go on listening, so it is asked
   * anew with its longest wait until ISO 14229-2's P2* is over.
   */
  async #awaitPending(request: EcuRequest): Promise<AskOutcome> {
    const untilMs = this.#clock.monotonicMs() + PENDING_MAX_MS;
    await this.#setAdapterTimeout(0xff);
    let outcome: AskOutcome | "pending" = "pending";
    while (outcome === "pending" && this.#clock.monotonicMs() < untilMs) outcome = await this.#askOnce(request);
    await this.#setAdapterTimeout(ADAPTER_TIMEOUT_STEPS);
    if (outcome !== "pending") return outcome;
    return { kind: "refused", responseCode: RESPONSE_PENDING };
  }

  async #setAdapterTimeout(steps: number): Promise<void> {
    if (!this.#line.isOpen) return;
    const command = `ATST${steps.toString(16).toUpperCase()}`;
    const reply = await this.#line.exchange(command, CONTEXT_TIMEOUT_MS);
    if (!reply.ok) await this.#lose(reply.fault);
    else if (isBanner(reply.value)) this.distrust();
  }

  /** No reply: what the adapter is set to is unknown; one that does not even answer ATE0 needs its port opened anew. */
  async #lose(fault: LineFault): Promise<VehicleFault> {
    this.distrust();
    const told = this.#faultOf(fault);
    if (!isRecovered(fault)) await this.#backOff(told);
    return told;
  }

  async #backOff(fault: VehicleFault): Promise<void> {
    await this.#line.close();
    this.#lastFault = fault;
    const delayMs = Math.min(REOPEN_FIRST_MS * 2 ** this.#failedOpenings, REOPEN_MAX_MS);
    this.#failedOpenings = Math.min(this.#failedOpenings + 1, 16);
    this.#openAgainAtMs = this.#clock.monotonicMs() + delayMs;
  }

  #faultOf(fault: LineFault): VehicleFault {
    if (fault.code === "LINE_CLOSED") return unreachable(this.#endpoint, fault.reason);
    return { code: "VEHICLE_ADAPTER_SILENT", endpoint: this.#endpoint, waitedMs: fault.waitedMs };
  }
}

const CONTEXT_TIMEOUT_MS = 1_000;
/** The adapter's own wait (205 ms), a long reply over 9600 baud or a slow radio link, and a margin. */
const REPLY_TIMEOUT_MS = 2_000;
/** ISO 14229-2, default of P2*server. */
const PENDING_MAX_MS = 5_000;
const RESPONSE_PENDING = 0x78;
const REOPEN_FIRST_MS = 500;
const REOPEN_MAX_MS = 60_000;

function isUnknownCommand(text: string, command: string): boolean {
  const reply = readReply(text, command);
  return reply.kind === "trouble" && reply.trouble === "unknown-command";
}

function isRecovered(fault: LineFault): boolean {
  return fault.code === "LINE_SILENT" && fault.isAnswering;
}

function unreachable(endpoint: string, reason: string): VehicleFault {
  return { code: "VEHICLE_ADAPTER_UNREACHABLE", endpoint, reason };
}
