import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1, ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { checkProgram, programCosts } from "#core/script/check-program.ts";
import { decodeProgram, encodeProgram } from "#core/script/encode-program.ts";
import type { Program } from "#core/script/program.ts";
import type { InputValues } from "#core/script/run-program.ts";
import { checkSurface } from "#core/script/surface.ts";
import { askContract } from "#core/session/ask-contract.ts";
import { outcomeInputs, chargeFigures } from "#core/session/charge-figures.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import { chargeOf, ramp } from "#test/builders/charge-facts.ts";
import { checkBounds, compareWithTwin } from "#test/builders/settle-trials.ts";

const test = suite("energy-v1");
const kWh = 1_000_000;
const source = readFileSync(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");

function compiled(text: string): Program {
  const contract = compileContract(text, ENERGY_SURFACE);
  assert.ok(contract.ok, contract.ok ? "" : JSON.stringify(contract.fault));
  return contract.value.program;
}

/** The shipped source with one place changed. */
function changed(from: string, to: string): Program {
  assert.ok(source.includes(from), from);
  return compiled(source.replace(from, to));
}

test("the source compiles to exactly the bytes that are shipped", () => {
  const contract = compileContract(source, ENERGY_SURFACE);
  assert.ok(contract.ok);
  assert.ok(equalBytes(contract.value.bytes, ENERGY_V1_BYTES), "run node test/vectors/generate-energy-v1.ts");
  assert.equal(decodeProgram(ENERGY_V1_BYTES), { ok: true, value: contract.value.program });
});

test("comments, spaces and the order of sections and of commands do not change the bytes", () => {
  const outcome = source.indexOf('  "outcome"');
  const queries = source.indexOf('  "queries"');
  const swapped = `${source.slice(0, outcome)}${source.slice(queries, -2)}\n${source.slice(outcome, queries)}}`;
  const bare = swapped.replaceAll(/\/\/.*$/gm, "").replaceAll(/\n\s+/g, "\n");
  const contract = compileContract(bare, ENERGY_SURFACE);
  assert.ok(contract.ok, contract.ok ? "" : JSON.stringify(contract.fault));
  assert.is(toHex(contract.value.bytes), toHex(ENERGY_V1_BYTES));
});

test("the program holds, fits the ledger and is far from its limits", () => {
  assert.equal(checkProgram(ENERGY_V1), []);
  assert.equal(checkSurface(ENERGY_V1, ENERGY_SURFACE), []);
  for (const { place, steps } of programCosts(ENERGY_V1)) assert.ok(steps < SCRIPT_STEPS_MAX / 10, place);
});

test("the ledger gives the program every input that its surface promises, of its type", () => {
  const given: InputValues = outcomeInputs(chargeFigures(chargeOf({}), false));
  const promised = Object.entries(ENERGY_SURFACE.inputs).filter(([, { sections }]) => sections.includes("outcome"));
  assert.equal(Object.keys(given).sort(), promised.map(([name]) => name).sort());
  for (const [name, { type }] of promised) {
    const value = given[name];
    assert.is(typeof value === "bigint" ? "int" : typeof value === "boolean" ? "bool" : typeof value, type, name);
  }
});

test("P4 program and native twin settle 20,000 random charges alike", () => {
  const endings = compareWithTwin("unit", 20_000);
  const all = ["SETTLED mutual", "SETTLED arbiter", "DISPUTED comparison", "ABANDONED silence", "CANCELLED cancelled"];
  for (const ending of all) assert.ok((endings.get(ending) ?? 0) > 200, ending);
});

test("P3 10,000 random fact sets: one outcome in whatever order, within what both have signed", () => {
  assert.ok(checkBounds("unit bounds", 10_000).size >= 8);
});

const parted = chargeOf({
  station: ramp(20, kWh),
  vehicle: ramp(20, kWh).map((energy) => Math.min(energy, 8 * kWh)),
  stationFinal: 20 * kWh,
  vehicleFinal: 8 * kWh,
});

function ended(program: Program, graceOver: boolean): readonly [Settlement["state"], number, number, string] {
  const { state, billedMilliWh, contestedMilliWh, ending } = settle(
    { ...parted, code: encodeProgram(program) },
    graceOver,
  );
  return [state, billedMilliWh, contestedMilliWh, ending ?? "open"];
}

test("another contract may say something else, within the bounds", () => {
  const generous = changed('"billed": settledByBoth', '"billed": measured == "DISPUTED" ? 0 : settledByBoth');
  const lapsing = compiled(
    source
      .replace('"billed": settledByBoth', '"billed": measured == "DISPUTED" ? undisputed.milliWh / 2 : settledByBoth')
      .replace('"contested": settledByBoth', '"contested": measured == "DISPUTED" ? 0 : settledByBoth'),
  );
  assert.equal(ended(ENERGY_V1, false), ["DISPUTED", 8 * kWh, 12 * kWh, "comparison"]);
  assert.equal(ended(generous, false), ["DISPUTED", 0, 12 * kWh, "comparison"]);
  assert.equal(ended(lapsing, false), ["DISPUTED", 4 * kWh, 0, "comparison"]);
});

const HARMLESS = ["DISPUTED", 8 * kWh, 12 * kWh, "comparison"] as const;
const OPEN = ["COMPLETING", 8 * kWh, 12 * kWh, "open"] as const;

const HOSTILE: Readonly<Record<string, readonly [string, string]>> = {
  "bills more than the station has signed for": [
    '"billed": settledByBoth',
    '"billed": true ? 999000000 : settledByBoth',
  ],
  "bills less than nothing": ['"billed": settledByBoth', '"billed": true ? -1 : settledByBoth'],
  "contests what is billed already": [
    '"contested": settledByBoth',
    '"contested": true ? station.milliWh : settledByBoth',
  ],
  "divides by zero": ['"billed": settledByBoth', '"billed": station.milliWh / 0 > 0 ? 0 : settledByBoth'],
  overflows: ['"billed": settledByBoth', '"billed": 9223372036854775807 + station.milliWh > 0 ? 0 : settledByBoth'],
  "knows a state of its own": ['"state": settledByBoth', '"state": true ? "PAID" : settledByBoth'],
  "settles by an agreement that there is not": [
    '"state": settledByBoth || ruled ? "SETTLED" : measured',
    '"state": "SETTLED"',
  ],
  "calls a side silent that has spoken": ['"vehicleSilent": decided &&', '"vehicleSilent": true || decided &&'],
  "never ends": ['"ending":\n      settledByBoth', '"ending":\n      true ? "" : settledByBoth'],
};

for (const [what, [from, to]] of Object.entries(HOSTILE)) {
  test(`a contract that ${what} is not heard: the undisputed minimum is owed`, () => {
    const program = changed(from, to);
    assert.equal(ended(program, false), OPEN);
    assert.equal(ended(program, true), HARMLESS);
  });
}

test("queries are answered from the facts, also of a contract of one's own", () => {
  const { contract, answers } = askContract(parted, false);
  assert.equal([contract, ...answers], ["energy-v1", ["open", 12_000_000n], ["owed", 8_000_000n]]);
  const trapping = changed('"open": open,', '"open": open / 0,');
  assert.is(askContract({ ...parted, code: encodeProgram(trapping) }, false).answers.get("open"), undefined);
});

test("with a contract that is not heard both can still agree", () => {
  const program = changed('"billed": settledByBoth', '"billed": true ? -1 : settledByBoth');
  const proposal = { address: new Uint8Array(32), number: 0, energyMilliWh: 10 * kWh, amount: 400 };
  const proposals = {
    station: [{ ...proposal, role: "station" as const }],
    vehicle: [{ ...proposal, role: "vehicle" as const }],
  };
  const { state, billedMilliWh, agreedAmount } = settle({ ...parted, proposals, code: encodeProgram(program) }, true);
  assert.equal([state, billedMilliWh, agreedAmount], ["SETTLED", 10 * kWh, 400]);
});

test("a contract cannot read the time into its outcome, nor the other side into a command", () => {
  const problems = (from: string, to: string): readonly string[] => {
    const contract = compileContract(source.replace(from, to), ENERGY_SURFACE);
    return contract.ok ? [] : contract.fault.map(({ message }) => message);
  };
  assert.equal(problems('"open": open,', '"open": charge.endsAt,'), ["queries.open: charge.endsAt is not known there"]);
  assert.equal(problems('"guard": true', '"guard": begun'), [
    "commands.resolve: station.heard is not known there",
    "commands.resolve: vehicle.heard is not known there",
  ]);
  assert.equal(problems('"from": ["arbiter"]', '"from": ["station"]'), [
    'commands.adjudicate.from: "station" is none of arbiter',
  ]);
});

test.run();
