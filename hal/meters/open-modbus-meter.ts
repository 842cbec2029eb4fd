/** The driver for a model: most have a table, SunSpec devices are asked for it. */
import type { EnergyMeter } from "#hal/ports/energy-meter.ts";
import { ModbusMeter, type ModbusMeterOptions, type ModbusMeterParts } from "./modbus-meter.ts";
import { isSunspecMap } from "./sunspec/meter-map.ts";
import { SunspecMeter } from "./sunspec/sunspec-meter.ts";

/** Asks nothing yet. */
export function openModbusMeter(parts: ModbusMeterParts, options: ModbusMeterOptions): EnergyMeter {
  const { map, unit } = options;
  return isSunspecMap(map) ? new SunspecMeter(parts, { map, unit }) : new ModbusMeter(parts, options);
}
