/**
 * A car that is asked no more often than is good for its 12 V battery: what the polling policy says is obeyed, and fed
 * with what comes of it. Whoever wants samples may ask at any time; most times there is none.
 */
import { fail, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleIdentity, VehicleLink, VehicleSample } from "#hal/ports/vehicle-link.ts";
import { CallQueue } from "./call-queue.ts";
import { POLITE, pollingAdvice, type PollingRules, startPolling, stepPolling } from "./polling-policy.ts";

export class PoliteVehicle implements VehicleLink {
  readonly #vehicle: VehicleLink;
  readonly #clock: Clock;
  readonly #rules: PollingRules;
  #polling: ReturnType<typeof startPolling>;
  readonly #samples = new CallQueue();

  /** The clock is the car's: minutes of its battery, not of the adapter's line. */
  constructor(dependencies: { readonly vehicle: VehicleLink; readonly clock: Clock }, rules: PollingRules = POLITE) {
    this.#vehicle = dependencies.vehicle;
    this.#clock = dependencies.clock;
    this.#rules = rules;
    this.#polling = startPolling(this.#clock.monotonicMs(), rules);
  }

  /** A charge is about to begin, or somebody waits for samples of one: the car is worth waking. */
  expectCharge(): void {
    this.#step({ kind: "expected", atMs: this.#clock.monotonicMs() });
  }

  identify(): Promise<Result<VehicleIdentity, VehicleFault>> {
    return this.#vehicle.identify();
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return this.#vehicle.supplyVoltage();
  }

  /** One after the other, so that each hears what came of the one before. */
  sample(): Promise<Result<VehicleSample, VehicleFault>> {
    return this.#samples.run(() => this.#sampleIfPolite());
  }

  async close(): Promise<void> {
    await this.#vehicle.close();
  }

  async #sampleIfPolite(): Promise<Result<VehicleSample, VehicleFault>> {
    if (this.#advice().kind === "readSupply") {
      const supply = await this.#vehicle.supplyVoltage();
      // Without an adapter nothing is known of the battery, and nobody could be asked anyway.
      if (!supply.ok) return supply;
      this.#step({ kind: "supply", volts: supply.value, atMs: this.#clock.monotonicMs() });
    }
    const advice = this.#advice();
    if (advice.kind === "wait") {
      const waitMs = Math.max(0, advice.untilMs - this.#clock.monotonicMs());
      return fail({ code: "VEHICLE_LEFT_ALONE", why: advice.why, waitMs });
    }
    const sample = await this.#vehicle.sample();
    this.#learn(sample);
    return sample;
  }

  #advice(): ReturnType<typeof pollingAdvice> {
    return pollingAdvice(this.#polling, this.#clock.monotonicMs(), this.#rules);
  }

  #learn(sample: Result<VehicleSample, VehicleFault>): void {
    const atMs = this.#clock.monotonicMs();
    if (sample.ok) {
      const { charging, plugged } = sample.value;
      this.#step({ kind: "answered", isCharging: charging, isPlugged: plugged, atMs });
      return;
    }
    switch (sample.fault.code) {
      case "VEHICLE_ASLEEP":
        if (sample.fault.isLeftAlone !== true) this.#step({ kind: "noData", atMs });
        return;
      // Somebody on the bus has been woken and has said something, if nothing of use. A charge that is known stays one.
      case "VEHICLE_BAD_REPLY":
      case "VEHICLE_REFUSED":
      case "VEHICLE_IMPLAUSIBLE":
      case "VEHICLE_WRONG_PROFILE":
      case "VEHICLE_UNIDENTIFIED":
      case "VEHICLE_ADAPTER_UNFIT":
        if (!this.#polling.isCharging) this.#step({ kind: "answered", isCharging: false, isPlugged: null, atMs });
        return;
      case "VEHICLE_CLOSED":
      case "VEHICLE_LEFT_ALONE":
      case "VEHICLE_ADAPTER_UNREACHABLE":
      case "VEHICLE_ADAPTER_SILENT":
        return;
    }
  }

  #step(event: Parameters<typeof stepPolling>[1]): void {
    this.#polling = stepPolling(this.#polling, event, this.#rules);
  }
}
