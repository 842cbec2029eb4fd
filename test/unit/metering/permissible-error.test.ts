/** What a legal meter may err by where it hangs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { permissibleErrorPpm } from "#core/metering/permissible-error.ts";

const test = suite("permissible error");

const CLASSES = ["A", "B", "C"] as const;
const RANGES = ["5..30", "-10..40", "-25..55", "-40..70"] as const;

test("a class B meter is held to 2 % in a warm room, and to 3.5 % in frost and heat", () => {
  assert.is(permissibleErrorPpm("B", "5..30"), 20_000);
  assert.is(permissibleErrorPpm("B", "-25..55"), 35_000);
});

test("a better class errs less at every temperature, and a wider range of temperatures never less", () => {
  for (const range of RANGES) {
    const [a, b, c] = CLASSES.map((accuracy) => permissibleErrorPpm(accuracy, range));
    assert.ok(a !== undefined && b !== undefined && c !== undefined && a > b && b > c, range);
  }
  for (const accuracy of CLASSES) {
    const errors = RANGES.map((range) => permissibleErrorPpm(accuracy, range));
    assert.equal(
      errors,
      [...errors].sort((one, other) => one - other),
    );
  }
});

test.run();
