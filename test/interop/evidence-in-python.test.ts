/** A reader written in Python from the specifications judges our vectors of evidence. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("evidence in Python");

testInPython(test, "an implementation from the specification alone judges every piece as we do", () => {
  const { stdout, stderr } = readInPython("read_evidence.py", ["evidence"]);
  const total = readVectors("evidence").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
