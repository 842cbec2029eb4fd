/** A simulated meter that keeps a list of what it was asked, and the driver at the other end of its line. */
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedMeter, type SimulatedMeterOptions } from "#hal/mock/modbus/simulated-meter.ts";
import type { ModbusException } from "#hal/mock/modbus/simulated-unit.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { openRtuLine, type RtuLine } from "./rtu-line.ts";

export const STATE: MeterState = {
  importedMilliWh: 1_234_560_000,
  exportedMilliWh: 1_250_000,
  powerW: 6908,
  voltageV: [230.1, 231.2, 229.3],
  currentA: [10, 10, 10],
  frequencyHz: 50,
};

export interface MeterBench extends RtuLine {
  readonly meter: ModbusMeter;
  readonly device: WatchedMeter;
  readonly map: RegisterMap;
  state: MeterState;
}

/** A simulated meter that keeps a list of what it was asked, and may lack registers. */
export class WatchedMeter extends SimulatedMeter {
  readonly asked: string[] = [];
  readonly lacking = new Set<number>();

  override read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    this.asked.push(`${functionCode}:${address}+${count}`);
    const lacks = [...this.lacking].some((register) => register >= address && register < address + count);
    return lacks ? { exception: 2 } : super.read(functionCode, address, count);
  }
}

export interface MeterBenchOptions extends Partial<Omit<SimulatedMeterOptions, "model" | "source">> {
  /** What differs from the model's table. */
  readonly map?: Partial<RegisterMap>;
  readonly state?: MeterState;
}

export function meterBench(model: string, options: MeterBenchOptions = {}): MeterBench {
  const table = meterModel(model);
  if (table === undefined) throw new Error(`bug: no model ${model}`);
  const { map: changes, state = STATE, ...device } = options;
  const map = { ...table, ...changes };
  const world = { state };
  const source = { now: () => world.state };
  const watched = new WatchedMeter({ model, source, serialNumber: 1_234_567, ...device });
  const line = openRtuLine(new Map([[1, watched]]));
  const meter = new ModbusMeter({ bus: line.bus, clock: line.clock }, { map, unit: 1 });
  return Object.assign(world, { ...line, meter, map, device: watched });
}
