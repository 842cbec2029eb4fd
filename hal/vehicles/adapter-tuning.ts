/**
 * What an adapter really does, learned from its replies: an OK to a setting is a claim. For each control unit the way
 * of asking is chosen from what the adapter claims, changed when the replies say that it does not work, and given up
 * when no way is left.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { DecodedReply, EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { type EcuAddress, idDigits, unitOf } from "#hal/protocols/obd/ecu-address.ts";
import type { AdapterCapabilities } from "#hal/protocols/obd/elm327/adapter-capabilities.ts";
import type { AdapterContext } from "#hal/protocols/obd/elm327/ecu-context.ts";
import { NO_PADDING, type Padding } from "#hal/protocols/obd/isotp-receiver.ts";

/** What the adapter would have to do, in words. */
export type Missing = string;

export class AdapterTuning {
  readonly #capabilities: AdapterCapabilities;
  readonly #units = new Map<string, UnitTuning>();
  readonly #lacks = new Map<string, Lack>();
  #framing: AdapterContext["framing"] = "adapter";
  #unframed = 0;

  constructor(capabilities: AdapterCapabilities) {
    this.#capabilities = capabilities;
  }

  /** How to set the adapter for this request, or what it lacks. */
  contextFor(request: EcuRequest, nowMs: number): Result<AdapterContext, Missing> {
    const { ecu } = request;
    const lack = this.#lacks.size === 0 ? undefined : (this.#lacks.get(EVERYTHING) ?? this.#lacks.get(keyOf(request)));
    if (lack !== undefined && nowMs < lack.untilMs) return fail(lack.what);
    const needsOwnFrames = ecu.extension !== undefined && !this.#capabilities.extendedAddress;
    if (needsOwnFrames && !this.#capabilities.rawFrames) return fail("extended addresses (ATCEA, or ATCAF0)");
    const { flowControl, separationMs } = this.#unit(ecu);
    return ok({
      ecu,
      framing: needsOwnFrames ? "own" : this.#framing,
      flowControl,
      separationMs,
      header: this.#capabilities.setsPriority ? "split" : "whole",
    });
  }

  /** Whether this unit was seen filling up its frames. */
  paddingOf(ecu: EcuAddress): Padding {
    return this.#unit(ecu).padding;
  }

  learn(request: EcuRequest, reply: DecodedReply, nowMs: number): void {
    if (reply.kind === "payload") this.#learnSuccess(request, reply);
    else if (reply.kind === "trouble" && reply.trouble === "overrun") this.#slowDown(request, nowMs);
    else if (reply.kind === "ask-again" && reply.sign === "first-frame-only") this.#changeFlowControl(request, nowMs);
    else if (reply.kind === "ask-again" && reply.sign === "unframed") this.#changeFraming(nowMs);
  }

  /** Of every request. Remembered for a while only: what looked like a lack of the adapter may have been noise. */
  lacks(what: Missing, nowMs: number): void {
    this.#lacks.set(EVERYTHING, { what, untilMs: nowMs + LACK_BELIEVED_MS });
  }

  #unit(ecu: EcuAddress): UnitTuning {
    const flowControl = this.#capabilities.ownFlowControl ? "own" : "adapter";
    return this.#units.get(unitOf(ecu)) ?? { ...UNTRIED, flowControl };
  }

  #change(ecu: EcuAddress, changes: Partial<UnitTuning>): void {
    this.#units.set(unitOf(ecu), { ...this.#unit(ecu), ...changes });
  }

  #learnSuccess({ ecu }: EcuRequest, reply: Extract<DecodedReply, { kind: "payload" }>): void {
    const before = this.#unit(ecu).padding;
    const padding = { single: before.single || reply.padding.single, last: before.last || reply.padding.last };
    this.#unframed = 0;
    this.#change(ecu, { padding, overruns: 0, ...(reply.frames > 1 ? { cutShort: 0, tried: [] } : {}) });
  }

  /** Twice in a row only a first frame: its flow control does not get there. After the other way none is left. */
  #changeFlowControl(request: EcuRequest, nowMs: number): void {
    const { ecu } = request;
    const { flowControl, ...unit } = this.#unit(ecu);
    const cutShort = unit.cutShort + 1;
    if (cutShort < STRIKES_MAX) {
      this.#change(ecu, { cutShort });
      return;
    }
    const tried = [...unit.tried, flowControl];
    const other = flowControl === "own" ? "adapter" : "own";
    const isOtherLeft = !tried.includes(other) && (other === "adapter" || this.#capabilities.ownFlowControl);
    this.#change(ecu, isOtherLeft ? { cutShort: 0, tried, flowControl: other } : { cutShort: 0, tried: [] });
    if (isOtherLeft) return;
    this.#lack(request, `flow control for long answers of ${idDigits(ecu.responseId, ecu.idBits)} (ATFCSM1)`, nowMs);
  }

  /** The unit is told to leave time between its frames, which takes flow control of our own. */
  #slowDown(request: EcuRequest, nowMs: number): void {
    const { ecu } = request;
    const { overruns, separationMs, flowControl } = this.#unit(ecu);
    if (overruns + 1 < STRIKES_MAX) {
      this.#change(ecu, { overruns: overruns + 1 });
      return;
    }
    const slower = flowControl === "own" ? SEPARATIONS_MS.find((each) => each > separationMs) : undefined;
    this.#change(ecu, { overruns: 0, separationMs: slower ?? separationMs });
    if (slower === undefined) this.#lack(request, "room for long answers (BUFFER FULL)", nowMs);
  }

  #changeFraming(nowMs: number): void {
    this.#unframed += 1;
    if (this.#unframed < STRIKES_MAX) return;
    this.#unframed = 0;
    if (this.#framing === "adapter" && this.#capabilities.rawFrames) this.#framing = "own";
    else this.lacks("the protocol bytes of the answers", nowMs);
  }

  #lack(request: EcuRequest, what: Missing, nowMs: number): void {
    if (this.#lacks.size < LACKS_MAX) this.#lacks.set(keyOf(request), { what, untilMs: nowMs + LACK_BELIEVED_MS });
  }
}

interface Lack {
  readonly what: Missing;
  readonly untilMs: number;
}

interface UnitTuning {
  readonly flowControl: AdapterContext["flowControl"];
  readonly separationMs: number;
  /** Replies in a row of which only the first frame came. */
  readonly cutShort: number;
  /** Replies in a row that the adapter had no room for. */
  readonly overruns: number;
  readonly tried: readonly AdapterContext["flowControl"][];
  readonly padding: Padding;
}

const UNTRIED = { separationMs: 0, cutShort: 0, overruns: 0, tried: [], padding: NO_PADDING } as const;

const STRIKES_MAX = 2;
/** A line of 20 characters takes 5 ms at 38400 baud and 21 ms at 9600. */
const SEPARATIONS_MS = [10, 25] as const;
const LACK_BELIEVED_MS = 10 * 60_000;
/** More requests than all profiles have. */
const LACKS_MAX = 256;
const EVERYTHING = "*";

function keyOf({ ecu, bytes }: EcuRequest): string {
  return `${unitOf(ecu)} ${toHex(bytes)}`;
}
