/** A car whose profile is not configured: it is asked which it is, and from then on read with that profile. */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { CallQueue } from "./call-queue.ts";
import { type IdentifiedVehicle, identifyVehicle } from "./identify-vehicle.ts";
import { ObdVehicle, type ObdVehicleSettings, sessionsOf } from "./obd-vehicle.ts";
import type { VehicleProfile } from "./profile.ts";
import type { VehicleLine } from "./vehicle-line.ts";

export interface IdentifyingVehicleSettings extends Omit<ObdVehicleSettings, "profile"> {
  readonly profiles: readonly VehicleProfile[];
}

export interface IdentifyingDependencies {
  readonly clock: Clock;
  /** A line that may enter these diagnostic sessions. A second one is made when the first is closed. */
  readonly makeLine: (sessions: readonly number[]) => VehicleLine;
}

/** Between two tries to find out: a car that sleeps, or that nobody knows, is not to be kept awake by questions. */
const PAUSE_FIRST_MS = 10_000;
const PAUSE_MAX_MS = 300_000;

export class IdentifyingVehicle implements VehicleLink {
  readonly #dependencies: IdentifyingDependencies;
  readonly #settings: IdentifyingVehicleSettings;
  readonly #calls = new CallQueue();
  #isClosed = false;
  #asking: VehicleLine | undefined;
  #vehicle: ObdVehicle | undefined;
  #identified: IdentifiedVehicle | undefined;
  #failed: { readonly fault: VehicleFault; readonly pauseMs: number; readonly untilMs: number } | undefined;

  constructor(dependencies: IdentifyingDependencies, settings: IdentifyingVehicleSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
  }

  /** How it was found out, or undefined before it was. */
  get identified(): IdentifiedVehicle | undefined {
    return this.#identified;
  }

  /** The driver of the car that was found, or undefined before. */
  get vehicle(): ObdVehicle | undefined {
    return this.#vehicle;
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return this.#withVehicle((vehicle) => vehicle.identify());
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    return this.#withVehicle((vehicle) => vehicle.sample());
  }

  /** Also before the car is known: this does not touch its bus. */
  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return this.#calls.run(async (): Promise<Result<number | null, VehicleFault>> => {
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      if (this.#vehicle !== undefined) return await this.#vehicle.supplyVoltage();
      const adapter = this.#dependencies.makeLine([]);
      this.#asking = adapter;
      const volts = await adapter.supplyVoltage();
      this.#asking = undefined;
      await adapter.close();
      return volts;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#asking?.close();
    await this.#vehicle?.close();
    await this.#calls.settled();
  }

  #withVehicle<Value>(
    ask: (vehicle: ObdVehicle) => Promise<Result<Value, VehicleFault>>,
  ): Promise<Result<Value, VehicleFault>> {
    return this.#calls.run(async (): Promise<Result<Value, VehicleFault>> => {
      const vehicle = await this.#find();
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      return vehicle.ok ? await ask(vehicle.value) : vehicle;
    });
  }

  async #find(): Promise<Result<ObdVehicle, VehicleFault>> {
    if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
    if (this.#vehicle !== undefined) return ok(this.#vehicle);
    const { clock } = this.#dependencies;
    if (this.#failed !== undefined && clock.monotonicMs() < this.#failed.untilMs) return fail(this.#failed.fault);
    const found = await this.#ask();
    if (found.ok) {
      const line = this.#dependencies.makeLine(sessionsOf(found.value));
      this.#vehicle = new ObdVehicle({ line, clock }, { ...this.#settings, profile: found.value });
      this.#failed = undefined;
      return ok(this.#vehicle);
    }
    const pauseMs = Math.min(this.#failed === undefined ? PAUSE_FIRST_MS : 2 * this.#failed.pauseMs, PAUSE_MAX_MS);
    this.#failed = { fault: found.fault, pauseMs, untilMs: clock.monotonicMs() + pauseMs };
    return found;
  }

  async #ask(): Promise<Result<VehicleProfile, VehicleFault>> {
    const adapter = this.#dependencies.makeLine([]);
    this.#asking = adapter;
    const identified = await identifyVehicle(adapter, this.#settings.profiles);
    this.#asking = undefined;
    // The driver of the found profile opens the line for itself.
    await adapter.close();
    if (!identified.ok) return identified;
    this.#identified = identified.value;
    const { profile, candidates, explanation } = identified.value;
    if (profile !== undefined) return ok(profile);
    const left = candidates.filter(({ verdict }) => verdict !== "excluded").map(({ profile: { name } }) => name);
    return fail({ code: "VEHICLE_UNIDENTIFIED", candidates: left, reason: explanation.join(" ").slice(0, 1000) });
  }
}
