/**
 * `meter read` and `meter watch` from the command line: which meter on which line, from options or a configuration.
 * `meter check` and `meter decode` have files of their own.
 */
import type { MeterConfig } from "#config/meter-table.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { findAskedMeter } from "./asked-meter.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
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
  const { model, configured } = await findAskedMeter(given, io);
  if (model.kind === "telegrams") {
    const { runTelegramMeter } = await import("./read-telegram-meter.ts");
    return runTelegramMeter(action, { model: model.model, configured }, given, io);
  }
  const options = meterOptions(given, model.map, configured?.meter);
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
function meterOptions(given: CommandArguments, map: RegisterMap, configured: MeterConfig | undefined): MeterOptions {
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
