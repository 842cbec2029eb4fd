/**
 * One command at a time, each ended by a prompt or by a way back to one.
 *
 *   idle --start--> waiting --prompt--> idle (replied)
 *                      \--deadline or flood--> interrupting: a character stops the adapter's operation
 *                              \--prompt or deadline--> resyncing: ATE0, which every adapter answers
 *                                      \--prompt--> draining: what is late may still come
 *                                      |               \--silence--> idle (failed, the adapter answers)
 *                                      \--deadline--> idle (failed, the adapter is silent)
 *
 * It has no timer and no link: bytes, deadlines and the time come in, effects go out.
 */
import { assert } from "#base/assert.ts";
import { type CollectedReply, ReplyCollector } from "./reply-collector.ts";
import { isBanner } from "./read-reply.ts";

export type ExchangeEffect =
  | { readonly kind: "write"; readonly text: string }
  /** The whole text up to the prompt. */
  | { readonly kind: "replied"; readonly text: string }
  /** No usable reply. When the adapter answers again it still has to be set up anew. */
  | { readonly kind: "failed"; readonly isAnswering: boolean; readonly waitedMs: number }
  /** A banner nobody asked for, between two commands: the adapter has lost its settings. */
  | { readonly kind: "rebooted" };

/** Long enough for the slowest adapter to notice the character and print its prompt. */
export const INTERRUPT_MS = 500;
export const RESYNC_MS = 1_000;
/** A reply that was under way when we gave up has arrived when this long nothing came. */
export const DRAIN_SILENCE_MS = 120;
export const DRAIN_MAX_MS = 2_000;

type ExchangeState =
  | { readonly phase: "idle" }
  | {
      readonly phase: "waiting" | "interrupting" | "resyncing";
      readonly startedMs: number;
      readonly deadlineMs: number;
    }
  | {
      readonly phase: "draining";
      readonly startedMs: number;
      readonly deadlineMs: number;
      readonly endMs: number;
    };

export class CommandExchange {
  readonly #collector = new ReplyCollector();
  #state: ExchangeState = { phase: "idle" };

  get isIdle(): boolean {
    return this.#state.phase === "idle";
  }

  /** When `acceptDeadline` wants to be called; undefined while nothing is under way. */
  get deadlineMs(): number | undefined {
    return this.#state.phase === "idle" ? undefined : this.#state.deadlineMs;
  }

  /** The link was opened anew: what was under way is gone. */
  reset(): void {
    this.#collector.clear();
    this.#state = { phase: "idle" };
  }

  start(command: string, nowMs: number, timeoutMs: number): readonly ExchangeEffect[] {
    assert(this.isIdle, "one command is in flight at a time");
    assert(/^[\x21-\x7e]+$/.test(command), "a command is printable; an empty one would repeat the last");
    this.#state = { phase: "waiting", startedMs: nowMs, deadlineMs: nowMs + timeoutMs };
    return [{ kind: "write", text: `${command}\r` }];
  }

  acceptBytes(bytes: Uint8Array, nowMs: number): readonly ExchangeEffect[] {
    const effects = this.#collector.accept(bytes).flatMap((collected) => this.#acceptCollected(collected, nowMs));
    if (this.#state.phase === "draining") {
      this.#state = { ...this.#state, deadlineMs: Math.min(nowMs + DRAIN_SILENCE_MS, this.#state.endMs) };
    }
    return effects;
  }

  acceptDeadline(nowMs: number): readonly ExchangeEffect[] {
    const state = this.#state;
    if (state.phase === "idle" || nowMs < state.deadlineMs) return [];
    switch (state.phase) {
      case "waiting":
        return this.#interrupt(state.startedMs, nowMs);
      case "interrupting":
        return this.#resync(state.startedMs, nowMs);
      case "resyncing":
        return this.#fail(state.startedMs, nowMs, false);
      case "draining":
        return this.#fail(state.startedMs, nowMs, true);
    }
  }

  #acceptCollected(collected: CollectedReply, nowMs: number): readonly ExchangeEffect[] {
    const state = this.#state;
    switch (state.phase) {
      case "idle":
        return collected.kind === "reply" && isBanner(collected.text) ? [{ kind: "rebooted" }] : [];
      case "waiting":
        if (collected.kind !== "reply") return this.#interrupt(state.startedMs, nowMs);
        this.#state = { phase: "idle" };
        return [{ kind: "replied", text: collected.text }];
      case "interrupting":
        return collected.kind === "overflow" ? [] : this.#resync(state.startedMs, nowMs);
      case "resyncing":
        if (collected.kind !== "overflow") this.#drain(state.startedMs, nowMs);
        return [];
      case "draining":
        return [];
    }
  }

  #interrupt(startedMs: number, nowMs: number): readonly ExchangeEffect[] {
    this.#state = { phase: "interrupting", startedMs, deadlineMs: nowMs + INTERRUPT_MS };
    return [{ kind: "write", text: "x" }];
  }

  /** Also without a prompt: an idle adapter takes the `x` for the start of a command and answers the next CR. */
  #resync(startedMs: number, nowMs: number): readonly ExchangeEffect[] {
    this.#state = { phase: "resyncing", startedMs, deadlineMs: nowMs + RESYNC_MS };
    return [{ kind: "write", text: "ATE0\r" }];
  }

  #drain(startedMs: number, nowMs: number): void {
    this.#state = {
      phase: "draining",
      startedMs,
      deadlineMs: nowMs + DRAIN_SILENCE_MS,
      endMs: nowMs + DRAIN_MAX_MS,
    };
  }

  #fail(startedMs: number, nowMs: number, isAnswering: boolean): readonly ExchangeEffect[] {
    this.reset();
    return [{ kind: "failed", isAnswering, waitedMs: nowMs - startedMs }];
  }
}
