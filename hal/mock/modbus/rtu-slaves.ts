/** Simulated units on a serial line: the far end of a byte link, where every unit hears every request. */
import { concatBytes } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { hasGoodCrc, withCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import { answerRequest } from "./answer-request.ts";
import type { SimulatedUnit } from "./simulated-unit.ts";

export interface RtuSlavesParts {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly units: ReadonlyMap<number, SimulatedUnit>;
}

/** A piece of a request that is not completed by then belongs to no request. */
const STALE_MS = 100;

export class RtuSlaves {
  readonly #parts: RtuSlavesParts;
  #received: Uint8Array = new Uint8Array(0);
  #lastByteMs = 0;

  constructor(parts: RtuSlavesParts) {
    this.#parts = parts;
  }

  start(): Promise<Result<void, ByteLinkFault>> {
    return this.#parts.link.open({
      onData: (bytes) => {
        this.#receive(bytes);
      },
      onClose: () => {
        this.#received = new Uint8Array(0);
      },
    });
  }

  async stop(): Promise<void> {
    await this.#parts.link.close();
  }

  #receive(bytes: Uint8Array): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#lastByteMs > STALE_MS) this.#received = new Uint8Array(0);
    this.#lastByteMs = nowMs;
    this.#received = concatBytes(this.#received, bytes);
    for (let length = requestLength(this.#received); length !== undefined; length = requestLength(this.#received)) {
      const frame = this.#received.slice(0, length);
      if (frame.length < length) return;
      this.#received = this.#received.slice(length);
      if (hasGoodCrc(frame)) this.#answer(frame);
      else this.#received = new Uint8Array(0);
    }
  }

  #answer(frame: Uint8Array): void {
    const { link, clock, units } = this.#parts;
    const id = frame[0] ?? 0;
    const unit = units.get(id);
    const body = unit === undefined ? undefined : answerRequest(unit, frame.subarray(1, -2));
    if (unit === undefined || body === undefined) return;
    const { delayMs, badCrc, answersAsUnit } = unit.faults;
    const answer = withCrc(concatBytes(Uint8Array.of(answersAsUnit ?? id), body));
    if (badCrc) answer[answer.length - 1] = (answer.at(-1) ?? 0) ^ 0xff;
    if (delayMs === 0) void link.write(answer);
    else clock.wakeAt(clock.monotonicMs() + delayMs, () => void link.write(answer));
  }
}

/** Length of the request that begins here, once its head is there. */
function requestLength(bytes: Uint8Array): number | undefined {
  const functionCode = bytes[1];
  if (functionCode === undefined) return undefined;
  if (functionCode !== 16) return 8;
  const dataBytes = bytes[6];
  return dataBytes === undefined ? undefined : 9 + dataBytes;
}
