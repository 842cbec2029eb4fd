/**
 * What each gateway stores when a region has more gateways and more charges: `node test/bench/growth.bench.ts
 * [CHARGES]`. The chain is made by the production code: who seals, which facts share blocks, what a block commits to.
 * All gateways of a region store the same records, so the bytes of the chain are the bytes at each of them.
 *
 * What must hold: without their own JOINs more gateways cost nobody a byte for a charge, and twice the charges cost
 * twice the bytes.
 */
import { decodeFact } from "#core/ledger/fact.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { contentOf, RECORD_KIND } from "#core/ledger/journal-record.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

const GATEWAYS = [10, 100, 300];
/** Charges at a time: two of a site's eight. */
const TOGETHER = 4;

const charges = Number(process.argv[2] ?? 40);
console.log(
  "gateways  charges | bytes at each gateway: JOINs   facts of charges   blocks | facts and blocks for a charge",
);
const perCharge: number[] = [];
for (const gateways of GATEWAYS) perCharge.push(tell(gateways, charges));
const twice = tell(GATEWAYS[0] ?? 0, 2 * charges);
const spread = Math.max(...perCharge) / Math.min(...perCharge);
console.log(`most / least for a charge at ${GATEWAYS.join(", ")} gateways: x${spread.toFixed(3)}`);
console.log(`twice the charges: x${((2 * twice) / (perCharge[0] ?? NaN)).toFixed(3)} of the bytes`);

/** Bytes for a charge. */
function tell(gateways: number, sessions: number): number {
  // The operator is one of them.
  const records = recordsOfCharges(sessions, TOGETHER, gateways - 2 * TOGETHER - 1);
  const [first = new Uint8Array()] = records;
  const genesis = decodeGenesis(crypto, contentOf(first));
  if (!genesis.ok) throw new Error("bug of the bench: no genesis");
  const context = { crypto, network: genesis.value.network };
  const sums = { joins: 0, facts: 0, blocks: 0 };
  let isCharging = false;
  for (const record of records) {
    if (record[0] === RECORD_KIND.block && isCharging) sums.blocks += record.length;
    if (record[0] !== RECORD_KIND.fact) continue;
    const fact = decodeFact(context, contentOf(record));
    const isJoin = fact.ok && fact.value.kind === "JOIN";
    isCharging ||= !isJoin;
    sums[isJoin ? "joins" : "facts"] += record.length;
  }
  const each = (sums.facts + sums.blocks) / sessions;
  const columns = [sums.joins, sums.facts, sums.blocks].map((sum) => String(sum).padStart(12)).join("");
  console.log(
    `${String(gateways).padStart(8)} ${String(sessions).padStart(8)} | ${columns}            | ${each.toFixed(0).padStart(8)}`,
  );
  return each;
}
