/** A card's file is whatever somebody left on it: it is judged without a throw, and what is wrong with it is told. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cardExample } from "#firmware/commands/first-boot/card-text.ts";
import { decodeCardText } from "#firmware/commands/first-boot/decode-card-text.ts";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import { judgeCard } from "#firmware/commands/first-boot/judge-card.ts";
import { badReport } from "#firmware/commands/first-boot/report-text.ts";
import { readList } from "#firmware/commands/provision/read-list.ts";

const test = suite("cards of all kinds");
const SEED = 20_261_123;
const PLACES = { card: "/nowhere", state: "/nowhere", files: "/nowhere" };

async function judge(text: string): Promise<void> {
  const judged = await judgeCard(text, PLACES, { disk: realDisk, nowSeconds: 1_795_392_000 });
  if (judged.ok) return;
  assert.ok(judged.fault.faults.length > 0, "a refusal says why");
  assert.ok(badReport(judged.fault.faults).length < 60_000);
}

const lines = ["charger", "vehicle"].flatMap((role) =>
  cardExample(role === "charger" ? "charger" : "vehicle")
    .split("\n")
    .map((line) => line.replace(/^#(?=\[|[a-z_]+ = )/, "")),
);

const oddValue = fc.constantFrom(
  ...[
    "1979-05-27",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "nan",
    "-inf",
    "1e400",
    "9007199254740993",
    "0x1f",
    "-1",
    "1.5",
  ],
  ...[
    "true",
    '""',
    "''",
    "[]",
    "{}",
    "[[1], ['a']]",
    "[1, 'a', {}]",
    "{ a = 1 }",
    '"\\u0000"',
    "'\\'",
    '"""\nx"""',
    "“x”",
  ],
  ...["[{ from_minute = 0 }]", "x", "1,5", "1 kW", ""],
);

const mutatedLine = fc.tuple(fc.constantFrom(...lines), oddValue, fc.nat(5)).map(([line, value, kind]) => {
  if (kind < 3) return line.replace(/= .*$/, `= ${value}`);
  return kind === 3 ? line.replace(/^[a-z_]+/, (key) => `${key}_`) : line;
});

test("odd values under every key are judged without a throw", async () => {
  const card = fc.tuple(fc.constantFrom("charger", "vehicle", "arbiter"), fc.array(mutatedLine, { maxLength: 25 }));
  await fc.assert(
    fc.asyncProperty(card, ([role, body]) => judge(`role = "${role}"\n${body.join("\n")}`)),
    { seed: SEED, numRuns: 250 },
  );
});

test("any text and any bytes are judged without a throw", async () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ maxLength: 200 }));
  await fc.assert(fc.asyncProperty(text, judge), { seed: SEED, numRuns: 150 });
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, (each) => typeof decodeCardText(each, "x").ok === "boolean"),
    { seed: SEED },
  );
});

test("any list is read without a throw", () => {
  const cell = fc.constantFrom(
    "",
    '"',
    ",",
    ";",
    "\t",
    "\n",
    "name",
    "role",
    "a.b",
    "a.b.c",
    "__proto__",
    "x",
    "[[gateway]]\n",
  );
  const list = fc.array(cell, { maxLength: 60 }).map((cells) => cells.join(""));
  for (const name of ["x.csv", "x.toml"]) {
    fc.assert(
      fc.property(list, (text) => typeof readList(name, text).ok === "boolean"),
      { seed: SEED, numRuns: 500 },
    );
  }
});

test.run();
