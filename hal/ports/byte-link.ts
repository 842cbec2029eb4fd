/**
 * A stream of bytes to a device: a serial line or a TCP connection.
 *
 * What callers may rely on: bytes arrive in order, cut anywhere; `onData` is never called before `open` has resolved or
 * after `onClose`; a link that fails while open reports `onClose` once, with the reason; `close` is safe at any time
 * and also ends in `onClose`. A closed link may be opened again.
 */
import type { Result } from "#base/result.ts";

export interface ByteLink {
  /** For messages to people: a device path or host:port. */
  readonly endpoint: string;
  readonly isOpen: boolean;
  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>>;
  /** Resolves when the bytes have been handed to the system. */
  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>>;
  close(): Promise<void>;
}

/**
 * A link whose speed may be changed while it is open. The change comes when the bytes of every write that has resolved
 * are on the line at the old speed; each opening begins at the speed of the settings.
 */
export interface SpeedLink extends ByteLink {
  setBaudRate(baudRate: number): Promise<Result<void, ByteLinkFault>>;
}

export interface ByteLinkListener {
  onData(bytes: Uint8Array): void;
  onClose(reason: string): void;
}

export interface ByteLinkFault {
  readonly code: "LINK_UNREACHABLE" | "LINK_CLOSED";
  readonly reason: string;
}

export interface SerialSettings {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}
