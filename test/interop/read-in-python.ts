/** Runs a reader written in Python from the specifications, with another library for ECDSA, on our vectors. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Test } from "uvu";

const PYTHON = "/usr/bin/python3";
const isThere = spawnSync(PYTHON, ["-c", "import cryptography"]).status === 0;

export interface PythonRun {
  readonly stdout: string;
  readonly stderr: string;
}

/** What `interop/NAME` prints about the named files of `vectors/`. */
export function readInPython(name: string, vectors: readonly string[]): PythonRun {
  const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  const files = vectors.map((file) => pathOf(`../vectors/${file}.json`));
  return spawnSync(PYTHON, ["-B", pathOf(name), ...files], { encoding: "utf8" });
}

/** A test that needs the interpreter and its package; where they are missing it says so and checks nothing. */
export function testInPython(test: Test, claim: string, check: () => void): void {
  if (isThere) {
    test(claim, check);
    return;
  }
  test("Python with its cryptography package is not here: nothing was checked", () => {
    console.log("skipped: no python3 with the package cryptography");
  });
}
