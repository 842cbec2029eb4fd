/**
 * A meter that is asked for readouts: IEC 62056-21, 6.3, mode C. It hears a request at 300 baud, says who it is and
 * which speed it proposes, waits for the acknowledgement, and sends its readout at the speed that was agreed on.
 *
 *   waiting --request--> identified --acknowledgement or 2 s--> sending --sent--> waiting
 */
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { ReadoutImage } from "./d0-image.ts";
import { damaged, noTelegramFaults, type TelegramFaults } from "./telegram-faults.ts";
import { asciiBytes } from "./telegram-image.ts";

export interface ReadoutMeterParts {
  readonly image: ReadoutImage;
  readonly source: MeterSource;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly send: (bytes: Uint8Array) => void;
  /** Of its own end of the line; left out where the line has no speed. */
  readonly setBaud?: (baud: number) => void;
}

export interface ReadoutMeterOptions {
  readonly serialNumber: number;
  /** Where several hang on one line: it answers to this address and to none. */
  readonly deviceAddress?: string;
  /** It stops with its answers this long after the last byte that it was sent. */
  readonly reactionMs?: number;
}

const INITIAL_BAUD = 300;
/** By the character of the acknowledgement, 6.3.14.3, mode C. */
const BAUDS: Readonly<Partial<Record<string, number>>> = {
  ...{ "0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19_200 },
};
/** It waits no longer for an acknowledgement, and then reads out at 300 baud (6.3.3). */
const ACKNOWLEDGED_WITHIN_MS = 2_000;
const REACTION_MS = 200;
/** Start, seven bits, parity, stop. */
const BITS = 10;
const HEARD_MAX = 64;

export class SimulatedReadoutMeter {
  readonly faults: TelegramFaults = noTelegramFaults();
  readonly #parts: ReadoutMeterParts;
  readonly #options: ReadoutMeterOptions;
  #serialNumber: number;
  #phase: "waiting" | "identified" | "sending" = "waiting";
  #heard = "";
  #baud = INITIAL_BAUD;
  #cancel: Cancel = () => undefined;

  constructor(parts: ReadoutMeterParts, options: ReadoutMeterOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#serialNumber = options.serialNumber;
  }

  /** Another meter hangs in its place. */
  swap(serialNumber: number): void {
    this.#serialNumber = serialNumber;
  }

  receive(bytes: Uint8Array): void {
    if (this.#phase === "sending") return;
    this.#heard = (this.#heard + String.fromCharCode(...bytes.map((byte) => byte & 0x7f))).slice(-HEARD_MAX);
    if (this.#phase === "waiting") this.#hearRequest();
    else this.#hearAcknowledgement();
  }

  stop(): void {
    this.#cancel();
  }

  #hearRequest(): void {
    const [, address] = /\/\?([0-9A-Za-z ]{0,32})!\r\n/.exec(this.#heard) ?? [];
    const { deviceAddress = "" } = this.#options;
    if (address === undefined) return;
    this.#heard = "";
    if ((address !== "" && address !== deviceAddress) || this.faults.silent) return;
    this.#phase = "identified";
    this.#after(this.#reactionMs, () => {
      this.#send(asciiBytes(this.#parts.image.identification));
      this.#after(ACKNOWLEDGED_WITHIN_MS, () => {
        this.#readOut(INITIAL_BAUD);
      });
    });
  }

  #hearAcknowledgement(): void {
    const [, speed = ""] = /\x060([0-9])0\r\n/.exec(this.#heard) ?? [];
    const baud = BAUDS[speed];
    if (baud === undefined) return;
    this.#heard = "";
    this.#cancel();
    this.#readOut(baud);
  }

  #readOut(baud: number): void {
    const { image, source, clock, random } = this.#parts;
    this.#phase = "sending";
    this.#heard = "";
    this.#setBaud(baud);
    this.#after(this.#reactionMs, () => {
      const plate = { serialNumber: this.#serialNumber, wallMs: clock.wallMs() };
      const readout = damaged(image.readout(source.now(), plate), this.faults, random) ?? new Uint8Array(0);
      if (readout.length > 0) this.#send(readout);
      this.#after(this.#durationMs(readout.length), () => {
        this.#setBaud(INITIAL_BAUD);
        this.#phase = "waiting";
      });
    });
  }

  #send(bytes: Uint8Array): void {
    this.#parts.send(bytes);
  }

  #setBaud(baud: number): void {
    this.#baud = baud;
    this.#parts.setBaud?.(baud);
  }

  /** On the line; at once where it has no speed. */
  #durationMs(bytes: number): number {
    return this.#parts.setBaud === undefined ? 0 : Math.ceil((bytes * BITS * 1000) / this.#baud);
  }

  get #reactionMs(): number {
    return this.#options.reactionMs ?? REACTION_MS;
  }

  #after(ms: number, act: () => void): void {
    const { clock } = this.#parts;
    this.#cancel();
    this.#cancel = clock.wakeAt(clock.monotonicMs() + ms, act);
  }
}
