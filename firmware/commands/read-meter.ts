/**
 * `meter read` and `meter watch` from the command line: which meter on which line, from options or a configuration.
 * `meter check` and `meter decode` have files of their own.
 */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { GatewayConfig, Line } from "#config/gateway-config.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { knownModel } from "#hal/meters/known-models.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { allMeterModelNames } from "../load-meter-model.ts";
import { configuredMeterMap, loadMeterMap, problemText } from "../load-meter-map.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { readConfigFile } from "./config-file.ts";
import { CONFIG_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";
import { findSpeakingMeter } from "./speaking-meter.ts";
import { meterRead, meterWatch, type MeterOptions, type MeterTools } from "./meter.ts";

const MODBUS_TCP_PORT = 502;

export async function runMeter(given: CommandArguments, io: CommandIo): Promise<number> {
  const [action = "", surplus] = given.words;
  if (action === "decode") return (await import("./decode/decode.ts")).runDecode(given, io);
  if (action === "check") return (await import("./check-meter.ts")).runMeterCheck(given, io);
  if (action !== "read" && action !== "watch") {
    throw new CommandError(EXIT.usage, `meter what? ${notAmong(action, ["read", "watch", "check", "decode"])}`);
  }
  if (surplus !== undefined)
    throw new CommandError(EXIT.usage, `too much: "${surplus}"; meter ${action} takes options`);
  const speaking = await findSpeakingMeter(given, io);
  if (speaking !== undefined) {
    return (await import("./read-telegram-meter.ts")).runTelegramMeter(action, speaking, given, io);
  }
  const options = await meterOptions(given, io);
  const clock = new SystemClock();
  const tools: MeterTools = { clock, openBus: (endpoint) => openRegisterBus(endpoint, clock) };
  const publicKey = given.text("public-key");
  const { lines, exitCode } =
    action === "watch"
      ? await watch(options, tools, io)
      : given.flag("signed")
        ? await (await import("./read-signed.ts")).readSigned({ ...options, publicKey }, tools)
        : await meterRead(options, tools);
  for (const line of lines) (exitCode === EXIT.ok || options.json ? io.out : io.err)(line);
  return exitCode;
}

function watch(options: MeterOptions, tools: MeterTools, io: CommandIo): ReturnType<typeof meterWatch> {
  const stop = new AbortController();
  io.onStop(() => {
    stop.abort();
  });
  return meterWatch(options, { ...tools, stop: stop.signal, print: io.out });
}

/** Options win over the configuration, so that an installer can try another unit or speed at once. */
async function meterOptions(given: CommandArguments, io: CommandIo): Promise<MeterOptions> {
  const configured = await configuredMeter(given, io);
  const map = (await givenMap(given, io)) ?? configured?.map;
  if (map === undefined) {
    const known = allMeterModelNames().join(", ");
    throw new CommandError(
      EXIT.usage,
      `which meter? --config FILE, or --model MODEL or --model-file FILE with --port or --host; models: ${known}`,
    );
  }
  const line = configured?.line;
  const hasLine = given.text("port") !== undefined || given.text("host") !== undefined;
  const serial = !hasLine && line?.kind === "serial" ? line : undefined;
  const tcp = !hasLine && line?.kind === "tcp" ? line : undefined;
  const port = given.text("port") ?? serial?.path;
  const host = given.text("host") ?? tcp?.host;
  const { factory = {} } = map;
  const parity = given.oneOf("parity", ["none", "even", "odd"]) ?? serial?.parity ?? factory.parity ?? "none";
  const stopBits = given.oneOf("stop-bits", ["1", "2"]) ?? serial?.stopBits ?? factory.stopBits ?? 1;
  return {
    model: map.model,
    map,
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    tcpPort: given.wholeNumber("tcp-port", 1, 65_535) ?? tcp?.port ?? MODBUS_TCP_PORT,
    rtuOverTcp: given.flag("rtu-over-tcp"),
    unit: given.wholeNumber("unit", 1, 247) ?? configured?.unit ?? factory.unit ?? 1,
    baud: given.wholeNumber("baud", 300, 115_200) ?? serial?.baudRate ?? factory.baudRate ?? 9600,
    parity,
    stopBits: Number(stopBits) === 2 ? 2 : 1,
    echoes: given.flag("echo") || serial?.echo === true,
    scanUnits: given.flag("scan"),
    json: given.flag("json"),
  };
}

/** From the command line, without a look at any configuration. */
async function givenMap(given: CommandArguments, io: CommandIo): Promise<RegisterMap | undefined> {
  const [model, file] = [given.text("model"), given.text("model-file")];
  if (model !== undefined && file !== undefined)
    throw new CommandError(EXIT.usage, "--model or --model-file, not both");
  if (file !== undefined) return await readModelFile(resolve(io.cwd, file));
  if (model === undefined) return undefined;
  const map = knownModel(model);
  if (map === undefined) throw new CommandError(EXIT.usage, `--model: ${notAmong(model, allMeterModelNames())}`);
  return map;
}

async function readModelFile(path: string): Promise<RegisterMap> {
  const loaded = await loadMeterMap(path);
  if (loaded.ok) return loaded.value;
  const [first, ...more] = loaded.fault.map(problemText);
  const rest = more.length === 0 ? "" : ` (and ${more.length} more: \`tallystick meter check\` tells all)`;
  throw new CommandError(EXIT.badData, `${path}: ${first ?? ""}${rest}`);
}

interface ConfiguredMeter {
  readonly map: RegisterMap;
  readonly unit: number | undefined;
  readonly line: Line;
}

async function configuredMeter(given: CommandArguments, io: CommandIo): Promise<ConfiguredMeter | undefined> {
  const named = given.text("config");
  const isGiven = given.text("model") !== undefined || given.text("model-file") !== undefined;
  if (named === undefined && (isGiven || !(await isThere(resolve(io.cwd, CONFIG_NAME))))) return undefined;
  const { config, home } = await readConfigFile(io.cwd, named ?? CONFIG_NAME);
  return await meterOf(config, home);
}

async function meterOf(config: GatewayConfig, home: string): Promise<ConfiguredMeter> {
  if (config.role !== "charger") {
    throw new CommandError(EXIT.usage, "this is a vehicle's configuration; only a charger has a meter");
  }
  const { unit, line } = config.meter;
  return { map: await configuredMeterMap(config.meter, home), unit, line };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
