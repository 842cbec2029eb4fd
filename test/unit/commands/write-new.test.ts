/** Files that are there whole or not at all, on any file system, whenever the power is cut. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameNew, resumeNew } from "#firmware/commands/export/write-new.ts";

const home = mkdtempSync(join(tmpdir(), "write-new-test-"));
const test = suite("write new");

test.after(() => {
  rmSync(home, { recursive: true });
});

test("a memory stick without links gets whole files, too, and none is replaced", async () => {
  const noLinks = (): Promise<void> => Promise.reject(Object.assign(new Error("no links"), { code: "EPERM" }));
  const [part, made] = [join(home, "made.part"), join(home, "made")];
  writeFileSync(part, "new");
  await nameNew(part, made, noLinks);
  assert.is(readFileSync(made, "utf8"), "new");
  writeFileSync(part, "newer");
  const refused: unknown = await nameNew(part, made, noLinks).catch((error: unknown) => error);
  assert.ok(refused instanceof Error && "code" in refused && refused.code === "EEXIST");
  assert.is(readFileSync(made, "utf8"), "new");
});

test("what a killed export left beside a finished file is taken away by the next", async () => {
  writeFileSync(join(home, "paper"), "whole");
  writeFileSync(join(home, ".paper.part"), "whole");
  assert.is(await resumeNew(join(home, "paper"), new TextEncoder().encode("whole")), "there");
  assert.not.ok(readdirSync(home).includes(".paper.part"));
});

test.run();
