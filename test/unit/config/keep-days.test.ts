/** How long others' charges are kept, as a person says it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { KEEP_DAYS_DEFAULT, KEEP_DAYS_MIN, readKeepDays } from "#config/keep-days.ts";
import { configText } from "#firmware/commands/config-text.ts";

const BASE = {
  role: "arbiter",
  name: "court",
  organisation: "",
  site: "site-1",
  brokerUrl: "mqtt://10.0.0.1",
} as const;

const test = suite("keep_days");

test("init writes the default with what it means, and a file without it has the same", () => {
  const text = configText(BASE);
  assert.match(text, new RegExp(`\nkeep_days = ${KEEP_DAYS_DEFAULT}\n`));
  assert.is(keepDaysIn(text), KEEP_DAYS_DEFAULT);
  assert.is(keepDaysIn(text.replace(/^keep_days.*\n/m, "")), KEEP_DAYS_DEFAULT);
  assert.is(keepDaysIn(configText({ ...BASE, keepDays: "all" })), "all");
  assert.is(keepDaysIn(configText({ ...BASE, keepDays: 365 })), 365);
});

test("0 and all keep everything; fewer days than terms look back to, and anything else, are refused", () => {
  const text = configText(BASE);
  assert.is(keepDaysIn(text.replace(/^keep_days.*$/m, "keep_days = 0")), "all");
  assert.is(keepDaysIn(text.replace(/^keep_days.*$/m, `keep_days = ${KEEP_DAYS_MIN}`)), KEEP_DAYS_MIN);
  for (const value of ["69", "-1", "90.5", "36501", '"some"', "true", "[90]"]) {
    const read = parseGatewayConfig(text.replace(/^keep_days.*$/m, `keep_days = ${value}`));
    assert.not(read.ok, value);
    if (!read.ok) assert.equal([read.fault.path, /"all" \(or 0\)/.test(read.fault.expected)], ["keep_days", true]);
  }
});

test("on a command line the same words mean the same", () => {
  const days = (word: string): unknown => {
    const read = readKeepDays(word);
    return read.ok ? read.value : undefined;
  };
  assert.equal(["90", "0", "all", "70"].map(days), [90, "all", "all", 70]);
  assert.equal(["69", "", "-1", "9e1", "ninety", "0x90"].map(days), Array(6).fill(undefined));
});

test.run();

function keepDaysIn(text: string): unknown {
  const read = parseGatewayConfig(text);
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return read.value.keep_days;
}
