/** A meter's register map, built in or from a file that somebody wrote. */
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { parse as parseToml, TomlError } from "smol-toml";
import { fail, ok, type Result } from "#base/result.ts";
import { checkRegisterMap } from "#hal/meters/check-register-map.ts";
import type { MapProblem } from "#hal/meters/map-shape.ts";
import { meterModel, meterModelNames } from "#hal/meters/models/registry.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { GatewayError } from "./gateway-error.ts";

/** More is no table of registers, whatever it is. */
export const MODEL_FILE_BYTES_MAX = 256 * 1024;

export async function loadMeterMap(path: string): Promise<Result<RegisterMap, readonly MapProblem[]>> {
  const written = await readModelFile(path);
  return written.ok ? checkRegisterMap(written.value) : written;
}

/** What stands in a file, unjudged: JSON when its name ends so, TOML otherwise. */
export async function readModelFile(path: string): Promise<Result<unknown, readonly MapProblem[]>> {
  const whole = (found: string, expected: string): Result<never, readonly MapProblem[]> =>
    fail([{ path: "", found, expected }]);
  const bytes = await readFile(path).catch((error: unknown) => messageOf(error));
  if (typeof bytes === "string") return whole(bytes, "a file that can be read");
  if (bytes.length > MODEL_FILE_BYTES_MAX) return whole(`${bytes.length} bytes`, `at most ${MODEL_FILE_BYTES_MAX}`);
  const isJson = extname(path).toLowerCase() === ".json";
  const parsed = parseText(bytes.toString("utf8"), isJson);
  return parsed.ok ? parsed : whole(parsed.fault, isJson ? "JSON" : "TOML");
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
  const map = meterModel(meter.model ?? "");
  if (map !== undefined) return map;
  const known = meterModelNames().join(", ");
  throw new GatewayError("CONFIG_INVALID", `meter.model: found "${meter.model ?? ""}", allowed: ${known}`);
}

export function problemText({ path, found, expected }: MapProblem): string {
  return `${path === "" ? "file" : path}: found ${found}, expected ${expected}`;
}

function parseText(text: string, isJson: boolean): Result<unknown, string> {
  try {
    return ok(isJson ? JSON.parse(text) : parseToml(text, { integersAsBigInt: "asNeeded" }));
  } catch (error) {
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}: ` : "";
    return fail(`${place}${messageOf(error).trim().split("\n")[0] ?? ""}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
