/**
 * Ciphered APDUs: general-glo-ciphering (db), general-ded-ciphering (dc) and general-ciphering (dd) of DLMS security
 * suite 0, IEC 62056-5-3 (AES-128-GCM, tag of 12 bytes).
 */
import { assert } from "#base/assert.ts";
import { concatBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { TelegramProblem, TelegramProblemCode } from "../telegram.ts";
import { readLength } from "./axdr.ts";

/**
 * AES-128-GCM, which this layer does not have. Gives the plain bytes, or undefined when the tag does not fit. Without
 * tag (length 0) nothing is verified: it is the counter mode alone.
 */
export type Decipher = (sealed: SealedBytes) => Uint8Array | undefined;

export interface SealedBytes {
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly additional: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** 12 bytes or none. */
  readonly tag: Uint8Array;
}

export interface MeterKeys {
  /** Global unicast encryption key of the customer interface, 16 bytes, from the grid operator. */
  readonly key: Uint8Array;
  /**
   * With it, only authenticated telegrams give values. Without it, tags are not checked (many operators give their
   * customers the first key alone), and what protects the reading is the frame's checksum.
   */
  readonly authenticationKey?: Uint8Array | undefined;
  readonly decipher: Decipher;
}

export const KEY_BYTES = 16;

export function isCiphered(apdu: Uint8Array): boolean {
  return CIPHERED_TAGS.includes(apdu[0] ?? 0);
}

/** The APDU inside. */
export function openApdu(apdu: Uint8Array, keys: MeterKeys | undefined): Result<Uint8Array, TelegramProblem> {
  const sealed = readSealed(apdu);
  if (sealed === undefined) return problem("TELEGRAM_MALFORMED", "a ciphered APDU whose lengths do not fit its bytes");
  const { control } = sealed;
  if ((control & SUITE_MASK) !== 0) return problem("TELEGRAM_MALFORMED", "ciphered by another suite than AES-128-GCM");
  if ((control & COMPRESSED) !== 0) return problem("TELEGRAM_MALFORMED", "compressed before it was ciphered");
  const isReadable = (control & ENCRYPTED) === 0 && keys?.authenticationKey === undefined;
  if (keys === undefined && !isReadable) {
    return problem("TELEGRAM_ENCRYPTED", `encrypted by the meter with system title ${toHex(sealed.systemTitle)}`);
  }
  if (sealed.hasOwnKey) return problem("TELEGRAM_ENCRYPTED", "encrypted with a key that is agreed for this telegram");
  if (keys?.authenticationKey !== undefined && (control & AUTHENTICATED) === 0) {
    return problem("TELEGRAM_MALFORMED", "not authenticated, although there is an authentication key for this meter");
  }
  return keys === undefined ? ok(sealed.contents) : decrypt(sealed, keys);
}

const CIPHERED_TAGS = [0xdb, 0xdc, 0xdd];
const GENERAL_CIPHERING = 0xdd;
const SYSTEM_TITLE_BYTES = 8;
const COUNTER_BYTES = 4;
const TAG_BYTES = 12;
const SUITE_MASK = 0x0f;
const AUTHENTICATED = 0x10;
const ENCRYPTED = 0x20;
const COMPRESSED = 0x80;

interface Sealed {
  readonly systemTitle: Uint8Array;
  readonly control: number;
  readonly counter: Uint8Array;
  /** General-ciphering authenticates its header as well, lengths included. */
  readonly header: Uint8Array;
  readonly hasOwnKey: boolean;
  /** Plain or encrypted, without the tag. */
  readonly contents: Uint8Array;
  readonly tag: Uint8Array;
}

function decrypt(sealed: Sealed, keys: MeterKeys): Result<Uint8Array, TelegramProblem> {
  const isEncrypted = (sealed.control & ENCRYPTED) !== 0;
  const verifies = keys.authenticationKey !== undefined;
  if (!isEncrypted && !verifies) return ok(sealed.contents);
  assert(keys.key.length === KEY_BYTES, "an AES-128 key has 16 bytes");
  const plain = keys.decipher({
    key: keys.key,
    nonce: concatBytes(sealed.systemTitle, sealed.counter),
    additional: concatBytes(
      Uint8Array.of(sealed.control),
      keys.authenticationKey ?? new Uint8Array(0),
      sealed.header,
      isEncrypted ? new Uint8Array(0) : sealed.contents,
    ),
    ciphertext: isEncrypted ? sealed.contents : new Uint8Array(0),
    tag: verifies ? sealed.tag : new Uint8Array(0),
  });
  if (plain === undefined)
    return problem("TELEGRAM_BAD_SUM", "the authentication tag does not fit: wrong keys, or altered");
  return ok(isEncrypted ? plain : sealed.contents);
}

function readSealed(apdu: Uint8Array): Sealed | undefined {
  const cursor = { bytes: apdu, at: 1 };
  const isGeneral = apdu[0] === GENERAL_CIPHERING;
  if (isGeneral && readString(cursor) === undefined) return undefined;
  const systemTitle = readString(cursor);
  if (systemTitle?.length !== SYSTEM_TITLE_BYTES) return undefined;
  // General-ciphering goes on with recipient, date-time and other information.
  const further = isGeneral ? [readString(cursor), readString(cursor), readString(cursor)] : [];
  if (further.includes(undefined)) return undefined;
  const header = isGeneral ? apdu.subarray(1, cursor.at) : new Uint8Array(0);
  const hasOwnKey = isGeneral && apdu[cursor.at] !== 0;
  if (isGeneral) cursor.at += 1;
  const service = hasOwnKey ? apdu.subarray(cursor.at) : readString(cursor);
  if (service === undefined || (!hasOwnKey && cursor.at !== apdu.length)) return undefined;
  return splitService(service, { systemTitle, header, hasOwnKey });
}

function splitService(
  service: Uint8Array,
  header: Pick<Sealed, "systemTitle" | "header" | "hasOwnKey">,
): Sealed | undefined {
  if (header.hasOwnKey) {
    const none = new Uint8Array(0);
    return { ...header, control: AUTHENTICATED | ENCRYPTED, counter: none, contents: none, tag: none };
  }
  const control = service[0] ?? 0;
  const tagBytes = (control & AUTHENTICATED) === 0 ? 0 : TAG_BYTES;
  const contentsEnd = service.length - tagBytes;
  if (contentsEnd <= 1 + COUNTER_BYTES) return undefined;
  return {
    ...header,
    control,
    counter: service.subarray(1, 1 + COUNTER_BYTES),
    contents: service.subarray(1 + COUNTER_BYTES, contentsEnd),
    tag: service.subarray(contentsEnd),
  };
}

function readString(cursor: { readonly bytes: Uint8Array; at: number }): Uint8Array | undefined {
  const length = readLength(cursor);
  if (!length.ok || length.value > cursor.bytes.length - cursor.at) return undefined;
  cursor.at += length.value;
  return cursor.bytes.subarray(cursor.at - length.value, cursor.at);
}

function problem(code: TelegramProblemCode, reason: string): { readonly ok: false; readonly fault: TelegramProblem } {
  return fail({ code, reason });
}
