/** A car whose profile is not configured: it is asked which it is, and from then on read with that profile. */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { type IdentifiedVehicle, identifyVehicle } from "./identify-vehicle.ts";
import { ObdAdapter } from "./obd-adapter.ts";
import { ObdVehicle, type ObdVehicleSettings } from "./obd-vehicle.ts";
import type { VehicleProfile } from "./profile.ts";

export interface IdentifyingVehicleSettings extends Omit<ObdVehicleSettings, "profile"> {
  readonly profiles: readonly VehicleProfile[];
}

/** Between two tries to find out: a car that sleeps, or that nobody knows, is not to be kept awake by questions. */
const PAUSE_FIRST_MS = 10_000;
const PAUSE_MAX_MS = 300_000;

export class IdentifyingVehicle implements VehicleLink {
  readonly #dependencies: { readonly link: ByteLink; readonly clock: Clock };
  readonly #settings: IdentifyingVehicleSettings;
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #asking: ObdAdapter | undefined;
  #vehicle: ObdVehicle | undefined;
  #identified: IdentifiedVehicle | undefined;
  #failed: { readonly fault: VehicleFault; readonly pauseMs: number; readonly untilMs: number } | undefined;

  constructor(dependencies: { readonly link: ByteLink; readonly clock: Clock }, settings: IdentifyingVehicleSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
  }

  /** How it was found out, or undefined before it was. */
  get identified(): IdentifiedVehicle | undefined {
    return this.#identified;
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return this.#withVehicle((vehicle) => vehicle.identify());
  }

  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    return this.#withVehicle((vehicle) => vehicle.sample());
  }

  /** Also before the car is known: this does not touch its bus. */
  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    const result = this.#queue.then(async (): Promise<Result<number | null, VehicleFault>> => {
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      if (this.#vehicle !== undefined) return await this.#vehicle.supplyVoltage();
      const adapter = new ObdAdapter(this.#dependencies);
      this.#asking = adapter;
      const volts = await adapter.supplyVoltage();
      this.#asking = undefined;
      await adapter.close();
      return volts;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#asking?.close();
    await this.#vehicle?.close();
    await this.#queue;
  }

  #withVehicle<Value>(
    ask: (vehicle: ObdVehicle) => Promise<Result<Value, VehicleFault>>,
  ): Promise<Result<Value, VehicleFault>> {
    const result = this.#queue.then(async (): Promise<Result<Value, VehicleFault>> => {
      const vehicle = await this.#find();
      if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
      return vehicle.ok ? await ask(vehicle.value) : vehicle;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #find(): Promise<Result<ObdVehicle, VehicleFault>> {
    if (this.#isClosed) return fail({ code: "VEHICLE_CLOSED" });
    if (this.#vehicle !== undefined) return ok(this.#vehicle);
    const { clock } = this.#dependencies;
    if (this.#failed !== undefined && clock.monotonicMs() < this.#failed.untilMs) return fail(this.#failed.fault);
    const found = await this.#ask();
    if (found.ok) {
      this.#vehicle = new ObdVehicle(this.#dependencies, { ...this.#settings, profile: found.value });
      this.#failed = undefined;
      return ok(this.#vehicle);
    }
    const pauseMs = Math.min(this.#failed === undefined ? PAUSE_FIRST_MS : 2 * this.#failed.pauseMs, PAUSE_MAX_MS);
    this.#failed = { fault: found.fault, pauseMs, untilMs: clock.monotonicMs() + pauseMs };
    return found;
  }

  async #ask(): Promise<Result<VehicleProfile, VehicleFault>> {
    const adapter = new ObdAdapter(this.#dependencies);
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
