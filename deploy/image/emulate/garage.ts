/**
 * What stands around the emulated gateway: a garage with an outlet and a car, in real time. The outlet's meter and
 * controller hang on one Modbus line, which is the emulator's USB adapter, or are on TCP; the car has an OBD adapter on
 * TCP.
 */
import {
  startBenchVehicle,
  type BenchVehicle,
  type BenchVehicleSettings,
} from "#firmware/commands/bench/bench-vehicle.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { simulatedController } from "#hal/mock/modbus/charge-controllers/registry.ts";
import { simulatedMeterUnit } from "#hal/mock/modbus/meter-unit.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { TEST_CAR } from "./test-card.ts";

const STATION = 1;
const CAR = "car";
const METER_UNIT = 1;
const CONTROLLER_UNIT = 2;

export class Garage {
  readonly #clock = new SystemClock();
  readonly #world: ChargingWorld;
  #slaves: RtuSlaves | undefined;
  #server: TcpSlaves | undefined;
  #adapter: BenchVehicle | undefined;

  constructor() {
    const nowMs = (): number => this.#clock.wallMs();
    this.#world = new ChargingWorld({ seed: 1, startMs: nowMs(), nowMs });
    this.#world.addStation(STATION, { phases: 3, currentMaxA: 16, stepMilliWh: 1000 });
    this.#world.addVehicle(CAR, { model: TEST_CAR });
  }

  /** Opens the Modbus line at the emulator's end of the USB adapter; again after each start of the emulator. */
  async connectLine(port: number): Promise<void> {
    await this.#slaves?.stop();
    const link = new TcpLink({ host: "127.0.0.1", port });
    this.#slaves = new RtuSlaves({ link, clock: this.#clock, units: this.#units() });
    const opened = await this.#slaves.start();
    if (!opened.ok) throw new Error(`no Modbus line at port ${port}: ${opened.fault.code}`);
  }

  /** @returns the port of the same two by Modbus TCP, for a charger's gateway that is a program of this machine */
  async startModbusTcp(): Promise<number> {
    const server = new TcpSlaves({ clock: this.#clock, units: this.#units() }, { host: "127.0.0.1", port: 0 });
    this.#server = server;
    return server.start();
  }

  /** @returns the port of the car's OBD adapter */
  async startCar(): Promise<number> {
    const settings: BenchVehicleSettings = { name: CAR, car: TEST_CAR, serial: false, seed: 1, speed: 1 };
    this.#adapter = await startBenchVehicle({ world: this.#world, clock: this.#clock }, settings);
    const { line } = this.#adapter;
    if (line.kind !== "tcp") throw new Error("the adapter is not on TCP");
    return line.port;
  }

  plugIn(): void {
    this.#world.plugIn(CAR, STATION);
  }

  unplug(): void {
    this.#world.unplug(CAR);
  }

  /** The driver has enough. */
  endCharge(): void {
    this.#world.change(() => {
      this.#world.vehicle(CAR).endCharge();
    });
  }

  /** What the meter shows. */
  get importedWh(): number {
    return this.#world.meterView(STATION).now().importedMilliWh / 1000;
  }

  async close(): Promise<void> {
    await this.#slaves?.stop();
    await this.#server?.stop();
    await this.#adapter?.close();
  }

  #units(): ReadonlyMap<number, SimulatedUnit> {
    const target = this.#world.evseView(STATION);
    const controller = simulatedController("simple-evse-wb", { target, clock: this.#clock });
    if (controller === undefined) throw new Error("the simulated controller is gone");
    const source = this.#world.meterView(STATION);
    const meter = simulatedMeterUnit({ model: "eastron-sdm630", source, serialNumber: 7_310_001 });
    return new Map([
      [METER_UNIT, meter],
      [CONTROLLER_UNIT, controller],
    ]);
  }
}
