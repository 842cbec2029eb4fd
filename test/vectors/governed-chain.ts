/** A region with governors in which half of a committee goes, and voters and rules are decided: for its vectors. */
import type { LedgerRules } from "#core/ledger/rules.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 2 };
export const GOVERNED_VOTERS = [1, 2, 3, 4].map((number) => makeActor(`governed voter ${number}`, "station"));

export interface GovernedChain {
  readonly builder: LedgerBuilder;
  /** Of the block with the RECONFIG. */
  readonly serial: number;
}

/** In epoch 0 rules are decided for epoch 2; in epoch 1 two of the four are struck; then committees hand over again. */
export function governedChain(): GovernedChain {
  const builder = new LedgerBuilder({ rules: RULES, authorities: GOVERNED_VOTERS, governors: GOVERNORS });
  const { network } = builder.genesis;
  builder.submit(paramsFact(network, { number: 1, activeFromEpoch: 2, rules: { blockSeconds: 45, historyMin: 7 } }));
  while (builder.state.finality.epoch < 1) sealAndCertify(builder, 1);
  builder.seal();
  const committee = GOVERNED_VOTERS.slice(0, 2).map(({ did }) => did);
  builder.submit(reconfigFact(network, builder.chain.final, committee));
  builder.seal({ certificates: [] });
  const { serial } = builder.state;
  while (builder.state.finality.epoch < 3) sealAndCertify(builder, 1);
  builder.submit(paramsFact(network, { number: 2, activeFromEpoch: 5, rules: {}, codeVersion: 2 }));
  sealAndCertify(builder, 8);
  builder.seal();
  return { builder, serial };
}
