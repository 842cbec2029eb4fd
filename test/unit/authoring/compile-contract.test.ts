import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { problemText } from "#firmware/commands/contract/load-contract.ts";
import type { Surface } from "#core/script/surface.ts";

const test = suite("contract source");

const SURFACE: Surface = {
  inputs: {
    "meter.milliWh": { type: "int", sections: ["outcome", "commands"] },
    "meter.name": { type: "string", sections: ["outcome"] },
    isLate: { type: "bool", sections: ["outcome"] },
  },
  outcome: { billed: "int" },
  commands: { stop: { from: ["driver"], states: ["OPEN"] } },
  timers: [],
};

const COMMANDS = `"commands": {"stop": {"from": ["driver"], "states": ["OPEN"], "guard": true}},`;

/** Each problem as line:column: what; what to do. */
function problems(source: string): readonly string[] {
  const compiled = compileContract(source, SURFACE);
  return compiled.ok ? [] : compiled.fault.map(problemText);
}

/** A contract whose outcome is the expression; it begins at line 3, column 24. */
function withBilled(expression: string): string {
  return `{"contract": "trial",\n  ${COMMANDS}\n  "outcome": {"billed": ${expression}},\n}`;
}

test("a contract that holds has no problems", () => {
  assert.equal(problems(withBilled("isLate ? meter.milliWh * 2 : meter.milliWh")), []);
});

test("a byte order mark in front moves no column", () => {
  assert.equal(problems(`\ufeff${withBilled("isLate ? 1 : 2")}`), []);
  assert.match(problems('\ufeff{"contract": 5}')[0] ?? "", /^1:14: "contract" is no name/);
});

test("a name that is none has the place where it stands", () => {
  const source = withBilled("1").replace("\n", '\n  "let": {"a": 1, "äö": 2},');
  assert.match(problems(source)[0] ?? "", /^2:19: let\.äö: "äö" is no name/);
});

/** Expression to its problems, without the advice. */
const BAD: readonly (readonly [string, readonly string[]])[] = [
  ["1 +", ["3:28: Unexpected token: RBRACE"]],
  ["1 = 2", ["3:27: Unexpected character: ="]],
  ['"a', ["3:29: Newlines not allowed in single-quoted strings"]],
  ["meter.milliwh", ['3:25: nothing is called "meter.milliwh"']],
  ["other", ['3:25: nothing is called "other"']],
  ["meter", ['3:25: nothing is called "meter"']],
  ["0.35", ["3:25: a number with a fraction"]],
  ["1u", ["3:25: an unsigned integer"]],
  ["b'x' == b'y' ? 1 : 2", ["3:25: a literal of bytes"]],
  ["null == null ? 1 : 2", ["3:25: null"]],
  ["9223372036854775808", ["3:25: 9223372036854775808 is beyond 64 bits"]],
  ["-9223372036854775809", ["3:26: 9223372036854775809 is beyond 64 bits"]],
  ["-(9223372036854775808)", ["3:27: 9223372036854775808 is beyond 64 bits"]],
  ["{1: 2}[1]", ["3:25: a map inside an expression"]],
  ["constructor(1)", ['3:25: there is no function "constructor"']],
  ["meter.name.toString()", ['3:25: there is no function "toString"']],
  ["meter.name.matches('a+') ? 1 : 0", ["3:25: matches()"]],
  ["double(1)", ["3:25: double()"]],
  ["size(meter.name, 1)", ["3:25: size with 2 values"]],
  ["min(1)", ["3:25: min of one value"]],
  ["[1].all(x, y, true) ? 1 : 0", ["3:25: all in this form"]],
  ["[[1]].map(a, [a].map(b, b.map(c, c[0])))[0][0][0]", ["3:49: too many macros in each other"]],
  ["meter.name", ["3:25: outcome.billed: found string, expected int"]],
  ["isLate + 1", ["3:25: outcome.billed: found bool, expected int or string or list"]],
  ["meter.milliWh + meter.name", ["3:41: outcome.billed: found string, expected int"]],
  ["isLate ? 1 : true", ["3:38: outcome.billed: found bool, expected int"]],
  ["meter.milliWh && true ? 1 : 0", ["3:25: outcome.billed: found int, expected bool"]],
  ["[1, 'a'][0]", ["3:29: outcome.billed: found string, expected int"]],
  ["1 in [true] ? 1 : 0", ["3:30: outcome.billed: found list<bool>, expected list<int>"]],
  ["[1, 2].map(x, x > 1)[0]", ["3:25: outcome.billed: found bool, expected int"]],
  ["size(1)", ["3:30: outcome.billed: found int, expected string or list"]],
  [`"${"é".repeat(257)}".size()`, ["3:25: a text of over 256 characters"]],
];

for (const [expression, expected] of BAD) {
  test(`says where ${expression.slice(0, 40)} is wrong`, () => {
    const found = problems(withBilled(expression)).map((text) => text.split(";")[0]);
    assert.equal(found, expected);
  });
}

test("every problem says what to do, and near words are guessed", () => {
  const [typo] = problems(withBilled("meter.milliwh"));
  assert.is(typo, '3:25: nothing is called "meter.milliwh"; did you mean "meter.milliWh"?');
  const [fraction] = problems(withBilled("0.35"));
  assert.is(fraction, "3:25: a number with a fraction; count in a smaller unit: 0.35 of a unit is 350000 millionths");
});

test("problems of several places are all told, in the order of the text", () => {
  const source = `{"contract": "trial", "let": {"a": other, "b": 0.1}, ${COMMANDS}\n"outcome": {"billed": a + c}}`;
  assert.equal(
    problems(source).map((text) => text.split(";")[0]),
    ['1:36: nothing is called "other"', "1:48: a number with a fraction", '2:27: nothing is called "c"'],
  );
});

const STRUCTURES: readonly (readonly [string, string])[] = [
  ["1 + 1", "the contract is no map"],
  [`{"contract": "Über", ${COMMANDS} "outcome": {"billed": 1}}`, '"contract" is no name'],
  [`{${COMMANDS} "outcome": {"billed": 1}}`, '"contract" is no name'],
  [`{"contract": "t", "outcomes": {"billed": 1}, ${COMMANDS}}`, 'no section "outcomes"'],
  [`{"contract": "t", "contract": "t", "outcome": {"billed": 1}, ${COMMANDS}}`, '"contract" for the second time'],
  [`{"contract": "t", 1: 2, "outcome": {"billed": 1}, ${COMMANDS}}`, "a key that is no literal text"],
  [`{"contract": "t", "outcome": {"paid": 1}, ${COMMANDS}}`, 'outcome: no field "billed"'],
  [`{"contract": "t", "outcome": {"billed": 1}}`, 'commands: no command "stop"'],
  [
    `{"contract": "t", "outcome": {"billed": 1}, "commands": {"go": {"from": ["driver"], "states": ["OPEN"], "guard": true}}}`,
    'commands: no command "stop"',
  ],
  [
    `{"contract": "t", "outcome": {"billed": 1}, "commands": {"stop": {"from": ["nobody"], "states": ["OPEN"], "guard": true}}}`,
    'commands.stop.from: "nobody" is none of driver',
  ],
  [
    `{"contract": "t", "outcome": {"billed": 1}, "commands": {"stop": {"from": "driver", "states": ["OPEN"], "guard": true}}}`,
    "no list of different words",
  ],
  [
    `{"contract": "t", "outcome": {"billed": 1}, "commands": {"stop": {"from": ["driver"], "states": ["OPEN"], "guard": 1}}}`,
    "commands.stop: found int, expected bool",
  ],
  [
    `{"contract": "t", "outcome": {"billed": 1}, "commands": {"stop": {"from": ["driver"], "states": ["OPEN"]}}}`,
    'commands.stop: "guard" is missing',
  ],
  [
    `{"contract": "t", "let": {"meter": 1}, "outcome": {"billed": 1}, ${COMMANDS}}`,
    'inputs are called "meter" already',
  ],
  [`{"contract": "t", "let": {"a-b": 1}, "outcome": {"billed": 1}, ${COMMANDS}}`, 'let.a-b: "a-b" is no name'],
  [`{"contract": "t", "let": {"a": b, "b": 1}, "outcome": {"billed": 1}, ${COMMANDS}}`, 'nothing is called "b"'],
];

for (const [source, expected] of STRUCTURES) {
  test(`refuses ${source.slice(0, 70)}`, () => {
    const found = problems(source).map((text) => text.replace(/^\d+:\d+: /, "").split(";")[0]);
    assert.ok(found.includes(expected), found.join("\n"));
  });
}

test("what could take too many steps is refused, with the number", () => {
  const list = `[${Array.from({ length: 60 }, (_, index) => index).join(", ")}]`;
  const [problem] = problems(withBilled(`${list}.filter(x, ${list}.exists(y, y == x)).size()`));
  assert.match(problem ?? "", /^3:3: outcome has \d{4,5} steps, at most 2000 are allowed/);
});

test("a source of any depth, length or number of signs ends with a problem", () => {
  for (const expression of [
    "!".repeat(50_000) + "true ? 1 : 0",
    "(".repeat(20_000) + "1",
    "[".repeat(20_000),
    Array.from({ length: 20_000 }, () => "1").join(" + "),
    "1" + " ".repeat(70_000),
    `min(${Array.from({ length: 40 }, () => "1").join(", ")})`,
  ]) {
    assert.is(problems(withBilled(expression)).length, 1, expression.slice(0, 20));
  }
});

test.run();
