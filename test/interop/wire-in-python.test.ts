/** A reader written in Python from the two specifications, with another library for ECDSA, judges our vectors. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("wire in Python");

testInPython(test, "an implementation from the specification alone judges every vector as we do", () => {
  const { stdout, stderr } = readInPython("read_join.py", ["cbor", "join"]);
  const total = readVectors("cbor").vectors.length + readVectors("join").vectors.length;
  assert.is(stderr, "");
  assert.is(stdout, `${total} of ${total} agreed\n`);
});

test.run();
