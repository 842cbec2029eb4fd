/**
 * Decoder of SML telegrams, which German meters push at their optical interface about every second or two.
 *
 *     bytes -> transport frames -> messages -> lists -> values
 *
 * A telegram is believed when the CRC of its transport and those of all its messages fit. Other messages than lists of
 * values are stepped over.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { DecodedTelegram, TelegramDecoder, TelegramProblem } from "../telegram.ts";
import { GET_LIST_RESPONSE, readMessages } from "./messages.ts";
import { isSumOf } from "./sums.ts";
import { SmlTransport, type FrameContents, type TransportFrame } from "./transport.ts";
import { readValueList, type SmlList } from "./value-list.ts";

export interface SmlTelegram extends DecodedTelegram {
  /** One response of one meter each; `values` are theirs together. Empty unless intact. */
  readonly lists: readonly SmlList[];
}

export class SmlDecoder implements TelegramDecoder {
  readonly #transport = new SmlTransport();

  /** Bytes of a telegram that is not complete: at most `SML_TELEGRAM_BYTES_MAX`. */
  get heldBytes(): number {
    return this.#transport.heldBytes;
  }

  push(bytes: Uint8Array): readonly SmlTelegram[] {
    return this.#transport.push(bytes).map(decodeFrame);
  }

  /** The next byte pushed is the first of another stream. */
  end(): readonly SmlTelegram[] {
    return this.#transport.end().map(decodeFrame);
  }
}

/** The meter that the telegram is of, in hex, where it says so. */
export function serverIdOf(telegram: SmlTelegram): string | undefined {
  return telegram.lists[0]?.serverId;
}

function decodeFrame({ offset, lengthBytes, outcome }: TransportFrame): SmlTelegram {
  const lists: Result<readonly SmlList[], TelegramProblem> = "code" in outcome ? fail(outcome) : readLists(outcome);
  if (!lists.ok) return { offset, lengthBytes, problem: lists.fault, values: [], lists: [] };
  return { offset, lengthBytes, values: lists.value.flatMap((list) => list.values), lists: lists.value };
}

function readLists(contents: FrameContents): Result<readonly SmlList[], TelegramProblem> {
  const messages = readMessages(contents.bytes);
  if (!messages.ok) return messages;
  const lists: SmlList[] = [];
  for (const message of messages.value) {
    if (message.tag !== GET_LIST_RESPONSE) continue;
    const list = readValueList(message.body);
    if (!list.ok) return fail({ code: "TELEGRAM_MALFORMED", reason: list.fault });
    lists.push(list.value);
  }
  const sums = [contents.sum, ...messages.value.map((message) => message.sum)];
  const serverIds = lists.length === 0 ? [NO_SERVER] : lists.map((list) => list.serverId);
  if (sums.every((sum) => serverIds.every((serverId) => isSumOf(sum, serverId)))) return ok(lists);
  return fail({ code: "TELEGRAM_BAD_SUM", reason: "a CRC fits only by a rule that this maker's meters do not follow" });
}

/** Of a telegram without readings nobody knows the maker. */
const NO_SERVER = "";
