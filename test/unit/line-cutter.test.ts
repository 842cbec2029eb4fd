/** Lines out of pieces that are cut anywhere. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { LineCutter } from "#hal/protocols/line-cutter.ts";

const test = suite("line cutter");

test("lines come whole, however they were cut", () => {
  const cutter = new LineCutter(8);
  assert.equal(cutter.cut("one\ntw"), ["one"]);
  assert.equal(cutter.cut("o"), []);
  assert.equal(cutter.cut("\n\nthree\n"), ["two", "", "three"]);
});

test("a line that is longer than it may be is refused, whether its end has come or not", () => {
  assert.is(new LineCutter(8).cut("123456789"), undefined);
  assert.is(new LineCutter(8).cut("123456789\n"), undefined);
  const cutter = new LineCutter(8);
  assert.equal(cutter.cut("12345678"), []);
  assert.equal(cutter.cut("\n"), ["12345678"]);
});

test.run();
