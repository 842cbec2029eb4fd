/**
 * What the decoders of meters that speak by themselves have in common: bytes in, cut anywhere, telegrams out. A decoder
 * is pure and bounded: it keeps no more than one telegram of its protocol's greatest length, finds the next beginning
 * after damage, and gives values of intact telegrams only.
 */

export interface TelegramDecoder {
  /** The telegrams that these bytes have completed, intact or not, in the order of the stream. */
  push(bytes: Uint8Array): readonly DecodedTelegram[];
  /** The stream has ended: what was begun and can no longer be completed. */
  end(): readonly DecodedTelegram[];
}

export interface DecodedTelegram {
  /** Of its first byte, from the beginning of the stream. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** Undefined for an intact one. */
  readonly problem?: TelegramProblem;
  /** Empty unless intact. */
  readonly values: readonly TelegramValue[];
}

export interface TelegramProblem {
  readonly code: TelegramProblemCode;
  /** One plain sentence: what was found, and what was expected. */
  readonly reason: string;
}

export type TelegramProblemCode =
  /** The stream ended, or another telegram began, before this one was complete. */
  | "TELEGRAM_CUT_SHORT"
  /** CRC, BCC or another sum over its bytes is wrong. */
  | "TELEGRAM_BAD_SUM"
  /** Sums fit (or there are none), but what is inside breaks the format. */
  | "TELEGRAM_MALFORMED"
  /** Longer than any telegram of this protocol. */
  | "TELEGRAM_TOO_LONG"
  /** Intact as far as can be seen, but encrypted: without the key there are no values. */
  | "TELEGRAM_ENCRYPTED";

export interface TelegramValue {
  /** OBIS code as the protocol writes it in full (`1-0:1.8.0*255`), or the address as a D0 meter sends it (`1.8.0`). */
  readonly code: string;
  /** A number as decimal text with the meter's own digits, or a text, or octets as hex, by `kind`. */
  readonly value: string;
  readonly kind: "number" | "text" | "octets" | "time";
  /** As the meter says it; null where it says none. */
  readonly unit: string | null;
}
