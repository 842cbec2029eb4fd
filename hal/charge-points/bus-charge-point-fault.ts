/** What a fault of the bus means for the charge controller on it. */
import type { ChargePointFault } from "#hal/ports/charge-point.ts";
import type { BusFault } from "#hal/ports/register-bus.ts";
import { exceptionText, isGatewaySilence } from "#hal/protocols/modbus/exception-text.ts";

export function busChargePointFault(fault: BusFault, endpoint: string, unit: number): ChargePointFault {
  const unreachable = (reason: string): ChargePointFault => ({ code: "CHARGE_POINT_UNREACHABLE", endpoint, reason });
  switch (fault.code) {
    case "BUS_CLOSED":
      return unreachable("the line was closed");
    case "BUS_BUSY":
      return unreachable(`the line was busy for ${fault.waitedMs} ms`);
    case "BUS_UNREACHABLE":
      return unreachable(fault.reason);
    case "BUS_SILENT":
      return unreachable(`unit ${unit} did not answer within ${fault.waitedMs} ms`);
    case "BUS_BAD_FRAME":
      return unreachable(`unit ${unit} gave no intact answer`);
    case "BUS_EXCEPTION": {
      const { address, exception } = fault;
      if (isGatewaySilence(exception)) return unreachable(exceptionText(exception));
      return refused(`register ${address}: ${exceptionText(exception)}`);
    }
  }
}

export function refused(reason: string): ChargePointFault {
  return { code: "CHARGE_POINT_REFUSED", reason };
}
