/**
 * Whether the trials of `energy-v1` against its native twin would notice a slip in the contract's source: each operator,
 * side, bound and word of the parts that decide is changed in turn, and some random charge must come out otherwise.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import type { Program } from "#core/script/program.ts";
import { runOutcome, type InputValues } from "#core/script/run-program.ts";
import { boundedOutcome } from "#core/session/bounded-outcome.ts";
import { chargeFigures, outcomeInputs, type ChargeFigures } from "#core/session/charge-figures.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { nativeSettle } from "#test/builders/native-settle.ts";
import { randomCharge } from "#test/builders/random-charges.ts";

const test = suite("energy-v1, changed");
const source = readFileSync(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");
/** As many as the trials of `energy-v1` look at, and the same ones. */
const TRIALS = 20_000;

/** What stands in the source, and what a slip would make of it. */
const SLIPS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/&&/g, ["||"]],
  [/\|\|/g, ["&&"]],
  [/==/g, ["!="]],
  [/!=/g, ["=="]],
  [/<=/g, ["<", ">"]],
  [/ - /g, [" + "]],
  [/ \+ /g, [" - "]],
  [/!(?=[a-z])/g, [""]],
  [/\bmin\(/g, ["max("]],
  [/\bmax\(/g, ["min("]],
  [/\bstation\./g, ["vehicle."]],
  [/\bvehicle\./g, ["station."]],
  [/\b0\b/g, ["1"]],
  [/\bterms\.silentPays\b/g, ["true", "false"]],
  [/\bgrace\.isOver\b/g, ["true", "false"]],
  [/\bmutual\.found\b/g, ["true"]],
  [/\bruling\.found\b/g, ["true"]],
  [
    /"(?:SETTLED|ABANDONED|CANCELLED|comparison|silence|arbiter|mutual|cancelled)"(?=\s*:|,|$)/gm,
    ['"DISPUTED"', '"silence"'],
  ],
];

interface Trial {
  readonly figures: ChargeFigures;
  readonly inputs: InputValues;
  readonly expected: string;
}

test("P4 every slip in the parts that decide makes some charge come out otherwise than by the native twin", () => {
  const trials: Trial[] = [];
  const trialAt = (number: number): Trial => (trials[number] ??= trialOf(number));
  const seen = { slips: 0, refused: 0 };
  const living: string[] = [];
  for (const { line, text } of slips()) {
    const program = compiled(text);
    if (program === undefined) {
      seen.refused += 1;
      continue;
    }
    seen.slips += 1;
    let number = 0;
    while (number < TRIALS && outcomeBy(program, trialAt(number)) === trialAt(number).expected) number += 1;
    if (number === TRIALS) living.push(line);
  }
  assert.equal(living, []);
  assert.ok(seen.slips > 100 && seen.refused < 10, JSON.stringify(seen));
});

test.run();

function* slips(): Generator<{ readonly line: string; readonly text: string }> {
  for (const [pattern, replacements] of SLIPS) {
    for (const match of source.matchAll(pattern)) {
      if (!isDeciding(match.index)) continue;
      for (const replacement of replacements) {
        if (replacement === match[0]) continue;
        const end = match.index + match[0].length;
        const text = source.slice(0, match.index) + replacement + source.slice(end);
        yield { line: lineAt(text, match.index), text };
      }
    }
  }
}

/** In `let` or `outcome`, and not in a comment: who may say what, and until when, is not the twin's. */
function isDeciding(at: number): boolean {
  const line = source.slice(source.lastIndexOf("\n", at) + 1, at);
  const section = [...source.slice(0, at).matchAll(/^ {2}"(\w+)": \{/gm)].at(-1)?.[1];
  return (section === "let" || section === "outcome") && !line.includes("//");
}

function lineAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, text.indexOf("\n", at)).trim();
}

function compiled(text: string): Program | undefined {
  const contract = compileContract(text, ENERGY_SURFACE);
  return contract.ok ? contract.value.program : undefined;
}

function trialOf(number: number): Trial {
  const { charge, graceOver } = randomCharge(new SeededRandom(`unit ${number}`));
  const figures = chargeFigures(charge, graceOver);
  const { state, billedMilliWh, contestedMilliWh, ending, silent } = nativeSettle(charge, graceOver);
  const expected = [state, billedMilliWh, contestedMilliWh, ending, ...silent].join();
  return { figures, inputs: outcomeInputs(figures), expected };
}

function outcomeBy(program: Program, { figures, inputs }: Trial): string {
  const outcome = boundedOutcome(runOutcome(program, inputs).fields, figures);
  const { state, billedMilliWh, contestedMilliWh, ending, silent } = outcome;
  return [state, billedMilliWh, contestedMilliWh, ending, ...silent].join();
}
