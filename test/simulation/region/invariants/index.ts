/** All invariants of a region, in the order in which a reader meets them in the protocol. */
import type { RegionWorld } from "../region-world.ts";
import { billedOnce, boundedBills, tradeOrMine } from "./bills.ts";
import { caps, noFalseEvidence } from "./caps.ts";
import { chainForm } from "./chain-form.ts";
import { oneContract, signedByBoth } from "./contracts.ts";
import { equalStates } from "./equal-states.ts";
import { finalAgreement, finalForEver } from "./finality.ts";
import type { Invariant } from "./invariant.ts";
import { provenFinal } from "./light-client.ts";
import { contractComes, equalHeads, everyContractEnds, noNeedlessStop, sealedInTime } from "./liveness.ts";
import { nothingLost, remembers } from "./nothing-lost.ts";
import { oneWord } from "./one-word.ts";
import { boundedExposure, contractBeforePower } from "./power.ts";
import { orderOfFacts, recountedHistory } from "./recount.ts";

export function allInvariants(world: RegionWorld): readonly Invariant[] {
  return [
    finalAgreement(world),
    finalForEver(world),
    signedByBoth(world),
    equalStates(world),
    orderOfFacts(world),
    boundedBills(),
    billedOnce(world),
    contractBeforePower(world),
    boundedExposure(world),
    oneWord(world, "S8"),
    oneWord(world, "S9"),
    noFalseEvidence(world),
    chainForm(world),
    recountedHistory(world),
    tradeOrMine(),
    nothingLost(world),
    remembers(world),
    oneContract(),
    provenFinal(world),
    caps(world),
    contractComes(world, "L1"),
    contractComes(world, "L6"),
    sealedInTime(world),
    equalHeads(world),
    everyContractEnds(world),
    noNeedlessStop(world),
  ];
}
