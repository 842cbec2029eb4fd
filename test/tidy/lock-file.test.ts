/** What `npm ci` installs on a machine that is not this one. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

interface LockedPackage {
  readonly version: string;
  readonly hasInstallScript?: true;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): unknown => JSON.parse(readFileSync(`${root}${file}`, "utf8"));
const { packages } = read("package-lock.json") as { readonly packages: Readonly<Record<string, LockedPackage>> };
const manifest = read("package.json") as { readonly allowScripts: Readonly<Record<string, boolean>> };

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

const test = suite("lock file");

test("every package that a dependency has for another platform is in it: a hole breaks the installation there", () => {
  const locked = new Set(Object.keys(packages).map(nameOf));
  const holes = Object.entries(packages)
    .filter(([path]) => path !== "")
    .flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !locked.has(name));
  assert.equal(holes, []);
});

test("what calls the kernel for GPIO has a binary for each processor of our boards", () => {
  for (const cpu of ["x64", "arm64", "arm"]) {
    const binary = packages[`node_modules/@koromix/koffi-linux-${cpu}`];
    assert.ok(binary?.os?.includes("linux") && binary.cpu?.includes(cpu), cpu);
  }
});

test("a package with an install script is allowed or refused by name", () => {
  const scripted = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => nameOf(path));
  const unknown = scripted.filter((name) => manifest.allowScripts[name] === undefined);
  assert.equal(unknown, []);
});

test("johnny-five brings no serialport of its own, and nothing that is whatever is newest", () => {
  const serialports = Object.keys(packages).filter((path) => nameOf(path) === "serialport");
  assert.equal(serialports, ["node_modules/serialport"]);
  assert.is(packages["node_modules/temporal"]?.version, "0.7.1");
});

test.run();
