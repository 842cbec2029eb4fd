/** The record of a long run: what stands there is not played again, whatever ended the run before. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownPart, RunRecord } from "#test/simulation/parted-run.ts";
import { summaryOf } from "#test/simulation/region/region-summary.ts";
import type { PlayedSeed } from "#test/simulation/region/played-seed.ts";

const test = suite("parted run");

interface Outcome {
  readonly seed: number;
}

test("a record goes on after its last line was cut off", () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  try {
    const file = join(folder, "runs");
    new RunRecord<Outcome>(file).keep({ seed: 1 });
    appendFileSync(file, '{"seed":2,"bro');
    const again = new RunRecord<Outcome>(file);
    assert.equal(again.outcomes, [{ seed: 1 }]);
    again.keep({ seed: 2 });
    assert.equal(again.outcomes, [{ seed: 1 }, { seed: 2 }]);
    assert.equal(new RunRecord<Outcome>(file).outcomes, [{ seed: 1 }, { seed: 2 }]);
    assert.is(readFileSync(file, "utf8").split("\n").length, 4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("parts share all runs, each with one part", () => {
  const runs = Array.from({ length: 10 }, (_, index) => index);
  const parts = [0, 1, 2].map((part) => [...ownPart(runs, part, 3)]);
  assert.equal(parts.flat().sort(), runs);
  assert.ok(parts.every(({ length }) => length >= 3));
});

test("the summary counts over all seeds, and names what was switched on and never fired", () => {
  const played = (seed: number, ending: string, loss: number): PlayedSeed => ({
    ...{ seed, wishes: "12 gateways", ending, story: undefined, simulatedMs: 3_600_000, charges: 4 },
    ...{ cpuMs: 1_000, wallMs: 2_000, fired: loss > 0 ? { loss } : {}, wanted: ["loss", "kill"] },
  });
  const text = summaryOf([played(1, "held", 3), played(2, "S4", 0), played(3, "held", 4)], 2).join("\n");
  assert.match(text, /^ +7 in +2 seeds, loss: /m);
  assert.match(text, /FINDING: switched on and never fired: kill$/m);
  assert.match(text, /^2 held$/m);
  assert.match(text, /3 seeds of 12 gateways: 3\.0 h simulated, 12 charges/);
  assert.match(text, /3600 times real time by the processor's own time, 1800 by the clock in each of 2 processes/);
  assert.match(text, /broken: seeds 2 \(S4\)/);
});

test.run();
