/** What the answer to a request looks like on an RTU line. Modbus Application Protocol 1.1b3, sections 6.1 to 6.12. */
import { equalBytes } from "#base/bytes.ts";

export interface AnswerShape {
  readonly unit: number;
  readonly functionCode: number;
  /** Whole frame with unit and checksum; an exception is always EXCEPTION_BYTES. */
  readonly bytes: number;
  /** An acknowledged write gives back the head of its request: unit, function, address, and value or count. */
  readonly head: Uint8Array | undefined;
}

const EXCEPTION_BYTES = 5;
/** Unit, function, byte count, 125 registers, checksum: no answer of a device is longer. */
export const FRAME_BYTES_MAX = 256;
export const REGISTERS_PER_READ_MAX = 125;
export const REGISTERS_PER_WRITE_MAX = 123;

const EXCEPTION_BIT = 0x80;

/** The answer that a request frame (unit, function code, …) asks for. */
export function answerShapeOf(request: Uint8Array): AnswerShape {
  const unit = request[0] ?? 0;
  const functionCode = request[1] ?? 0;
  const count = ((request[4] ?? 0) << 8) | (request[5] ?? 0);
  if (!isReadAnswer(functionCode)) return { unit, functionCode, bytes: 8, head: request.slice(0, 6) };
  const dataBytes = isBitRead(functionCode) ? Math.ceil(count / 8) : 2 * count;
  return { unit, functionCode, bytes: 5 + dataBytes, head: undefined };
}

/**
 * How long the frame that begins with these bytes would be, if it answers the request; undefined when it does not.
 * A read's answer says its own length, and one that says another length is not an answer to this request.
 */
export function answerLength(bytes: Uint8Array, shape: AnswerShape): number | undefined {
  const [unit, functionCode, third] = bytes;
  if (unit !== shape.unit) return undefined;
  if (functionCode === (shape.functionCode | EXCEPTION_BIT)) return EXCEPTION_BYTES;
  if (functionCode !== shape.functionCode) return undefined;
  if (isReadAnswer(functionCode) && third !== undefined && third !== shape.bytes - 5) return undefined;
  if (shape.head !== undefined && !startAlike(bytes, shape.head)) return undefined;
  return shape.bytes;
}

/** Length of any answer by its own header, whoever sends it; undefined when it is no answer to a register request. */
export function selfDeclaredLength(bytes: Uint8Array): number | undefined {
  const [, functionCode, third] = bytes;
  if (functionCode === undefined || third === undefined) return undefined;
  if (functionCode & EXCEPTION_BIT) return EXCEPTION_BYTES;
  if (isBitRead(functionCode)) return 5 + third;
  if (isReadAnswer(functionCode)) return third % 2 === 0 ? 5 + third : undefined;
  return functionCode === 5 || functionCode === 6 || functionCode === 16 ? 8 : undefined;
}

export function isSameShape(left: AnswerShape, right: AnswerShape): boolean {
  return left.unit === right.unit && left.functionCode === right.functionCode && left.bytes === right.bytes;
}

function startAlike(bytes: Uint8Array, head: Uint8Array): boolean {
  const shared = Math.min(bytes.length, head.length);
  return equalBytes(bytes.subarray(0, shared), head.subarray(0, shared));
}

/** Coils and discrete inputs: eight of them are a byte. */
function isBitRead(functionCode: number): boolean {
  return functionCode === 1 || functionCode === 2;
}

function isReadAnswer(functionCode: number): boolean {
  return isBitRead(functionCode) || functionCode === 3 || functionCode === 4;
}
