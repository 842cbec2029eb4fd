/** A car whose link tells what a test wants, sample by sample, with the raw replies of a Kona. */
import { fail, ok, type Result } from "#base/result.ts";
import type { BatterySample } from "#core/metering/battery-state.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { konaReply } from "./kona-reply.ts";

export type Told = Pick<BatterySample, "batteryVoltageV" | "batteryCurrentA" | "charging"> & Partial<VehicleSample>;

export class ToldVehicle implements VehicleLink {
  /** What it tells next; undefined is silence. */
  told: Told | undefined;
  readonly #clock: SimulatedClock;
  asked = 0;
  supplyV: number | null = 14.2;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return Promise.resolve(ok({ adapter: "told", profile: "hyundai-kona" }));
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    this.asked += 1;
    const { told } = this;
    if (told === undefined) return Promise.resolve(fail({ code: "VEHICLE_ASLEEP", reply: "NO DATA" }));
    const { batteryVoltageV, batteryCurrentA, chargedMilliWh = null, stateOfChargePercent = null } = told;
    const reply = konaReply({
      batteryVoltageV: batteryVoltageV ?? 0,
      batteryCurrentA: batteryCurrentA ?? 0,
      chargedMilliWh: chargedMilliWh ?? 0,
      stateOfChargePercent: stateOfChargePercent ?? 50,
    });
    return Promise.resolve(
      ok({
        chargedMilliWh,
        chargedResolutionMilliWh: 100_000,
        stateOfChargePercent,
        inlet: null,
        plugged: true,
        rawReplies: [reply],
        monotonicMs: this.#clock.monotonicMs(),
        wallMs: this.#clock.wallMs(),
        ...told,
      }),
    );
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return Promise.resolve(ok(this.supplyV));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
