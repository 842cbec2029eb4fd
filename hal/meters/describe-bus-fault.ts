/** What a fault of the bus means for the meter on it. */
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import type { BusFault, FrameProblem } from "#hal/ports/register-bus.ts";
import { isGatewaySilence } from "#hal/protocols/modbus/exception-text.ts";

export function meterFaultOf(fault: BusFault, endpoint: string, unit: number): MeterFault {
  switch (fault.code) {
    case "BUS_CLOSED":
      return { code: "METER_CLOSED" };
    case "BUS_UNREACHABLE":
      return { code: "METER_UNREACHABLE", endpoint, reason: fault.reason };
    case "BUS_BUSY":
      return { code: "METER_UNREACHABLE", endpoint, reason: `the line was busy for ${fault.waitedMs} ms` };
    case "BUS_SILENT":
      return { code: "METER_SILENT", endpoint, unit, waitedMs: fault.waitedMs };
    case "BUS_BAD_FRAME":
      return { code: "METER_BAD_FRAME", endpoint, reason: frameProblemText(fault.problem) };
    case "BUS_EXCEPTION": {
      const { functionCode, exception, address } = fault;
      if (isGatewaySilence(exception)) return { code: "METER_SILENT", endpoint, unit, waitedMs: 0 };
      return { code: "METER_EXCEPTION", functionCode, exception, address };
    }
  }
}

export function frameProblemText(problem: FrameProblem): string {
  switch (problem.kind) {
    case "crc":
      return "checksum (CRC) wrong";
    case "length":
      return `${problem.receivedBytes} of ${problem.expectedBytes} bytes came`;
    case "wrong-unit":
      return `another unit answered: ${problem.unit}`;
    case "echo":
      return "our own request came back: the adapter echoes";
    case "noise":
      return "the bytes are no Modbus frame: wrong speed or parity";
  }
}
