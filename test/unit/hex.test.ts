/** Bytes as text of half bytes, and back, at every length: short ones are written in one step, long ones in several. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { fromHex, toHex } from "#base/bytes.ts";

const test = suite("hex");

test("text is what everybody else writes, and reads back as the same bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 1200, size: "max" });
  fc.assert(
    fc.property(bytes, (given) => {
      assert.is(toHex(given), Buffer.from(given).toString("hex"));
      assert.equal(fromHex(toHex(given)), given);
    }),
  );
});

test("also a view into the middle of other bytes, and a file of some megabytes", () => {
  const whole = Uint8Array.from({ length: 64 }, (_, place) => place);
  assert.is(toHex(whole.subarray(10, 12)), "0a0b");
  assert.is(toHex(new Uint8Array(3_000_000)).length, 6_000_000);
});

test.run();
