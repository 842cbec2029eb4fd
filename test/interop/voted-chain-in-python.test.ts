/**
 * A reader written in Python from the specifications of ledger and finality judges our vectors of a chain with votes.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("chain with votes in Python");

testInPython(test, "certificates, committees and what is final are judged as we do, vector by vector", () => {
  const { stdout, stderr } = readInPython("read_voted_chain.py", ["facts", "voted-chain"]);
  const { length } = readVectors("voted-chain").vectors;
  assert.is(stderr, "");
  assert.is(stdout, `${length} of ${length} agreed\n`);
});

test.run();
