/**
 * A meter that says itself where its registers are. Once they are known it is an ordinary Modbus meter; whatever goes
 * wrong with that one makes this one look again before the next reading, for a device may come back from an update or a
 * restart with other models, or with its meters in another order.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import { AbsenceWatch } from "../absence-watch.ts";
import { MISFIT_QUANTITY } from "../decode-reading.ts";
import { meterFaultOf } from "../describe-bus-fault.ts";
import { MeterClosing } from "../meter-closing.ts";
import { ModbusMeter, READING_MS_MAX, type ModbusMeterParts } from "../modbus-meter.ts";
import { SharedCall } from "../shared-call.ts";
import { chooseMeter } from "./choose-meter.ts";
import { findMeters, type FoundMeter } from "./find-meters.ts";
import { meterMap, type SunspecMap } from "./meter-map.ts";
import { registerReads } from "./register-reads.ts";
import type { ChainFault } from "./walk-chain.ts";

export interface SunspecMeterOptions {
  readonly map: SunspecMap;
  readonly unit: number;
}

const LOOK_AGAIN_MS = 30_000;

export class SunspecMeter implements EnergyMeter {
  readonly #parts: ModbusMeterParts;
  readonly #options: SunspecMeterOptions;
  readonly #absence: AbsenceWatch;
  readonly #reading = new SharedCall(() => this.#inTurn(() => this.#readOnce()));
  readonly #identifying = new SharedCall(() => this.#inTurn(() => this.#identifyOnce()));
  readonly #closing = new MeterClosing();
  #turn: Promise<unknown> = Promise.resolve();
  #found: Found | undefined;
  #base: number | undefined;
  #mustLook = true;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Whose readings may be given out. */
  #identity: MeterIdentity | undefined;

  constructor(parts: ModbusMeterParts, options: SunspecMeterOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#absence = new AbsenceWatch(parts.clock);
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    return this.#closing.orClosed(this.#identifying.call());
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    return this.#closing.orClosed(this.#reading.call());
  }

  close(): Promise<void> {
    this.#closing.close();
    return Promise.resolve();
  }

  /** Looking and reading change what is known: one after the other. */
  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(run);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #readOnce(): Promise<Result<MeterReading, MeterFault>> {
    const found = await this.#know();
    if (!found.ok) return found;
    const stranger = this.#refuseStranger(found.value);
    if (stranger !== undefined) return fail(stranger);
    const reading = await found.value.meter.read();
    if (!reading.ok && this.#isWorthLooking(reading.fault)) this.#mustLook = true;
    return reading;
  }

  /** A damaged frame says nothing about the device, and a value that cannot be is not looked after each second. */
  #isWorthLooking(fault: MeterFault): boolean {
    if (fault.code === "METER_BAD_FRAME" || fault.code === "METER_CLOSED") return false;
    if (fault.code !== "METER_IMPLAUSIBLE" || fault.quantity === MISFIT_QUANTITY) return true;
    return this.#parts.clock.monotonicMs() - this.#lookedAtMs >= LOOK_AGAIN_MS;
  }

  async #identifyOnce(): Promise<Result<MeterIdentity, MeterFault>> {
    const found = await this.#look(null);
    if (!found.ok) return found;
    const identity = await found.value.meter.identify();
    if (!identity.ok) {
      this.#mustLook = true;
      return identity;
    }
    this.#identity = named(identity.value, found.value.place);
    return ok(this.#identity);
  }

  async #know(): Promise<Result<Found, MeterFault>> {
    if (this.#found !== undefined && !this.#mustLook) return ok(this.#found);
    return await this.#look(this.#identity?.serialNumber ?? null);
  }

  async #look(knownSerialNumber: string | null): Promise<Result<Found, MeterFault>> {
    if (this.#closing.isClosed) return fail({ code: "METER_CLOSED" });
    const lastSilence = this.#absence.isAsking() ? undefined : this.#absence.lastFault;
    if (lastSilence !== undefined) return fail(lastSilence);
    const { map, unit } = this.#options;
    const untilMs = this.#parts.clock.monotonicMs() + READING_MS_MAX;
    const chain = await findMeters(registerReads(this.#parts, { map, unit, untilMs }), this.#base);
    this.#lookedAtMs = this.#parts.clock.monotonicMs();
    const fault = chain.ok ? undefined : this.#faultOf(chain.fault);
    this.#absence.note(fault);
    if (!chain.ok) return fail(fault ?? { code: "METER_CLOSED" });
    this.#base = chain.value.base;
    const place = chooseMeter(chain.value, map.sunspec.index, knownSerialNumber);
    if (!place.ok) return place;
    this.#found = this.#meterAt(place.value);
    this.#identity ??= named({ model: map.model, serialNumber: place.value.serialNumber, firmware: null }, place.value);
    this.#mustLook = false;
    return ok(this.#found);
  }

  /** What the old driver has learned and whom it knows is kept as long as the meter stands where it stood. */
  #meterAt(place: FoundMeter): Found {
    const old = this.#found;
    const isSame =
      old !== undefined &&
      old.place.serialNumber === place.serialNumber &&
      old.place.common.address === place.common.address &&
      old.place.model.address === place.model.address &&
      old.place.model.id === place.model.id;
    if (isSame) return { ...old, place };
    const map = meterMap(this.#options.map, place);
    return { place, meter: new ModbusMeter(this.#parts, { map, unit: this.#options.unit }) };
  }

  #refuseStranger({ place }: Found): MeterFault | undefined {
    const expected = this.#identity?.serialNumber ?? null;
    const found = place.serialNumber;
    if (expected === null || found === null || expected === found) return undefined;
    // Asked again, it may be the old one.
    this.#mustLook = true;
    return { code: "METER_SWAPPED", expectedSerialNumber: expected, foundSerialNumber: found };
  }

  #faultOf(fault: ChainFault): MeterFault {
    const { endpoint } = this.#parts.bus;
    if (fault.code === "CHAIN_UNREAD") return meterFaultOf(fault.fault, endpoint, this.#options.unit);
    const { found, expected } = fault;
    return { code: "METER_IMPLAUSIBLE", quantity: "SunSpec map", value: found, expected };
  }
}

interface Found {
  readonly place: FoundMeter;
  readonly meter: ModbusMeter;
}

function named(identity: MeterIdentity, { maker, product }: FoundMeter): MeterIdentity {
  const text = [maker, product].flatMap((name) => (name === null ? [] : [name])).join(" ");
  return text === "" ? identity : { ...identity, product: text };
}
