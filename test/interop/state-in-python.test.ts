/** A reader written in Python from the specification of the ledger computes the roots of our states. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("state's root in Python");

testInPython(test, "an implementation from the specification alone finds every root that we find", () => {
  const { stdout, stderr } = readInPython("read_state.py", ["state-root"]);
  assert.is(stderr, "");
  assert.is(stdout, "27 of 27 agreed\n");
});

testInPython(test, "and the root in the header of every checkpoint of chains with charges and votes", () => {
  const { stdout, stderr } = readInPython("read_rooted_chain.py", ["facts", "chain", "voted-chain"]);
  const [, agreed, total] = /^(\d+) of (\d+) agreed\n$/.exec(stdout) ?? [];
  assert.is(stderr, "");
  assert.is(agreed, total, stdout);
  assert.ok(Number(total) > 5, `${total} roots`);
});

test.run();
