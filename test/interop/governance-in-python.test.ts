/** A reader written in Python from the specifications judges our vectors of what governors decide. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("governance in Python");

testInPython(test, "an implementation from the specification alone judges what governors decide as we do", () => {
  const { stdout, stderr } = readInPython("read_governance.py", ["governance"]);
  const total = readVectors("governance").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
