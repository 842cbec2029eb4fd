/**
 * One command at a time, each ended by a prompt or by a way back to one.
 *
 *   idle --start--> waiting --prompt--> idle (replied)
 *                      \--deadline or flood--> interrupting: a character stops the adapter's operation
 *                              \--prompt or deadline--> resyncing: ATE0, which every adapter answers
 *                                      \--prompt--> draining: what is late may still come
 *                                      |               \--silence--> idle (failed, the adapter answers)
 *                                      \--deadline--> idle (failed, the adapter is silent)
 *   idle --resync--> resyncing
 *
 * It has no timer and no link: bytes, deadlines and the time come in, effects go out.
 */
import { assert } from "#base/assert.ts";
import { SEARCH_TEXT } from "./adapter-texts.ts";
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
const INTERRUPT_MS = 500;
const RESYNC_MS = 1_000;
/** A reply that was under way when we gave up has arrived when this long nothing came. */
const DRAIN_SILENCE_MS = 120;
const DRAIN_MAX_MS = 2_000;
/** While bytes come the adapter works, however slow its line is: 4 KB take 10 s at 9600 baud. */
const PROGRESS_MS = 1_000;
const WAIT_MAX_MS = 12_000;
/** A search over all protocols, which an adapter should not do after ATSP and some do. */
const SEARCH_MS = 10_000;

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

  /** Prompts and replies have got out of step: ends in `failed`, answering when it is in step again. */
  resync(nowMs: number): readonly ExchangeEffect[] {
    assert(this.isIdle, "one command is in flight at a time");
    return this.#resync(nowMs, nowMs);
  }

  acceptBytes(bytes: Uint8Array, nowMs: number): readonly ExchangeEffect[] {
    const collected = this.#collector.accept(bytes);
    const effects = collected.length === 0 ? NOTHING : collected.flatMap((each) => this.#acceptCollected(each, nowMs));
    this.#extend(nowMs);
    return effects;
  }

  acceptDeadline(nowMs: number): readonly ExchangeEffect[] {
    const state = this.#state;
    if (state.phase === "idle" || nowMs < state.deadlineMs) return [];
    switch (state.phase) {
      case "waiting":
        return this.#isSearching(state.startedMs, nowMs) ? [] : this.#interrupt(state.startedMs, nowMs);
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
        return rebootIn(collected);
      case "waiting":
        if (collected.kind !== "reply") return this.#interrupt(state.startedMs, nowMs);
        this.#state = { phase: "idle" };
        return [{ kind: "replied", text: collected.text }];
      case "interrupting":
        return collected.kind === "overflow" ? [] : this.#resync(state.startedMs, nowMs);
      case "resyncing":
        if (collected.kind !== "overflow") this.#drain(state.startedMs, nowMs);
        return rebootIn(collected);
      case "draining":
        return rebootIn(collected);
    }
  }

  /** Bytes put the deadline off, within limits. */
  #extend(nowMs: number): void {
    const state = this.#state;
    if (state.phase === "draining") {
      this.#state = { ...state, deadlineMs: Math.min(nowMs + DRAIN_SILENCE_MS, state.endMs) };
    } else if (state.phase === "waiting") {
      const extendedMs = Math.min(nowMs + PROGRESS_MS, state.startedMs + WAIT_MAX_MS);
      if (extendedMs > state.deadlineMs) this.#state = { ...state, deadlineMs: extendedMs };
    }
  }

  #isSearching(startedMs: number, nowMs: number): boolean {
    const endMs = startedMs + SEARCH_MS;
    if (nowMs >= endMs || !SEARCH_TEXT.test(this.#collector.unfinishedText.toUpperCase())) return false;
    this.#state = { phase: "waiting", startedMs, deadlineMs: endMs };
    return true;
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

/** Most chunks end no reply. */
const NOTHING: readonly ExchangeEffect[] = [];

function rebootIn(collected: CollectedReply): readonly ExchangeEffect[] {
  return collected.kind === "reply" && isBanner(collected.text) ? [{ kind: "rebooted" }] : [];
}
