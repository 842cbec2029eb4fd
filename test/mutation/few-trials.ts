/** The trials of `settle` in small: where a rule was changed, a thousand random charges tell it as well as many do. */
import { suite } from "uvu";
import { checkBounds, compareWithTwin } from "#test/builders/settle-trials.ts";

const test = suite("few trials");

test("program and native twin settle random charges alike", () => {
  compareWithTwin("mutants", 1500);
});

test("there is one outcome in whatever order, within what both have signed", () => {
  checkBounds("mutants", 500);
});

test.run();
