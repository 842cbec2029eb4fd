/**
 * `meter read` and `meter watch`: what an installer needs at an open cabinet. Either the values with their units, or
 * exactly what is wrong and what to look at. Nothing of the gateway has to run for it.
 */
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { frameProblemText } from "#hal/meters/describe-bus-fault.ts";
import { openModbusMeter } from "#hal/meters/open-modbus-meter.ts";
import { knownModel, knownModelNames } from "#hal/meters/known-models.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { faultLines, identityLine, lineSettingsText, readingLines, watchLine } from "./meter-report.ts";
import { findAnsweringUnits, findLineSettings } from "./search-line.ts";

export interface MeterOptions {
  readonly model: string;
  /** Of a model that is not built in; without it the name says which. */
  readonly map?: RegisterMap;
  /** Serial line, such as /dev/ttyUSB0; or else `host`. */
  readonly port?: string;
  readonly host?: string;
  readonly tcpPort: number;
  /** The TCP port passes a serial line on as it is, without Modbus TCP headers. */
  readonly rtuOverTcp?: boolean;
  readonly unit: number;
  readonly baud: number;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
  /** The adapter gives back each byte that is sent. */
  readonly echoes?: boolean;
  /** Ask units 1 to 10 when the given one does not answer. */
  readonly scanUnits?: boolean;
  readonly json: boolean;
}

export interface MeterTools {
  readonly clock: Clock;
  readonly openBus: (endpoint: BusEndpoint) => RegisterBus;
}

export interface CommandOutcome {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** As in sysexits.h, so that a script can tell them apart. */
export const EXIT = { ok: 0, usage: 64, badData: 65, unavailable: 69 } as const;

/** One reading. */
export async function meterRead(options: MeterOptions, tools: MeterTools): Promise<CommandOutcome> {
  const plan = planOf(options);
  if ("problem" in plan) return { lines: [plan.problem], exitCode: EXIT.usage };
  const { endpoint, map } = plan;
  const bus = tools.openBus(endpoint);
  const meter = openModbusMeter({ bus, clock: tools.clock }, { map, unit: options.unit });
  const outcome = await readOnce(meter);
  await meter.close();
  await bus.close();
  if (!("fault" in outcome)) {
    const { identity, reading } = outcome;
    const lines = options.json
      ? [JSON.stringify({ ...identity, unit: options.unit, ...reading })]
      : [identityLine(identity, options.unit, lineSettingsText(endpoint)), ...readingLines(reading)];
    return { lines, exitCode: EXIT.ok };
  }
  return await explain(outcome.fault, { options, tools, endpoint, map });
}

export interface WatchTools extends MeterTools {
  print(line: string): void;
  /** Ends the watch. */
  readonly stop: AbortSignal;
}

const WATCH_EVERY_MS = 1_000;

/** A line each second until stopped; a fault is a line too, and the watch goes on. */
export async function meterWatch(options: MeterOptions, tools: WatchTools): Promise<CommandOutcome> {
  const plan = planOf(options);
  if ("problem" in plan) return { lines: [plan.problem], exitCode: EXIT.usage };
  const bus = tools.openBus(plan.endpoint);
  const meter = openModbusMeter({ bus, clock: tools.clock }, { map: plan.map, unit: options.unit });
  let exitCode: number = EXIT.unavailable;
  for (let atMs = tools.clock.monotonicMs(); !tools.stop.aborted; atMs += WATCH_EVERY_MS) {
    const reading = await meter.read();
    if (reading.ok) exitCode = EXIT.ok;
    const described = reading.ok ? reading.value : reading.fault;
    if (options.json) tools.print(JSON.stringify(described));
    else tools.print(reading.ok ? watchLine(reading.value) : (faultLines(reading.fault, plan.endpoint)[0] ?? ""));
    // Whoever swaps the meter while watching wants to see the new one.
    if (!reading.ok && reading.fault.code === "METER_SWAPPED") await meter.identify();
    await pauseUntil(Math.max(atMs + WATCH_EVERY_MS, tools.clock.monotonicMs()), tools);
  }
  await meter.close();
  await bus.close();
  return { lines: [], exitCode };
}

interface Circumstances {
  readonly options: MeterOptions;
  readonly tools: MeterTools;
  readonly endpoint: BusEndpoint;
  readonly map: RegisterMap;
}

type ReadOutcome =
  { readonly identity: MeterIdentity; readonly reading: MeterReading } | { readonly fault: MeterFault };

async function readOnce(meter: EnergyMeter): Promise<ReadOutcome> {
  const identity = await meter.identify();
  if (!identity.ok) return { fault: identity.fault };
  const reading = await meter.read();
  return reading.ok ? { identity: identity.value, reading: reading.value } : { fault: reading.fault };
}

/**
 * Says what is wrong, after looking for what would be right: other speeds on a serial line, other units when asked to.
 */
async function explain(fault: MeterFault, circumstances: Circumstances): Promise<CommandOutcome> {
  const { options, tools, endpoint, map } = circumstances;
  const question = { unit: options.unit, map };
  const isUnheard = fault.code === "METER_SILENT" || fault.code === "METER_BAD_FRAME";
  const isSearched = isUnheard && !isWholeFrame(fault) && endpoint.kind === "serial";
  const settings = isSearched ? await findLineSettings({ ...question, endpoint }, tools) : undefined;
  const units =
    isUnheard && settings === undefined && options.scanUnits === true
      ? await findAnsweringUnits({ ...question, endpoint }, tools)
      : [];
  const configured = lineSettingsText(endpoint);
  const exitCode = isUnheard || fault.code === "METER_UNREACHABLE" ? EXIT.unavailable : EXIT.badData;
  if (options.json) {
    const answersAt = settings === undefined ? undefined : lineSettingsText(settings);
    return { lines: [JSON.stringify({ fault, configured, answersAt, answeringUnits: units })], exitCode };
  }
  const lines = [...faultLines(fault, endpoint)];
  if (settings !== undefined) {
    lines.push(`unit ${options.unit} answers at ${lineSettingsText(settings)}, configured ${configured}`);
  } else if (isSearched) {
    lines.push("no answer at the other usual speeds and parities either");
  }
  if (units.length > 0) lines.push(`another unit answers: ${units.join(", ")}`);
  if (options.scanUnits === true && isUnheard && units.length === 0 && settings === undefined) {
    lines.push("units 1 to 10 do not answer either");
  }
  return { lines, exitCode };
}

/** Whole frames came, if the wrong ones: the settings of the line are right. */
function isWholeFrame(fault: MeterFault): boolean {
  return fault.code === "METER_BAD_FRAME" && WHOLE_FRAMES.some((sign) => fault.reason.startsWith(sign));
}

const WHOLE_FRAMES = [
  frameProblemText({ kind: "crc" }),
  frameProblemText({ kind: "echo" }),
  // The unit's number follows.
  frameProblemText({ kind: "wrong-unit", unit: 0 }).replace(/0$/, ""),
] as const;

export type MeterPlan = { readonly endpoint: BusEndpoint; readonly map: RegisterMap } | { readonly problem: string };

export function planOf(options: MeterOptions): MeterPlan {
  const map = options.map ?? knownModel(options.model);
  if (map === undefined) {
    return { problem: `no model "${options.model}"; known are ${knownModelNames().join(", ")}` };
  }
  const { port, host, tcpPort, baud, parity, stopBits, echoes = false } = options;
  if ((port === undefined) === (host === undefined)) return { problem: "give either a serial port or a host" };
  if (host !== undefined) {
    return {
      map,
      endpoint: { kind: options.rtuOverTcp === true ? "rtu-over-tcp" : "tcp", host, port: tcpPort, echoes },
    };
  }
  return {
    map,
    endpoint: { kind: "serial", path: port ?? "", baudRate: baud, dataBits: 8, parity, stopBits, echoes },
  };
}

function pauseUntil(monotonicMs: number, tools: WatchTools): Promise<void> {
  if (tools.stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      tools.stop.removeEventListener("abort", end);
      resolve();
    };
    const cancel = tools.clock.wakeAt(monotonicMs, end);
    tools.stop.addEventListener("abort", end);
  });
}
