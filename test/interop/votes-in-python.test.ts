/** A reader written in Python from the specification judges our vectors of votes and quorum certificates. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("votes in Python");

testInPython(test, "an implementation from the specification alone judges every vote and chain as we do", () => {
  const { stdout, stderr } = readInPython("read_votes.py", ["votes"]);
  const total = readVectors("votes").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
