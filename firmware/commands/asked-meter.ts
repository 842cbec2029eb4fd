/** Which meter a command line, or the configuration that it names or that lies in this folder, means. */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { MeterConfig } from "#config/meter-table.ts";
import {
  allMeterModelNames,
  configuredMeterModel,
  fileProblemText,
  loadMeterModel,
  meterModelNamed,
  type MeterModel,
} from "../load-meter-model.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { readConfigFile } from "./config-file.ts";
import { CONFIG_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";

export interface AskedMeter<Model = MeterModel> {
  readonly model: Model;
  /** Where a configuration says more of it. */
  readonly configured: { readonly meter: MeterConfig; readonly home: string } | undefined;
}

/** Options win over the configuration, so that an installer can try another model at once. */
export async function findAskedMeter(given: CommandArguments, io: CommandIo): Promise<AskedMeter> {
  const named = await namedModel(given, io);
  const path = given.text("config") ?? (named === undefined ? await configHere(io) : undefined);
  const configured = path === undefined ? undefined : await configuredMeter(path, io);
  const model = named ?? (configured && (await configuredMeterModel(configured.meter, configured.home)));
  if (model !== undefined) return { model, configured };
  const known = allMeterModelNames().join(", ");
  throw new CommandError(
    EXIT.usage,
    `which meter? --config FILE, or --model MODEL or --model-file FILE with --port or --host; models: ${known}`,
  );
}

/** From the command line, without a look at any configuration. */
async function namedModel(given: CommandArguments, io: CommandIo): Promise<MeterModel | undefined> {
  const [name, file] = [given.text("model"), given.text("model-file")];
  if (name !== undefined && file !== undefined) throw new CommandError(EXIT.usage, "--model or --model-file, not both");
  if (file !== undefined) return await modelInFile(resolve(io.cwd, file));
  if (name === undefined) return undefined;
  const model = meterModelNamed(name);
  if (model === undefined) throw new CommandError(EXIT.usage, `--model: ${notAmong(name, allMeterModelNames())}`);
  return model;
}

async function modelInFile(path: string): Promise<MeterModel> {
  const loaded = await loadMeterModel(path);
  if (loaded.ok) return loaded.value;
  const [first, ...more] = loaded.fault.map(fileProblemText);
  const rest = more.length === 0 ? "" : ` (and ${more.length} more: \`tallystick meter check\` tells all)`;
  throw new CommandError(EXIT.badData, `${path}: ${first ?? ""}${rest}`);
}

async function configuredMeter(path: string, io: CommandIo): Promise<NonNullable<AskedMeter["configured"]>> {
  const { config, home } = await readConfigFile(io.cwd, path);
  if (config.role === "charger") return { meter: config.meter, home };
  throw new CommandError(
    EXIT.usage,
    `this configuration is of ${config.role === "vehicle" ? "a vehicle" : "an arbiter"}; only a charger has a meter`,
  );
}

async function configHere(io: CommandIo): Promise<string | undefined> {
  const isThere = await access(resolve(io.cwd, CONFIG_NAME)).then(
    () => true,
    () => false,
  );
  return isThere ? CONFIG_NAME : undefined;
}
