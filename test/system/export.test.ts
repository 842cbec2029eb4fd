/** `export` in every form, from a gateway's folder, and what `verify` says of what was exported. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { checkCdr } from "#test/builders/check-cdr.ts";
import { OPERATOR_FILE, ownEntry, storeRecords } from "#test/builders/export-home.ts";
import { tellStory } from "#test/builders/ledger-story.ts";
import { recordIo, type RecordedIo } from "#test/builders/recorded-io.ts";
import { sealCharge } from "#test/builders/sealed-charge.ts";

const home = mkdtempSync(join(tmpdir(), "export-test-"));
const charge = sealCharge();
const address = toHex(charge.address);
const short = address.slice(0, 12);
const story = tellStory();
const test = suite("export");

test.before(async () => {
  await storeRecords(home, "station/flash/ledger", charge.records);
  await storeRecords(home, "station/flash/ocmf", [ownEntry(charge, "station")]);
  await storeRecords(home, "vehicle/flash/ledger", charge.records);
  await storeRecords(home, "vehicle/flash/ocmf", [ownEntry(charge, "vehicle")]);
  await storeRecords(home, "story/flash/ledger", story.records);
  writeFileSync(join(home, "operator.toml"), OPERATOR_FILE);
});
test.after(() => {
  rmSync(home, { recursive: true });
});

test("every form of one charge is written, and what can be checked holds", async () => {
  const forms = [
    ["receipt", "r.tally"],
    ["html", "r.html"],
    ["pdf", "r.pdf"],
    ["ocmf", "r.ocmf"],
    ["ocmf-xml", "r.xml"],
    ["bundle", "b.tally"],
    ["ocpi", "r.json"],
    ["csv", "r.csv"],
  ] as const;
  for (const [format, file] of forms) {
    const made = await call(
      "export",
      format,
      short,
      "--source",
      "station",
      "--out",
      file,
      "--operator",
      "operator.toml",
      "--level",
      "C1",
    );
    assert.is(made.exitCode, 0, `${format}: ${made.err}`);
    assert.ok(existsSync(join(home, file)), format);
  }
  for (const file of ["r.tally", "b.tally", "r.xml", "r.json"]) {
    const { exitCode, out } = await call("verify", file);
    assert.is(exitCode, 0, `${file}: ${out}`);
  }
  assert.match(text("r.html"), /^<!doctype html>/i);
  assert.is(text("r.pdf").slice(0, 5), "%PDF-");
  assert.equal(checkCdr(text("r.json"), "2.2.1"), []);
});

test("of a CDR only the record is called signed, and what goes beyond it is refused", async () => {
  const cdr = text("r.json");
  const said = async (changed: string): Promise<{ exitCode: number; out: string }> => {
    assert.is.not(changed, cdr);
    writeFileSync(join(home, "changed.json"), changed);
    return call("verify", "changed.json");
  };
  const more = await said(cdr.replace(/"total_energy": [0-9.]+/, '"total_energy": 12.1'));
  assert.is(more.exitCode, 1);
  assert.match(more.out, /CDR_ENERGY_NOT_SIGNED.*total_energy says 12\.1/);
  assert.is((await said(cdr.replace('"total_energy"', '"total_enemy"'))).exitCode, 1);
  for (const [from, to] of [
    ['"signed_data": "T0', '"signed_data": "U0'],
    ['"plain_data": "OCMF|{', '"plain_data": "OCMF|{ '],
  ] as const) {
    const differs = await said(cdr.replace(from, to));
    assert.is(differs.exitCode, 1);
    assert.match(differs.out, /CDR_TEXTS_DIFFER/);
  }
  const dearer = await said(cdr.replace(/"incl_vat": [0-9.]+/, '"incl_vat": 99'));
  assert.match(dearer.out, /Only these records are signed: prices, names and all else/);
});

test("a gateway's record holds with the key that it is known by, given as digits or in a file, and with no other", async () => {
  const digits = /<publicKey[^>]*>([0-9a-f]+)</.exec(text("r.xml"))?.[1] ?? "";
  writeFileSync(join(home, "key.txt"), `${digits}\n`);
  writeFileSync(join(home, "key.der"), Buffer.from(digits, "hex"));
  for (const key of [digits, "key.txt", "key.der"]) {
    const { exitCode, out } = await call("verify", "r.ocmf", "--key", key);
    assert.is(exitCode, 0, out);
    assert.match(out, /energy record 1: 12\.000 kWh/);
  }
  const alone = await call("verify", "r.ocmf");
  assert.is(alone.exitCode, 1);
  assert.match(alone.out, /OCMF_NO_KEY/);
  assert.not.match(alone.out, /energy/, "what nobody has proven is not told as an amount");
  const other = await call("verify", "r.ocmf", "--key", digits.replace(/..$/, "00"));
  assert.is(other.exitCode, 1);
  const none = await call("verify", "r.ocmf", "--key", "no key");
  assert.is(none.exitCode, 64);
  assert.match(none.err, /--key: found no key, expected a file or digits/);
});

test("the format may be an option, and words in another order mean the same", async () => {
  await call("export", "csv", short, "--source", "station", "--out", "again.csv");
  assert.is(text("again.csv"), text("r.csv"));
});

test("a bundle holds the records of both sides, and a changed or foreign one is refused", async () => {
  await call("export", "ocmf", short, "--source", "vehicle", "--out", "vehicle.ocmf");
  const made = await call(
    "export",
    "bundle",
    short,
    "--source",
    "station",
    "--ocmf",
    "vehicle.ocmf",
    "--out",
    "both.tally",
  );
  assert.is(made.exitCode, 0, made.err);
  const { exitCode, out } = await call("verify", "both.tally", "--json");
  assert.is(exitCode, 0, out);
  const { records } = JSON.parse(out) as {
    readonly records: readonly { readonly role: string; readonly energy: string }[];
  };
  assert.equal(
    records.map(({ role, energy }) => [role, energy]),
    [
      ["station", "12.000 kWh"],
      ["vehicle", "10.980 kWh"],
    ],
  );
  const bytes = readFileSync(join(home, "both.tally"));
  let refused = 0;
  for (let place = 40; place < bytes.length; place += 61) {
    const changed = Uint8Array.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    writeFileSync(join(home, "changed.tally"), changed);
    const verified = await call("verify", "changed.tally");
    assert.is(verified.exitCode, 1, `byte ${place}: ${verified.out}`);
    refused += 1;
  }
  assert.ok(refused > 40);
});

test("a folder is filled, filled again without a change, and completed after an interruption", async () => {
  const words = ["export", "pdf", "--source", "story", "--out", "papers/"];
  const first = await call(...words);
  assert.is(first.exitCode, 0, first.err);
  const names = readdirSync(join(home, "papers"));
  assert.ok(names.length >= 4, names.join());
  assert.ok(names.every((name) => /^\d{8}-[0-9a-f]{12}-r\d+\.pdf$/.test(name)));
  const again = await call(...words);
  assert.is(again.exitCode, 0, again.err);
  assert.match(again.out, new RegExp(`0 files written .*${names.length} were there already`));
  rmSync(join(home, "papers", names[1] ?? ""));
  assert.match((await call(...words)).out, /1 file written/);
  writeFileSync(join(home, "papers", names[0] ?? ""), "mine");
  const other = await call(...words);
  assert.is(other.exitCode, 73);
  assert.match(other.err, /is there already; nothing was changed/);
  assert.is(text(`papers/${names[0] ?? ""}`), "mine");
  assert.not.ok(readdirSync(join(home, "papers")).some((name) => name.endsWith(".part")));
});

test("a correction is a new revision beside the first, with the credit CDR between", async () => {
  const words = ["--source", "story", "--out", "cdrs", "--operator", "operator.toml", "--ocpi", "2.3.0"];
  const made = await call("export", "ocpi", ...words);
  assert.is(made.exitCode, 0, made.err);
  const names = readdirSync(join(home, "cdrs"));
  const healed = names.filter((name) => name.includes(toHex(story.charges.healed.address).slice(0, 12)));
  assert.equal(
    healed.map((name) => name.slice(22)),
    ["r1.cdr.json", "r1.credit.cdr.json", "r2.cdr.json"],
  );
  for (const name of names) assert.equal(checkCdr(text(`cdrs/${name}`), "2.3.0"), [], name);
  const [first, credit, second] = healed.map((name) => JSON.parse(text(`cdrs/${name}`)) as Written);
  assert.is(credit?.credit_reference_id, first?.id);
  assert.is(-(credit?.total_cost.before_taxes ?? 0), first?.total_cost.before_taxes);
  assert.is.not(second?.id, first?.id);
});

test("a period takes the charges that ended in it, by the clock of the place", async () => {
  const count = async (...words: readonly string[]): Promise<number> => {
    const file = `p-${words.join("-").replaceAll(/[^0-9a-z]/gi, "")}.csv`;
    const made = await call("export", "csv", "--source", "station", "--out", file, ...words);
    assert.is(made.exitCode, 0, made.err);
    return text(file).split("\r\n").length - 2;
  };
  // It ended 2026-09-21T15:18:50Z.
  assert.is(await count(), 1);
  assert.is(await count("--from", "2026-09"), 1);
  assert.is(await count("--from", "2026-09-21", "--to", "2026-09-22"), 1);
  assert.is(await count("--from", "2026-09-22"), 0);
  assert.is(await count("--to", "2026-09-21T15:18:50Z"), 0);
  assert.is(await count("--to", "2026-09-21T15:18:51Z"), 1);
  assert.is(await count("--from", "2026-09-22", "--time-zone", "Pacific/Auckland"), 1);
});

test("a table for German Excel has its signs, and runs nothing", async () => {
  const words = ["--decimal", "comma", "--excel", "--time-zone", "Europe/Berlin"];
  await call("export", "csv", "--source", "station", "--out", "de.csv", ...words);
  const [head = "", row = ""] = text("de.csv").split("\r\n");
  assert.is(head.slice(0, 8), "\ufeffcharge;");
  const cells = Object.fromEntries(
    head
      .slice(1)
      .split(";")
      .map((name, place) => [name, row.split(";")[place]]),
  );
  assert.is(cells["billed_kwh"], "12,000000");
  assert.is(cells["to_pay"], "4,20");
  assert.is(cells["started_utc"], "2026-09-21 14:13:20");
  assert.is(cells["started_local"], "2026-09-21 16:13:20");
});

test("a bar is drawn on a terminal, and nowhere else", async () => {
  const io = recordIo({ cwd: home });
  const terminal: RecordedIo = { ...io, isTerminal: true };
  await runCommandLine(["export", "receipt", "--source", "story", "--out", "bar/"], commands, terminal);
  const drawn = io.outLines.join("");
  assert.match(drawn, /\r\[#*\.*\] 0\/\d/);
  assert.match(drawn, / {10,}\r/, "and taken away");
  const plain = await call("export", "receipt", "--source", "story", "--out", "plain/");
  assert.not.match(plain.out, /\r|\[\./);
  const json = await call("export", "receipt", "--source", "story", "--out", "json/", "--json");
  for (const line of json.out.split("\n")) {
    const said = JSON.parse(line) as Readonly<Record<string, unknown>>;
    assert.is(said["state"], "written");
    assert.type(said["revision"], "number");
  }
});

test("what cannot be done is said in one line, with an exit code of its own", async () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["export foo --out x", 64, /found "foo", expected one of receipt/],
    ["export csv --source station", 64, /--out is missing/],
    ["export csv --from 2026-02-30 --out x", 64, /--from: found "2026-02-30"/],
    ["export csv --from today --source station --out x", 64, /--from: found "today", expected a month, a day/],
    ["export csv --source station --out=", 64, /--out is empty/],
    ["export csv --from 2026-02 --to 2026-01 --out x", 64, /--to: found "2026-01", expected a time after/],
    ["export csv --time-zone Mars/Base --out x", 64, /--time-zone/],
    [`export pdf ${short} --from 2026-01 --source station --out x`, 64, /either one charge/],
    ["export pdf ffff --source station --out x", 64, /no charge at "ffff"/],
    ["export ocpi --source station --out x", 64, /--operator is missing/],
    ["export ocpi --source station --operator nothing.toml --out x", 65, /--operator: nothing.toml/],
    ["export chain 1234 --source station --out x", 64, /takes no more words/],
    [`export ocmf ${short} --source c.tally --out x`, 69, /no signed meter record is kept/],
    [`export receipt ${short} --source station --out r.tally`, 73, /is there already; nothing was changed/],
    [`export receipt ${short} --source station --out no/where.tally`, 73, /there is no folder/],
    ["export receipt --source story --out r.tally", 73, /is a file; expected a folder/],
  ];
  await call("export", "chain", "--source", "station", "--out", "c.tally");
  for (const [words, exitCode, pattern] of cases) {
    const ended = await call(...words.split(" "));
    assert.is(ended.exitCode, exitCode, `${words}: ${ended.err}${ended.out}`);
    assert.match(ended.err, pattern, words);
    assert.is(ended.err.split("\n").length, 1, words);
  }
  assert.not.ok(existsSync(join(home, "x")));
});

test.run();

interface Written {
  readonly id: string;
  readonly credit_reference_id?: string;
  readonly total_cost: { readonly before_taxes: number };
}

function text(file: string): string {
  return readFileSync(join(home, file), "utf8");
}

async function call(...words: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const io = recordIo({ cwd: home });
  const exitCode = await runCommandLine(words, commands, io);
  return { exitCode, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}
