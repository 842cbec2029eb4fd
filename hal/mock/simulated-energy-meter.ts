/**
 * An energy meter without a wire: the port's twin over the bench's physics, for simulations in which no bytes travel.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { MeterSource } from "./modbus/meter-source.ts";

export interface SimulatedMeterOptions {
  readonly serialNumber: string;
  readonly resolutionMilliWh: number;
}

export class SimulatedEnergyMeter implements EnergyMeter {
  /** A meter that is unplugged answers nothing. */
  isUnplugged = false;
  readonly #source: MeterSource;
  readonly #clock: Clock;
  readonly #options: SimulatedMeterOptions;
  #isClosed = false;

  constructor(parts: { readonly source: MeterSource; readonly clock: Clock }, options: SimulatedMeterOptions) {
    this.#source = parts.source;
    this.#clock = parts.clock;
    this.#options = options;
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    const { serialNumber } = this.#options;
    return Promise.resolve(this.#fault() ?? ok({ model: "simulated", serialNumber, firmware: null }));
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    const fault = this.#fault();
    if (fault !== undefined) return Promise.resolve(fault);
    const { importedMilliWh, powerW, voltageV, currentA, frequencyHz } = this.#source.now();
    return Promise.resolve(
      ok({
        importedMilliWh: Math.round(importedMilliWh),
        resolutionMilliWh: this.#options.resolutionMilliWh,
        rolloverMilliWh: null,
        register: "simulated",
        exportedMilliWh: null,
        ...{ powerW, voltageV, currentA, frequencyHz },
        monotonicMs: this.#clock.monotonicMs(),
        wallMs: this.#clock.wallMs(),
      }),
    );
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #fault(): { readonly ok: false; readonly fault: MeterFault } | undefined {
    if (this.#isClosed) return fail({ code: "METER_CLOSED" });
    return this.isUnplugged ? fail({ code: "METER_SILENT", endpoint: "simulated", unit: 1, waitedMs: 0 }) : undefined;
  }
}
