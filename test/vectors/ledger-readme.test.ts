/** The specifications of the ledger and of what leaves it say what the code does. */
import { readFileSync, globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BRANCH_DEPTH_MAX } from "#core/limits.ts";
import { headerBody, resultBody } from "#core/ledger/block.ts";
import { FACT_KINDS } from "#core/ledger/fact.ts";
import { HARDENED_RULES, ledgerRules, PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import {
  BLOCK_BYTES_MAX,
  FACT_BYTES_MAX,
  FACTS_PER_BLOCK_MAX,
  FUTURE_SECONDS_MAX,
  MEMPOOL_FACTS_MAX,
  PARKED_FACTS_MAX,
  RESULT_BYTES_MAX,
  RESULTS_PER_BLOCK_MAX,
} from "#core/limits.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { isMap } from "#core/wire/cbor.ts";
import { RECORDS_PER_CHUNK } from "#records/chain-export.ts";
import { ruleText } from "#records/rule-text.ts";
import { LedgerBuilder } from "#test/builders/ledger-builder.ts";
import { ledgerExample } from "./ledger-example.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const ledger = read("firmware/core/ledger/README.md");
const records = read("firmware/records/README.md");

const test = suite("specification of the ledger");

test("the worked example is what the code makes", () => {
  const block = section(ledger, "## 10.").split("```")[1] ?? "";
  const example: Record<string, string> = {};
  let name = "";
  for (const line of block.trim().split("\n")) {
    const [left, right] = line.includes("=") ? line.split("=") : ["", line];
    name = left === undefined || left === "" ? name : left.trim();
    example[name] = (example[name] ?? "") + (right ?? "").trim();
  }
  assert.equal(example, ledgerExample());
});

test("the table of the rules has every rule with both its values", () => {
  const rows = tableRows(section(ledger, "### 1.1"));
  const listed = rows.map(([key, name, , paper, hardened]) => [key, name, paper, hardened].join(" "));
  const shown = (rules: LedgerRules): ReadonlyMap<number, unknown> => {
    const item = ledgerRules.write(rules);
    assert.ok(isMap(item));
    return item;
  };
  const [paper, hardened] = [shown(PAPER_RULES), shown(HARDENED_RULES)];
  const expected = Object.keys(PAPER_RULES).map((name, place) => {
    const key = place + 1;
    return [key, name, plain(paper.get(key)), plain(hardened.get(key))].join(" ");
  });
  assert.equal(listed, expected);
});

test("the kinds of facts have their purposes, and stand in the order of a block", () => {
  const listed = tableRows(section(ledger, "## 2.")).map(([purpose, kind]) => `${purpose ?? ""} ${kind ?? ""}`);
  assert.equal(
    listed,
    FACT_KINDS.map((kind) => `${PURPOSE[kind]} ${kind}`),
  );
  assert.ok(ledger.includes(`By kind (${FACT_KINDS.join(", ")})`));
});

test("the tables of header and result have every key and field", () => {
  const builder = new LedgerBuilder();
  const hash = builder.genesis.id;
  const optional = { stateRoot: hash, justify: { serial: 0, id: hash }, nextCommittee: hash, linksRoot: hash };
  const header = { ...builder.make().header, ...optional };
  const item = headerBody.write(header);
  assert.ok(isMap(item));
  const rows = tableRows(section(ledger, "## 3.")).filter(([key]) => /^\d+$/.test(key ?? ""));
  assert.equal(rows.map(([, name]) => name).sort(), Object.keys(header).sort());
  const keys = rows.map(([key]) => Number(key));
  assert.equal(
    keys,
    Array.from({ length: item.size }, (_, index) => index + 1),
  );
  assert.ok(keys.every((key) => item.has(key)));
  const fields = tableRows(section(ledger, "### 3.1")).map(([, name]) => name);
  assert.is(fields.length, 14);
  const names = ["address", "state", "stationMilliWh", "vehicleMilliWh", "billedMilliWh", "contestedMilliWh", "amount"];
  assert.equal(fields, [
    ...names,
    "verdict",
    "differencePpm",
    "rejectionLimitPpm",
    "silent",
    "revision",
    "ending",
    "fault",
  ]);
  assert.ok(resultBody);
});

test("the limits are those of the code", () => {
  const number = (value: number): string => value.toLocaleString("en-US");
  for (const text of [
    `at most ${number(FACT_BYTES_MAX)} bytes`,
    `(${number(BLOCK_BYTES_MAX)} bytes)`,
    `at most ${FACTS_PER_BLOCK_MAX} facts and ${RESULTS_PER_BLOCK_MAX}\nresults`,
    `at most ${RESULT_BYTES_MAX} bytes`,
    `more than ${FUTURE_SECONDS_MAX} s behind`,
    `${number(BRANCH_DEPTH_MAX)} or more below`,
    `At most ${number(MEMPOOL_FACTS_MAX)} facts wait, and ${PARKED_FACTS_MAX} more`,
  ]) {
    assert.ok(ledger.includes(text), text);
  }
  assert.ok(records.includes(`has ${RECORDS_PER_CHUNK} records`));
});

test("every fault code of the ledger and its records is in the specification and has its words", () => {
  const sources = [
    ...globSync("firmware/core/ledger/*.ts", { cwd: root }),
    ...globSync("firmware/records/*.ts", { cwd: root }),
  ];
  const codes = new Set(
    sources
      .flatMap((file) => [
        ...read(file).matchAll(/readonly code: "((?:FACT|BLOCK|CHAIN|JOURNAL|RECEIPT|EXPORT)_[A-Z_]+)"/g),
      ])
      .map(([, code]) => code ?? ""),
  );
  assert.ok(codes.size > 35, `${codes.size} found`);
  const both = `${ledger}${records}`;
  assert.equal(
    [...codes].filter((code) => !both.includes(`\`${code}\``)),
    [],
  );
  assert.equal(
    [...codes].filter((code) => ruleText(code).includes(code)),
    [],
  );
});

test.run();

function plain(value: unknown): string {
  return typeof value === "number" && value >= 1000 ? value.toLocaleString("en-US") : String(value);
}

/** From a heading to the next one. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}`);
  assert.ok(start >= 0, heading);
  const rest = text.slice(start + 1);
  return rest.slice(0, rest.search(/\n#+ /) < 0 ? undefined : rest.search(/\n#+ /));
}

function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ -]+\|/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`|`$/g, "")),
    );
}
