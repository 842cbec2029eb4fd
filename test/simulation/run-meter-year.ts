/**
 * A year of a station's meter, a reading each second: `npm run sim:meter -- [--days 365] [--seed 1] [--troubles 1]`.
 */
import { parseArgs } from "node:util";
import { simulateMeterYear } from "./meter-year.ts";

const { values } = parseArgs({
  options: {
    days: { type: "string", default: "365" },
    seed: { type: "string", default: "1" },
    troubles: { type: "string", default: "1" },
  },
});
const options = { seed: values.seed, days: Number(values.days), troublesPerDay: Number(values.troubles) };
if (!(options.days > 0) || !(options.troublesPerDay >= 0)) {
  console.error("--days and --troubles are numbers, such as --days 365 --troubles 1 (of each kind, a day)");
  process.exit(64);
}
const startedMs = performance.now();
const year = await simulateMeterYear(options);
const table = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
console.log(
  `${year.readings} readings in ${options.days} days, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
);
console.log(`troubles: ${table(year.troubles)}`);
console.log(
  `${year.sessions} sessions, ${year.exact} billed exactly what flowed; stopped with a reason: ${table(year.reasons)}`,
);
for (const line of year.wrong) console.log(line);
console.log(`${year.wrong.length} sessions were wrong without a word`);
process.exit(year.wrong.length > 0 ? 1 : 0);
