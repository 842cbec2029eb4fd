/**
 * The scene of `two-halves.test.ts` with the link cut for five minutes: `npm run test:halves`. Other minutes as the
 * first word; `relay` as the second does without network namespaces. Says what happened, and ends with 0 or 1.
 */
import { assertNothingLost } from "#test/builders/assert-nothing-lost.ts";
import { playTwoHalves } from "#test/builders/two-halves.ts";

const startedMs = performance.now();
const say = (line: string): void => {
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
};

const [minutes = "5", network] = process.argv.slice(2);
const run = await playTwoHalves({
  ...{ speed: 4, brokerGoneMs: 85_000, cutMs: Number(minutes) * 60_000, say },
  ...(network === "relay" ? { network: "TCP relay" } : {}),
});
const { report, reports, carried, news } = run;
const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([who, count]) => `${who} ${count}`).join(", ");
say(`reports signed while the broker was away: ${list(reports.brokerAway)}`);
say(`reports signed while the link was cut: ${list(reports.cut)}`);
say(`published for others: ${list(carried)}`);
const left = news.filter(({ name }) => name === "branchAbandoned");
say(`branches left: ${left.map(({ gateway, event }) => `${gateway} ${JSON.stringify(event)}`).join(", ")}`);
say(`${report.blocks.length} blocks; charges: ${report.charges.map(({ outcome }) => outcome).join(", ")}`);
assertNothingLost(run);
say("one chain at all four gateways, and no fact lost");
