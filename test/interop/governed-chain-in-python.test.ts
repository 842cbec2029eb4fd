/** A reader written in Python from the specifications judges our vectors of a chain whose governors have decided. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("governed chain in Python");

testInPython(
  test,
  "an implementation from the specification alone follows the governors as we do, vector by vector",
  () => {
    const { stdout, stderr } = readInPython("read_governed_chain.py", ["governed-chain"]);
    const total = readVectors("governed-chain").vectors.length;
    assert.is(stderr, "");
    assert.is(stdout, `${total} of ${total} agreed\n`);
  },
);

test.run();
