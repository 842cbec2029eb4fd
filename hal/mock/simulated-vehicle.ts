/** A car without an adapter: the port's twin over the bench's physics, for simulations in which no bytes travel. */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import type { BatteryView } from "./physics/charging-vehicle.ts";

const COUNTER_STEP_MILLI_WH = 100_000;
const MILLI_WH_PER_WH = 1000;

/** Some cars say whether a cable is in, some do not, and some call plugged what charges. */
export type TellsPlug = boolean | "while charging";

export class SimulatedVehicle implements VehicleLink {
  isUnplugged = false;
  readonly #source: BatteryView;
  readonly #clock: Clock;
  readonly #tellsPlug: TellsPlug;
  readonly #sleeps: boolean;
  #isClosed = false;

  /** By default nobody can say whether a cable is in, and the control units never fall asleep. */
  constructor(
    parts: { readonly source: BatteryView; readonly clock: Clock },
    { tellsPlug = false, sleeps = false }: { readonly tellsPlug?: TellsPlug; readonly sleeps?: boolean } = {},
  ) {
    this.#tellsPlug = tellsPlug;
    this.#sleeps = sleeps;
    this.#source = parts.source;
    this.#clock = parts.clock;
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return Promise.resolve(this.#fault() ?? ok({ adapter: "simulated", profile: "simulated" }));
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    const fault = this.#fault();
    if (fault !== undefined) return Promise.resolve(fault);
    const { packVoltageV, packCurrentA, chargedWh, stateOfChargePercent, plugged, charging } = this.#source.now();
    const steps = Math.floor((chargedWh * MILLI_WH_PER_WH) / COUNTER_STEP_MILLI_WH);
    return Promise.resolve(
      ok({
        batteryVoltageV: packVoltageV,
        batteryCurrentA: packCurrentA,
        chargedMilliWh: steps * COUNTER_STEP_MILLI_WH,
        chargedResolutionMilliWh: COUNTER_STEP_MILLI_WH,
        stateOfChargePercent,
        inlet: null,
        plugged: this.#tellsPlug === false ? null : this.#tellsPlug === true ? plugged : charging,
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
    if (this.#sleeps && !this.#source.now().awake) return fail({ code: "VEHICLE_ASLEEP", reply: "NO DATA" });
    return this.isUnplugged ? fail({ code: "VEHICLE_ADAPTER_SILENT", endpoint: "simulated", waitedMs: 0 }) : undefined;
  }
}
