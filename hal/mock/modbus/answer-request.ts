/** What a unit answers to a request, without the frame around it. Modbus Application Protocol 1.1b3, section 6. */
import type { ModbusException, SimulatedUnit } from "./simulated-unit.ts";
import { ILLEGAL_FUNCTION, ILLEGAL_VALUE } from "./simulated-unit.ts";

/** Takes and gives the function code and what follows it. */
export function answerRequest(unit: SimulatedUnit, request: Uint8Array): Uint8Array {
  const functionCode = request[0] ?? 0;
  const outcome =
    unit.faults.exception === undefined ? serve(unit, functionCode, request) : { exception: unit.faults.exception };
  return "exception" in outcome ? Uint8Array.of(functionCode | 0x80, outcome.exception) : outcome;
}

function serve(unit: SimulatedUnit, functionCode: number, request: Uint8Array): Uint8Array | ModbusException {
  const address = wordAt(request, 1);
  switch (functionCode) {
    case 3:
    case 4: {
      const words = unit.read(functionCode, address, wordAt(request, 3));
      if ("exception" in words) return words;
      return Uint8Array.of(functionCode, 2 * words.length, ...words.flatMap((word) => [word >> 8, word & 0xff]));
    }
    case 6:
      return unit.write(address, [wordAt(request, 3)]) ?? request.slice(0, 5);
    case 16: {
      const count = wordAt(request, 3);
      if (request[5] !== 2 * count || request.length < 6 + 2 * count) return ILLEGAL_VALUE;
      const words = Array.from({ length: count }, (_, index) => wordAt(request, 6 + 2 * index));
      return unit.write(address, words) ?? request.slice(0, 5);
    }
    default:
      return ILLEGAL_FUNCTION;
  }
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
