/**
 * What one side's own record of a charge says: the begin that both signed in OPEN, the end that this side has signed,
 * and how it came to that. A function of the signed facts, so that a record made again after a power cut is the same.
 */
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { MeasuringPoint } from "#core/contract/terms.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { REPORT_FLAG, type CompletionReason, type Role } from "#core/session/facts.ts";
import { tariffText } from "../tariff-text.ts";
import { OCMF_USER_ID_MAX, type OwnMeter, type OwnReadings, type TimeState } from "./write-payload.ts";

/** What the ledger does not know. */
export interface RecordMaker {
  readonly role: Role;
  readonly page: number;
  readonly meter: OwnMeter;
  readonly firmwareVersion: string;
  readonly timeState: TimeState;
}

/** Undefined while this side of the charge has not ended, and for one that was taken back. */
export function chargeReadings(transaction: Transaction, maker: RecordMaker): OwnReadings | undefined {
  const { open, address } = transaction;
  const { role, page, meter, firmwareVersion, timeState } = maker;
  const end = endOf(transaction, role);
  if (end === undefined) return undefined;
  const place = role === "station" ? 0 : 1;
  const startedMs = open.startedAt * 1000;
  return {
    // The tariff's text came with 1.1. The vehicle sells nothing and needs none.
    version: role === "station" ? "1.3" : "1.0",
    gateway: { name: "Tallystick", serial: shortDeviceId(open[role]), version: firmwareVersion },
    ...{ page, meter },
    userId: toHex(open.vehicle).slice(0, OCMF_USER_ID_MAX),
    tariffText: role === "station" ? tariffText(open.terms) : undefined,
    chargePoint: `${shortDeviceId(open.station)} ${open.evse}`,
    register: REGISTERS[role],
    currentType: CURRENT_TYPES[open.terms.measuringPoints[place]],
    resolutionMilliWh: open.terms.resolutionMilliWh[place],
    begin: { atMs: startedMs, timeState, reason: "B", milliWh: open.startMilliWh[place], status: "G" },
    end: { timeState, ...end, atMs: startedMs + end.atMs },
    address: toHex(address),
    codeHash: toHex(open.terms.codeHash),
  };
}

/**
 * Total import of the mains in the form that every reader knows; and of the device that consumes it (OCMF, B1). Each
 * stands alone in its record: beside the other, B1 would be billed by.
 */
const REGISTERS: Readonly<Record<Role, string>> = { station: "1-b:1.8.0", vehicle: "01-00:B1.08.00*FF" };

/** What flows at a vehicle's inlet depends on the outlet. */
const CURRENT_TYPES: Readonly<Record<MeasuringPoint, "AC" | "DC" | undefined>> = {
  mains: "AC",
  "vehicle-inlet": undefined,
  "charger-output": "DC",
  battery: "DC",
};

type End = Pick<OwnReadings["end"], "atMs" | "reason" | "milliWh" | "status">;

function endOf({ completes, logs, result, cancelled }: Transaction, role: Role): End | undefined {
  const complete = completes[role];
  const newest = logs[role].reports.at(-1);
  const wasAbsent = newest !== undefined && (newest.flags & REPORT_FLAG.METER_ABSENT) !== 0;
  if (complete !== undefined) {
    const { reason, atMs, finalMilliWh } = complete;
    // A value that could not be read any more is the last that could: T, the meter's answer did not come.
    const status = wasAbsent || reason === "meter-absent" ? "T" : "G";
    return { atMs, reason: REASONS[reason], milliWh: finalMilliWh, status };
  }
  // Over without this side's last word: it had no power when it was due. What it has signed last is what there is.
  if (result === undefined || newest === undefined || cancelled[role] === true) return undefined;
  return { atMs: newest.atMs, reason: "P", milliWh: logs[role].lastRegisterMilliWh, status: wasAbsent ? "T" : "G" };
}

/** E ended as it should, L at the place, R from afar, A by a fault. */
const REASONS: Readonly<Record<CompletionReason, "E" | "L" | "R" | "A">> = {
  finished: "E",
  unplugged: "L",
  "stopped-by-driver": "L",
  "stopped-by-station": "E",
  "peer-silent": "A",
  disagreement: "A",
  "meter-absent": "A",
  "limit-reached": "E",
  fault: "A",
  "another-car": "A",
};
