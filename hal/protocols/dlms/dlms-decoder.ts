/**
 * Decoder of lists that DLMS/COSEM meters push, framed in HDLC or M-Bus: Aidon, Kaifa, Kamstrup, Iskraemeco,
 * Landis+Gyr, Sagemcom and others at the customer interfaces of the Nordic countries, Austria and Slovenia.
 *
 *     bytes -> frames -> APDUs -> (blocks) -> (deciphered) -> notification -> list -> values
 *
 * A telegram is one APDU, of one frame or several. Values carry the number as the meter scales it in the telegram;
 * where its maker leaves scale and unit to the manual, `physicalValues` adds them.
 */
import { assert } from "#base/assert.ts";
import { concatBytes } from "#base/bytes.ts";
import type { DecodedTelegram, TelegramDecoder, TelegramProblem } from "../telegram.ts";
import { APDU_BYTES_MAX, ApduAssembly, type PlacedApdu, type PlacedSegment } from "./apdu-assembly.ts";
import { GENERAL_BLOCK_TRANSFER, readBlock } from "./block-transfer.ts";
import { isCiphered, KEY_BYTES, openApdu, type Decipher, type MeterKeys } from "./ciphering.ts";
import { readDataNotification } from "./data-notification.ts";
import { HDLC_FLAG, HDLC_FRAME_BYTES_MAX, readHdlcFrame } from "./hdlc.ts";
import type { LinkFrame } from "./link-frame.ts";
import { M_BUS_START, readMBusFrame } from "./m-bus.ts";
import { readPushList, type PushList } from "./push-list.ts";

export interface DlmsTelegram extends DecodedTelegram {
  /** Of an intact telegram: how its list was read, for `physicalValues`. */
  readonly layout?: PushList["layout"];
  /** Of an intact telegram: COSEM date-time in hex, for `readDateTime`; null where the meter does not say. */
  readonly sentAt?: string | null;
}

export interface DlmsDecoderOptions {
  /** See `MeterKeys`. A key needs a decipher. */
  readonly key?: Uint8Array | undefined;
  readonly authenticationKey?: Uint8Array | undefined;
  readonly decipher?: Decipher | undefined;
}

/** What is kept between two calls: a frame, an APDU of frames, an APDU of blocks. */
export const DLMS_HELD_BYTES_MAX = HDLC_FRAME_BYTES_MAX + 2 * APDU_BYTES_MAX;

/** How much is looked at at once, however much is pushed. */
const SLICE_BYTES = 4096;

export class DlmsDecoder implements TelegramDecoder {
  readonly #keys: MeterKeys | undefined;
  readonly #frames = new ApduAssembly();
  readonly #blocks = new ApduAssembly();
  #received: Uint8Array = new Uint8Array(0);
  /** Of the first received byte that is kept. */
  #offset = 0;

  constructor(options: DlmsDecoderOptions = {}) {
    this.#keys = keysOf(options);
  }

  /** Bytes of frames and of APDUs that are not complete. */
  get heldBytes(): number {
    return this.#received.length + this.#frames.heldBytes + this.#blocks.heldBytes;
  }

  push(bytes: Uint8Array): readonly DlmsTelegram[] {
    const telegrams: DlmsTelegram[] = [];
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      this.#received = concatBytes(this.#received, bytes.subarray(at, at + SLICE_BYTES));
      telegrams.push(...this.#readFrames("more may come"));
    }
    return telegrams;
  }

  /** The next byte pushed is the first of another stream. */
  end(): readonly DlmsTelegram[] {
    const telegrams = [...this.#readFrames("ended"), ...this.#frames.end(), ...this.#blocks.end()];
    this.#received = new Uint8Array(0);
    this.#offset = 0;
    return telegrams;
  }

  #readFrames(stream: "more may come" | "ended"): readonly DlmsTelegram[] {
    const telegrams: DlmsTelegram[] = [];
    let at = nextStart(this.#received, 0);
    while (at < this.#received.length) {
      const frame = readFrame(this.#received.subarray(at));
      if (frame.kind === "incomplete" && stream === "more may come") break;
      telegrams.push(...this.#take(frame, at));
      at = nextStart(this.#received, at + ("skipBytes" in frame ? frame.skipBytes : 1));
    }
    this.#received = this.#received.slice(at);
    this.#offset += at;
    return telegrams;
  }

  #take(frame: LinkFrame, at: number): readonly DlmsTelegram[] {
    const offset = this.#offset + at;
    switch (frame.kind) {
      case "none":
        return [];
      case "incomplete": {
        // A flag alone ends the last frame; it begins none.
        const lengthBytes = this.#received.length - at;
        const reason = "the stream ended inside a frame";
        return lengthBytes < 3 ? [] : [failed({ offset, lengthBytes }, { code: "TELEGRAM_CUT_SHORT", reason })];
      }
      case "damaged":
        return [failed({ offset, lengthBytes: frame.lengthBytes }, { code: "TELEGRAM_BAD_SUM", reason: frame.reason })];
      case "frame":
        return this.#takePart({ ...frame.segment, offset, lengthBytes: frame.lengthBytes });
    }
  }

  #takePart(part: PlacedSegment): readonly DlmsTelegram[] {
    const { apdu, given } = this.#frames.add(part);
    if (apdu === undefined) return given;
    return [...given, ...(apdu.bytes[0] === GENERAL_BLOCK_TRANSFER ? this.#takeBlock(apdu) : [this.#decode(apdu)])];
  }

  #takeBlock(block: PlacedApdu): readonly DlmsTelegram[] {
    const part = readBlock(block.bytes, block.source);
    if (part === undefined) return [malformed(block, "a transfer block whose length does not fit its bytes")];
    const { apdu, given } = this.#blocks.add({ ...part, offset: block.offset, lengthBytes: block.lengthBytes });
    return apdu === undefined ? given : [...given, this.#decode(apdu)];
  }

  #decode(apdu: PlacedApdu): DlmsTelegram {
    const opened = isCiphered(apdu.bytes) ? openApdu(apdu.bytes, this.#keys) : undefined;
    if (opened?.ok === false) return failed(apdu, opened.fault);
    if (opened === undefined && this.#keys?.authenticationKey !== undefined) {
      return malformed(apdu, "not authenticated, although there is an authentication key for this meter");
    }
    const notification = readDataNotification(opened?.value ?? apdu.bytes);
    if (!notification.ok) return malformed(apdu, notification.fault + (opened === undefined ? "" : WRONG_KEY_HINT));
    const { document, sentAt } = notification.value;
    const list = readPushList(document);
    if (!list.ok) return malformed(apdu, list.fault);
    const { offset, lengthBytes } = apdu;
    return { offset, lengthBytes, values: list.value.values, layout: list.value.layout, sentAt };
  }
}

function keysOf({ key, authenticationKey, decipher }: DlmsDecoderOptions): MeterKeys | undefined {
  assert((key === undefined) === (decipher === undefined), "a key and a decipher come together");
  assert(authenticationKey === undefined || key !== undefined, "an authentication key comes with an encryption key");
  if (key === undefined || decipher === undefined) return undefined;
  assert(key.length === KEY_BYTES, `an encryption key has ${KEY_BYTES} bytes`);
  assert((authenticationKey?.length ?? KEY_BYTES) === KEY_BYTES, `an authentication key has ${KEY_BYTES} bytes`);
  return { key, authenticationKey, decipher };
}

function readFrame(bytes: Uint8Array): LinkFrame {
  return bytes[0] === HDLC_FLAG ? readHdlcFrame(bytes) : readMBusFrame(bytes);
}

/** Where a frame of either kind could begin, from there on. */
function nextStart(bytes: Uint8Array, from: number): number {
  let at = Math.min(from, bytes.length);
  while (at < bytes.length && bytes[at] !== HDLC_FLAG && bytes[at] !== M_BUS_START) at += 1;
  return at;
}

const WRONG_KEY_HINT = " (after deciphering: is the key that of this meter?)";

type Place = Pick<DecodedTelegram, "offset" | "lengthBytes">;

function malformed(place: Place, reason: string): DlmsTelegram {
  return failed(place, { code: "TELEGRAM_MALFORMED", reason });
}

function failed({ offset, lengthBytes }: Place, problem: TelegramProblem): DlmsTelegram {
  return { offset, lengthBytes, problem, values: [] };
}
