/** `meter read` and `meter watch` from the command line: which meter on which line, from options or a configuration. */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { GatewayConfig, Line } from "#config/gateway-config.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { meterModelNames } from "#hal/meters/models/registry.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { readConfigFile } from "./config-file.ts";
import { CONFIG_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";
import { meterRead, meterWatch, type MeterOptions, type MeterTools } from "./meter.ts";

const MODBUS_TCP_PORT = 502;

export async function runMeter(given: CommandArguments, io: CommandIo): Promise<number> {
  const [action = ""] = given.words;
  if (action !== "read" && action !== "watch") {
    throw new CommandError(EXIT.usage, `meter what? ${notAmong(action, ["read", "watch"])}`);
  }
  const options = await meterOptions(given, io);
  const clock = new SystemClock();
  const tools: MeterTools = { clock, openBus: (endpoint) => openRegisterBus(endpoint, clock) };
  const { lines, exitCode } = action === "read" ? await meterRead(options, tools) : await watch(options, tools, io);
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
  const model = given.text("model") ?? configured?.model;
  if (model === undefined) {
    const known = meterModelNames().join(", ");
    throw new CommandError(
      EXIT.usage,
      `which meter? --config FILE, or --model MODEL with --port or --host; models: ${known}`,
    );
  }
  if (!meterModelNames().includes(model))
    throw new CommandError(EXIT.usage, `--model: ${notAmong(model, meterModelNames())}`);
  const line = configured?.line;
  const hasLine = given.text("port") !== undefined || given.text("host") !== undefined;
  const serial = !hasLine && line?.kind === "serial" ? line : undefined;
  const tcp = !hasLine && line?.kind === "tcp" ? line : undefined;
  const port = given.text("port") ?? serial?.path;
  const host = given.text("host") ?? tcp?.host;
  const parity = given.oneOf("parity", ["none", "even", "odd"]) ?? serial?.parity ?? "none";
  return {
    model,
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    tcpPort: given.wholeNumber("tcp-port", 1, 65_535) ?? tcp?.port ?? MODBUS_TCP_PORT,
    rtuOverTcp: given.flag("rtu-over-tcp"),
    unit: given.wholeNumber("unit", 1, 247) ?? configured?.unit ?? 1,
    baud: given.wholeNumber("baud", 300, 115_200) ?? serial?.baudRate ?? 9600,
    parity,
    stopBits: given.oneOf("stop-bits", ["1", "2"]) === "2" || serial?.stopBits === 2 ? 2 : 1,
    echoes: given.flag("echo") || serial?.echo === true,
    scanUnits: given.flag("scan"),
    json: given.flag("json"),
  };
}

interface ConfiguredMeter {
  readonly model: string;
  readonly unit: number;
  readonly line: Line;
}

async function configuredMeter(given: CommandArguments, io: CommandIo): Promise<ConfiguredMeter | undefined> {
  const named = given.text("config");
  const isGiven = given.text("model") !== undefined;
  if (named === undefined && (isGiven || !(await isThere(resolve(io.cwd, CONFIG_NAME))))) return undefined;
  const { config } = await readConfigFile(io.cwd, named ?? CONFIG_NAME);
  return meterOf(config);
}

function meterOf(config: GatewayConfig): ConfiguredMeter {
  if (config.role === "charger") return config.meter;
  throw new CommandError(EXIT.usage, "this is a vehicle's configuration; only a charger has a meter");
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
