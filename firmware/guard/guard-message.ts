/** What the gateway and its guard say to each other over the pipe: one JSON object a line. */
import type { ContactorSettings } from "#hal/charge-points/gpio-contactor.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import type { ChargePointFault, ChargePointState } from "#hal/ports/charge-point.ts";

/** What a guard is for; the first message that it gets. */
export type Duty =
  | {
      readonly kind: "contactor";
      /** Label of the kernel's chip, or the path of a simulated one's socket. */
      readonly chip: string;
      readonly settings: ContactorSettings;
    }
  /** Tells a controller on a bus to switch off when the gateway no longer can. */
  | {
      readonly kind: "last-will";
      readonly model: string;
      readonly unit: number;
      readonly pauseMs?: number;
      readonly endpoint: BusEndpoint;
    };

/** A sign of life, and all that the gateway wants by now: each one stands for itself. */
export interface Beat {
  readonly beat: number;
  /** How many permits there were; a renewal is one, too. */
  readonly permit: number;
  /** How many forbids there were. */
  readonly forbid: number;
  /** How long the last permit holds from now; 0 wants no current. */
  readonly leaseMs: number;
}

export type FromGuard =
  | { readonly kind: "ready"; readonly inheritsArmed: boolean }
  /** It cannot do its duty, and ends. */
  | { readonly kind: "failed"; readonly reason: string }
  | Report;

export interface Report {
  readonly kind: "report";
  /** The last sign of life that it has acted upon. */
  readonly beat: number;
  /** Of a contactor. */
  readonly contactor?: ContactorReport;
}

export interface ContactorReport {
  readonly look: { readonly state: ChargePointState } | { readonly fault: ChargePointFault };
  /** The last permit that has been carried out or refused. */
  readonly permit: number;
  readonly refusal?: ChargePointFault;
  /** As ordered: the coil is on. */
  readonly isOn: boolean;
  /** This permit was taken back for want of signs of life. */
  readonly interrupted?: { readonly permit: number; readonly reason: string };
}

export function encodeMessage(message: Duty | Beat | FromGuard): string {
  return `${JSON.stringify(message)}\n`;
}

export function decodeDuty(line: string): Duty | undefined {
  const value = parseObject(line);
  if (value?.["kind"] === "contactor" && typeof value["chip"] === "string" && isObject(value["settings"])) {
    return value as unknown as Duty;
  }
  const isLastWill = value?.["kind"] === "last-will" && typeof value["model"] === "string";
  return isLastWill && isObject(value["endpoint"]) ? (value as unknown as Duty) : undefined;
}

export function decodeBeat(line: string): Beat | undefined {
  const value = parseObject(line);
  const { beat, permit, forbid, leaseMs } = value ?? {};
  if (!isCount(beat) || !isCount(permit) || !isCount(forbid)) return undefined;
  return typeof leaseMs === "number" && leaseMs >= 0 ? { beat, permit, forbid, leaseMs } : undefined;
}

/** The guard is our own program: what it says is believed once its kind and numbers are there. */
export function decodeFromGuard(line: string): FromGuard | undefined {
  const value = parseObject(line);
  switch (value?.["kind"]) {
    case "ready":
      return typeof value["inheritsArmed"] === "boolean" ? (value as unknown as FromGuard) : undefined;
    case "failed":
      return typeof value["reason"] === "string" ? (value as unknown as FromGuard) : undefined;
    case "report":
      return isReport(value) ? (value as unknown as FromGuard) : undefined;
    default:
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isReport(value: Fields): boolean {
  const contactor = value["contactor"];
  if (!isCount(value["beat"])) return false;
  if (contactor === undefined) return true;
  if (!isObject(contactor) || !isObject(contactor["look"])) return false;
  return isCount(contactor["permit"]) && typeof contactor["isOn"] === "boolean";
}

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
