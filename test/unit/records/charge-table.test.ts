/** Tables for spreadsheets: read back as they were meant, whatever is in a field. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargeTable } from "#records/csv/charge-table.ts";
import { writeCsv, type CsvField, type CsvForm } from "#records/csv/write-csv.ts";
import { chargeRevisions } from "#records/period/charge-revisions.ts";
import { encodeBase64 } from "#records/base64.ts";
import { decimalDigits, fractionDigits, trimDigits } from "#records/decimal-text.ts";
import { tellStory } from "#test/builders/ledger-story.ts";

const test = suite("charge table");

const PLAIN: CsvForm = { decimal: "point", byteOrderMark: false };
const GERMAN: CsvForm = { decimal: "comma", byteOrderMark: true };

function row(field: CsvField, form = PLAIN): string {
  return writeCsv([[field, "x"]], form);
}

test("fields are quoted where they must be, and only there", () => {
  assert.is(row("plain"), "plain,x\r\n");
  assert.is(row('say "no", twice'), '"say ""no"", twice",x\r\n');
  assert.is(row("two\nlines"), '"two\nlines",x\r\n');
  assert.is(row("a;b"), "a;b,x\r\n");
  assert.is(row("a;b", GERMAN), '\ufeff"a;b";x\r\n');
  assert.is(row("a,b", GERMAN), "\ufeffa,b;x\r\n");
  assert.is(row(" edge "), '" edge ",x\r\n');
  assert.is(row(undefined), ",x\r\n");
});

test("a number has the sign of its country, and may be below zero", () => {
  assert.is(row({ digits: "-1234.50" }), "-1234.50,x\r\n");
  assert.is(row({ digits: "-1234.50" }, GERMAN), "\ufeff-1234,50;x\r\n");
});

test("a text never begins a formula", () => {
  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A1", "\r=1", "＝1+1"]) {
    const written = row(formula);
    assert.ok(/^"?'/.test(written), JSON.stringify(written));
  }
  assert.is(row("a=b"), "a=b,x\r\n");
});

test("one row a charge, its newest revision, with energies and amounts that belong together", () => {
  const { builder, charges } = tellStory();
  const revisions = chargeRevisions(builder.chain);
  const newest = revisions.filter(({ isSuperseded }) => !isSuperseded);
  assert.is(revisions.length, newest.length + 1, "one charge was settled after it had been abandoned");
  const table = chargeTable(newest, { ...PLAIN, localTime: undefined });
  const [head = "", ...rows] = table.trimEnd().split("\r\n");
  const names = head.split(",");
  assert.is(rows.length, newest.length);
  for (const line of rows) assert.is(line.split(",").length, names.length);
  const cell = (line: string, name: string): string => line.split(",")[names.indexOf(name)] ?? "";
  const healed = rows.find((line) => line.startsWith(Buffer.from(charges.healed.address).toString("hex"))) ?? "";
  assert.equal(
    [cell(healed, "revision"), cell(healed, "state"), cell(healed, "billed_kwh")],
    ["2", "SETTLED", "15.000000"],
  );
  const disputed = rows.find((line) => cell(line, "state") === "DISPUTED") ?? "";
  assert.ok(Number(cell(disputed, "contested_kwh")) > 0);
});

test("a revision rests on the facts up to its block, and on none that came later", () => {
  const { builder, charges } = tellStory();
  const [first, second] = chargeRevisions(builder.chain).filter(({ address }) =>
    Buffer.from(address).equals(Buffer.from(charges.healed.address)),
  );
  assert.equal([first?.result.revision, second?.result.revision], [1, 2]);
  assert.equal([first?.isSuperseded, second?.isSuperseded], [true, false]);
  assert.is(Object.keys(first?.charge.completes ?? {}).length, 1, "the other side's word came later");
  assert.is(Object.keys(second?.charge.completes ?? {}).length, 2);
});

test("digits are exact, rounded half to even where they must be", () => {
  assert.is(decimalDigits(12_345n, 3), "12.345");
  assert.is(decimalDigits(-5n, 3), "-0.005");
  assert.is(decimalDigits(7n, 0), "7");
  assert.is(fractionDigits(1n, 8n, 2), "0.12");
  assert.is(fractionDigits(3n, 8n, 2), "0.38");
  assert.is(fractionDigits(-1n, 8n, 2), "-0.12");
  assert.is(trimDigits("1.500000"), "1.5");
  assert.is(trimDigits("1.500000", 2), "1.50");
  assert.is(trimDigits("2.000000"), "2");
});

test("base64 is that of everybody else", () => {
  for (const length of [0, 1, 2, 3, 4, 5, 90, 91, 92]) {
    const bytes = Uint8Array.from({ length }, (_, place) => (place * 37 + length) % 256);
    assert.is(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
  }
});

test.run();
