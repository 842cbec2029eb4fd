/** A simulated SunSpec device on a line in memory, and the driver at the other end. */
import { knownModel } from "#hal/meters/known-models.ts";
import { openModbusMeter } from "#hal/meters/open-modbus-meter.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedSunspec, type SimulatedSunspecOptions } from "#hal/mock/modbus/sunspec/simulated-sunspec.ts";
import { commonPart, integerMeterPart, type SunspecPart } from "#hal/mock/modbus/sunspec/sunspec-parts.ts";
import type { ModbusException } from "#hal/mock/modbus/simulated-unit.ts";
import type { EnergyMeter } from "#hal/ports/energy-meter.ts";
import { openRtuLine, type RtuLine } from "#test/unit/modbus/rtu-line.ts";

export const SHOWN: MeterState = {
  importedMilliWh: 12_345_678_000,
  exportedMilliWh: 987_000,
  powerW: 6908,
  voltageV: [230.1, 231.2, 229.3],
  currentA: [10, 10.5, 9.5],
  frequencyHz: 49.98,
};

export function source(state: Partial<MeterState> = {}): { now: () => MeterState } {
  return { now: () => ({ ...SHOWN, ...state }) };
}

export function common(serialNumber: string, product = "M3"): SunspecPart {
  return commonPart({ maker: "Maker", product, version: "1.2", serialNumber });
}

/** A device with one meter of three phases. */
export function oneMeter(serialNumber = "77"): readonly SunspecPart[] {
  return [common(serialNumber), integerMeterPart(203, source())];
}

export class WatchedSunspec extends SimulatedSunspec {
  readonly asked: string[] = [];

  override read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    this.asked.push(`${functionCode}:${address}+${count}`);
    return super.read(functionCode, address, count);
  }
}

export interface SunspecBench extends RtuLine {
  readonly meter: EnergyMeter;
  readonly device: WatchedSunspec;
}

export function sunspecBench(
  parts: readonly SunspecPart[],
  options: Partial<SimulatedSunspecOptions> & { readonly model?: string } = {},
): SunspecBench {
  const { model = "sunspec", ...device } = options;
  const map = knownModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  const watched = new WatchedSunspec({ base: 40_000, parts, ...device });
  const line = openRtuLine(new Map([[1, watched]]));
  const meter = openModbusMeter({ bus: line.bus, clock: line.clock }, { map, unit: 1 });
  return { ...line, meter, device: watched };
}
