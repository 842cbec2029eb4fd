/** Readings and faults of a meter in words, for a person in front of it. */
import type { MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { exceptionText } from "#hal/protocols/modbus/exception-text.ts";

/** Such as `9600 8N1`; for TCP the kind of connection. */
export function lineSettingsText(endpoint: BusEndpoint): string {
  if (endpoint.kind === "tcp") return "Modbus TCP";
  if (endpoint.kind === "rtu-over-tcp") return "RTU over TCP";
  const parity = { none: "N", even: "E", odd: "O" }[endpoint.parity];
  return `${endpoint.baudRate} ${endpoint.dataBits}${parity}${endpoint.stopBits}`;
}

export function identityLine(identity: MeterIdentity, unit: number, settings: string): string {
  const serial = identity.serialNumber === null ? "no serial number" : `serial number ${identity.serialNumber}`;
  const firmware = identity.firmware === null ? "" : `, firmware ${identity.firmware}`;
  const product = identity.product === undefined ? "" : ` (${identity.product})`;
  return `${identity.model}${product}, unit ${unit}, ${serial}${firmware} (${settings})`;
}

export function readingLines(reading: MeterReading): readonly string[] {
  const { resolutionMilliWh } = reading;
  return [
    row("imported", energyText(reading.importedMilliWh, resolutionMilliWh)),
    row("exported", energyText(reading.exportedMilliWh, resolutionMilliWh)),
    row("power", quantityText(reading.powerW, "W")),
    ...reading.voltageV.map((value, phase) => row(`voltage L${phase + 1}`, quantityText(value, "V"))),
    ...reading.currentA.map((value, phase) => row(`current L${phase + 1}`, quantityText(value, "A"))),
    row("frequency", quantityText(reading.frequencyHz, "Hz")),
  ];
}

/** All of a reading in one line. */
export function watchLine(reading: MeterReading): string {
  const phases = (values: MeterReading["voltageV"], unit: string): string =>
    `${values.map((value) => (value === null ? "-" : shortest(value))).join(" ")} ${unit}`;
  return [
    new Date(reading.wallMs).toISOString(),
    energyText(reading.importedMilliWh, reading.resolutionMilliWh),
    quantityText(reading.powerW, "W"),
    phases(reading.voltageV, "V"),
    phases(reading.currentA, "A"),
    quantityText(reading.frequencyHz, "Hz"),
  ].join("  ");
}

/** What is wrong, and below it what to look at. */
export function faultLines(fault: MeterFault, endpoint: BusEndpoint): readonly string[] {
  switch (fault.code) {
    case "METER_CLOSED":
      return ["stopped"];
    case "METER_UNREACHABLE":
      return unreachableLines(fault.endpoint, fault.reason);
    case "METER_SILENT":
      return silenceLines(fault, endpoint);
    case "METER_BAD_FRAME":
      return [
        `bytes come from ${fault.endpoint} at ${lineSettingsText(endpoint)}, but no intact answer: ${fault.reason}`,
        endpoint.kind === "tcp"
          ? "  look at: is this Modbus TCP, or a serial server (RTU over TCP)?"
          : "  look at: speed and parity on both sides, shield and termination, two devices with one unit id",
      ];
    case "METER_EXCEPTION":
      return [
        `the meter refuses: exception ${fault.exception} at register ${fault.address} ` +
          `(function ${fault.functionCode}): ${exceptionText(fault.exception)}`,
        "  look at: is it the model that was given?",
      ];
    case "METER_SWAPPED":
      return [
        `another meter answers: serial number ${fault.foundSerialNumber ?? "unknown"}, ` +
          `before ${fault.expectedSerialNumber ?? "unknown"}`,
      ];
    case "METER_IMPLAUSIBLE":
      return [
        `${fault.quantity} ${shown(fault.value)} cannot be: expected ${fault.expected}`,
        "  look at: is it the model that was given? are voltage and current connected to the same phases?",
      ];
  }
}

function silenceLines(fault: Extract<MeterFault, { code: "METER_SILENT" }>, endpoint: BusEndpoint): readonly string[] {
  const settings = lineSettingsText(endpoint);
  const unit = fault.unit ?? "";
  const said =
    fault.waitedMs === 0
      ? `the gateway at ${fault.endpoint} says that unit ${unit} does not answer`
      : `no answer from unit ${unit} at ${fault.endpoint} (${settings}) within ${Math.round(fault.waitedMs)} ms`;
  const advice =
    endpoint.kind === "serial"
      ? "wires A and B swapped, common ground missing, no supply, another unit id, speed or parity in the meter"
      : "another unit id, the meter behind the gateway without supply or its wires A and B swapped";
  return [said, `  look at: ${advice}`];
}

function unreachableLines(endpoint: string, reason: string): readonly string[] {
  const known = UNREACHABLE.find(({ sign }) => sign.test(reason));
  if (known === undefined) return [`cannot open ${endpoint}: ${reason}`];
  return [`${known.says(endpoint)} (${reason})`, `  look at: ${known.advice}`];
}

/** Signs by which the system's own words are known, most particular first. */
const UNREACHABLE: readonly {
  readonly sign: RegExp;
  readonly says: (endpoint: string) => string;
  readonly advice: string;
}[] = [
  {
    sign: /ECONNREFUSED|refused/i,
    says: (endpoint) => `nothing listens at ${endpoint}: connection refused`,
    advice: "is Modbus switched on in the device, and is it this port? 502 is usual",
  },
  {
    sign: /ENOENT|no such file|ENODEV|no such device/i,
    says: (endpoint) => `no such device: ${endpoint}`,
    advice: "is the adapter plugged in? /dev/serial/by-id lists those that are",
  },
  {
    sign: /EACCES|EPERM|permission|not permitted/i,
    says: (endpoint) => `no permission to open ${endpoint}`,
    advice: "the user has to be a member of the group that owns the device, usually dialout",
  },
  {
    sign: /lock|EBUSY|busy/i,
    says: (endpoint) => `another program uses ${endpoint}`,
    advice: "is the gateway itself running? stop it first",
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN/i,
    says: (endpoint) => `the name in ${endpoint} is not known`,
    advice: "the spelling, or give the address in numbers",
  },
  {
    sign: /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|no connection within|connecting/i,
    says: (endpoint) => `no machine answers at ${endpoint}`,
    advice: "network cable, address, and whether both are in one network",
  },
];

export function row(name: string, text: string): string {
  return `  ${name.padEnd(12)} ${text}`;
}

/** As many digits as the counter has steps for. */
export function energyText(milliWh: number | null, resolutionMilliWh: number): string {
  if (milliWh === null) return "-";
  const decimals = Math.max(0, Math.floor(-Math.log10(resolutionMilliWh / MILLI_WH_PER_KWH)));
  return `${(milliWh / MILLI_WH_PER_KWH).toFixed(decimals)} kWh`;
}

function quantityText(value: number | null, unit: string): string {
  return value === null ? "-" : `${shortest(value)} ${unit}`;
}

function shown(value: number | string): string {
  return typeof value === "number" ? shortest(value) : value;
}

/** A float of 32 bits carries seven digits: 230.1 arrives as 230.10000610351562. */
function shortest(value: number): string {
  return String(Number(value.toPrecision(7)));
}

const MILLI_WH_PER_KWH = 1e6;
