/** What is wrong with a charge point, and what a person can do about it, in one sentence. */
import type { ChargePointFault } from "#hal/ports/charge-point.ts";

/** @param detail the fault as events carry it: JSON */
export function describeChargePointFault(detail: string): string {
  const fault = faultOf(detail);
  if (fault === undefined) return detail;
  const { code, reason = "", endpoint = "", by = "" } = fault;
  switch (code) {
    case "CHARGE_POINT_UNREACHABLE":
      return `${endpoint} cannot be reached (${reason}): check its supply, its line and its address`;
    case "CHARGE_POINT_REFUSED":
      return reason;
    case "CHARGE_POINT_INTERRUPTED":
      return `${reason}: it goes on with the next permit`;
    case "CHARGE_POINT_STOPPED":
      return `the ${by.replace("-", " ")} demands that nothing flows: release it, then plug in anew`;
    case "CONTACTOR_WELDED":
      return `${reason}: SWITCH OFF THE CIRCUIT BREAKER, have the contactor replaced, then start the gateway anew`;
    case "CONTACTOR_NOT_CLOSED":
      return `${reason}: check its coil, its supply and whether a safety device has opened the circuit`;
    case "GUARD_LOST":
      return `the process that guards the contactor is gone (${reason}): nothing is charged until a new one is ready`;
  }
}

type Told = Pick<ChargePointFault, "code"> & {
  readonly reason?: string;
  readonly endpoint?: string;
  readonly by?: string;
};

const CODES: Readonly<Record<ChargePointFault["code"], true>> = {
  ...{ CHARGE_POINT_UNREACHABLE: true, CHARGE_POINT_REFUSED: true, CHARGE_POINT_INTERRUPTED: true },
  ...{ CHARGE_POINT_STOPPED: true, CONTACTOR_WELDED: true, CONTACTOR_NOT_CLOSED: true, GUARD_LOST: true },
};

function faultOf(detail: string): Told | undefined {
  try {
    const value: unknown = JSON.parse(detail);
    const isFault =
      typeof value === "object" &&
      value !== null &&
      "code" in value &&
      typeof value.code === "string" &&
      Object.hasOwn(CODES, value.code);
    return isFault ? (value as Told) : undefined;
  } catch {
    return undefined;
  }
}
