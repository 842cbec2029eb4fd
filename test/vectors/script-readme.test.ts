/** What `core/script/README.md` says, held against the code: another team implements from it. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { toHex } from "#base/bytes.ts";
import { OPERATORS } from "#core/script/expression.ts";
import { TRAPPED } from "#core/script/trap.ts";

const readme = readFileSync(new URL("../../firmware/core/script/README.md", import.meta.url), "utf8");
const test = suite("script README");

test("the table of operators is the one that is used", () => {
  const rows = [...readme.matchAll(/^\| (\d+) +\| ([a-z-]+) +\|/gm)].map(([, code, name]) => [name, Number(code)]);
  const used = Object.entries(OPERATORS).map(([name, { code }]) => [name, code]);
  // Other tables of the page have numbered rows, too: those of the keys of a program come before.
  assert.equal(rows.slice(-used.length), used);
});

test("every trap is told", () => {
  for (const code of Object.keys(TRAPPED)) assert.ok(readme.includes(`\`${code}\``), code);
});

test("the example has the bytes that are printed", () => {
  const source = /^The program `(.*)` is$/m.exec(readme)?.[1] ?? "";
  const surface = {
    inputs: { "meter.milliWh": { type: "int", sections: ["outcome"] } },
    outcome: { billed: "int" },
    commands: {},
    timers: [],
  } as const;
  const compiled = compileContract(source, surface);
  assert.ok(compiled.ok);
  assert.ok(readme.includes(toHex(compiled.value.bytes)));
});

test.run();
