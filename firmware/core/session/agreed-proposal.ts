/**
 * What both sides of a dispute have proposed. A proposal cannot be taken back, so only the set of them counts: it makes
 * no difference who proposed first, nor in which blocks the proposals stand.
 */
import type { ChargeFacts } from "./charge-facts.ts";
import type { ResolveBody } from "./facts.ts";

export type Proposal = Pick<ResolveBody, "energyMilliWh" | "amount">;

/**
 * The proposal that both have made, of several the one that costs the vehicle least: whoever asked for less once has
 * agreed to it. More energy than the station has signed for was not delivered, and cannot be agreed on.
 */
export function agreedProposal({ proposals }: ChargeFacts, stationMilliWh: number): Proposal | undefined {
  const { station = [], vehicle = [] } = proposals ?? {};
  return station
    .filter((own) => own.energyMilliWh <= stationMilliWh && vehicle.some((other) => isSameProposal(own, other)))
    .reduce<Proposal | undefined>(
      (least, each) => (least === undefined || costsLess(each, least) ? each : least),
      undefined,
    );
}

export function isSameProposal(left: Proposal, right: Proposal): boolean {
  return left.energyMilliWh === right.energyMilliWh && left.amount === right.amount;
}

function costsLess(left: Proposal, right: Proposal): boolean {
  return left.amount < right.amount || (left.amount === right.amount && left.energyMilliWh < right.energyMilliWh);
}
