/** A reader written in Python from the specifications judges our vectors of proofs of inclusion. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("inclusion in Python");

testInPython(test, "an implementation from the specification alone judges every proof as we do", () => {
  const { stdout, stderr } = readInPython("read_inclusion.py", ["inclusion"]);
  const total = readVectors("inclusion").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
