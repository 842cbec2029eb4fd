/** A reader written in Python from the specification of the ledger judges our vectors of facts and of the chain. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("ledger in Python");

testInPython(
  test,
  "an implementation from the specification alone judges every vector as we do, but for results",
  () => {
    const { stdout, stderr } = readInPython("read_chain.py", ["facts", "chain"]);
    const all = [...readVectors("facts").vectors, ...readVectors("chain").vectors];
    const leftOut = all.filter(({ flags }) => flags.includes("settle")).length;
    const judged = all.length - leftOut;
    assert.ok(leftOut < all.length / 10);
    assert.is(stderr, "");
    assert.is(stdout, `${judged} of ${judged} agreed, ${leftOut} left out\n`);
  },
);

test.run();
