/** `meter read` and `meter watch` of a meter that speaks by itself. */
import type { Result } from "#base/result.ts";
import type { MeterConfig } from "#config/meter-table.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { TELEGRAM_WAIT_MS_MAX, TelegramMeter } from "#hal/meters/telegram/telegram-meter.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault } from "#hal/ports/energy-meter.ts";
import type { MeterKeys } from "#hal/protocols/dlms/ciphering.ts";
import { isDeviceAddress } from "#hal/protocols/iec62056-21/sign-on.ts";
import {
  configuredEndpoint,
  configuredKeys,
  meterKeys,
  openTelegramLink,
  withPeriod,
  type TelegramEndpoint,
} from "../open-telegram-meter.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { givenMeterKeys } from "./meter-key-options.ts";
import { readingLines, watchLine } from "./meter-report.ts";
import { searchTelegrams } from "./search-telegrams.ts";
import type { AskedMeter } from "./asked-meter.ts";
import { coarseHint, foundLineText, telegramFaultLines, telegramIdentityLine } from "./telegram-report.ts";

export async function runTelegramMeter(
  action: "read" | "watch",
  speaking: AskedMeter<TelegramModel>,
  given: CommandArguments,
  io: CommandIo,
): Promise<number> {
  const clock = new SystemClock();
  const plan = await planOf(speaking, given);
  const { endpoint, model } = plan;
  const meter = new TelegramMeter({ link: openTelegramLink(endpoint, model), clock }, plan);
  try {
    const parts = { meter, clock, plan, io, isJson: given.flag("json") };
    return action === "read" ? await readOnce(parts) : await watch(parts);
  } finally {
    await meter.close();
  }
}

interface Plan {
  readonly model: TelegramModel;
  readonly endpoint: TelegramEndpoint;
  readonly keys: MeterKeys | undefined;
  readonly deviceAddress: string | undefined;
}

interface Parts {
  readonly meter: EnergyMeter;
  readonly clock: Clock;
  readonly plan: Plan;
  readonly io: CommandIo;
  readonly isJson: boolean;
}

async function readOnce({ meter, clock, plan, io, isJson }: Parts): Promise<number> {
  const { endpoint, model } = plan;
  const identity = await patiently(() => meter.identify(), clock);
  const reading = identity.ok ? await patiently(() => meter.read(), clock) : identity;
  if (identity.ok && reading.ok) {
    const { value } = reading;
    if (isJson) io.out(JSON.stringify({ ...identity.value, ...value }));
    else io.out(telegramIdentityLine(identity.value, endpoint));
    const lines = [...readingLines(value), ...coarseHint(model, value.resolutionMilliWh)];
    for (const line of isJson ? [] : lines) io.out(line);
    return EXIT.ok;
  }
  const fault = reading.ok ? undefined : reading.fault;
  if (fault === undefined) return EXIT.unavailable;
  await meter.close();
  const isSearched = isUnheard(fault) && endpoint.kind === "serial";
  const found = isSearched ? await searchTelegrams(endpoint, { clock }) : undefined;
  if (isJson) io.out(JSON.stringify({ fault, found }));
  for (const line of isJson ? [] : telegramFaultLines(fault, endpoint, model)) io.err(line);
  if (found !== undefined && !isJson) io.err(foundLineText(found.protocol, { kind: "serial", ...found.settings }));
  if (found === undefined && isSearched && !isJson) io.err("no telegrams at the other usual speeds either");
  return UNAVAILABLE.includes(fault.code) ? EXIT.unavailable : EXIT.badData;
}

const UNAVAILABLE: readonly MeterFault["code"][] = ["METER_SILENT", "METER_BAD_FRAME", "METER_UNREACHABLE"];

/** Bytes that look like something else have been explained already. */
function isUnheard(fault: MeterFault): boolean {
  return fault.code === "METER_SILENT" || (fault.code === "METER_BAD_FRAME" && !/looks like [A-Z]/.test(fault.reason));
}

/** A readout at 300 baud takes minutes. */
const PATIENCE_MS = 180_000;
/** A call that came back earlier than this did not wait for something that may still come. */
const FULL_WAIT_MS = TELEGRAM_WAIT_MS_MAX - 500;

async function patiently<Value>(
  ask: () => Promise<Result<Value, MeterFault>>,
  clock: Clock,
): Promise<Result<Value, MeterFault>> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const askedMs = clock.monotonicMs();
    const result = await ask();
    const nowMs = clock.monotonicMs();
    const mayStillCome = !result.ok && result.fault.code === "METER_SILENT" && nowMs - askedMs >= FULL_WAIT_MS;
    if (!mayStillCome || nowMs >= untilMs) return result;
  }
}

const WATCH_EVERY_MS = 1_000;

/** A line for each new telegram, and one each second for a fault, until stopped. */
async function watch({ meter, clock, plan, io, isJson }: Parts): Promise<number> {
  const stop = new AbortController();
  io.onStop(() => {
    stop.abort();
  });
  let exitCode: number = EXIT.unavailable;
  let lastMs: number | undefined;
  while (!stop.signal.aborted) {
    const reading = await Promise.race([meter.read(), aborted(stop.signal)]);
    if (reading === undefined) break;
    if (reading.ok) exitCode = EXIT.ok;
    const isNew = !reading.ok || reading.value.monotonicMs !== lastMs;
    lastMs = reading.ok ? reading.value.monotonicMs : undefined;
    if (isNew && isJson) io.out(JSON.stringify(reading.ok ? reading.value : reading.fault));
    else if (isNew && reading.ok) io.out(watchLine(reading.value));
    else if (!reading.ok) io.out(telegramFaultLines(reading.fault, plan.endpoint, plan.model)[0] ?? "");
    // Whoever swaps the meter while watching wants to see the new one.
    if (!reading.ok && reading.fault.code === "METER_SWAPPED") await meter.identify();
    await Promise.race([pause(clock, reading.ok ? WATCH_EVERY_MS / 4 : WATCH_EVERY_MS), aborted(stop.signal)]);
  }
  return exitCode;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolvePromise) => {
    signal.addEventListener(
      "abort",
      () => {
        resolvePromise(undefined);
      },
      { once: true },
    );
  });
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolvePromise) => {
    clock.wakeAt(clock.monotonicMs() + ms, resolvePromise);
  });
}

/** Options win over the configuration, so that an installer can try another speed at once. */
async function planOf({ model, configured }: AskedMeter<TelegramModel>, given: CommandArguments): Promise<Plan> {
  const meter = configured?.meter;
  const keys =
    keysOf(given) ?? (configured === undefined ? undefined : await configuredKeys(configured.meter, configured.home));
  if (keys !== undefined && model.protocol !== "dlms") throw usage("--key: only dlms telegrams are encrypted");
  const deviceAddress = given.text("device-address") ?? meter?.deviceAddress;
  if (deviceAddress !== undefined && !isDeviceAddress(deviceAddress)) {
    throw usage(`--device-address: found "${deviceAddress}", expected at most 32 letters, digits and spaces`);
  }
  const paced = meter?.periodMs === undefined ? model : withPeriod(model, meter.periodMs);
  return { model: paced, endpoint: endpointOf(model, meter, given), keys, deviceAddress };
}

function endpointOf(model: TelegramModel, meter: MeterConfig | undefined, given: CommandArguments): TelegramEndpoint {
  const [path, host] = [given.text("port"), given.text("host")];
  if (path !== undefined && host !== undefined) throw usage("give either a serial port or a host");
  const configured = meter === undefined ? undefined : configuredEndpoint(model, meter);
  const configuredTcp = configured?.kind === "tcp" ? configured : undefined;
  if (host !== undefined || (path === undefined && configuredTcp !== undefined)) {
    const port = given.wholeNumber("tcp-port", 1, 65_535) ?? configuredTcp?.port;
    if (port === undefined) throw usage("--tcp-port is missing: the port of the serial server");
    return { kind: "tcp", host: host ?? configuredTcp?.host ?? "", port };
  }
  const serial = configured?.kind === "serial" ? configured : undefined;
  const place = path ?? serial?.path;
  if (place === undefined) throw usage(`where is the meter? --port PATH, or --host HOST --tcp-port PORT`);
  const usual = serial ?? model.line;
  const dataBits = given.oneOf("data-bits", ["7", "8"]) ?? usual.dataBits;
  const stopBits = given.oneOf("stop-bits", ["1", "2"]) ?? usual.stopBits;
  return {
    ...{ kind: "serial", path: place },
    baudRate: given.wholeNumber("baud", 300, 115_200) ?? usual.baudRate,
    dataBits: Number(dataBits) === 7 ? 7 : 8,
    parity: given.oneOf("parity", ["none", "even", "odd"]) ?? usual.parity,
    stopBits: Number(stopBits) === 2 ? 2 : 1,
  };
}

function keysOf(given: CommandArguments): MeterKeys | undefined {
  const keys = givenMeterKeys(given);
  return keys === undefined ? undefined : meterKeys(keys.key, keys.authenticationKey);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
