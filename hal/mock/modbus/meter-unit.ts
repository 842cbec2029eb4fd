/** A meter on a bus, by the name under which it is read. */
import { METER_IMAGES } from "./meter-images.ts";
import { SimulatedMeter, type SimulatedMeterOptions } from "./simulated-meter.ts";
import type { SimulatedUnit } from "./simulated-unit.ts";
import { commonPart, integerMeterPart } from "./sunspec/sunspec-parts.ts";
import { SimulatedSunspec } from "./sunspec/simulated-sunspec.ts";

/** Three phases and a neutral, whole numbers with exponents: the meter model that is met most. */
const SUNSPEC_MODEL = 203;
/** Where most devices have "SunS". */
const SUNSPEC_BASE = 40_000;

/** Those of which there is a simulated one. */
export function simulatedMeterNames(): readonly string[] {
  return [...Object.keys(METER_IMAGES), "sunspec"];
}

export function simulatedMeterUnit(options: SimulatedMeterOptions): SimulatedUnit {
  const { model, source, serialNumber } = options;
  if (model !== "sunspec") return new SimulatedMeter(options);
  const names = { maker: "Tallystick", product: "bench meter", version: "1", serialNumber: String(serialNumber) };
  return new SimulatedSunspec({
    base: SUNSPEC_BASE,
    parts: [commonPart(names), integerMeterPart(SUNSPEC_MODEL, source)],
  });
}
