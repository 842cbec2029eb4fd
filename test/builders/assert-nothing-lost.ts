/** What holds after a run of the two halves, however long the link was cut. */
import * as assert from "uvu/assert";
import { assertNoNumberTwice, assertOneTrueChain } from "./bench-run.ts";
import { lostFacts, type TwoHalvesRun } from "./two-halves.ts";

export function assertNothingLost(run: TwoHalvesRun): void {
  const { report, news, headsWhileCut, reports, carried } = run;
  assertOneTrueChain(run);
  assertNoNumberTwice(run);
  assert.equal(report.problems, []);
  assert.equal(lostFacts(run), [], "every fact on anybody's flash is in a block");
  assert.equal(
    report.charges.map(({ outcome }) => outcome),
    ["agreed", "agreed"],
  );
  for (const { receipt, address } of report.charges) {
    for (const role of ["station", "vehicle"] as const) {
      const signed = news.filter(
        ({ name, event }) =>
          name === "reportSigned" && "role" in event && event.role === role && event.address === address,
      );
      assert.is(receipt?.transaction.completes[role]?.reports, signed.length, `every report of the ${role} arrived`);
    }
  }

  // Over the other broker all went on, and nobody was without a mesh.
  const lost = news.filter(({ name, event }) => name === "brokerConnected" && "up" in event && !event.up);
  for (const gateway of ["charger-1", "vehicle-1"]) assert.ok(lost.some((item) => item.gateway === gateway));
  assert.equal(
    news.filter(({ name, event }) => name === "meshConnected" && "up" in event && !event.up),
    [],
  );
  for (const [who, count] of reports.brokerAway) assert.ok(count > 0, `${who} reported while the broker was away`);
  for (const [who, count] of reports.cut) assert.ok(count > 0, `${who} reported while the link was cut`);

  // The halves went on apart, and one of them gave up its blocks, not its facts.
  assert.ok(headsWhileCut.size > 1, "the halves had chains of their own");
  assert.ok(
    news.some(({ name }) => name === "branchAbandoned"),
    "a branch was left",
  );
  for (const gateway of ["charger-1", "charger-2"]) assert.ok((carried.get(gateway) ?? 0) > 0, `${gateway} relays`);
  assert.is(carried.get("vehicle-2"), 0, "with one broker nothing is carried");
}
