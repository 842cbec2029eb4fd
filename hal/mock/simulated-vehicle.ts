/** A car without an adapter: the port's twin over the bench's physics, for simulations in which no bytes travel. */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import type { BatterySource } from "./obd/battery-source.ts";

const COUNTER_STEP_MILLI_WH = 100_000;
const MILLI_WH_PER_WH = 1000;

export class SimulatedVehicle implements VehicleLink {
  isUnplugged = false;
  readonly #source: BatterySource;
  readonly #clock: Clock;
  #isClosed = false;

  constructor(parts: { readonly source: BatterySource; readonly clock: Clock }) {
    this.#source = parts.source;
    this.#clock = parts.clock;
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return Promise.resolve(this.#fault() ?? ok({ adapter: "simulated", profile: "simulated" }));
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    const fault = this.#fault();
    if (fault !== undefined) return Promise.resolve(fault);
    const { packVoltageV, packCurrentA, chargedWh, stateOfChargePercent, charging } = this.#source.now();
    const steps = Math.floor((chargedWh * MILLI_WH_PER_WH) / COUNTER_STEP_MILLI_WH);
    return Promise.resolve(
      ok({
        batteryVoltageV: packVoltageV,
        batteryCurrentA: packCurrentA,
        chargedMilliWh: steps * COUNTER_STEP_MILLI_WH,
        chargedResolutionMilliWh: COUNTER_STEP_MILLI_WH,
        stateOfChargePercent,
        inlet: null,
        plugged: null,
        charging,
        rawReplies: [],
        monotonicMs: this.#clock.monotonicMs(),
        wallMs: this.#clock.wallMs(),
      }),
    );
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return Promise.resolve(this.#fault() ?? ok(this.#source.now().auxiliaryVoltageV));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #fault(): { readonly ok: false; readonly fault: VehicleFault } | undefined {
    if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
    return this.isUnplugged ? fail({ code: "VEHICLE_ADAPTER_SILENT", endpoint: "simulated", waitedMs: 0 }) : undefined;
  }
}
