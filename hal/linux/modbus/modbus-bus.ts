/** The register bus over a byte link: who is next, when to give up, and when to open the link again. */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type {
  BusFault,
  ReadRegisters,
  RegisterAnswer,
  RegisterBus,
  WriteAnswer,
  WriteRegisters,
} from "#hal/ports/register-bus.ts";
import { REGISTERS_PER_READ_MAX, REGISTERS_PER_WRITE_MAX } from "#hal/protocols/modbus/answer-shape.ts";
import type { Framing } from "#hal/protocols/modbus/framing.ts";
import { Connection } from "./connection.ts";
import type { BusRequest, Outcome } from "./exchange.ts";
import type { LineTiming } from "./line-timing.ts";
import { RequestQueue, type WaitingRequest } from "./request-queue.ts";

export interface ModbusBusParts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly link: ByteLink;
  /** Anew for each opening of the link: no byte of the last one may count. */
  readonly makeFraming: () => Framing;
  readonly timing: LineTiming;
}

export const WAITING_REQUESTS_MAX = 64;
/**
 * The longest time between two attempts to open a link that cannot be opened; drawn between half and all of it, so that
 * the gateways of a site do not all knock at once when a switch or a Modbus gateway comes back.
 */
const REOPEN_AFTER_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** A TCP peer that lost its power cannot say so; after so many silences in a row the connection is made anew. */
const SILENCES_MAX = 3;

type Answer = Result<RegisterAnswer, BusFault>;

export class ModbusBus implements RegisterBus {
  readonly #parts: ModbusBusParts;
  readonly bridgedRegistersMax: number;
  readonly #isTcp: boolean;
  readonly #queue = new RequestQueue<Job>(WAITING_REQUESTS_MAX);
  #current: Job | undefined;
  #connection: Connection | undefined;
  #connections = 0;
  #isOpening = false;
  #refusals = 0;
  #reopenAtMs = Number.NEGATIVE_INFINITY;
  #refusal = "";
  #silences = 0;
  #isClosed = false;
  #cancelPump: Cancel = () => undefined;

  constructor(parts: ModbusBusParts) {
    const framing = parts.makeFraming();
    this.#parts = parts;
    this.bridgedRegistersMax = framing.bridgedRegistersMax;
    this.#isTcp = framing.tellsAnswersApart;
  }

  get endpoint(): string {
    return this.#parts.link.endpoint;
  }

  read(request: ReadRegisters): Promise<Answer> {
    assert(request.count >= 1 && request.count <= REGISTERS_PER_READ_MAX, "a read is of 1 to 125 registers");
    return this.#call(request);
  }

  write(request: WriteRegisters): Promise<Result<WriteAnswer, BusFault>> {
    const count = request.words.length;
    assert(count >= 1 && count <= REGISTERS_PER_WRITE_MAX, "a write is of 1 to 123 registers");
    assert(count === 1 || request.functionCode === 16, "functions 5 and 6 write one");
    return this.#call(request);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPump();
    for (const job of [...this.#queue.waiting, ...(this.#current === undefined ? [] : [this.#current])]) {
      this.#queue.remove(job);
      job.settle(fail({ code: "BUS_CLOSED" }));
    }
    await this.#parts.link.close();
  }

  #call(request: BusRequest): Promise<Answer> {
    if (this.#isClosed) return Promise.resolve(fail({ code: "BUS_CLOSED" }));
    return new Promise((resolve) => {
      const job = new Job(request, this.#parts.clock, resolve);
      if (!this.#queue.add(job)) {
        job.settle(fail({ code: "BUS_BUSY", endpoint: this.endpoint, waitedMs: 0 }));
        return;
      }
      job.startDeadline(() => {
        this.#queue.remove(job);
        job.settle(fail(this.#lateness(job)));
      });
      this.#pump();
    });
  }

  /** What kept a request from its answer until its deadline. */
  #lateness(job: Job): BusFault {
    const waitedMs = job.request.deadlineMs;
    if (this.#isOpening) return { code: "BUS_UNREACHABLE", endpoint: this.endpoint, reason: "still connecting" };
    if (job !== this.#current) return { code: "BUS_BUSY", endpoint: this.endpoint, waitedMs };
    return { code: "BUS_SILENT", endpoint: this.endpoint, unit: job.unit, waitedMs };
  }

  #pump(): void {
    if (this.#isClosed || this.#current !== undefined) return;
    this.#cancelPump();
    const job = this.#queue.takeNext(this.#parts.clock.monotonicMs());
    const readyAtMs = this.#queue.nextReadyMs;
    if (job !== undefined) void this.#serve(job);
    else if (readyAtMs !== undefined) {
      this.#cancelPump = this.#parts.clock.wakeAt(readyAtMs, () => {
        this.#pump();
      });
    }
  }

  async #serve(job: Job): Promise<void> {
    this.#current = job;
    const connected = await this.#connect();
    if (!connected.ok) job.settle(connected);
    // Whoever gave up while the link was opened does not want the line to be used for it any more.
    else if (!job.isSettled) await this.#ask(connected.value, job);
    this.#current = undefined;
    this.#pump();
  }

  async #ask(connection: Connection, job: Job): Promise<void> {
    const outcome = await connection.ask(job.request);
    this.#queue.noteServed(job.unit, this.#parts.clock.monotonicMs());
    job.settle(this.#resultOf(outcome, job.request));
    this.#silences = outcome.kind === "silent" ? this.#silences + 1 : 0;
    // A TCP stream that has lost its frames does not find them again.
    const isDeranged = outcome.kind === "bad-frame" && outcome.diagnosis.problem.kind === "noise";
    if (this.#isTcp && (isDeranged || this.#silences >= SILENCES_MAX)) {
      this.#silences = 0;
      await connection.close();
    }
  }

  async #connect(): Promise<Result<Connection, BusFault>> {
    if (this.#connection?.isOpen === true) return ok(this.#connection);
    const { clock, link, makeFraming, timing } = this.#parts;
    if (clock.monotonicMs() < this.#reopenAtMs) return fail(this.#unreachable(this.#refusal));
    this.#isOpening = true;
    // A write may fail before the link itself says that it has ended, and a link is opened once at a time.
    await this.#connection?.close();
    const opened = await Connection.open({ clock, link, framing: makeFraming(), timing });
    this.#isOpening = false;
    if (this.#isClosed) {
      await link.close();
      return fail({ code: "BUS_CLOSED" });
    }
    if (!opened.ok) {
      const longestMs = REOPEN_AFTER_MS[Math.min(this.#refusals, REOPEN_AFTER_MS.length - 1)] ?? 0;
      const waitMs = longestMs * (0.5 + (this.#parts.randomness.bytes(1)[0] ?? 0) / 512);
      this.#refusals += 1;
      this.#refusal = opened.fault.reason;
      this.#reopenAtMs = clock.monotonicMs() + waitMs;
      return fail(this.#unreachable(opened.fault.reason));
    }
    this.#refusals = 0;
    this.#connections += 1;
    this.#connection = opened.value;
    return opened;
  }

  #resultOf(outcome: Outcome, request: BusRequest): Answer {
    const { endpoint } = this;
    const { unit, functionCode, address } = request;
    switch (outcome.kind) {
      case "answered":
        return ok({ words: outcome.words, tookMs: outcome.tookMs, connection: this.#connections });
      case "exception":
        return fail({ code: "BUS_EXCEPTION", unit, functionCode, address, exception: outcome.exception });
      case "silent":
        return fail({ code: "BUS_SILENT", endpoint, unit, waitedMs: outcome.waitedMs });
      case "bad-frame":
        return fail({ code: "BUS_BAD_FRAME", endpoint, ...outcome.diagnosis });
      case "lost":
        return fail(this.#unreachable(outcome.reason));
    }
  }

  #unreachable(reason: string): BusFault {
    return { code: "BUS_UNREACHABLE", endpoint: this.endpoint, reason };
  }
}

/** A call that waits for its result; settled once, and never after its deadline. */
class Job implements WaitingRequest {
  readonly request: BusRequest;
  readonly #clock: Clock;
  readonly #resolve: (answer: Answer) => void;
  #cancelDeadline: Cancel = () => undefined;
  isSettled = false;

  constructor(request: BusRequest, clock: Clock, resolve: (answer: Answer) => void) {
    this.request = request;
    this.#clock = clock;
    this.#resolve = resolve;
  }

  get unit(): number {
    return this.request.unit;
  }

  get priority(): BusRequest["priority"] {
    return this.request.priority;
  }

  get pauseMs(): number {
    return this.request.pauseMs;
  }

  startDeadline(onDeadline: () => void): void {
    this.#cancelDeadline = this.#clock.wakeAt(this.#clock.monotonicMs() + this.request.deadlineMs, onDeadline);
  }

  settle(answer: Answer): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#cancelDeadline();
    this.#resolve(answer);
  }
}
