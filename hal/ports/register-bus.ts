/**
 * A Modbus line or socket with any number of devices on it.
 *
 * What callers may rely on: there is one bus object a line or socket, and exactly one request under way on it; calls
 * may overlap and wait in a bounded queue, more urgent ones first and, among equals, the device that has waited
 * longest; unit and times belong to the request, so devices of different pace share a line; an answer is never given to
 * another request than the one it answers; every call settles within its own `deadlineMs`, whatever the line does; a
 * link that vanished is opened again by a later call; after `close` every pending and later call answers BUS_CLOSED.
 */
import type { Result } from "#base/result.ts";

export interface RegisterBus {
  /** For messages to people: a device path or host:port. */
  readonly endpoint: string;
  /** Registers nobody asked for that are cheaper to read along than to leave out with a second request. */
  readonly bridgedRegistersMax: number;
  read(request: ReadRegisters): Promise<Result<RegisterAnswer, BusFault>>;
  /** Resolves when the device has acknowledged. Never repeated by the bus itself. */
  write(request: WriteRegisters): Promise<Result<WriteAnswer, BusFault>>;
  close(): Promise<void>;
}

export interface RegisterRequest {
  /** 1 to 247; on TCP also 0 and 255 for the gateway itself. */
  readonly unit: number;
  /** First register, as on the wire: 0 to 65535. */
  readonly address: number;
  /** From the end of the request to the first byte of the answer. */
  readonly answerMs: number;
  /** From the call to its result, waiting for the line and opening it included. */
  readonly deadlineMs: number;
  readonly priority: BusPriority;
  /** Rest that this device needs between two requests. */
  readonly pauseMs: number;
}

export interface ReadRegisters extends RegisterRequest {
  /** 1 coils, of which each is answered as a word of 0 or 1; 3 holding registers, 4 input registers. */
  readonly functionCode: 1 | 3 | 4;
  /** 1 to 125. */
  readonly count: number;
}

export interface WriteRegisters extends RegisterRequest {
  /**
   * 6 writes one register, 16 one or more; devices often know only one of them. 5 writes one coil, of which the word
   * COIL_ON makes a 1 and 0 a 0.
   */
  readonly functionCode: 5 | 6 | 16;
  readonly words: readonly number[];
}

/** Modbus Application Protocol 1.1b3, section 6.5: no other words than this and 0 can be written to a coil. */
export const COIL_ON = 0xff00;

/** What may switch a contactor comes before measurement, measurement before what can wait. */
export type BusPriority = "urgent" | "normal" | "background";

export interface WriteAnswer {
  /** From the request's last byte to the answer's last, without any wait in the queue. */
  readonly tookMs: number;
  /** Which opening of the link it came over: another number means that anything may have been swapped in between. */
  readonly connection: number;
}

export interface RegisterAnswer extends WriteAnswer {
  /** As many as were asked for. */
  readonly words: readonly number[];
}

export type BusFault =
  | { readonly code: "BUS_CLOSED" }
  /** The request never went out: the queue was full, or the deadline came while it waited. */
  | { readonly code: "BUS_BUSY"; readonly endpoint: string; readonly waitedMs: number }
  /** The line or socket itself: no such device, refused, unplugged. */
  | { readonly code: "BUS_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  | { readonly code: "BUS_SILENT"; readonly endpoint: string; readonly unit: number; readonly waitedMs: number }
  /** Bytes came, but no intact answer of the unit that was asked. */
  | {
      readonly code: "BUS_BAD_FRAME";
      readonly endpoint: string;
      readonly problem: FrameProblem;
      /** The first bytes of what came. */
      readonly bytes: Uint8Array;
    }
  /** Modbus Application Protocol 1.1b3, section 7. */
  | {
      readonly code: "BUS_EXCEPTION";
      readonly unit: number;
      readonly functionCode: number;
      readonly address: number;
      readonly exception: number;
    };

export type FrameProblem =
  /** A whole answer with a wrong checksum. */
  | { readonly kind: "crc" }
  /** It began like an answer, but is not as long as it has to be. */
  | { readonly kind: "length"; readonly expectedBytes: number; readonly receivedBytes: number }
  /** An intact frame of another unit. */
  | { readonly kind: "wrong-unit"; readonly unit: number }
  /** Our own request came back: the adapter echoes. */
  | { readonly kind: "echo" }
  /** Nothing in it looks like an answer. */
  | { readonly kind: "noise" };
