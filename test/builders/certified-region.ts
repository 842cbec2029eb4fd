/** A certified region for tests, and what it answers to a fact. */
import type { Fact } from "#core/ledger/fact.ts";
import type { Actor } from "./ledger-actors.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { CERTIFIED, certifiedJoin } from "./membership-facts.ts";

export function region(...members: readonly Actor[]): {
  readonly builder: LedgerBuilder;
  readonly network: Uint8Array;
} {
  const builder = new LedgerBuilder({ membership: CERTIFIED });
  const { network } = builder.genesis;
  for (const actor of members) builder.submit(certifiedJoin(network, builder.know(actor)));
  return { builder, network };
}

export function faultOf(builder: LedgerBuilder, fact: Fact, now = builder.state.sealedAt): readonly unknown[] {
  const added = builder.chain.addFact(fact, now);
  if (added.ok) return ["stands"];
  return [added.fault.code, "reason" in added.fault ? added.fault.reason : undefined];
}

export function codeOf(builder: LedgerBuilder, fact: Fact, now = builder.state.sealedAt): unknown {
  return faultOf(builder, fact, now)[0];
}
