/** The control: more liars than a committee bears bring about what as many as it bears cannot; many are `--control`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playControl, playWithinBound } from "./region/control.ts";

const test = suite("control");

test("two of four voters who vote on both sides of a cut make two blocks of one height final, and are found out", async () => {
  const { conflict, named, borne } = await playControl(1, "votes on each side");
  assert.ok(conflict, "S1 can break");
  assert.is(borne, 1);
  assert.equal(named, ["station-1", "station-2"]);
});

test("one of four voters who does so breaks nothing", async () => {
  assert.is(await playWithinBound(1, "votes on each side"), undefined);
});

test.run();
