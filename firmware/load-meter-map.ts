/** A meter's register map, built in or from a file that somebody wrote. */
import { resolve } from "node:path";
import { fail, type Result } from "#base/result.ts";
import { checkRegisterMap } from "#hal/meters/check-register-map.ts";
import type { MapProblem } from "#hal/meters/map-shape.ts";
import { knownModel, knownModelNames } from "#hal/meters/known-models.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { GatewayError } from "./gateway-error.ts";
import { readTableFile } from "./read-table-file.ts";

export async function loadMeterMap(path: string): Promise<Result<RegisterMap, readonly MapProblem[]>> {
  const written = await readModelFile(path);
  return written.ok ? checkRegisterMap(written.value) : written;
}

/** What stands in a file, not yet judged. */
export async function readModelFile(path: string): Promise<Result<unknown, readonly MapProblem[]>> {
  const written = await readTableFile(path);
  return written.ok ? written : fail([{ path: "", ...written.fault }]);
}

/**
 * The one that a configuration names.
 *
 * @throws GatewayError CONFIG_INVALID for a model that is not known, and for a file with mistakes.
 */
export async function configuredMeterMap(
  meter: { readonly model: string | undefined; readonly modelFile: string | undefined },
  home: string,
): Promise<RegisterMap> {
  if (meter.modelFile !== undefined) {
    const path = resolve(home, meter.modelFile);
    const loaded = await loadMeterMap(path);
    if (loaded.ok) return loaded.value;
    throw new GatewayError("CONFIG_INVALID", `meter.model_file: ${path}: ${loaded.fault.map(problemText).join("; ")}`);
  }
  const map = knownModel(meter.model ?? "");
  if (map !== undefined) return map;
  const known = knownModelNames().join(", ");
  throw new GatewayError("CONFIG_INVALID", `meter.model: found "${meter.model ?? ""}", allowed: ${known}`);
}

export function problemText({ path, found, expected }: MapProblem): string {
  return `${path === "" ? "file" : path}: found ${found}, expected ${expected}`;
}
