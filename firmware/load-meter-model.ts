/** The meter that a configuration names, of whatever kind: one with registers, or one that speaks by itself. */
import { resolve } from "node:path";
import { fail, ok, type Result } from "#base/result.ts";
import type { MeterConfig } from "#config/meter-table.ts";
import { checkRegisterMap } from "#hal/meters/check-register-map.ts";
import type { MapProblem } from "#hal/meters/map-shape.ts";
import { knownModel, knownModelNames } from "#hal/meters/known-models.ts";
import { checkTelegramModel, isTelegramTable } from "#hal/meters/telegram/check-telegram-model.ts";
import { telegramModel, telegramModelNames } from "#hal/meters/telegram/models/registry.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { GatewayError } from "./gateway-error.ts";
import { readTableFile } from "./read-table-file.ts";

export type MeterModel =
  | { readonly kind: "registers"; readonly map: RegisterMap }
  | { readonly kind: "telegrams"; readonly model: TelegramModel };

/** Of all meters that can be read, those with registers first. */
export function allMeterModelNames(): readonly string[] {
  return [...knownModelNames(), ...telegramModelNames()];
}

export function meterModelNamed(name: string): MeterModel | undefined {
  const map = knownModel(name);
  if (map !== undefined) return { kind: "registers", map };
  const model = telegramModel(name);
  return model === undefined ? undefined : { kind: "telegrams", model };
}

/** Of a file that somebody wrote; a table with `protocol` is that of a meter that speaks by itself. */
export async function loadMeterModel(path: string): Promise<Result<MeterModel, readonly MapProblem[]>> {
  const written = await readTableFile(path);
  if (!written.ok) return fail([{ path: "", ...written.fault }]);
  if (isTelegramTable(written.value)) {
    const model = checkTelegramModel(written.value);
    return model.ok ? ok({ kind: "telegrams", model: model.value }) : fail(model.fault);
  }
  const map = checkRegisterMap(written.value);
  return map.ok ? ok({ kind: "registers", map: map.value }) : fail(map.fault);
}

/**
 * The one that a configuration names.
 *
 * @throws GatewayError CONFIG_INVALID for a model that is not known, and for a file with mistakes.
 */
export async function configuredMeterModel(
  meter: Pick<MeterConfig, "model" | "modelFile">,
  home: string,
): Promise<MeterModel> {
  if (meter.modelFile !== undefined) {
    const path = resolve(home, meter.modelFile);
    const loaded = await loadMeterModel(path);
    if (loaded.ok) return loaded.value;
    throw new GatewayError(
      "CONFIG_INVALID",
      `meter.model_file: ${path}: ${loaded.fault.map(fileProblemText).join("; ")}`,
    );
  }
  const named = meterModelNamed(meter.model ?? "");
  if (named !== undefined) return named;
  const known = allMeterModelNames().join(", ");
  throw new GatewayError("CONFIG_INVALID", `meter.model: found "${meter.model ?? ""}", allowed: ${known}`);
}

export function fileProblemText({ path, found, expected }: MapProblem): string {
  return `${path === "" ? "file" : path}: found ${found}, expected ${expected}`;
}

/**
 * The one that a charge is measured by: also what its kind asks of the other keys is there.
 *
 * @throws GatewayError CONFIG_INVALID
 */
export async function chargingMeterModel(meter: MeterConfig, home: string): Promise<MeterModel> {
  const model = await configuredMeterModel(meter, home);
  if (model.kind === "registers") {
    if (meter.unit === undefined) throw invalid("meter.unit: found nothing, expected a whole number from 1 to 247");
    return model;
  }
  const { periodMs, model: name } = model.model;
  if ((meter.periodMs ?? periodMs) <= CHARGING_PERIOD_MS_MAX) return model;
  throw invalid(
    `meter.model: "${name}" tells its energy every ${Math.round((meter.periodMs ?? periodMs) / 1000)} s, ` +
      `expected a meter that does so every ${CHARGING_PERIOD_MS_MAX / 1000} s`,
  );
}

/** A charge is stopped when its register is older than 15 s (`REGISTER_AGE_MS_MAX`), and a telegram may be late. */
const CHARGING_PERIOD_MS_MAX = 10_000;

function invalid(message: string): GatewayError {
  return new GatewayError("CONFIG_INVALID", message);
}
