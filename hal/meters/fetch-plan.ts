/** Which requests fetch registers of a map over a line that makes so many unwanted registers worth reading along. */
import { planReads, type PlannedRead, type ReadRules, type WantedRegister } from "#hal/protocols/modbus/plan-reads.ts";
import {
  registerSpan,
  type AnyRegister,
  type RegisterBlock,
  type RegisterMap,
} from "#hal/protocols/modbus/register-map.ts";

export interface FetchedRegister extends WantedRegister {
  readonly register: AnyRegister;
}

export type PlannedFetch = PlannedRead<FetchedRegister>;

export function planFetch(
  map: RegisterMap,
  registers: readonly AnyRegister[],
  bridgedRegistersMax: number,
): readonly PlannedFetch[] {
  return planReads(
    registers.map((register) => fetched(map, register)),
    readRules(map, bridgedRegistersMax),
  );
}

export function readRules(map: RegisterMap, bridgedRegistersMax: number): ReadRules {
  return {
    registersPerReadMax: map.registersPerReadMax,
    evenOnly: map.evenOnly ?? false,
    gapRegistersMax: map.noGap === true ? 0 : bridgedRegistersMax,
  };
}

function fetched(map: RegisterMap, register: AnyRegister): FetchedRegister {
  const functionCode = register.functionCode ?? map.functionCode;
  const span = registerSpan(register);
  const block = map.blocks?.find((candidate) => holds(candidate, functionCode === codeOf(candidate, map), span));
  const alone = register.alone ?? false;
  return { register, functionCode, ...span, alone, ...(block === undefined ? {} : { block }) };
}

function codeOf(block: RegisterBlock, map: RegisterMap): 3 | 4 {
  return block.functionCode ?? map.functionCode;
}

function holds(block: RegisterBlock, isSameFunction: boolean, span: RegisterBlock): boolean {
  const isInside = span.address >= block.address && span.address + span.count <= block.address + block.count;
  return isSameFunction && isInside;
}
