/**
 * One opening of the link, and the manners on it: silence before a request, quiet after a failure, and no answer taken
 * for another's.
 *
 * On RTU an answer does not say which request it answers. After a timeout the device may still owe one, and an answer
 * to a later request of the same form could be that one. Devices answer in order, so before such a request a marker
 * goes out: a read whose answer has another length. Once that is answered, what was owed has come or never will.
 */
import modbus from "modbus-serial";

import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { answerShapeOf, isSameShape, type AnswerShape } from "#hal/protocols/modbus/answer-shape.ts";
import type { Framing } from "#hal/protocols/modbus/framing.ts";
import { runExchange, type ModbusClient, type Outcome, type Question } from "./exchange.ts";
import type { LineTiming } from "./line-timing.ts";
import { LinkPort } from "./link-port.ts";

export interface ConnectionParts {
  readonly clock: Clock;
  readonly link: ByteLink;
  readonly framing: Framing;
  readonly timing: LineTiming;
}

/** Quiet after a failure: long enough for a late answer to pass before somebody else talks into it. */
const QUIET_MS_MIN = 300;
const QUIET_MS_MAX = 600;
/** A device that has not answered by then has forgotten the request. */
const OWED_MS = 10_000;
const OWED_MAX = 64;
const TIMER_STEP_MS = 1;

interface OwedAnswer {
  readonly shape: AnswerShape;
  readonly untilMs: number;
}

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #client: ModbusClient;
  readonly #port: LinkPort;
  #owed: readonly OwedAnswer[] = [];
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  private constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#port = new LinkPort(parts.link, parts.framing);
    this.#client = new modbus.default(this.#port);
    this.#client.on("error", () => undefined);
  }

  static async open(parts: ConnectionParts): Promise<Result<Connection, { readonly reason: string }>> {
    const connection = new Connection(parts);
    const error = await new Promise<Error | undefined>((resolve) => {
      connection.#client.open(resolve);
    });
    return error ? fail({ reason: error.message }) : ok(connection);
  }

  get isOpen(): boolean {
    return this.#port.isOpen;
  }

  /** One at a time. */
  async ask(question: Question): Promise<Outcome> {
    if (this.#isOwed(shapeOf(question))) {
      const marked = await this.#exchange(this.#markerFor(question));
      if (marked.kind !== "answered" && marked.kind !== "exception") return marked;
    }
    return await this.#exchange(question);
  }

  async close(): Promise<void> {
    await this.#parts.link.close();
  }

  async #exchange(question: Question): Promise<Outcome> {
    const { clock, timing, framing } = this.#parts;
    await this.#rest();
    if (!this.#port.isOpen) return { kind: "lost", reason: this.#port.lostReason ?? "the link is closed" };
    const outcome = await runExchange({ client: this.#client, port: this.#port, clock, timing }, question);
    const nowMs = clock.monotonicMs();
    this.#quietUntilMs = nowMs + timing.silenceMs;
    if (outcome.kind === "answered" || outcome.kind === "exception") {
      this.#owed = this.#owed.filter((owed) => owed.shape.unit !== question.unit);
    } else if (!framing.tellsAnswersApart && outcome.kind !== "lost") {
      this.#quietUntilMs = nowMs + Math.min(QUIET_MS_MAX, Math.max(QUIET_MS_MIN, question.answerMs));
      this.#owed = [...this.#owed, { shape: shapeOf(question), untilMs: nowMs + OWED_MS }].slice(-OWED_MAX);
    }
    return outcome;
  }

  /** Waits for the silence that a request needs; bytes that still arrive begin it anew. */
  async #rest(): Promise<void> {
    const { clock, timing } = this.#parts;
    this.#port.watch({
      onBytes: () => {
        this.#quietUntilMs = Math.max(this.#quietUntilMs, clock.monotonicMs() + timing.silenceMs);
      },
      onLost: () => {
        this.#quietUntilMs = Number.NEGATIVE_INFINITY;
      },
    });
    // A timer of whole milliseconds would end up to one too late, half as much again as the silence at 19200 baud.
    for (let nowMs = clock.monotonicMs(); nowMs < this.#quietUntilMs; nowMs = clock.monotonicMs()) {
      const earlyMs = this.#quietUntilMs - TIMER_STEP_MS;
      await new Promise<void>((resolve) => {
        clock.wakeAt(earlyMs > nowMs ? earlyMs : this.#quietUntilMs, resolve);
      });
    }
  }

  #isOwed(shape: AnswerShape): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#owed = this.#owed.filter((owed) => owed.untilMs > nowMs);
    return this.#owed.some((owed) => isSameShape(owed.shape, shape));
  }

  /** An even number of registers from an even address, because some devices know no others. */
  #markerFor(question: Question): Question {
    const { unit, answerMs } = question;
    const address = question.address - (question.address % 2);
    const functionCode = question.functionCode === 4 ? 4 : 3;
    for (let count = 2; ; count += 2) {
      const marker: Question = { unit, address, answerMs, functionCode, count };
      const shape = shapeOf(marker);
      if (!isSameShape(shape, shapeOf(question)) && !this.#isOwed(shape)) return marker;
    }
  }
}

/** From the head of the request frame, as the library will make it. */
function shapeOf(question: Question): AnswerShape {
  const { unit, functionCode, address } = question;
  const last =
    functionCode === 6 ? (question.words[0] ?? 0) : "words" in question ? question.words.length : question.count;
  return answerShapeOf(Uint8Array.of(unit, functionCode, address >> 8, address & 0xff, last >> 8, last & 0xff));
}
