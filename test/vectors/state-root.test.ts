/** The roots of small states are the ones that other implementations are given. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exampleStates, type StateVector } from "./state-root-example.ts";

const { states } = JSON.parse(readFileSync(new URL("state-root.json", import.meta.url), "utf8")) as {
  readonly states: readonly StateVector[];
};

const test = suite("vectors of the state's root");

test("every entry and every root is as written", () => {
  assert.equal(exampleStates(), states);
  assert.ok(states.some(({ tables }) => tables.at(-1)?.entries.length === 6));
});

test("the worked example of the specification is the first of them", () => {
  const readme = readFileSync(new URL("../../firmware/core/ledger/README.md", import.meta.url), "utf8");
  const section = readme.slice(readme.indexOf("### 3.3"), readme.indexOf("## 4."));
  const example: Record<string, string> = {};
  let name = "";
  for (const line of (section.split("```")[3] ?? "").trim().split("\n")) {
    const [left, right] = line.includes("=") ? line.split("=") : ["", line];
    name = left === undefined || left === "" ? name : left.trim();
    example[name] = (example[name] ?? "") + (right ?? "").trim();
  }
  const [first] = states;
  assert.ok(first);
  const [members] = first.tables;
  const [[key, value] = []] = members?.entries ?? [];
  const { finality, head, root } = first;
  assert.equal(example, { key, value, members: members?.root, finality, head, stateRoot: root });
});

test.run();
