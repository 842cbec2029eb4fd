/** Picks the frames of one control unit out of an adapter's lines and puts its messages together. */
import { fromHex } from "#base/bytes.ts";
import { type EcuAddress, idDigits } from "./ecu-address.ts";
import { frameBytesOf } from "./isotp-frame.ts";
import { FrameReceiver, NO_PADDING, type Padding } from "./isotp-receiver.ts";

export interface Reassembly {
  readonly messages: readonly Uint8Array[];
  /** First frames whose message was not completed. */
  readonly brokenMessages: number;
  /** Lines from this control unit that cannot be a frame. */
  readonly damagedLines: number;
  /** Lines that are no frame of any unit: they may have been this one's. */
  readonly strayLines: number;
  /** Lines that have the answer where its protocol byte should be: the adapter takes those bytes away. */
  readonly unframedLines: number;
  /** Frames that were taken, of whole messages and others: how many lines the adapter printed for this unit. */
  readonly frames: number;
  readonly padding: Padding;
}

export interface LineFormat {
  readonly ecu: EcuAddress;
  /** First byte of a positive answer. */
  readonly answerService: number;
  /** What this unit is known to fill up. */
  readonly padding?: Padding;
}

/** `lines` without spaces, in capitals, with the identifier in front. */
export function reassemble(lines: readonly string[], { ecu, answerService, padding }: LineFormat): Reassembly {
  const receiver = new FrameReceiver(frameBytesOf(ecu), padding ?? NO_PADDING);
  const header = idDigits(ecu.responseId, ecu.idBits);
  let strayLines = 0;
  let unframedLines = 0;
  for (const line of lines) {
    if (!line.startsWith(header)) {
      if (!isFrameOfAnother(line, ecu.idBits)) strayLines += 1;
      continue;
    }
    const frame = frameOf(line.slice(header.length), ecu);
    if (frame === "elsewhere") continue;
    if (frame === "damaged") receiver.acceptDamage();
    else receiver.acceptFrame(frame);
    if (frame !== "damaged" && frame[0] === answerService) unframedLines += 1;
  }
  receiver.finish();
  const { messages, brokenMessages, damagedFrames: damagedLines, frames, seenPadding } = receiver;
  return { messages, brokenMessages, damagedLines, strayLines, unframedLines, frames, padding: seenPadding };
}

/** The bytes of a frame from its protocol byte on. */
function frameOf(digits: string, ecu: EcuAddress): Uint8Array | "damaged" | "elsewhere" {
  const bytes = digits.length <= 16 ? fromHex(digits) : undefined;
  const [first, second] = bytes ?? [];
  if (bytes === undefined || first === undefined) return "damaged";
  if (ecu.extension === undefined) return bytes;
  if (second === undefined) return "damaged";
  return first === ecu.extension.tester ? bytes.subarray(1) : "elsewhere";
}

function isFrameOfAnother(line: string, idBits: 11 | 29): boolean {
  return (idBits === 11 ? NARROW_FRAME : WIDE_FRAME).test(line);
}

/** Identifier and 1 to 8 bytes. */
const NARROW_FRAME = /^[0-7][0-9A-F]{2}(?:[0-9A-F]{2}){1,8}$/;
const WIDE_FRAME = /^[01][0-9A-F]{7}(?:[0-9A-F]{2}){1,8}$/;
