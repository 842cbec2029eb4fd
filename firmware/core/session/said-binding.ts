/** What the signed facts of a charge say of the physical binding: nothing that only one side's memory knows. */
import type { ChargeFacts } from "./charge-facts.ts";
import { REPORT_FLAG } from "./facts.ts";

/** Undefined where the contract has none. */
export type SaidBinding = "confirmed" | "not-seen" | "contradicted" | undefined;

export function saidBinding({
  open,
  reports,
  completes,
}: Pick<ChargeFacts, "open" | "reports" | "completes">): SaidBinding {
  if (open.terms.bind === undefined) return undefined;
  if (completes.vehicle?.reason === "another-car") return "contradicted";
  const isBound = reports.vehicle.some(({ flags }) => (flags & REPORT_FLAG.BOUND) !== 0);
  return isBound ? "confirmed" : "not-seen";
}
