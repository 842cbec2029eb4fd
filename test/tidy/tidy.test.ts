/** What no compiler checks about the tree: sizes, reasons, stray notes. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");
const sources = globSync("{firmware,hal,boards}/**/*.{ts,js}", { cwd: root });
/** What builds leave there is not ours. */
const exclude = ["deploy/out/**"];
const all = [...sources, ...globSync("{test,deploy}/**/*.{ts,js}", { cwd: root, exclude })];

const LINES_MAX = 300;
/** Longer files, each with the reason why it is not two. */
const LONGER: Readonly<Record<string, string>> = {};

const test = suite("tidy");

test("the checks see the code", () => {
  assert.ok(sources.length > 40, `only ${sources.length} files found`);
  assert.ok(sources.includes("firmware/main.ts"));
});

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const long = all.filter((file) => !(file in LONGER) && read(file).split("\n").length > LINES_MAX + 1);
  assert.equal(long, []);
});

test("an exception from the length is still needed", () => {
  const stale = Object.keys(LONGER).filter((file) => read(file).split("\n").length <= LINES_MAX + 1);
  assert.equal(stale, []);
});

test("a note for later carries a number", () => {
  const bare = all.filter(
    (file) => !file.endsWith("tidy.test.ts") && /\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/.test(read(file)),
  );
  assert.equal(bare, []);
});

test("names say what a thing is", () => {
  const vague = all.filter((file) =>
    /(^|\/)(utils?|helpers?|misc|common|manager)\b|-(utils?|helpers?|manager)\.ts$/.test(file),
  );
  assert.equal(vague, []);
});

test("every folder of the core has the README that is its specification", () => {
  const folders = [
    ...new Set(globSync("firmware/core/*/*.ts", { cwd: root }).map((file) => file.replace(/\/[^/]+$/, ""))),
  ];
  assert.ok(folders.length > 3);
  const without = folders.filter((folder) => globSync(`${folder}/README.md`, { cwd: root }).length === 0);
  assert.equal(without, []);
});

test("every dependency has its reason and an exact version", () => {
  const manifest = JSON.parse(read("package.json")) as Record<string, Record<string, string> | undefined>;
  const wanted = {
    ...manifest["dependencies"],
    ...manifest["optionalDependencies"],
    ...manifest["devDependencies"],
  };
  const reasons = manifest["dependencies-because"] ?? {};
  assert.equal(Object.keys(reasons).sort(), Object.keys(wanted).sort());
  const loose = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  assert.equal(loose, []);
});

test("no default exports, no line over 120 characters", () => {
  const faults = sources
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .map((line, index) => ({ line, at: `${file}:${index + 1}` })),
    )
    .filter(({ line }) => line.length > 120 || /^export default/.test(line))
    .map(({ at }) => at);
  assert.equal(faults, []);
});

test.run();
