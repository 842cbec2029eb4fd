/** The records of a chain with many settled charges, one after the other, each signature a true one. */
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { named } from "./ledger-actors.ts";
import { LedgerBuilder, STATION, VEHICLE } from "./ledger-builder.ts";

/** Each side's reports of a charge, after its first. */
const REPORTS = 8;
const SHARES = [180_000, 180_000, 180_000, 180_000, 180_000];

/** As a gateway would have stored them: the genesis, and each block behind its facts. */
export function recordsOfCharges(charges: number): readonly Uint8Array[] {
  const builder = new LedgerBuilder();
  const records: Uint8Array[] = [genesisRecord(builder.genesis)];
  const seal = (): void => {
    const block = builder.seal();
    records.push(...block.facts.map(factRecord), blockRecordOf(block));
  };
  const say = (facts: readonly Fact[]): void => {
    builder.submit(...facts);
    seal();
  };
  builder.join(STATION, VEHICLE);
  seal();
  for (let number = 0; number < charges; number += 1) {
    const salt = named(`salt ${number}`).slice(0, 16);
    const charge = builder.charge(undefined, { salt, startedAt: builder.state.sealedAt });
    say([charge.open, charge.report("station", [0]), charge.report("vehicle", [0])]);
    for (let each = 0; each < REPORTS; each += 1) {
      const battery = SHARES.map((share) => Math.floor(share * 0.985));
      say([charge.report("station", SHARES), charge.report("vehicle", battery)]);
    }
    say([charge.complete("station"), charge.complete("vehicle")]);
  }
  return records;
}
