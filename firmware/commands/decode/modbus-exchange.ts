/** One request on a Modbus RTU line and what answered it. Modbus Application Protocol 1.1b3, section 6. */
import { answerLength, answerShapeOf } from "#hal/protocols/modbus/answer-shape.ts";
import { exceptionText } from "#hal/protocols/modbus/exception-text.ts";
import { hasGoodCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import type { TelegramProblemCode, TelegramValue } from "#hal/protocols/telegram.ts";
import type { Exchange, Finding } from "./finding.ts";

export type ExchangeProblemCode =
  | TelegramProblemCode
  /** The unit answered, and refuses. */
  | "MODBUS_EXCEPTION";

export interface RecordedExchange {
  readonly offset: number;
  readonly request: Uint8Array;
  /** Empty when nothing came. */
  readonly answer: Uint8Array;
}

/** Registers that were read, with their addresses; nothing of an exchange that is not whole. */
export function readExchange({ offset, request, answer }: RecordedExchange): Finding {
  const exchange = exchangeOf(request);
  const problem = problemOf(request, answer);
  return {
    offset,
    lengthBytes: request.length + answer.length,
    ...(problem === undefined ? {} : { problem }),
    ...(exchange === undefined ? {} : { exchange }),
    values: problem === undefined && exchange !== undefined ? registersIn(answer, exchange) : [],
  };
}

/** How long the request is that begins with these bytes; undefined when it is none of the public register functions. */
export function requestLength(bytes: Uint8Array): number | undefined {
  const [, functionCode = 0, , , , , byteCount = 0] = bytes;
  if (functionCode >= 1 && functionCode <= 6) return SHORT_REQUEST_BYTES;
  return functionCode === 15 || functionCode === 16 ? 9 + byteCount : undefined;
}

type Problem = { readonly code: ExchangeProblemCode; readonly reason: string } | undefined;

function problemOf(request: Uint8Array, answer: Uint8Array): Problem {
  const wanted = requestLength(request);
  if (wanted === undefined) return { code: "TELEGRAM_MALFORMED", reason: "the request is of no known function" };
  if (request.length < wanted) return cutShort("request", request.length, wanted);
  if (request.length > wanted || !hasGoodCrc(request)) return badSum("request");
  if (answer.length === 0) return { code: "TELEGRAM_CUT_SHORT", reason: "no answer" };
  const shape = answerShapeOf(request);
  const length = answer.length < 3 ? shape.bytes : answerLength(answer, shape);
  if (length === undefined) {
    if (!hasGoodCrc(answer)) return badSum("answer");
    return { code: "TELEGRAM_MALFORMED", reason: "the answer is not one to this request" };
  }
  if (answer.length < length) return cutShort("answer", answer.length, length);
  if (answer.length > length || !hasGoodCrc(answer)) return badSum("answer");
  const [, functionCode = 0, exception = 0] = answer;
  if (functionCode === shape.functionCode) return undefined;
  return { code: "MODBUS_EXCEPTION", reason: `exception ${exception}: ${exceptionText(exception)}` };
}

function cutShort(which: string, found: number, wanted: number): Problem {
  return { code: "TELEGRAM_CUT_SHORT", reason: `the ${which} has ${found} bytes of ${wanted}` };
}

function badSum(which: string): Problem {
  return { code: "TELEGRAM_BAD_SUM", reason: `the CRC of the ${which} does not fit` };
}

function exchangeOf(request: Uint8Array): Exchange | undefined {
  const [unit, functionCode = 0] = request;
  if (unit === undefined || request.length < SHORT_REQUEST_BYTES) return undefined;
  const isSingleWrite = functionCode === 5 || functionCode === 6;
  const quantity = isSingleWrite ? 1 : wordAt(request, 4);
  return { unit, function: functionCode, address: wordAt(request, 2), quantity };
}

/** An acknowledged write says nothing that the request had not said. */
function registersIn(answer: Uint8Array, exchange: Exchange): readonly TelegramValue[] {
  if (exchange.function !== 3 && exchange.function !== 4) return [];
  return Array.from({ length: exchange.quantity }, (_, index) => ({
    code: String(exchange.address + index),
    value: String(wordAt(answer, 3 + 2 * index)),
    kind: "number",
    unit: null,
  }));
}

function wordAt(bytes: Uint8Array, index: number): number {
  return ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
}

const SHORT_REQUEST_BYTES = 8;
