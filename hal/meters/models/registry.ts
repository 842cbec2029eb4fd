/** The models by name. A new one is a table beside this file and a line here. */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { abbB23 } from "./abb-b23.ts";
import { cgEm3x0 } from "./cg-em3x0.ts";
import { eastronSdm120 } from "./eastron-sdm120.ts";
import { eastronSdm630 } from "./eastron-sdm630.ts";
import { schneiderIem3000 } from "./schneider-iem3000.ts";

const MODELS: readonly RegisterMap[] = [eastronSdm630, eastronSdm120, abbB23, cgEm3x0, schneiderIem3000];

export function meterModelNames(): readonly string[] {
  return MODELS.map((map) => map.model);
}

export function meterModel(name: string): RegisterMap | undefined {
  return MODELS.find((map) => map.model === name);
}
