/**
 * An adapter at the end of a byte link, kept usable: opened, set up, and brought back after resets, silence and a
 * pulled plug. It knows nothing of cars.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { AdapterCapabilities } from "#hal/protocols/obd/elm327/adapter-capabilities.ts";
import {
  acceptSetupReply,
  capabilitiesAfter,
  nextSetupStep,
  type SetupState,
  startSetup,
} from "#hal/protocols/obd/elm327/adapter-setup.ts";
import { AdapterLine, type LineFault } from "./adapter-line.ts";

export class AdapterConnection {
  readonly #clock: Clock;
  readonly #endpoint: string;
  readonly #line: AdapterLine;
  readonly #onLost: () => void;
  /** How often each command silenced this adapter while it was asked what it can do. */
  readonly #deaths = new Map<string, number>();
  #capabilities: AdapterCapabilities | undefined;
  #isSetUp = false;
  /** Counts the times that the settings were lost. */
  #losses = 0;
  #failures = 0;
  #openAgainAtMs = Number.NEGATIVE_INFINITY;
  #lastFault: VehicleFault | undefined;

  /** `onLost` is called whenever the adapter's settings are not known any more. */
  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, onLost: () => void) {
    this.#clock = dependencies.clock;
    this.#endpoint = dependencies.link.endpoint;
    this.#onLost = onLost;
    this.#line = new AdapterLine(dependencies, () => {
      this.distrust();
    });
  }

  /** Opens and sets up where needed. */
  async prepare(): Promise<Result<AdapterCapabilities, VehicleFault>> {
    const opened = await this.#open();
    if (!opened.ok) return opened;
    if (this.#isSetUp && this.#capabilities !== undefined) return ok(this.#capabilities);
    const prepared = await this.#setUp();
    if (prepared.ok) this.#failures = 0;
    else await this.#backOff(prepared.fault);
    return prepared;
  }

  /** The text up to the prompt. After a fault the adapter is set up anew before the next command. */
  async command(text: string, timeoutMs: number): Promise<Result<string, VehicleFault>> {
    const reply = await this.#line.exchange(text, timeoutMs);
    if (reply.ok) return reply;
    this.distrust();
    const told = this.#faultOf(reply.fault);
    // One that does not even answer ATE0 needs its port opened anew.
    if (!isRecovered(reply.fault)) await this.#backOff(told);
    return fail(told);
  }

  /** Prompts and replies are out of step: finds the prompt that belongs to the next command. */
  async resync(): Promise<void> {
    if (!this.#line.isOpen || (await this.#line.resync())) return;
    this.distrust();
    await this.#backOff({ code: "VEHICLE_ADAPTER_SILENT", endpoint: this.#endpoint, waitedMs: 0 });
  }

  distrust(): void {
    this.#isSetUp = false;
    this.#losses += 1;
    this.#onLost();
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

  async #setUp(): Promise<Result<AdapterCapabilities, VehicleFault>> {
    for (let attempt = 0; attempt < SETUPS_MAX; attempt += 1) {
      const losses = this.#losses;
      const state = await this.#runSetup();
      if (!state.ok) return state;
      // Started anew between two of our commands: half of the settings are gone.
      if (this.#losses !== losses) continue;
      this.#capabilities = capabilitiesAfter(state.value);
      this.#isSetUp = true;
      return ok(this.#capabilities);
    }
    return fail({ code: "VEHICLE_BAD_REPLY", request: "ATZ", reason: "the adapter starts anew again and again" });
  }

  async #runSetup(): Promise<Result<SetupState, VehicleFault>> {
    const deadly = new Set([...this.#deaths].flatMap(([command, times]) => (times >= DEATHS_MAX ? [command] : [])));
    let state = startSetup({ known: this.#capabilities, deadly });
    for (let step = nextSetupStep(state); step !== undefined; step = nextSetupStep(state)) {
      const reply = await this.#line.exchange(step.command, step.timeoutMs);
      if (!reply.ok && !isRecovered(reply.fault)) {
        const isDeath = reply.fault.code === "LINE_SILENT" && step.expects === "anything";
        if (isDeath) this.#deaths.set(step.command, (this.#deaths.get(step.command) ?? 0) + 1);
        return fail(this.#faultOf(reply.fault));
      }
      const next = acceptSetupReply(state, reply.ok ? reply.value : "");
      if (!next.ok) return fail({ code: "VEHICLE_BAD_REPLY", request: next.fault.command, reason: next.fault.reply });
      state = next.value;
    }
    return ok(state);
  }

  async #backOff(fault: VehicleFault): Promise<void> {
    await this.#line.close();
    this.#lastFault = fault;
    const delayMs = Math.min(REOPEN_FIRST_MS * 2 ** this.#failures, REOPEN_MAX_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    this.#openAgainAtMs = this.#clock.monotonicMs() + delayMs;
  }

  #faultOf(fault: LineFault): VehicleFault {
    if (fault.code === "LINE_CLOSED") return unreachable(this.#endpoint, fault.reason);
    return { code: "VEHICLE_ADAPTER_SILENT", endpoint: this.#endpoint, waitedMs: fault.waitedMs };
  }
}

const SETUPS_MAX = 3;
/** Once may be chance: a plug pulled, an adapter that froze by itself. */
const DEATHS_MAX = 2;
const REOPEN_FIRST_MS = 500;
const REOPEN_MAX_MS = 60_000;

function isRecovered(fault: LineFault): boolean {
  return fault.code === "LINE_SILENT" && fault.isAnswering;
}

function unreachable(endpoint: string, reason: string): VehicleFault {
  return { code: "VEHICLE_ADAPTER_UNREACHABLE", endpoint, reason };
}
