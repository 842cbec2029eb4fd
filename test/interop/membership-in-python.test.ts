/** A reader written in Python from the specifications judges our vectors of certificates, rotations and revocations. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";

const PYTHON = "/usr/bin/python3";
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const isThere = spawnSync(PYTHON, ["-c", "import cryptography"]).status === 0;

const test = suite("membership in Python");

if (isThere) {
  test("an implementation from the specification alone judges every story as we do", () => {
    const file = pathOf("../vectors/membership.json");
    const run = spawnSync(PYTHON, ["-B", pathOf("read_membership.py"), file], { encoding: "utf8" });
    const total = readVectors("membership").vectors.length;
    assert.is(run.stderr, "");
    assert.is(run.stdout, `${total} of ${total} agreed\n`);
  });
} else {
  test("Python with its cryptography package is not here: nothing was checked", () => {
    console.log("skipped: no python3 with the package cryptography");
  });
}

test.run();
