/** Every meter that has a name in a configuration: built-in tables, and devices that say themselves what they are. */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { meterModel, meterModelNames } from "./models/registry.ts";
import { undiscoveredMap } from "./sunspec/meter-map.ts";
import { sunspecChoice } from "./sunspec/sunspec-choice.ts";

/** `sunspec` stands for its variants, too: `sunspec-2`, `sunspec-swapped` and so on. */
export function knownModelNames(): readonly string[] {
  return [...meterModelNames(), "sunspec"];
}

/** Undefined for a name that nobody knows. */
export function knownModel(name: string): RegisterMap | undefined {
  const choice = sunspecChoice(name);
  return choice === undefined ? meterModel(name) : undiscoveredMap(name, choice);
}
