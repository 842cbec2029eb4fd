/** `contract check`, `explain` and `simulate` as somebody at a terminal meets them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { toHex } from "#base/bytes.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { recordIo, type RecordedIo } from "#test/builders/recorded-io.ts";

const folder = mkdtempSync(join(tmpdir(), "tallystick-contract-"));
const shipped = fileURLToPath(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url));
const source = readFileSync(shipped, "utf8");
const HASH = toHex(energyV1CodeHash(new NodeCryptography()));

const test = suite("contract commands");

test.after(() => {
  rmSync(folder, { recursive: true });
});

async function contract(...words: readonly string[]): Promise<RecordedIo & { readonly exitCode: number }> {
  const io = recordIo({ cwd: folder });
  return { ...io, exitCode: await runCommandLine(["contract", ...words], commands, io) };
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

test("check says size, steps and hash of the shipped contract, by its name and by its source", async () => {
  for (const file of ["energy-v1", shipped]) {
    const { exitCode, outLines } = await contract("check", file);
    assert.is(exitCode, 0);
    assert.match(outLines[0] ?? "", /^energy-v1: good\. \d+ bytes of at most 3840/);
    assert.ok(outLines.join("\n").includes(HASH));
  }
  const { outLines } = await contract("check", "energy-v1", "--json");
  const told = JSON.parse(outLines[0] ?? "") as Readonly<Record<string, unknown>>;
  assert.equal([told["contract"], told["codeHash"]], ["energy-v1", HASH]);
});

test("check says file, line, column, what is wrong and what to do, for people and for programs", async () => {
  const file = write("bad.cel", source.replace("judged.verdict !=", "judged.verdct !=").replace("30 * 86400", "30.5"));
  const { exitCode, errLines } = await contract("check", file);
  assert.is(exitCode, 65);
  assert.is(errLines.length, 2);
  assert.match(
    errLines[0] ?? "",
    /^bad\.cel:\d+:\d+: nothing is called "judged\.verdct"; did you mean "judged\.verdict"\?$/,
  );
  assert.match(errLines[1] ?? "", /^bad\.cel:\d+:\d+: a number with a fraction; count in a smaller unit/);
  const { outLines } = await contract("check", file, "--json");
  const told = JSON.parse(outLines[0] ?? "") as { readonly problems: readonly { readonly code: string }[] };
  assert.equal(
    told.problems.map(({ code }) => code),
    ["CONTRACT_UNKNOWN_NAME", "CONTRACT_UNSUPPORTED"],
  );
});

test("explain says who may do what, and what the cases come to", async () => {
  const { outLines } = await contract("explain", "energy-v1");
  const text = outLines.join("\n");
  assert.match(text, /by station or vehicle, while OPEN, ACTIVE, COMPLETING, if it has not cancelled/);
  assert.match(text, /only the station completes +ABANDONED +16\.000 kWh +4\.000 kWh +silence +vehicle/);
  assert.match(text, /both complete, amounts part +DISPUTED +12\.000 kWh +8\.000 kWh/);
  assert.match(text, /the vehicle never reported +CANCELLED +0\.000 kWh/);
  const json = await contract("explain", "energy-v1", "--json");
  assert.is((JSON.parse(json.outLines[0] ?? "") as { readonly contract: string }).contract, "energy-v1");
});

test("simulate prints every value and its steps, for the inputs that are given", async () => {
  const file = write("session.json", '{"station.completed": false, "grace.isOver": true}');
  for (const order of [
    ["station.completed=false", "grace.isOver=true"],
    ["--inputs", file],
    ["--inputs", write("session.toml", '"station.completed" = false\n'), "grace.isOver=true"],
  ]) {
    const text = (await contract("simulate", "energy-v1", ...order)).outLines.join("\n");
    assert.match(text, /^outcome\.state = "ABANDONED" \(\d+ steps\)$/m);
    assert.match(text, /^outcome\.billed = 19200000 \(\d+ steps\)$/m);
  }
});

test("simulate names the part that trapped", async () => {
  const file = write(
    "trap.cel",
    source.replace('"open": open,', '"open": open / (station.milliWh - station.milliWh),'),
  );
  const { outLines } = await contract("simulate", file, "--json");
  const told = JSON.parse(outLines[0] ?? "") as { readonly steps: readonly Readonly<Record<string, unknown>>[] };
  const step = told.steps.find(({ place }) => place === "queries.open");
  assert.equal(
    [step?.["trap"], step?.["in"]],
    ["SCRIPT_DIVISION_BY_ZERO", "open / (station.milliWh - station.milliWh)"],
  );
});

const REFUSED: readonly (readonly [readonly string[], number, string])[] = [
  [["chek", "energy-v1"], 64, 'did you mean "check"?'],
  [["check"], 64, "which contract?"],
  [["check", "energy-v1", "more"], 64, 'too much: "more"'],
  [["check", "nothing.cel"], 65, "nothing.cel"],
  [["simulate", "energy-v1", "station.milliwh=1"], 65, 'did you mean "station.milliWh"?'],
  [["simulate", "energy-v1", "station.milliWh=lots"], 65, "expected int"],
  [["simulate", "energy-v1", "station.milliWh=9223372036854775808"], 65, "expected int"],
  [["simulate", "energy-v1", "grace.isOver=1"], 65, "expected bool"],
  [["simulate", "energy-v1", "judged.verdict=DISAGRE"], 65, "expected one of AGREE"],
  [["simulate", "energy-v1", "grace"], 64, "expected NAME=VALUE"],
  [["simulate", "energy-v1", "--inputs", "none.json"], 65, "none.json"],
];

for (const [words, exitCode, said] of REFUSED) {
  test(`contract ${words.join(" ")} says what is wrong and exits ${exitCode}`, async () => {
    const result = await contract(...words);
    assert.is(result.exitCode, exitCode);
    assert.ok(result.errLines.join("\n").includes(said), result.errLines.join("\n"));
  });
}

test.run();
