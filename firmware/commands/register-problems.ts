/** What `verify` finds wrong with the safety registers of a gateway. */
import { REGISTER_NAME, SLOT_BYTES, type RegisterReading } from "#adapters/flash-store/index.ts";
import type { InspectedFolder, Problem } from "./verification.ts";

export function registerProblems({ path, inspection: { register } }: InspectedFolder): readonly Problem[] {
  if (register === undefined) return [];
  const file = `${path}/${REGISTER_NAME}`;
  if (register.faults.length === 0) return [{ rule: "REGISTER_SIZE", file, offset: 0, details: register.state }];
  return register.faults.flatMap((fault, slot) => {
    if (fault === undefined || isUnwritten(register, slot)) return [];
    const place = { offset: slot * SLOT_BYTES, lengthBytes: SLOT_BYTES };
    return [{ rule: "REGISTER_DAMAGED", file, ...place, details: { slot, code: fault.code, state: register.state } }];
  });
}

/** Before the first value is written the second slot holds nothing yet. */
function isUnwritten({ state, newest, faults }: RegisterReading, slot: number): boolean {
  return state === "new" && slot === 1 && newest !== undefined && faults[slot]?.code === "SLOT_ZERO";
}
