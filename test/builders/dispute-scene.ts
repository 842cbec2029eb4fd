/** Charges that end in a dispute on a chain, and what is asked of it afterwards. */
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { NO_TALLY } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "./charge-builder.ts";
import { inletTerms } from "./charge-facts.ts";
import { fresh } from "./ledger-actors.ts";
import { ARBITER, LedgerBuilder, STATION, VEHICLE } from "./ledger-builder.ts";

export const DURATION = 7200;
export const MILLI_WH = 20_000_000;
const TERMS = inletTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: DURATION, arbiter: ARBITER.did });

export interface Scene {
  readonly builder: LedgerBuilder;
  readonly charge: ChargeBuilder;
}

export function region(changes: ConstructorParameters<typeof LedgerBuilder>[0] = {}): Scene {
  const builder = new LedgerBuilder(changes);
  builder.join(STATION, VEHICLE, ARBITER);
  builder.seal();
  return { builder, charge: builder.charge(undefined, { terms: TERMS }) };
}

/** Half of the energy is contested. */
export function disputed(changes: ConstructorParameters<typeof LedgerBuilder>[0] = {}): Scene {
  const scene = region(changes);
  scene.builder.submit(...scene.charge.whole({ milliWh: MILLI_WH, vehicleShare: 0.5 }));
  scene.builder.seal();
  assert.is(onlyResult(scene.builder).state, "DISPUTED");
  return scene;
}

/** One side has not completed in time; `late` is what it would have said. */
export function abandoned(silent: Role, vehicleShare = 0.985): Scene & { readonly late: Fact } {
  const scene = region();
  const facts = scene.charge.whole({ milliWh: MILLI_WH, vehicleShare });
  const late = facts.find((fact) => fact.kind === "COMPLETE" && fact.body.role === silent);
  assert.ok(late);
  scene.builder.submit(...facts.filter((fact) => fact !== late));
  scene.builder.seal();
  scene.builder.seal({ at: scene.builder.state.sealedAt + GRACE_SECONDS + 1 });
  assert.is(onlyResult(scene.builder).state, "ABANDONED");
  return { ...scene, late };
}

export function agreement(charge: ChargeBuilder, energyMilliWh: number, amount: number): readonly Fact[] {
  return [
    charge.propose("station", energyMilliWh, amount, { number: 9 }),
    charge.propose("vehicle", energyMilliWh, amount, { number: 9 }),
  ];
}

export function signedBy({ genesis }: LedgerBuilder, charge: ChargeBuilder, role: Role): Fact {
  const own = charge.propose(role, 1_000_000, 45);
  const other = charge.propose(role === "station" ? "vehicle" : "station", 1_000_000, 45);
  return { ...fresh(genesis.network, own), signatures: other.signatures };
}

export function onlyResult({ chain }: LedgerBuilder): ResultBody {
  const [result, ...others] = chain.head.results;
  assert.ok(result);
  assert.is(others.length, 0);
  return result;
}

export function resultOf({ state }: LedgerBuilder, { address }: ChargeBuilder): ResultBody {
  const result = state.transactions.get(toHex(address))?.result;
  assert.ok(result);
  return result;
}

export function refusalOf({ builder }: Pick<Scene, "builder">, fact: Fact): FactFault | undefined {
  const added = builder.chain.addFact(fact, builder.state.sealedAt);
  return added.ok ? undefined : added.fault;
}

/** Settled, disputed and abandoned charges of the station; the vehicle's are the same. */
export function tallyOf({ state }: LedgerBuilder): readonly number[] {
  const [own, other] = [STATION, VEHICLE].map(({ did }) => {
    const { settled, disputed: parted, abandoned: left } = state.tallies.get(toHex(did)) ?? NO_TALLY;
    return [settled, parted, left];
  });
  assert.equal(own, other);
  return own ?? [];
}

export function blocksOf(chain: Chain): readonly NonNullable<typeof chain.head.block>[] {
  return Array.from({ length: chain.head.state.serial }, (_, place) => chain.at(place + 1)?.block).filter(
    (block) => block !== undefined,
  );
}
