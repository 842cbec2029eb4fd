/** Readers written in Python from the specification open the messages of our handshake, and write the same ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";
import { readInPython, testInPython } from "./read-in-python.ts";

const test = suite("handshake in Python");
const { vectors } = readVectors("handshake");
const ofRun = vectors.filter(({ flags }) => flags.includes("run") || flags.includes("refused")).length;

testInPython(test, "an implementation from the specification alone opens and writes every message of the run", () => {
  const { stdout, stderr } = readInPython("read_handshake.py", ["handshake"]);
  assert.is(stderr, "");
  assert.is(stdout, `${ofRun} of ${ofRun} agreed\n`);
});

testInPython(test, "and answers at every place of it what we answer, byte for byte", () => {
  const { stdout, stderr } = readInPython("read_handshake_answers.py", ["handshake"]);
  const others = vectors.length - ofRun;
  assert.ok(others > ofRun);
  assert.is(stderr, "");
  assert.is(stdout, `${others} of ${others} agreed\n`);
});

test.run();
