/** Whoever reads what `verify` found needs a sentence for each rule, also for one that was added yesterday. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ruleText } from "#records/rule-text.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SOURCES = "firmware/{core/{ledger,wire},records,commands,adapters/flash-store}/*.ts";
const RULE =
  /"((?:FACT|BLOCK|CHAIN|JOURNAL|RECEIPT|SLIP|BASE45|EXPORT|CBOR|WIRE|SIGNED|TORN|RECORD|SEGMENT|REGISTER)_[A-Z_]+)"/g;

const test = suite("rules in words");

test("every code that a chain, a receipt or a store can be refused with has its sentence", () => {
  const codes = globSync(SOURCES, { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(`${ROOT}${file}`, "utf8").matchAll(RULE)].map(([, code]) => code ?? ""),
  );
  const rules = [...new Set(codes)].filter((code) => code !== "REGISTER_UNREADABLE");
  assert.ok(rules.length > 50, `only ${rules.length} found`);
  assert.equal(
    rules.filter((code) => ruleText(code).includes(code)),
    [],
  );
});

test("an unknown code is shown as it is", () => {
  assert.is(ruleText("SOMETHING_NEW"), "The rule SOMETHING_NEW does not hold.");
});

test.run();
