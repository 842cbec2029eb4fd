/** Prints the rates of the physical binding; how many charges of each kind is the argument. */
import { watermarkRates } from "./watermark-rates.ts";

const charges = Number(process.argv[2] ?? 500);
for (const circumstances of ["quiet", "hard"] as const) {
  for (const judgeAt of ["station", "other post", "dead post"] as const) {
    const { codes, confirmed, notSeen, contradicted, latestMs } = watermarkRates(charges, judgeAt, circumstances);
    const percent = (count: number): string => `${((100 * count) / charges).toFixed(1)} %`;
    const outcomes = `confirmed ${percent(confirmed)}, not seen ${percent(notSeen)}, contradicted ${percent(contradicted)}`;
    console.log(`${circumstances}, ${judgeAt}: ${outcomes}`);
    console.log(`  ${JSON.stringify(codes)}, the latest after ${latestMs} ms`);
  }
}
