/** What a unit answers to a request, without the frame around it. Modbus Application Protocol 1.1b3, section 6. */
import { COIL_ON } from "#hal/ports/register-bus.ts";
import type { ModbusException, SimulatedUnit } from "./simulated-unit.ts";
import { ILLEGAL_FUNCTION, ILLEGAL_VALUE } from "./simulated-unit.ts";

/** Takes and gives the function code and what follows it; undefined for silence. */
export function answerRequest(unit: SimulatedUnit, request: Uint8Array): Uint8Array | undefined {
  const functionCode = request[0] ?? 0;
  const isTooLong = (functionCode === 3 || functionCode === 4) && wordAt(request, 3) > unit.faults.longestRead;
  if (unit.faults.silent || isTooLong) return undefined;
  const outcome =
    unit.faults.exception === undefined ? serve(unit, functionCode, request) : { exception: unit.faults.exception };
  return "exception" in outcome ? Uint8Array.of(functionCode | 0x80, outcome.exception) : outcome;
}

function serve(unit: SimulatedUnit, functionCode: number, request: Uint8Array): Uint8Array | ModbusException {
  const address = wordAt(request, 1);
  switch (functionCode) {
    case 1: {
      const count = wordAt(request, 3);
      const coils = unit.coils?.read(address, count) ?? ILLEGAL_FUNCTION;
      return "exception" in coils ? coils : Uint8Array.of(1, Math.ceil(count / 8), ...packed(coils));
    }
    case 3:
    case 4: {
      const words = unit.read(functionCode, address, wordAt(request, 3));
      if ("exception" in words) return words;
      return Uint8Array.of(functionCode, 2 * words.length, ...words.flatMap((word) => [word >> 8, word & 0xff]));
    }
    case 5: {
      const word = wordAt(request, 3);
      if (unit.coils === undefined) return ILLEGAL_FUNCTION;
      if (word !== COIL_ON && word !== 0) return ILLEGAL_VALUE;
      return unit.coils.write(address, word === COIL_ON) ?? request.slice(0, 5);
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

/** The first coil is the lowest bit of the first byte. */
function packed(coils: readonly boolean[]): readonly number[] {
  const bytes = new Array<number>(Math.ceil(coils.length / 8)).fill(0);
  for (const [index, isOn] of coils.entries()) {
    const at = index >> 3;
    if (isOn) bytes[at] = (bytes[at] ?? 0) | (1 << (index % 8));
  }
  return bytes;
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
