/** One gateway's ledger over memory, at the second of the genesis. */
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Chain } from "#core/ledger/chain.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { Boot } from "#services/boot.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { crypto } from "./ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STARTED_AT } from "./ledger-builder.ts";
import { syncedTime } from "./synced-time.ts";

export interface OperatorLedger {
  readonly region: LedgerBuilder;
  readonly chain: Chain;
  readonly ledger: LedgerService;
  readonly clock: SimulatedClock;
}

/** The region's only authority, if it is not said whose ledger it is. */
export async function operatorOf(rules: LedgerRules, { signer, did } = OPERATOR): Promise<OperatorLedger> {
  const region = new LedgerBuilder({ rules });
  const chain = new Chain(crypto, region.genesis);
  const clock = new SimulatedClock({ wallEpochMs: STARTED_AT * 1000 });
  const register = { value: undefined, write: () => Promise.resolve() };
  const boot = await Boot.begin(register, { isSure: true, nowSeconds: STARTED_AT, slotNow: 0 });
  if (!boot.ok) throw new Error("bug of the test: a new register holds");
  const journal = { append: () => Promise.resolve() };
  const parts = { chain, journal, boot: boot.value, clock: syncedTime(clock), signer, did, emit: () => undefined };
  const ledger = new LedgerService(parts, new Set());
  ledger.start();
  return { region, chain, ledger, clock };
}
