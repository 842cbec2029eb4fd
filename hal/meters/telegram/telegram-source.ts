/** Where the telegrams of a meter come from: a line on which it speaks by itself, or one on which it is asked. */
import type { ArrivalTime } from "#hal/meters/decode-reading.ts";
import type { TelegramProblem } from "#hal/protocols/telegram.ts";
import type { MeterTelegram } from "./meter-decoder.ts";

export interface TelegramSource {
  readonly status: SourceStatus;
  readonly unheard: Unheard;
  /** How long one readout takes: a meter that is asked at a slow line gives them no faster. */
  readonly paceMs: number;
  start(): void;
  stop(): Promise<void>;
}

export interface SourceListener {
  /** An intact telegram, at the time at which its last byte came. */
  onTelegram(telegram: MeterTelegram, arrival: ArrivalTime): void;
  /** Nothing of before answers any more: the line was opened anew. */
  onInterrupt(): void;
  /** The status has changed, or it is known now that no telegram comes. */
  onChange(): void;
}

export type SourceStatus =
  | { readonly kind: "opening" }
  /** `sinceMs`: since when a telegram could have come. */
  | { readonly kind: "listening"; readonly sinceMs: number }
  /** An asked meter did not give a readout; it is asked again later. */
  | { readonly kind: "unanswered"; readonly reason: string | undefined }
  | { readonly kind: "down"; readonly reason: string };

/** What came since the last intact telegram, or since the beginning. */
export interface Unheard {
  /** Of all of it; `tail` is the last of it. */
  readonly bytes: number;
  readonly tail: Uint8Array;
  /** When the last of these bytes came; undefined when there were none. */
  readonly lastMs: number | undefined;
  /** Of the last telegram that was not intact. */
  readonly problem: TelegramProblem | undefined;
}
