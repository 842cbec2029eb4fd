/** Whether a command line or a configuration names a meter that speaks by itself, and which. */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { MeterConfig } from "#config/meter-table.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import { problemText } from "../load-meter-map.ts";
import { configuredMeterModel, loadMeterModel, meterModelNamed, type MeterModel } from "../load-meter-model.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { readConfigFile } from "./config-file.ts";
import { CONFIG_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";

export interface SpeakingMeter {
  readonly model: TelegramModel;
  /** Where a configuration says more of it. */
  readonly configured?: { readonly meter: MeterConfig; readonly home: string };
}

/** Undefined for a meter with registers, and where nothing says which. */
export async function findSpeakingMeter(given: CommandArguments, io: CommandIo): Promise<SpeakingMeter | undefined> {
  const isNamed = given.text("model") !== undefined || given.text("model-file") !== undefined;
  const named = isNamed ? await namedModel(given, io) : undefined;
  if (isNamed && named?.kind !== "telegrams") return undefined;
  const path = given.text("config") ?? (isNamed ? undefined : await configHere(io));
  if (path === undefined) return named?.kind === "telegrams" ? { model: named.model } : undefined;
  const { config, home } = await readConfigFile(io.cwd, path);
  if (config.role !== "charger") return undefined;
  const model = named ?? (await configuredMeterModel(config.meter, home));
  return model.kind === "telegrams" ? { model: model.model, configured: { meter: config.meter, home } } : undefined;
}

async function namedModel(given: CommandArguments, io: CommandIo): Promise<MeterModel | undefined> {
  const [name, file] = [given.text("model"), given.text("model-file")];
  if (file === undefined) return meterModelNamed(name ?? "");
  if (name !== undefined) throw new CommandError(EXIT.usage, "--model or --model-file, not both");
  const path = resolve(io.cwd, file);
  const loaded = await loadMeterModel(path);
  if (loaded.ok) return loaded.value;
  const [first, ...more] = loaded.fault.map(problemText);
  const rest = more.length === 0 ? "" : ` (and ${more.length} more: \`tallystick meter check\` tells all)`;
  throw new CommandError(EXIT.badData, `${path}: ${first ?? ""}${rest}`);
}

async function configHere(io: CommandIo): Promise<string | undefined> {
  const isThere = await access(resolve(io.cwd, CONFIG_NAME)).then(
    () => true,
    () => false,
  );
  return isThere ? CONFIG_NAME : undefined;
}
