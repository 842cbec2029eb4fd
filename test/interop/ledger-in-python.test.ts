/** A reader written in Python from the specification of the ledger judges our vectors of facts and of the chain. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readVectors } from "#test/vectors/vector-file.ts";

const PYTHON = "/usr/bin/python3";
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const isThere = spawnSync(PYTHON, ["-c", "import cryptography"]).status === 0;

const test = suite("ledger in Python");

if (isThere) {
  test("an implementation from the specification alone judges every vector as we do, but for results", () => {
    const files = ["facts", "chain"].map((name) => pathOf(`../vectors/${name}.json`));
    const run = spawnSync(PYTHON, ["-B", pathOf("read_chain.py"), ...files], { encoding: "utf8" });
    const all = [...readVectors("facts").vectors, ...readVectors("chain").vectors];
    const leftOut = all.filter(({ flags }) => flags.includes("settle")).length;
    const judged = all.length - leftOut;
    assert.ok(leftOut < all.length / 10);
    assert.is(run.stderr, "");
    assert.is(run.stdout, `${judged} of ${judged} agreed, ${leftOut} left out\n`);
  });
} else {
  test("Python with its cryptography package is not here: nothing was checked", () => {
    console.log("skipped: no python3 with the package cryptography");
  });
}

test.run();
