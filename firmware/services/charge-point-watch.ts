/** What the outlet knows of its charge point: the last state, and whether something stands in the way of a charge. */
import type { Result } from "#base/result.ts";
import type { ChargePointFault, ChargePointState, PlugState } from "#hal/ports/charge-point.ts";
import type { EmitEvent } from "./events.ts";

/** A line drops an answer now and then; only so many in a row are a charge point that is away. */
const FAULTS_MAX = 5;

export class ChargePointWatch {
  readonly #emit: EmitEvent;
  #faults = 0;
  #trouble: ChargePointFault | undefined;
  #mustStop = false;

  constructor(emit: EmitEvent) {
    this.#emit = emit;
  }

  /** Without this nobody may begin to charge. */
  get isUsable(): boolean {
    return this.#trouble === undefined;
  }

  /** Whoever charges has to end: a weld, a stop that somebody demands, a guard that is gone. */
  get mustStop(): boolean {
    return this.#mustStop;
  }

  /** @returns how it is plugged; undefined when that could not be seen */
  take(look: Result<ChargePointState, ChargePointFault>): PlugState | undefined {
    this.#faults = look.ok ? 0 : this.#faults + 1;
    this.#mustStop = look.ok && look.value.trouble !== undefined;
    if (look.ok) this.#note(look.value.trouble);
    else if (this.#faults >= FAULTS_MAX) this.#note(look.fault);
    return look.ok ? look.value.plug : undefined;
  }

  #note(trouble: ChargePointFault | undefined): void {
    const before = this.#trouble;
    this.#trouble = trouble;
    if (trouble?.code === before?.code) return;
    if (trouble === undefined) this.#emit("chargePointBack", {});
    else this.#emit("chargePointFailed", { code: trouble.code, detail: JSON.stringify(trouble) });
  }
}
