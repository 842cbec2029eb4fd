/** A charge that is over, as it is kept as long as it can still be spoken of: without its readings. */
import type { RoleLog, Transaction } from "./state.ts";

export function settledForm(transaction: Transaction): Transaction {
  const { station, vehicle } = transaction.logs;
  const withoutReports = (log: RoleLog): RoleLog => ({ ...log, reports: [] });
  const logs = { station: withoutReports(station), vehicle: withoutReports(vehicle) };
  return { ...transaction, isClosed: true, logs };
}
