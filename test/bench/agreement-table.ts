/**
 * The characteristic of the agreement test, by the production code: how often honest and lying sessions are judged
 * which way. `node test/bench/agreement-table.ts [SESSIONS]`, 200,000 for each cell unless told.
 *
 * Two tables: with the tolerances that the rule is published with, and with the default tolerance of each case.
 */
import { agreementUncertainty } from "#core/contract/agreement-uncertainty.ts";
import { worstHonestPpm } from "#core/contract/default-tolerance.ts";
import { AGREEMENT_CASES, ownTolerancePpm, verdictShares, type AgreementCase } from "#test/builders/agreement-cases.ts";

const sessions = Number(process.argv[2] ?? 200_000);
const EXCESSES = [0.05, 0.1, 0.15, 0.2, 0.25];
/** Far above what any share of the uncertainty depends on. */
const LARGE_MILLI_WH = 4_000_000_000;

print("published tolerance", (row) => row.publishedTolerancePpm);
print("default tolerance", ownTolerancePpm);

function print(title: string, toleranceOf: (row: AgreementCase) => number): void {
  console.log(`\n${title}, ${sessions} sessions of 10 to 60 kWh a cell; DISAGREE % (linear bound failed %)`);
  const claims = EXCESSES.map((excess) => `+${Math.round(excess * 100)} %`.padStart(15)).join("");
  console.log(`${"case".padEnd(28)}   U %   T %  honest: agree / inconcl. / disagree ${claims}   certain from`);
  for (const row of AGREEMENT_CASES) console.log(line(row, toleranceOf(row)));
}

function line(row: AgreementCase, tolerancePpm: number): string {
  const { terms, name } = row;
  const expanded = agreementUncertainty(terms, LARGE_MILLI_WH).expandedPpm;
  const play = (excess: number): ReturnType<typeof verdictShares> =>
    verdictShares(terms, tolerancePpm, { excess, sessions, seed: `${name} ${excess}` });
  const honest = play(0).shares;
  const caught = EXCESSES.map((excess) => {
    const { shares, outOfBound } = play(excess);
    return `${percent(shares.DISAGREE)} (${percent(outOfBound)})`.padStart(15);
  }).join("");
  // The least excess that no honest errors of vehicle, loss and station can hide.
  const reach = 1 + worstHonestPpm(terms, LARGE_MILLI_WH) / 1e6;
  const limit = 1 - (tolerancePpm + expanded) / 1e6;
  const figures = [expanded, tolerancePpm].map((ppm) => (ppm / 1e4).toFixed(2).padStart(6)).join("");
  const verdicts = `${percent(honest.AGREE)} / ${percent(honest.INCONCLUSIVE)} / ${percent(honest.DISAGREE)}`;
  return `${name.padEnd(28)}${figures}  ${verdicts.padEnd(36)}${caught}   +${percent(reach / limit - 1)} %`;
}

function percent(share: number): string {
  return (share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1);
}
