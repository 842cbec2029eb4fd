/**
 * A BSM-WS36A with its whole SunSpec chain, which makes signed snapshots when it is told to. It signs really: with the
 * key of whoever made it.
 */
import type { Clock } from "#hal/ports/clock.ts";
import type { MeterSource } from "../meter-source.ts";
import { characters, long, steps, word } from "../images/word-encoders.ts";
import { SimulatedSunspec } from "../sunspec/simulated-sunspec.ts";
import { commonPart, integerMeterPart, otherPart, type SunspecPart } from "../sunspec/sunspec-parts.ts";
import { ILLEGAL_VALUE, type LineFaults, type ModbusException, type SimulatedUnit } from "../simulated-unit.ts";
import { blob, messageOf, snapshotWords, type SnapshotValues } from "./signed-snapshot.ts";

export interface SimulatedBsmOptions {
  readonly clock: Clock;
  readonly source: MeterSource;
  readonly serialNumber: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** ECDSA over the SHA-256 of the message, in DER. */
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** From the order to the finished snapshot. */
  readonly makingMs?: number;
  readonly texts?: readonly [string, string, string];
}

/** What the meter does wrong; to be switched at any time. */
export interface BsmFaults {
  /** The status that an order ends with. */
  status: number;
  /** It never gets ready. */
  isStuck: boolean;
  /** It says ready and shows the snapshot of the last time. */
  isStale: boolean;
  /** The registers show so much more than was signed. */
  addedCounts: number;
  events: number;
}

const ENERGY_EXPONENT = 1;
const UPDATING = 2;
const NEVER_MADE = 1;
const SNAPSHOT_ADDRESS = 40_521;

export class SimulatedBsm implements SimulatedUnit {
  readonly wrongs: BsmFaults = { status: 0, isStuck: false, isStale: false, addedCounts: 0, events: 0 };
  readonly #options: SimulatedBsmOptions;
  readonly #device: SimulatedSunspec;
  #responseCounter = 4277;
  #status = NEVER_MADE;
  #shown: { readonly values: SnapshotValues; readonly signature: Uint8Array } | undefined;

  constructor(options: SimulatedBsmOptions) {
    this.#options = options;
    this.#device = new SimulatedSunspec({ base: 40_000, parts: this.#parts() });
  }

  get faults(): LineFaults {
    return this.#device.faults;
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    return this.#device.read(functionCode, address, count);
  }

  write(address: number, words: readonly number[]): ModbusException | undefined {
    if (address !== SNAPSHOT_ADDRESS + 3) return this.#device.write();
    if (words.length !== 1 || words[0] !== UPDATING) return ILLEGAL_VALUE;
    this.#status = UPDATING;
    const { clock, makingMs = 1000 } = this.#options;
    clock.wakeAt(clock.monotonicMs() + makingMs, () => {
      this.#finish();
    });
    return undefined;
  }

  #finish(): void {
    if (this.wrongs.isStuck) return;
    this.#status = this.wrongs.status;
    if (this.wrongs.status !== 0 || this.wrongs.isStale) return;
    this.#responseCounter += 1;
    const values = this.#values();
    this.#shown = { values, signature: this.#options.sign(messageOf(values)) };
  }

  #values(): SnapshotValues {
    const { clock, source, serialNumber, texts = ["", "", ""] } = this.#options;
    const { importedMilliWh, powerW } = source.now();
    return {
      kind: 0,
      sinceTurnOnCounts: 15,
      importedCounts: steps(importedMilliWh, 1000 * 10 ** ENERGY_EXPONENT),
      energyExponent: ENERGY_EXPONENT,
      powerCounts: Math.round(powerW / 10),
      powerExponent: 1,
      meterAddress: `001BZR1${serialNumber}`.slice(0, 16),
      responseCounter: this.#responseCounter,
      operatingSeconds: Math.floor(clock.monotonicMs() / 1000),
      epochSeconds: Math.floor(clock.wallMs() / 1000),
      offsetMinutes: -60,
      timeSetCount: 3,
      timeSetAtSeconds: 1,
      inputs: 1,
      outputs: 0,
      texts,
      events: this.wrongs.events,
    };
  }

  /** In the order of the maker's list. */
  #parts(): readonly SunspecPart[] {
    const { source, serialNumber, publicKey } = this.#options;
    const names = { maker: "BAUER Electronic", product: "BSM-WS36A-H01-1311-0000", version: "1.9:32CA:AFF4" };
    const unused = Array.from({ length: 4 }, () => otherPart(64_901, 252));
    return [
      commonPart({ ...names, serialNumber }),
      ...[otherPart(10, 4), otherPart(17, 12)],
      integerMeterPart(203, source, { energy: ENERGY_EXPONENT }),
      { id: 64_900, words: () => this.#meterWords(publicKey) },
      otherPart(64_902, 20),
      { id: 64_901, words: () => this.#snapshotWords() },
      ...unused,
      ...Array.from({ length: 5 }, () => otherPart(64_903, 498)),
    ];
  }

  #snapshotWords(): readonly number[] {
    const { values, signature } = this.#shown ?? { values: this.#values(), signature: new Uint8Array() };
    const importedCounts = values.importedCounts + this.wrongs.addedCounts;
    return snapshotWords({ ...values, importedCounts }, this.#status, signature);
  }

  #meterWords(publicKey: Uint8Array): readonly number[] {
    const { serialNumber, clock } = this.#options;
    const nothing = (count: number): readonly number[] => new Array<number>(count).fill(0);
    return [
      ...characters("0000000", 4),
      ...characters(serialNumber, 8),
      // Serial number of the other module, versions, addresses.
      ...nothing(40),
      ...long(15),
      ...word(ENERGY_EXPONENT),
      ...long(0),
      ...long(this.#responseCounter),
      ...long(clock.monotonicMs() / 1000),
      ...long(clock.wallMs() / 1000),
      ...word(-60),
      // Settings of the time, inputs and outputs with their last changes, texts.
      ...nothing(300 - 64 - 50),
      ...blob(publicKey, 48),
    ];
  }
}
