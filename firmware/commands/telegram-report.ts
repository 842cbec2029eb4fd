/** Faults of a meter that speaks by itself in words, and below them what to look at. */
import type { MeterFault, MeterIdentity } from "#hal/ports/energy-meter.ts";
import { PROTOCOL_NAMES } from "#hal/meters/telegram/describe-unheard.ts";
import { modelsOf } from "#hal/meters/telegram/models/registry.ts";
import type { TelegramModel, TelegramProtocol } from "#hal/meters/telegram/telegram-model.ts";
import type { TelegramEndpoint } from "../open-telegram-meter.ts";
import { faultLines } from "./meter-report.ts";

/** Such as `9600 8N1`. */
export function telegramSettingsText(endpoint: TelegramEndpoint): string {
  if (endpoint.kind === "tcp") return "TCP";
  const parity = { none: "N", even: "E", odd: "O" }[endpoint.parity];
  return `${endpoint.baudRate} ${endpoint.dataBits}${parity}${endpoint.stopBits}`;
}

export function telegramIdentityLine(identity: MeterIdentity, endpoint: TelegramEndpoint): string {
  const serial = identity.serialNumber === null ? "no serial number" : `serial number ${identity.serialNumber}`;
  const firmware = identity.firmware === null ? "" : `, firmware ${identity.firmware}`;
  return `${identity.model}, ${serial}${firmware} (${telegramSettingsText(endpoint)})`;
}

export function telegramFaultLines(
  fault: MeterFault,
  endpoint: TelegramEndpoint,
  model: TelegramModel,
): readonly string[] {
  const settings = telegramSettingsText(endpoint);
  switch (fault.code) {
    case "METER_SILENT": {
      const heard = model.mode === "asked" ? "no answer to a request" : "nothing was received";
      const waited = `within ${(fault.waitedMs / 1000).toFixed(1)} s`;
      return [
        `${heard} at ${fault.endpoint} (${settings}) ${waited}`,
        `  look at: ${SILENCE_ADVICE[adviceKey(model)]}`,
      ];
    }
    case "METER_BAD_FRAME":
      return [`at ${fault.endpoint} (${settings}) ${fault.reason}`, `  look at: ${frameAdvice(fault.reason, model)}`];
    case "METER_IMPLAUSIBLE":
      if (fault.value !== "no value") return faultLines(fault, lineOfBus(endpoint));
      return [
        `telegrams come and are intact, but none has the import register: expected ${fault.expected}`,
        `  look at: ${REGISTER_ADVICE[model.protocol]}`,
      ];
    case "METER_UNREACHABLE":
      if (endpoint.kind !== "tcp" || !/refused/i.test(fault.reason)) return faultLines(fault, lineOfBus(endpoint));
      return [
        `nothing listens at ${fault.endpoint}: connection refused (${fault.reason})`,
        "  look at: the port of the serial server, and whether it lets more than one program in",
      ];
    case "METER_CLOSED":
    case "METER_EXCEPTION":
    case "METER_SWAPPED":
      return faultLines(fault, lineOfBus(endpoint));
  }
}

/** What was found at other settings of the line. */
export function foundLineText(protocol: TelegramProtocol, endpoint: TelegramEndpoint): string {
  const settings = telegramSettingsText(endpoint);
  return `${PROTOCOL_NAMES[protocol]} telegrams come at ${settings}: --model ${namesOf(protocol)}`;
}

/** Of the models that might be it. */
function namesOf(protocol: TelegramProtocol): string {
  return modelsOf(protocol)
    .map(({ model }) => model)
    .join(" or ");
}

const PROTOCOLS = ["sml", "dsmr", "iec62056", "dlms"] as const satisfies readonly TelegramProtocol[];

/** Whole kWh are what a German meter shows to everybody. */
export function coarseHint(model: TelegramModel, resolutionMilliWh: number): readonly string[] {
  if (model.protocol !== "sml" || resolutionMilliWh < 1_000_000) return [];
  return ["it tells whole kWh only: with its PIN entered, a German meter tells 0.1 Wh and the power"];
}

const HEAD = "where the optical head sits on the meter (its cable points down), its wires, the speed";

const SILENCE_ADVICE = {
  sml: `${HEAD}; some meters push only when that was switched on`,
  dsmr: "the P1 cable (it has to hold the request line high, and turn the signal over), the speed",
  iec62056: `${HEAD}; some meters push nothing and have to be asked: iec62056-mode-c`,
  asked: `${HEAD}; a device address that only others have; a meter that pushes is not asked: iec62056-push`,
  dlms: "whether the operator of the grid has opened the interface, the M-Bus adapter, the speed",
} as const;

function adviceKey(model: TelegramModel): keyof typeof SILENCE_ADVICE {
  return model.mode === "asked" ? "asked" : model.protocol;
}

function frameAdvice(reason: string, model: TelegramModel): string {
  if (reason.includes("encrypted")) {
    return "the key of this meter's interface, from the operator of the grid: key_file, or --key";
  }
  const other = PROTOCOLS.find((protocol) => reason.endsWith(PROTOCOL_NAMES[protocol]));
  if (other !== undefined) return `the model: --model ${namesOf(other)}`;
  return model.protocol === "dsmr"
    ? "speed and parity, and whether the cable turns the signal over"
    : "speed and parity, the seat of the optical head, light that falls on it, two devices on one line";
}

const REGISTER_ADVICE: Readonly<Record<TelegramProtocol, string>> = {
  sml: "the PIN of the meter, which has to be entered once before it tells its registers; or a meter of feed-in only",
  dsmr: "whether it is the meter for electricity; a table of your own if its codes are others",
  iec62056: "the codes that it sends (meter decode); one tariff as 1.8.1 alone is iec62056-emh-ehz",
  dlms: "lists that have the energy once an hour only (dlms-hourly); what the operator of the grid lets it send",
};

/** In the words of the other meters. */
function lineOfBus(endpoint: TelegramEndpoint): Parameters<typeof faultLines>[1] {
  return endpoint.kind === "tcp" ? endpoint : { ...endpoint, dataBits: 8 };
}
