/**
 * A serial cable whose ends have speeds: bytes take their time, and what is sent at another speed than the receiver
 * listens at arrives as nonsense. Made of two memory links.
 */
import { ok, type Result } from "#base/result.ts";
import { joinMemoryLinks, type MemoryCable, type MemoryCableSettings } from "#hal/mock/memory-link.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener, SpeedLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";

export interface SpeedCable extends Pick<MemoryCable, "cut" | "mend"> {
  readonly near: SpeedEnd;
  readonly far: SpeedEnd;
}

/** @param baudRate of both ends when they are opened */
export function joinSpeedLinks(settings: MemoryCableSettings, baudRate: number): SpeedCable {
  const cable = joinMemoryLinks({ ...settings, pieceBytesMax: 1, delayMs: 0 });
  const near = new SpeedEnd(cable.left, settings.clock, baudRate);
  const far = new SpeedEnd(cable.right, settings.clock, baudRate);
  near.joinTo(far);
  far.joinTo(near);
  return {
    near,
    far,
    cut: (reason) => {
      cable.cut(reason);
    },
    mend: () => {
      cable.mend();
    },
  };
}

/** Start, eight bits or seven and parity, stop. */
const BITS = 10;

export class SpeedEnd implements SpeedLink {
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #openingBaud: number;
  #baudRate: number;
  #peer: SpeedEnd | undefined;
  #busyUntilMs = 0;

  constructor(link: ByteLink, clock: Clock, baudRate: number) {
    this.#link = link;
    this.#clock = clock;
    this.#openingBaud = baudRate;
    this.#baudRate = baudRate;
  }

  get endpoint(): string {
    return this.#link.endpoint;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  get baudRate(): number {
    return this.#baudRate;
  }

  joinTo(peer: SpeedEnd): void {
    this.#peer = peer;
  }

  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    this.#baudRate = this.#openingBaud;
    return this.#link.open(listener);
  }

  /** Each byte leaves when the one before is on the line, at the speed of that moment. */
  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    const baudRate = this.#baudRate;
    let atMs = Math.max(this.#busyUntilMs, this.#clock.monotonicMs());
    for (const byte of bytes) {
      atMs += (BITS * 1000) / baudRate;
      this.#clock.wakeAt(atMs, () => {
        const heard = this.#peer?.baudRate === baudRate ? byte : garbled(byte);
        void this.#link.write(Uint8Array.of(heard));
      });
    }
    this.#busyUntilMs = atMs;
    return Promise.resolve(ok(undefined));
  }

  async setBaudRate(baudRate: number): Promise<Result<void, ByteLinkFault>> {
    await new Promise<void>((resolve) => {
      this.#clock.wakeAt(this.#busyUntilMs, resolve);
    });
    this.#baudRate = baudRate;
    return ok(undefined);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** Some other byte, always the same: of a faster one only a few bits are seen. */
function garbled(byte: number): number {
  return (byte * 0x5d + 0xf0) & 0xff;
}
