/**
 * Three brokers, two halves, as processes: a broker dies, then the link between the halves is cut for five minutes and
 * comes back. `npm run test:halves`; as the first word other minutes, or `short` for a scene of two minutes in a faster
 * world; `relay` as the second does without network namespaces. Says what happened, and ends with 0 or 1.
 */
import { assertNothingLost } from "#test/builders/assert-nothing-lost.ts";
import { playTwoHalves } from "#test/builders/two-halves.ts";

const startedMs = performance.now();
const say = (line: string): void => {
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
};

const [minutes = "5", network] = process.argv.slice(2);
// A report is signed each five minutes of the world: at least one of each side while the broker is away, and apart.
const scene =
  minutes === "short"
    ? { speed: 15, brokerGoneMs: 22_000, cutMs: 25_000 }
    : { speed: 4, brokerGoneMs: 85_000, cutMs: Number(minutes) * 60_000 };
const run = await playTwoHalves({
  ...{ ...scene, say },
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
