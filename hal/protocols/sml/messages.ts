/**
 * The messages of an SML telegram (SML 1.04, section 5): each a list of transaction id, group, what to do after an
 * error, body, checksum and end mark.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { TelegramProblem } from "../telegram.ts";
import { findSum, type Sum } from "./sums.ts";
import { integerOf, readItem, type SmlCursor, type SmlItem } from "./tlv.ts";

export interface SmlMessage {
  /** Which of the standard's messages the body is. */
  readonly tag: number;
  readonly body: SmlItem;
  readonly sum: Sum;
}

export const GET_LIST_RESPONSE = 0x0701;

export function readMessages(contents: Uint8Array): Result<readonly SmlMessage[], TelegramProblem> {
  const cursor: SmlCursor = { bytes: contents, at: 0 };
  const messages: SmlMessage[] = [];
  do {
    const message = readMessage(cursor);
    if (!message.ok) return message;
    messages.push(message.value);
  } while (cursor.at < contents.length);
  return ok(messages);
}

/** A list of six elements. */
const MESSAGE_HEAD = 0x76;
const ELEMENTS_COVERED = 4;
const TAG_BYTES_MAX = 4;

function readMessage(cursor: SmlCursor): Result<SmlMessage, TelegramProblem> {
  const startsAt = cursor.at;
  if (cursor.bytes[cursor.at] !== MESSAGE_HEAD) return malformed("a message that is not a list of six elements");
  cursor.at += 1;
  const elements: SmlItem[] = [];
  while (elements.length < ELEMENTS_COVERED) {
    const element = readItem(cursor, 1);
    if (!element.ok) return malformed(element.fault);
    elements.push(element.value);
  }
  const sum = readSum(cursor, cursor.bytes.subarray(startsAt, cursor.at));
  if (!sum.ok) return sum;
  const end = readItem(cursor);
  if (!end.ok || end.value.kind !== "end") return malformed("a message without end mark");
  return readBody(elements, sum.value);
}

function readSum(cursor: SmlCursor, covered: Uint8Array): Result<Sum, TelegramProblem> {
  const sent = readItem(cursor);
  // Like any number, the sum may come without a leading zero.
  if (!sent.ok || sent.value.kind !== "integer" || sent.value.isSigned || sent.value.bytes.length > 2) {
    return malformed("a message without checksum");
  }
  const [high, low] = sent.value.bytes;
  const sum = findSum(covered, low === undefined ? Uint8Array.of(0, high ?? 0) : sent.value.bytes);
  if (sum === undefined) return fail({ code: "TELEGRAM_BAD_SUM", reason: "the CRC of a message does not fit" });
  return ok(sum);
}

function readBody(elements: readonly SmlItem[], sum: Sum): Result<SmlMessage, TelegramProblem> {
  const [transactionId, group, abortOnError, body] = elements;
  const hasHead = transactionId?.kind === "octets" && isUnsigned(group) && isUnsigned(abortOnError);
  if (!hasHead || body?.kind !== "list") return malformed("a message whose elements are not those of a message");
  const [tag, contents] = body.elements;
  if (body.elements.length !== 2 || tag === undefined || contents === undefined || !isUnsigned(tag)) {
    return malformed("a message body that is not a choice");
  }
  if (tag.bytes.length > TAG_BYTES_MAX) return malformed("a message tag of more than four bytes");
  return ok({ tag: Number(integerOf(tag)), body: contents, sum });
}

function isUnsigned(item: SmlItem | undefined): item is SmlItem & { readonly kind: "integer" } {
  return item?.kind === "integer" && !item.isSigned;
}

function malformed(reason: string): { readonly ok: false; readonly fault: TelegramProblem } {
  return fail({ code: "TELEGRAM_MALFORMED", reason });
}
