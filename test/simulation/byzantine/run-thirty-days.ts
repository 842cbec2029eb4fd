/**
 * B10 as it stands: a site of one charger and one car alone for thirty days, with everybody running all the time and a
 * charge each third day. Takes minutes: `node test/simulation/byzantine/run-thirty-days.ts [DAYS-BETWEEN]`.
 */
import { playLoneSite } from "./lone-site.ts";

const everyDays = Number(process.argv[2] ?? 3);
if (!Number.isInteger(everyDays) || everyDays < 1) {
  console.error("days from one charge to the next: a whole number, such as 3");
  process.exit(64);
}
const startedMs = performance.now();
const found = await playLoneSite({
  ...{ sleeps: false, everyDays },
  say: (line) => {
    console.log(`${Math.round((performance.now() - startedMs) / 1000)} s  ${line}`);
  },
});
const { receipts, results, own, finalAtSite, finalInRegion, blocksToHeal } = found;
console.log(`${receipts.length} receipts at the site, ${results.length} of them final in the region afterwards`);
console.log(`the site sealed ${own.blocks} blocks for itself, ${own.asParty} as the party of an open charge`);
console.log(
  `final when they met: ${finalAtSite} at the site, ${finalInRegion} in the region; one after ${blocksToHeal} blocks`,
);
process.exit(receipts.length > 0 && receipts.length === results.length ? 0 : 1);
