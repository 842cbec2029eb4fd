/** A reader written in Python from the specifications judges our vectors of certificates, rotations and revocations. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("membership in Python");

testInPython(test, "an implementation from the specification alone judges every story as we do", () => {
  const { stdout, stderr } = readInPython("read_membership.py", ["membership"]);
  const total = readVectors("membership").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

testInPython(test, "and says of every JOIN that is none what we say is wrong with it", () => {
  const { stdout, stderr } = readInPython("read_certified_join.py", ["membership"]);
  const total = readVectors("membership").vectors.filter(({ fault }) => fault === "FACT_BAD_JOIN").length;
  assert.ok(total > 10);
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
