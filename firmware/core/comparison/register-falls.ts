/** Registers that fell from one signed report to the next: the ledger refuses such reports, a file may hold them. */
import { orderedReports, type ChargeFacts } from "#core/session/charge-facts.ts";
import { readingsOf, type Role } from "#core/session/facts.ts";

export interface RegisterFall {
  readonly role: Role;
  /** How often it fell, and by how much at most. */
  readonly count: number;
  readonly fellMilliWh: number;
}

/** @param noiseMilliWh float registers tremble in their last digits: less than this is no fall */
export function registerFalls(charge: ChargeFacts, noiseMilliWh: number): readonly RegisterFall[] {
  const roles: readonly Role[] = ["station", "vehicle"];
  return roles.flatMap((role) => {
    const registers = orderedReports(charge, role).flatMap(readingsOf);
    const falls = registers.flatMap(({ registerMilliWh }, place) => {
      const fell = (registers[place - 1]?.registerMilliWh ?? registerMilliWh) - registerMilliWh;
      return fell > noiseMilliWh ? [fell] : [];
    });
    if (falls.length === 0) return [];
    return [{ role, count: falls.length, fellMilliWh: falls.reduce((most, fell) => Math.max(most, fell), 0) }];
  });
}
