/**
 * The gateway's end of its guard: starts the process, gives it signs of life, and notices at once when it is gone. A
 * lost guard is started anew, each time after a longer pause.
 *
 * ```
 *   down --start--> starting --ready--> up --exit, silence--> down (again after a pause)
 *                       \--failed, exit--> down
 * ```
 */
import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { fail, ok, type Result } from "#base/result.ts";
import type { ChargePointFault } from "#hal/ports/charge-point.ts";
import { LineCutter } from "#hal/protocols/line-cutter.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import {
  BEAT_MS,
  ECHO_LIMIT_MS,
  IDLE_BEAT_MS,
  MESSAGE_BYTES_MAX,
  READY_LIMIT_MS,
  RESTART_AFTER_MS,
} from "./guard-limits.ts";
import { ENGINE_OPTIONS, GUARD_PROGRAM } from "./guard-program.ts";
import { decodeFromGuard, encodeMessage, type Beat, type Duty, type Report } from "./guard-message.ts";

export interface GuardLinkParts {
  readonly clock: Clock;
  /** What the gateway wants at this moment. */
  readonly wish: () => Omit<Beat, "beat">;
  readonly onReport: (report: Report) => void;
  readonly onLost: (fault: ChargePointFault) => void;
}

export interface GuardLinkSettings {
  readonly duty: Duty;
  /** The gateway's folder; the guard runs there. */
  readonly home: string;
}

export type GuardLost = Extract<ChargePointFault, { readonly code: "GUARD_LOST" }>;

export interface GuardReady {
  /** A guard before this one has not been able to switch the controller off. */
  readonly inheritsArmed: boolean;
}

/** Without threads of the engine it takes 33 MB of its own in place of 38; and small spaces are collected quickly. */
const OPTIONS = ["--single-threaded", "--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];

type Started = Result<GuardReady, GuardLost>;

export class GuardLink {
  readonly #parts: GuardLinkParts;
  readonly #settings: GuardLinkSettings;
  #child: ChildProcess | undefined;
  #pipe: Socket | undefined;
  #isUp = false;
  #isStopped = false;
  #beat = 0;
  #answeredBeat = 0;
  #upSinceMs = 0;
  #restarts = 0;
  #unansweredSinceMs: number | undefined;
  #failure = "";
  #lost: GuardLost = { code: "GUARD_LOST", reason: "it has not been started" };
  #settleStart: (started: Started) => void = () => undefined;
  #cancelBeat: Cancel = () => undefined;
  #cancelStart: Cancel = () => undefined;

  constructor(parts: GuardLinkParts, settings: GuardLinkSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Undefined while it is there. */
  get lost(): GuardLost | undefined {
    return this.#isUp ? undefined : this.#lost;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it is ready, or with what it could not do. After that it is started anew whenever it is lost. */
  start(): Promise<Started> {
    return new Promise((resolve) => {
      this.#settleStart = resolve;
      this.#spawn();
    });
  }

  /** Gives a sign of life now. @returns its number, or undefined while there is no guard */
  beatNow(): number | undefined {
    const pipe = this.#pipe;
    if (!this.#isUp || pipe === undefined) return undefined;
    this.#beat += 1;
    this.#unansweredSinceMs ??= this.#parts.clock.monotonicMs();
    const wish = this.#parts.wish();
    pipe.write(encodeMessage({ ...wish, beat: this.#beat }));
    const isQuick = wish.leaseMs > 0 && this.#settings.duty.kind === "contactor";
    this.#beatLater(isQuick ? BEAT_MS : IDLE_BEAT_MS);
    return this.#beat;
  }

  /** It ends when its duty is done; nobody waits for that. */
  stop(): void {
    this.#isStopped = true;
    this.#isUp = false;
    this.#cancelBeat();
    this.#cancelStart();
    // What was said last is still read at the other end.
    this.#pipe?.end();
    this.#pipe?.unref();
    this.#child?.unref();
  }

  #spawn(): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts;
    // A group of its own: the signal of a terminal is for the gateway.
    const child = spawn(process.execPath, [...ENGINE_OPTIONS, ...OPTIONS, GUARD_PROGRAM], {
      ...{ cwd: this.#settings.home, detached: true, stdio: ["ignore", "ignore", "inherit", "pipe"] },
    });
    const pipe = child.stdio[3];
    this.#child = child;
    this.#failure = "";
    child.on("error", (error) => {
      this.#lose(child, `it cannot be started: ${error.message}`);
    });
    child.on("exit", (code, signal) => {
      this.#lose(child, this.#failure || `it was ended by ${signal ?? `exit code ${code ?? "?"}`}`);
    });
    if (!(pipe instanceof Socket)) return;
    this.#pipe = pipe;
    const cutter = new LineCutter(MESSAGE_BYTES_MAX);
    pipe.setEncoding("utf8");
    pipe.on("error", () => undefined);
    pipe.on("close", () => {
      // Its exit says more, and comes within the next moments.
      clock.wakeAt(clock.monotonicMs() + EXIT_AFTER_CLOSE_MS, () => {
        this.#lose(child, this.#failure || "it closed its pipe");
      });
    });
    pipe.on("data", (chunk: string) => {
      for (const line of cutter.cut(chunk) ?? []) this.#take(line);
    });
    pipe.write(encodeMessage(this.#settings.duty));
    this.#cancelStart = clock.wakeAt(clock.monotonicMs() + READY_LIMIT_MS, () => {
      this.#lose(child, `it was not ready after ${READY_LIMIT_MS / 1000} s`);
    });
  }

  #take(line: string): void {
    const message = decodeFromGuard(line);
    if (message === undefined) return;
    switch (message.kind) {
      case "ready":
        this.#isUp = true;
        this.#upSinceMs = this.#parts.clock.monotonicMs();
        this.#unansweredSinceMs = undefined;
        this.#cancelStart();
        this.#settleStart(ok({ inheritsArmed: message.inheritsArmed }));
        this.beatNow();
        return;
      case "failed":
        this.#failure = message.reason;
        return;
      case "report":
        this.#noteAnswer(message.beat);
        this.#parts.onReport(message);
    }
  }

  #noteAnswer(beat: number): void {
    const nowMs = this.#parts.clock.monotonicMs();
    // One that has lived for a while has proven itself: the next one may come soon again.
    if (nowMs - this.#upSinceMs > PROVEN_MS) this.#restarts = 0;
    // It also tells of changes, which answers nothing.
    if (beat <= this.#answeredBeat) return;
    this.#answeredBeat = beat;
    this.#unansweredSinceMs = beat === this.#beat ? undefined : nowMs;
  }

  #beatLater(durationMs: number): void {
    const { clock } = this.#parts;
    this.#cancelBeat();
    this.#cancelBeat = clock.wakeAt(clock.monotonicMs() + durationMs, () => {
      this.#checkEcho();
      this.beatNow();
    });
  }

  #checkEcho(): void {
    if (!this.#isSilent()) return;
    // If it was this process that stood still, answers are waiting to be read.
    setImmediate(() =>
      setImmediate(() => {
        const child = this.#child;
        if (child !== undefined && this.#isSilent()) this.#lose(child, `it did not answer for ${ECHO_LIMIT_MS} ms`);
      }),
    );
  }

  #isSilent(): boolean {
    const sinceMs = this.#unansweredSinceMs;
    return this.#isUp && sinceMs !== undefined && this.#parts.clock.monotonicMs() - sinceMs > ECHO_LIMIT_MS;
  }

  /** Whatever it was, its process is ended: that releases its lines. */
  #lose(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill("SIGKILL");
    this.#pipe?.destroy();
    this.#pipe = undefined;
    this.#cancelBeat();
    this.#cancelStart();
    if (this.#isStopped) return;
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#lost = { code: "GUARD_LOST", reason };
    this.#settleStart(fail(this.#lost));
    if (wasUp) this.#parts.onLost(this.#lost);
    const { clock } = this.#parts;
    const pauseMs = RESTART_AFTER_MS[Math.min(this.#restarts, RESTART_AFTER_MS.length - 1)] ?? 0;
    this.#restarts += 1;
    this.#cancelStart = clock.wakeAt(clock.monotonicMs() + pauseMs, () => {
      this.#spawn();
    });
  }
}

const EXIT_AFTER_CLOSE_MS = 50;
const PROVEN_MS = 60_000;
