/**
 * The bench's world: stations, cars, cables, and the energy that flows. Pure: it knows no clock but the time it is
 * told, and its chance comes from one seed. Each device draws from a stream of its own, so that adding a car changes
 * nothing for the others.
 */
import { assert } from "#base/assert.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { PlugState } from "#hal/ports/charge-point.ts";
import type { BatteryView } from "./charging-vehicle.ts";
import { ChargingVehicle } from "./charging-vehicle.ts";
import type { EvseView, MeterView, StationOptions } from "./charging-station.ts";
import { ChargingStation } from "./charging-station.ts";
import type { VehicleModelName } from "./vehicle-models.ts";
import { VEHICLE_MODELS } from "./vehicle-models.ts";

export interface ChargingWorldOptions {
  readonly seed: number | string;
  readonly startMs: number;
  /** Longest stretch that is taken in one go. */
  readonly stepMs?: number;
  /** World time, when the views are to be of now without anyone calling `advanceTo`. */
  readonly nowMs?: () => number;
}

export interface VehicleOptions {
  readonly model?: VehicleModelName;
  /** True share of the charge at the start, in percent; drawn between 15 and 60 when absent. */
  readonly stateOfChargePercent?: number;
}

export class ChargingWorld {
  readonly #random: SeededRandom;
  readonly #stepMs: number;
  readonly #clock: () => number;
  readonly #stations = new Map<number, ChargingStation>();
  readonly #vehicles = new Map<string, ChargingVehicle>();
  readonly #pluggedAt = new Map<number, ChargingVehicle>();
  #worldMs: number;

  constructor(options: ChargingWorldOptions) {
    this.#random = new SeededRandom(options.seed);
    this.#stepMs = options.stepMs ?? STEP_MS;
    this.#clock = options.nowMs ?? ((): number => this.#worldMs);
    this.#worldMs = options.startMs;
    assert(this.#stepMs > 0, "the world steps forward");
  }

  /** Adds a station of 11 kW with a class B meter, or what the options say instead. */
  addStation(number: number, options: Partial<StationOptions> = {}): ChargingStation {
    assert(!this.#stations.has(number), `station ${number} is added once`);
    const station = new ChargingStation(
      number,
      { ...STATION_DEFAULTS, ...options },
      this.#random.fork(`station ${number}`),
    );
    this.#stations.set(number, station);
    return station;
  }

  addVehicle(name: string, options: VehicleOptions = {}): ChargingVehicle {
    assert(!this.#vehicles.has(name), `vehicle ${name} is added once`);
    const random = this.#random.fork(`vehicle ${name}`);
    const percent = options.stateOfChargePercent ?? random.fork("start").between(15, 60);
    const model = VEHICLE_MODELS[options.model ?? "hyundai-kona"];
    const vehicle = new ChargingVehicle(name, { model, chargeShare: percent / 100, startMs: this.#worldMs }, random);
    this.#vehicles.set(name, vehicle);
    return vehicle;
  }

  station(number: number): ChargingStation {
    const station = this.#stations.get(number);
    assert(station !== undefined, `station ${number} exists`);
    return station;
  }

  vehicle(name: string): ChargingVehicle {
    const vehicle = this.#vehicles.get(name);
    assert(vehicle !== undefined, `vehicle ${name} exists`);
    return vehicle;
  }

  get worldMs(): number {
    return this.#worldMs;
  }

  plugIn(vehicleName: string, stationNumber: number): void {
    this.#catchUp();
    const [vehicle, station] = [this.vehicle(vehicleName), this.station(stationNumber)];
    assert(vehicle.station === undefined, `vehicle ${vehicleName} has one inlet`);
    assert(!this.#pluggedAt.has(stationNumber), `station ${stationNumber} has one cable`);
    this.#pluggedAt.set(stationNumber, vehicle);
    vehicle.plugIn(station, this.#worldMs);
  }

  /** Also in the middle of a charge. A car that is not plugged in stays so. */
  unplug(vehicleName: string): void {
    this.#catchUp();
    const vehicle = this.vehicle(vehicleName);
    if (vehicle.station === undefined) return;
    this.#pluggedAt.delete(vehicle.station.number);
    vehicle.unplug(this.#worldMs);
  }

  /** Some time on the road before the next plug. */
  drive(vehicleName: string, durationMs: number): void {
    this.#catchUp();
    this.vehicle(vehicleName).drive(durationMs, this.#worldMs);
  }

  /** Changes something in the world at the time it is now: a power cut, a fault, a lie. */
  change(action: () => void): void {
    this.#catchUp();
    action();
  }

  /** Lets the world run up to this time. A time that has passed changes nothing. */
  advanceTo(worldMs: number): void {
    while (this.#worldMs < worldMs) {
      // Steps end on a grid of world time, so that reading more often hardly changes how the world is cut up.
      const gridMs = (Math.floor(this.#worldMs / this.#stepMs) + 1) * this.#stepMs;
      this.#advance(Math.min(gridMs, worldMs));
    }
  }

  meterView(stationNumber: number): MeterView {
    const station = this.station(stationNumber);
    return {
      now: () => {
        this.#catchUp();
        return station.meterDevice.now();
      },
    };
  }

  evseView(stationNumber: number): EvseView {
    const station = this.station(stationNumber);
    return {
      plugState: () => {
        this.#catchUp();
        return this.#plugState(station);
      },
      setPermittedCurrent: (currentA) => {
        this.#catchUp();
        station.setPermittedCurrent(currentA);
      },
    };
  }

  batteryView(vehicleName: string): BatteryView {
    const vehicle = this.vehicle(vehicleName);
    return {
      now: () => {
        this.#catchUp();
        return vehicle.now(this.#worldMs);
      },
    };
  }

  #catchUp(): void {
    this.advanceTo(this.#clock());
  }

  #plugState(station: ChargingStation): PlugState {
    if (station.isFaulty) return "fault";
    const vehicle = this.#pluggedAt.get(station.number);
    if (vehicle === undefined) return "unplugged";
    return vehicle.isTaking(this.#worldMs) ? "charging" : "plugged";
  }

  #advance(toMs: number): void {
    const step = { fromMs: this.#worldMs, toMs };
    const durationS = (toMs - this.#worldMs) / 1000;
    for (const vehicle of this.#vehicles.values()) {
      const { flow, phases } = vehicle.advance(step);
      vehicle.station?.record(flow, phases, durationS, toMs);
    }
    for (const station of this.#stations.values()) {
      if (!this.#pluggedAt.has(station.number)) station.recordNothing(durationS, toMs);
    }
    this.#worldMs = toMs;
  }
}

const STEP_MS = 1000;

const STATION_DEFAULTS: StationOptions = {
  phases: 3,
  currentMaxA: 16,
  meterClass: "B",
  stepMilliWh: 10_000,
  updateEveryMs: 1000,
};
