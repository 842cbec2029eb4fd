/** What `show paper` says of switches: each that is turned alone is named alone, and by the paper's rules none is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { PAPER_V1_HASH_HEX } from "#core/contract/paper-v1-program.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH, type Terms } from "#core/contract/terms.ts";
import type { GenesisBody } from "#core/ledger/genesis.ts";
import { PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { switchesOf } from "#firmware/commands/paper/switches.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import { LedgerBuilder } from "#test/builders/ledger-builder.ts";
import { CERTIFIED } from "#test/builders/membership-facts.ts";

const GENESIS = new LedgerBuilder({ rules: PAPER_RULES }).genesis.body;
const TERMS = batteryTerms({
  ...{ readingsPerReport: 1, exposureMilliWh: EXPOSURE_UNLIMITED_MILLI_WH },
  codeHash: fromHex(PAPER_V1_HASH_HEX) ?? new Uint8Array(),
});

const test = suite("switches of the paper");

test("by the paper's rules and terms none is turned, and every rule of a genesis but its profile's name is one", () => {
  assert.equal(turned(GENESIS, TERMS), []);
  const names = switchesOf(GENESIS, TERMS).map(({ name }) => name);
  for (const name of Object.keys(PAPER_RULES)) assert.is(names.includes(name), name !== "profile", name);
  assert.is(names.length, Object.keys(PAPER_RULES).length - 1 + 1 + 3, "with the membership, and three of the terms");
  assert.equal(turned({ ...GENESIS, rules: { ...PAPER_RULES, profile: "hardened" } }, TERMS), []);
});

test("a rule that is turned alone is named alone, with both values", () => {
  for (const [name, value] of Object.entries(PAPER_RULES)) {
    if (name === "profile") continue;
    const other = otherThan(value);
    const genesis = { ...GENESIS, rules: { ...PAPER_RULES, [name]: other } };
    assert.equal(turned(genesis, TERMS), [[name, value === null ? "none" : String(value), String(other)]]);
  }
});

test("so is the membership, and each of the terms", () => {
  assert.equal(turned({ ...GENESIS, version: 2, membership: CERTIFIED }, TERMS), [["membership", "open", "certified"]]);
  const admitting = { ...CERTIFIED, admitsUncertified: true };
  assert.equal(turned({ ...GENESIS, version: 2, membership: admitting }, TERMS), []);
  for (const [change, expected] of [
    [{ readingsPerReport: 5 }, ["terms.readingsPerReport", "1", "5"]],
    [{ exposureMilliWh: 4_000_000 }, ["terms.exposure", "unlimited", "4000000 mWh"]],
    [{ codeHash: batteryTerms().codeHash }, ["terms.contract", "paper-v1", "energy-v1"]],
    [{ codeHash: new Uint8Array(32) }, ["terms.contract", "paper-v1", "another"]],
  ] as const) {
    assert.equal(turned(GENESIS, { ...TERMS, ...change }), [expected]);
  }
});

test.run();

function turned(genesis: GenesisBody, terms: Terms): readonly (readonly string[])[] {
  return switchesOf(genesis, terms)
    .filter(({ paper, found }) => paper !== found)
    .map(({ name, paper, found }) => [name, paper, found]);
}

function otherThan(value: LedgerRules[keyof LedgerRules]): boolean | number | string {
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return value === "off" ? "votes" : "all";
  return (value ?? 4) + 1;
}
