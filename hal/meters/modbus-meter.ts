/**
 * An energy meter on a register bus. All that is particular about a model is in its table.
 *
 * It asks who the meter is before the first reading, and again whenever the line was opened anew or the meter had
 * fallen silent. When another meter answers then, readings are refused with METER_SWAPPED until somebody has asked for
 * the new identity: a counter that belongs to another meter must not be taken for a step of the old one.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import type { AnyRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { AbsenceWatch } from "./absence-watch.ts";
import { chooseCounters, registersToCompare } from "./choose-counters.ts";
import { decodeMeterIdentity } from "./decode-meter-identity.ts";
import { decodeReading } from "./decode-reading.ts";
import { meterFaultOf } from "./describe-bus-fault.ts";
import { identityRegisters, quantityRegisters } from "./map-registers.ts";
import { MeterClosing } from "./meter-closing.ts";
import { RegisterReader, type RegisterWords } from "./register-reader.ts";
import { SharedCall } from "./shared-call.ts";

export interface ModbusMeterParts {
  readonly bus: RegisterBus;
  readonly clock: Clock;
}

export interface ModbusMeterOptions {
  readonly map: RegisterMap;
  readonly unit: number;
}

/**
 * For one reading: all its requests, their repetitions, and asking who the meter is. Five requests of the slowest
 * meter, each repeated, take as long. A call that comes while another is under way waits for that one first.
 */
export const READING_MS_MAX = 10_000;

export class ModbusMeter implements EnergyMeter {
  readonly #parts: ModbusMeterParts;
  readonly #options: ModbusMeterOptions;
  readonly #absence: AbsenceWatch;
  readonly #reading = new SharedCall(() => this.#readOnce());
  readonly #identifying = new SharedCall(() => this.#identifyOnce());
  readonly #closing = new MeterClosing();
  #identityReader: RegisterReader;
  /** What a reading is made of, once it is known which of its counters this meter has. */
  #quantities: Quantities | undefined;
  #identity: MeterIdentity | undefined;
  #mustIdentify = true;
  /** Another meter than the one that `identify` has told. */
  #stranger: MeterIdentity | undefined;
  /** Which opening of the line the meter was last recognised on. */
  #connection: number | undefined;

  constructor(parts: ModbusMeterParts, options: ModbusMeterOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#identityReader = this.#freshIdentityReader();
    this.#absence = new AbsenceWatch(parts.clock);
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    return this.#closing.orClosed(this.#identifying.call());
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    return this.#closing.orClosed(this.#reading.call());
  }

  /** The bus stays open: other devices may be on it. */
  close(): Promise<void> {
    this.#closing.close();
    return Promise.resolve();
  }

  async #identifyOnce(): Promise<Result<MeterIdentity, MeterFault>> {
    const identified = await this.#askIdentity(this.#deadlineMs());
    if (!identified.ok) return identified;
    // What was learned of one meter says nothing about another.
    if (this.#identity !== undefined && this.#identity.serialNumber !== identified.value.serialNumber) {
      this.#quantities = undefined;
      this.#identityReader = this.#freshIdentityReader();
    }
    this.#identity = identified.value;
    this.#stranger = undefined;
    return identified;
  }

  async #readOnce(): Promise<Result<MeterReading, MeterFault>> {
    const untilMs = this.#deadlineMs();
    const known = this.#mustIdentify ? await this.#recognise(untilMs) : this.#refuseStranger();
    if (!known.ok) return known;
    const quantities = await this.#knowQuantities(untilMs);
    if (!quantities.ok) return quantities;
    const { reader } = quantities.value;
    const reading = await this.#measure(quantities.value, untilMs);
    if (!reading.ok || reader.connection === this.#connection) return reading;
    // The line was opened anew under this very reading: who gave it?
    this.#connection = reader.connection;
    const stillKnown = await this.#recognise(untilMs);
    return stillKnown.ok ? reading : stillKnown;
  }

  async #recognise(untilMs: number): Promise<Result<void, MeterFault>> {
    const identified = await this.#askIdentity(untilMs);
    if (!identified.ok) return identified;
    this.#identity ??= identified.value;
    const known = this.#identity.serialNumber;
    const found = identified.value.serialNumber;
    this.#stranger = known !== null && found !== null && known !== found ? identified.value : undefined;
    return this.#refuseStranger();
  }

  #refuseStranger(): Result<void, MeterFault> {
    if (this.#stranger === undefined) return ok(undefined);
    return fail({
      code: "METER_SWAPPED",
      expectedSerialNumber: this.#identity?.serialNumber ?? null,
      foundSerialNumber: this.#stranger.serialNumber,
    });
  }

  async #askIdentity(untilMs: number): Promise<Result<MeterIdentity, MeterFault>> {
    const words = await this.#fetch(this.#identityReader, untilMs);
    if (!words.ok) return words;
    const identity = decodeMeterIdentity(this.#options.map, words.value);
    if (!identity.ok) return identity;
    this.#mustIdentify = false;
    this.#connection = this.#identityReader.connection ?? this.#connection;
    // A meter that had a serial number has one: that it did not tell now is nothing to get used to.
    const isForgotten = identity.value.serialNumber === null && (this.#identity?.serialNumber ?? null) !== null;
    if (isForgotten) this.#identityReader = this.#freshIdentityReader();
    return identity;
  }

  async #knowQuantities(untilMs: number): Promise<Result<Quantities, MeterFault>> {
    if (this.#quantities !== undefined) return ok(this.#quantities);
    const compared = registersToCompare(this.#options.map);
    const words = await this.#fetch(this.#readerOf(compared, compared), untilMs);
    if (!words.ok) return words;
    const map = chooseCounters(this.#options.map, words.value);
    this.#quantities = { map, reader: this.#readerOf(quantityRegisters(map).map(({ register }) => register)) };
    return ok(this.#quantities);
  }

  /** The time of a reading is that at which the words of the import counter came. */
  async #measure({ map, reader }: Quantities, untilMs: number): Promise<Result<MeterReading, MeterFault>> {
    const { clock } = this.#parts;
    let arrival = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    const words = await this.#fetch(reader, untilMs, (register) => {
      if (register !== map.quantities.importedEnergy) return;
      arrival = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    });
    return words.ok ? decodeReading(map, words.value, arrival) : words;
  }

  async #fetch(
    reader: RegisterReader,
    untilMs: number,
    onArrived?: (register: AnyRegister) => void,
  ): Promise<Result<RegisterWords, MeterFault>> {
    if (this.#closing.isClosed) return fail({ code: "METER_CLOSED" });
    if (reader.isEmpty) return ok(new Map());
    const lastSilence = this.#absence.isAsking() ? undefined : this.#absence.lastFault;
    if (lastSilence !== undefined) return fail(lastSilence);
    const words = await reader.readAll(untilMs, onArrived);
    const fault = words.ok ? undefined : meterFaultOf(words.fault, this.#parts.bus.endpoint, this.#options.unit);
    this.#absence.note(fault);
    if (fault?.code === "METER_SILENT" || fault?.code === "METER_UNREACHABLE") this.#mustIdentify = true;
    return words.ok ? words : fail(fault ?? { code: "METER_CLOSED" });
  }

  #freshIdentityReader(): RegisterReader {
    return this.#readerOf(identityRegisters(this.#options.map).map(({ register }) => register));
  }

  #readerOf(registers: readonly AnyRegister[], mayLack: readonly AnyRegister[] = []): RegisterReader {
    const { map, unit } = this.#options;
    return new RegisterReader(this.#parts, registers, { map, unit, priority: "normal", mayLack });
  }

  #deadlineMs(): number {
    return this.#parts.clock.monotonicMs() + READING_MS_MAX;
  }
}

interface Quantities {
  /** With one counter for each quantity. */
  readonly map: RegisterMap;
  readonly reader: RegisterReader;
}
