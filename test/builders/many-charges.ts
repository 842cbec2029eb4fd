/** The records of a chain with many settled charges, each signature a true one. */
import type { Fact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import type { ChargeBuilder } from "./charge-builder.ts";
import { named } from "./ledger-actors.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { quickActor } from "./quick-actor.ts";

/** Each side's reports of a charge, after its first. */
const REPORTS = 8;
const SHARES = [180_000, 180_000, 180_000, 180_000, 180_000];

/**
 * As a gateway would have stored them: the genesis, and each block behind its facts.
 *
 * @param together charges that run at the same time, each of another pair, whose facts share blocks
 * @param others gateways that join and charge nothing
 */
export function recordsOfCharges(charges: number, together = 1, others = 0): readonly Uint8Array[] {
  const operator = quickActor("operator", "station", "operator");
  const builder = new LedgerBuilder({ authorities: [operator] });
  const records: Uint8Array[] = [genesisRecord(builder.genesis)];
  const seal = (facts: readonly Fact[]): void => {
    builder.submit(...facts);
    const block = builder.seal();
    records.push(...block.facts.map(factRecord), blockRecordOf(block));
  };
  const pairs = Array.from({ length: together }, (_, place) => ({
    station: quickActor(`charger ${place}`, "station", "north"),
    vehicle: quickActor(`vehicle ${place}`, "vehicle", "south"),
  }));
  for (const { station, vehicle } of pairs) builder.join(station, vehicle);
  for (let place = 0; place < others; place += 1) {
    builder.join(quickActor(`bystander ${place}`, place % 2 === 0 ? "station" : "vehicle", "north"));
  }
  while (builder.chain.mempool.size > 0) seal([]);
  for (let first = 0; first < charges; first += together) {
    const running = pairs.slice(0, Math.min(together, charges - first)).map((parties, place) => {
      const salt = named(`salt ${first + place}`).slice(0, 16);
      return builder.charge(parties, { salt, startedAt: builder.state.sealedAt });
    });
    for (const facts of turnsOf(running)) seal(facts);
  }
  return records;
}

function turnsOf(charges: readonly ChargeBuilder[]): readonly (readonly Fact[])[] {
  const battery = SHARES.map((share) => Math.floor(share * 0.985));
  return [
    charges.flatMap((each) => [each.open, each.report("station", [0]), each.report("vehicle", [0])]),
    ...Array.from({ length: REPORTS }, () =>
      charges.flatMap((each) => [each.report("station", SHARES), each.report("vehicle", battery)]),
    ),
    charges.flatMap((each) => [each.complete("station"), each.complete("vehicle")]),
  ];
}
