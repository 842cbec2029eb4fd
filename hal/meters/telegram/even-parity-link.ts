/**
 * Seven bits and even parity over a port that is set to eight bits and none, for adapters that cannot do better and for
 * telegrams without a sum: the parity of each byte is looked at here, which the system does not do. A byte whose parity
 * is wrong becomes a NUL, which no telegram may contain.
 */
import type { Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener, SpeedLink } from "#hal/ports/byte-link.ts";

export class EvenParityLink implements SpeedLink {
  readonly #link: SpeedLink;

  constructor(link: SpeedLink) {
    this.#link = link;
  }

  get endpoint(): ByteLink["endpoint"] {
    return this.#link.endpoint;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    return this.#link.open({
      onData: (bytes) => {
        listener.onData(bytes.map(withoutParity));
      },
      onClose: (reason) => {
        listener.onClose(reason);
      },
    });
  }

  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    return this.#link.write(bytes.map(withParity));
  }

  setBaudRate(baudRate: number): Promise<Result<void, ByteLinkFault>> {
    return this.#link.setBaudRate(baudRate);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The eighth bit makes the number of ones even. */
function withParity(byte: number): number {
  return (byte & 0x7f) | (isOdd(byte & 0x7f) ? 0x80 : 0);
}

function withoutParity(byte: number): number {
  return isOdd(byte) ? 0 : byte & 0x7f;
}

function isOdd(byte: number): boolean {
  const half = byte ^ (byte >> 4);
  const quarter = half ^ (half >> 2);
  return ((quarter ^ (quarter >> 1)) & 1) === 1;
}
