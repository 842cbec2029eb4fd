/**
 * The characteristic of the agreement test, by the production code: how often honest and lying sessions are judged
 * which way. `node test/bench/agreement-table.ts [SESSIONS]`, 200,000 for each cell unless told; ends with PASS or FAIL
 * and exits with 1 when an honest session in 10,000 is called DISAGREE, or the published table does not come out.
 *
 * Two tables: with the terms and tolerances that the rule is published with, and with the default tolerance of ours.
 */
import { agreementUncertainty, type AgreementTerms } from "#core/contract/agreement-uncertainty.ts";
import { worstHonestPpm } from "#core/contract/default-tolerance.ts";
import {
  AGREEMENT_CASES,
  FALSE_DISAGREE_MAX,
  ownTolerancePpm,
  verdictShares,
  type AgreementCase,
  type Errors,
  type VerdictShares,
} from "#test/builders/agreement-cases.ts";

const sessions = Number(process.argv[2] ?? 200_000);
const EXCESSES = [0.05, 0.1, 0.15, 0.2];
/** Far above what any share of the uncertainty depends on. */
const LARGE_MILLI_WH = 4_000_000_000;
/** Points of a per cent by which the published figures may be missed: they are rounded, of terms with other steps. */
const APART_MAX = 3;

const failures: string[] = [];
console.log(`${sessions} sessions of 10 to 60 kWh a cell; agree / inconclusive / disagree / not capable, %`);
console.log("\nas published: the loss bands and tolerances of the domain study, its own figures below");
for (const row of AGREEMENT_CASES) {
  const terms = { ...row.terms, lossPpm: row.published.lossPpm };
  const caught = printRow(row.name, terms, row.publishedTolerancePpm);
  comparePublished(row, caught);
}
console.log("\nwith the default tolerance and the default loss bands");
for (const row of AGREEMENT_CASES) printRow(row.name, row.terms, ownTolerancePpm(row));
for (const failure of failures) console.log(`FAIL ${failure}`);
if (failures.length === 0)
  console.log(`\nPASS: at most ${FALSE_DISAGREE_MAX} of honest sessions disagree, in every row`);
process.exitCode = failures.length === 0 ? 0 : 1;

interface Row {
  readonly honest: VerdictShares;
  readonly caught: readonly VerdictShares[];
}

function printRow(name: string, terms: AgreementTerms, tolerancePpm: number): Row {
  const play = (excess: number, errors: Errors): VerdictShares =>
    verdictShares(terms, tolerancePpm, { excess, sessions, seed: `${name} ${excess} ${errors}`, errors });
  const honest = play(0, "inside");
  const corner = play(0, "at the limits");
  const caught = EXCESSES.map((excess) => play(excess, "inside"));
  const expanded = agreementUncertainty(terms, LARGE_MILLI_WH).expandedPpm;
  console.log(`${name}: U ${percent(expanded / 1e6)} %, T ${percent(tolerancePpm / 1e6)} %`);
  console.log(`  honest             ${sharesText(honest)}`);
  console.log(`  errors at limits   ${sharesText(corner)}`);
  for (const [place, excess] of EXCESSES.entries()) {
    const shares = caught[place];
    if (shares === undefined) continue;
    const bound = `running bound failed ${percent(shares.outOfBound)}`;
    console.log(`  +${String(excess * 100).padEnd(2)} %              ${sharesText(shares)}   ${bound}`);
  }
  // The least excess that no honest errors of vehicle, loss and station can hide.
  const reach = 1 + worstHonestPpm(terms, LARGE_MILLI_WH) / 1e6;
  console.log(`  certain from       +${percent(reach / (1 - (tolerancePpm + expanded) / 1e6) - 1)} %`);
  for (const [what, { shares }] of [["inside", honest] as const, ["at the limits", corner] as const]) {
    if (shares.DISAGREE > FALSE_DISAGREE_MAX) failures.push(`${name}, errors ${what}: ${shares.DISAGREE} disagree`);
  }
  return { honest, caught };
}

function comparePublished({ name, published }: AgreementCase, { honest, caught }: Row): void {
  const found = [honest.shares.AGREE, honest.shares.INCONCLUSIVE, ...caught.map(({ shares }) => shares.DISAGREE)];
  const expected = [published.agree, published.inconclusive, ...published.caught];
  console.log(`  published          ${expected.slice(0, 2).join(" / ")}; caught ${expected.slice(2).join(", ")}`);
  const apart = found.map((share, place) => Math.abs(100 * share - (expected[place] ?? 0)));
  if (Math.max(...apart) > APART_MAX) failures.push(`${name}: ${Math.max(...apart).toFixed(1)} points from published`);
}

function sharesText({ shares }: VerdictShares): string {
  const all = [shares.AGREE, shares.INCONCLUSIVE, shares.DISAGREE, shares["NOT-CAPABLE"]];
  return all.map((share) => percent(share).padStart(5)).join(" / ");
}

function percent(share: number): string {
  return (share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1);
}
