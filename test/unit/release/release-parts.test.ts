/** What a release says of itself and refuses: weights, licences, who uses whom, its name. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isLicenceAllowed } from "#deploy/release/licence-policy.ts";
import { licenceTexts } from "#deploy/release/licence-texts.ts";
import { fetchArchive } from "#deploy/release/npm-archive.ts";
import { packageFolder } from "#deploy/release/packages-inside.ts";
import { releaseVersion } from "#deploy/release/release-version.ts";
import { overweight, readSizeBudget } from "#deploy/release/size-budget.ts";

const folder = mkdtempSync(join(tmpdir(), "release-"));
const test = suite("parts of a release");
test.after(() => {
  rmSync(folder, { recursive: true });
});

test("one byte over the budget is overweight, and at the budget nothing is", () => {
  const budget = readSizeBudget();
  assert.equal(overweight(budget, budget), []);
  const programs = budget["programs"] ?? 0;
  assert.equal(overweight({ ...budget, programs: programs + 1 }, budget), [
    { what: "programs", bytes: programs + 1, bytesMax: programs },
  ]);
});

test("what has no budget, and a budget for what is not there, are refused: nothing would be checked", () => {
  assert.throws(() => overweight({ a: 1, b: 1 }, { a: 1 }), /without a budget.*: b/);
  assert.throws(() => overweight({ a: 1 }, { a: 1, b: 1 }), /without a budget.*: b/);
});

test("licences that ask for more than their text are refused, and so are those that are not stated", () => {
  for (const allowed of ["MIT", "(MIT OR GPL-3.0-only)", "Apache-2.0 AND MIT", "BSD-3-Clause"])
    assert.ok(isLicenceAllowed(allowed), allowed);
  for (const refused of [undefined, "", "GPL-3.0-only", "MIT AND GPL-3.0-only", "SEE LICENSE IN x", "UNLICENSED"])
    assert.not.ok(isLicenceAllowed(refused), refused);
});

test("a text that several packages share stands once, and one that brings none is named", () => {
  writeFileSync(join(folder, "LICENSE"), "Permission is granted.\r\n");
  const bare = mkdtempSync(join(folder, "bare-"));
  const text = licenceTexts([
    { name: "b", version: "2.0.0", licence: "MIT", folder },
    { name: "c", version: "3.0.0", licence: "MIT", folder: bare },
    { name: "a", version: "1.0.0", licence: "MIT", folder },
  ]);
  assert.is(text.match(/Permission is granted\./g)?.length, 1);
  assert.match(text, /a 1\.0\.0 \(MIT\)\nb 2\.0\.0 \(MIT\)\n\nPermission/);
  assert.match(text, /c 3\.0\.0 \(MIT\)\n\nTheir archives state the licence and bring no text/);
});

test("a file belongs to the innermost package", () => {
  assert.is(packageFolder("node_modules/a/lib/x.js"), "node_modules/a");
  assert.is(packageFolder("node_modules/a/node_modules/@b/c/x.js"), "node_modules/a/node_modules/@b/c");
  assert.is(packageFolder("firmware/main.ts"), undefined);
});

test("an archive that is not what was pinned is never used, from a cache or from elsewhere", async () => {
  const cache = mkdtempSync(join(folder, "cache-"));
  const pinned = { name: "@a/b", version: "1.0.0", integrity: "sha512-AAAA" };
  writeFileSync(join(cache, "a-b-1.0.0.tgz"), "not it");
  const path = process.env["PATH"];
  // Without npm nothing can be fetched: what is in the cache is all there is.
  process.env["PATH"] = folder;
  const refused = await fetchArchive(pinned, cache).then(
    () => "used",
    (error: unknown) => String(error),
  );
  process.env["PATH"] = path;
  assert.match(refused, /@a\/b@1\.0\.0 cannot be fetched/);
});

test("a release is named by version, place in the history and commit, and says when the tree is not the commit's", () => {
  const git = (...words: readonly string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...words], { encoding: "utf8" });
  const root = folder;
  writeFileSync(join(root, "package.json"), '{"version":"1.2.3"}');
  assert.equal(releaseVersion(root, { SOURCE_DATE_EPOCH: "12" }), {
    ...{ version: "1.2.3", commit: undefined, epochSeconds: 12 },
  });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "one", "--date", "2026-01-01T00:00:00Z");
  git("commit", "-q", "--allow-empty", "-m", "two");
  const clean = releaseVersion(root, {});
  assert.match(clean.version, /^1\.2\.3\+git2\.[0-9a-f]{7}$/);
  assert.is(clean.epochSeconds, Number(git("log", "-1", "--format=%ct")));
  writeFileSync(join(root, "other"), "");
  assert.is(releaseVersion(root, {}).version, `${clean.version}.changed`);
});

test.run();
