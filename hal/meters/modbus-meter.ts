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
import { decodeEnergy, decodeNumber, decodeText } from "#hal/protocols/modbus/decode-register.ts";
import type { EnergyRegister, NumberRegister, RegisterMap, TextRegister } from "#hal/protocols/modbus/register-map.ts";
import { AbsenceWatch } from "./absence-watch.ts";
import { checkPlausibility } from "./check-plausibility.ts";
import { meterFaultOf } from "./describe-bus-fault.ts";
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

/** For one request, waiting for the line included. A reading is a handful of them, and ends at the first that fails. */
const REQUEST_DEADLINE_MS = 3_000;

export class ModbusMeter implements EnergyMeter {
  readonly #parts: ModbusMeterParts;
  readonly #options: ModbusMeterOptions;
  readonly #identityReader: RegisterReader;
  readonly #reader: RegisterReader;
  readonly #absence: AbsenceWatch;
  readonly #reading = new SharedCall(() => this.#readOnce());
  readonly #identifying = new SharedCall(() => this.#identifyOnce());
  readonly #closed: Promise<Result<never, MeterFault>>;
  #tellClosed: () => void = () => undefined;
  #isClosed = false;
  #identity: MeterIdentity | undefined;
  #mustIdentify = true;
  /** Another meter than the one that `identify` has told. */
  #stranger: MeterIdentity | undefined;
  /** Which opening of the line the meter was last recognised on. */
  #connection: number | undefined;

  constructor(parts: ModbusMeterParts, options: ModbusMeterOptions) {
    const { map, unit } = options;
    const { serialNumber, firmware, modelCode } = map.identity;
    const { importedEnergy, exportedEnergy, power, voltage, current, frequency } = map.quantities;
    const isRegister = <Register>(register: Register | undefined): register is Register => register !== undefined;
    const identity = [serialNumber, firmware, modelCode].filter(isRegister);
    const quantities = [importedEnergy, exportedEnergy, power, ...voltage, ...current, frequency].filter(isRegister);
    this.#parts = parts;
    this.#options = options;
    const requests = { map, unit, priority: "normal", deadlineMs: REQUEST_DEADLINE_MS } as const;
    this.#identityReader = new RegisterReader(parts.bus, identity, requests);
    this.#reader = new RegisterReader(parts.bus, quantities, requests);
    this.#absence = new AbsenceWatch(parts.clock);
    this.#closed = new Promise((resolve) => {
      this.#tellClosed = () => {
        resolve(fail({ code: "METER_CLOSED" }));
      };
    });
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    return Promise.race([this.#closed, this.#identifying.call()]);
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    return Promise.race([this.#closed, this.#reading.call()]);
  }

  /** The bus stays open: other devices may be on it. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#tellClosed();
    return Promise.resolve();
  }

  async #identifyOnce(): Promise<Result<MeterIdentity, MeterFault>> {
    const identified = await this.#askIdentity();
    if (identified.ok) {
      this.#identity = identified.value;
      this.#stranger = undefined;
    }
    return identified;
  }

  async #readOnce(): Promise<Result<MeterReading, MeterFault>> {
    const known = this.#mustIdentify ? await this.#recognise() : this.#refuseStranger();
    if (!known.ok) return known;
    const reading = await this.#measure();
    if (!reading.ok || this.#reader.connection === this.#connection) return reading;
    // The line was opened anew under this very reading: who gave it?
    this.#connection = this.#reader.connection;
    const stillKnown = await this.#recognise();
    return stillKnown.ok ? reading : stillKnown;
  }

  async #recognise(): Promise<Result<void, MeterFault>> {
    const identified = await this.#askIdentity();
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

  async #askIdentity(): Promise<Result<MeterIdentity, MeterFault>> {
    const { map } = this.#options;
    const words = await this.#fetch(this.#identityReader);
    if (!words.ok) return words;
    const { modelCode, serialNumber, firmware } = map.identity;
    const code = modelCode === undefined ? null : numberIn(words.value, modelCode, map);
    // 0 is no model's code: gateways show registers that they do not fetch as 0.
    if (modelCode !== undefined && code !== null && code !== 0 && (code < modelCode.from || code > modelCode.to)) {
      const expected = `${modelCode.from} to ${modelCode.to}`;
      return fail({ code: "METER_IMPLAUSIBLE", quantity: "model code", value: code, expected });
    }
    this.#mustIdentify = false;
    this.#connection = this.#identityReader.connection ?? this.#connection;
    return ok({
      model: map.model,
      serialNumber: serialNumber === undefined ? null : textIn(words.value, serialNumber, map),
      firmware: firmware === undefined ? null : textIn(words.value, firmware, map),
    });
  }

  async #measure(): Promise<Result<MeterReading, MeterFault>> {
    const { clock } = this.#parts;
    const { map } = this.#options;
    const { importedEnergy, exportedEnergy, power, voltage, current, frequency } = map.quantities;
    let monotonicMs = clock.monotonicMs();
    let wallMs = clock.wallMs();
    const words = await this.#fetch(this.#reader, () => {
      monotonicMs = clock.monotonicMs();
      wallMs = clock.wallMs();
    });
    if (!words.ok) return words;
    const counter = words.value.get(importedEnergy);
    const imported = counter === undefined ? null : decodeEnergy(counter, importedEnergy, map);
    if (imported === null) {
      const expected = "a counter that is not negative";
      return fail({ code: "METER_IMPLAUSIBLE", quantity: "imported energy", value: Number.NaN, expected });
    }
    const reading: MeterReading = {
      importedMilliWh: imported.milliWh,
      resolutionMilliWh: imported.resolutionMilliWh,
      exportedMilliWh: exportedEnergy === undefined ? null : energyIn(words.value, exportedEnergy, map),
      powerW: numberIn(words.value, power, map),
      voltageV: voltage.map((register) => numberIn(words.value, register, map)),
      currentA: current.map((register) => numberIn(words.value, register, map)),
      frequencyHz: frequency === undefined ? null : numberIn(words.value, frequency, map),
      monotonicMs,
      wallMs,
    };
    const implausible = checkPlausibility(reading);
    return implausible === undefined ? ok(reading) : fail(implausible);
  }

  /** `onEnergy` is called when the words of the import counter have come. */
  async #fetch(reader: RegisterReader, onEnergy?: () => void): Promise<Result<RegisterWords, MeterFault>> {
    const { bus } = this.#parts;
    const { map, unit } = this.#options;
    if (this.#isClosed) return fail({ code: "METER_CLOSED" });
    const lastSilence = this.#absence.isAsking() ? undefined : this.#absence.lastFault;
    if (lastSilence !== undefined) return fail(lastSilence);
    const words = await reader.readAll((register) => {
      if (register === map.quantities.importedEnergy) onEnergy?.();
    });
    const fault = words.ok ? undefined : meterFaultOf(words.fault, bus.endpoint, unit);
    this.#absence.note(fault);
    if (fault?.code === "METER_SILENT" || fault?.code === "METER_UNREACHABLE") this.#mustIdentify = true;
    return words.ok ? words : fail(fault ?? { code: "METER_CLOSED" });
  }
}

function numberIn(words: RegisterWords, register: NumberRegister, map: RegisterMap): number | null {
  const its = words.get(register);
  return its === undefined ? null : decodeNumber(its, register, map);
}

function energyIn(words: RegisterWords, register: EnergyRegister, map: RegisterMap): number | null {
  const its = words.get(register);
  return its === undefined ? null : (decodeEnergy(its, register, map)?.milliWh ?? null);
}

function textIn(words: RegisterWords, register: NumberRegister | TextRegister, map: RegisterMap): string | null {
  const its = words.get(register);
  if (its === undefined) return null;
  if (register.type === "text") return decodeText(its, register);
  return decodeNumber(its, register, map)?.toString() ?? null;
}
