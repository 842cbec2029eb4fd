/** Who a meter says it is, judged whether it is of the family that its map is for. */
import { fail, ok, type Result } from "#base/result.ts";
import type { MeterFault, MeterIdentity } from "#hal/ports/energy-meter.ts";
import { decodeIdentity, decodeNumber, decodeText } from "#hal/protocols/modbus/decode-register.ts";
import type { IdentityRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import type { RegisterWords } from "./register-reader.ts";

export function decodeMeterIdentity(map: RegisterMap, words: RegisterWords): Result<MeterIdentity, MeterFault> {
  const stranger = wrongCode(map, words) ?? wrongName(map, words);
  if (stranger !== undefined) return fail(stranger);
  const { serialNumber, firmware } = map.identity;
  const textOf = (register: IdentityRegister | undefined): string | null => {
    const its = register === undefined ? undefined : words.get(register);
    return register === undefined || its === undefined ? null : decodeIdentity(its, register, map);
  };
  return ok({ model: map.model, serialNumber: textOf(serialNumber), firmware: textOf(firmware) });
}

function wrongCode(map: RegisterMap, words: RegisterWords): MeterFault | undefined {
  const { modelCode } = map.identity;
  const its = modelCode === undefined ? undefined : words.get(modelCode);
  if (modelCode === undefined || its === undefined) return undefined;
  const value = decodeNumber(its, modelCode, map);
  const { from, to } = modelCode;
  // 0 is no model's code: gateways show registers that they do not fetch as 0.
  if (value === null || value === 0 || (value >= from && value <= to)) return undefined;
  return { code: "METER_IMPLAUSIBLE", quantity: "model code", value, expected: `${from} to ${to}` };
}

function wrongName(map: RegisterMap, words: RegisterWords): MeterFault | undefined {
  const { modelName } = map.identity;
  const its = modelName === undefined ? undefined : words.get(modelName);
  const value = modelName === undefined || its === undefined ? null : decodeText(its, modelName);
  if (modelName === undefined || value === null) return undefined;
  if (modelName.startsWith.some((start) => value.startsWith(start))) return undefined;
  const expected = `a text that begins with ${modelName.startsWith.join(" or ")}`;
  return { code: "METER_IMPLAUSIBLE", quantity: "model name", value, expected };
}
