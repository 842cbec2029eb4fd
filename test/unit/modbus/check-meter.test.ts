/** `meter check`: what an installer is told about a table of registers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { CommandArguments } from "#firmware/commands/command.ts";
import { runMeterCheck } from "#firmware/commands/check-meter.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const TOML = `
model = "garage-meter"
functionCode = 4
wordOrder = "low-first"
registersPerReadMax = 50
pauseMs = 20

[notAvailable]
u64 = "0xFFFFFFFFFFFFFFFF"

[identity]
serialNumber = { address = 0x5000, type = "text", count = 7, optional = true }

[quantities]
power = { address = 0x28, type = "i32", scale = 0.1 }
voltage = [{ address = 0, type = "i32", scale = 0.1 }]
current = [{ address = 12, type = "i32", scale = 0.001 }]

[quantities.importedEnergy]
address = 0x34
type = "i32"
scale = 0.1
unit = "kWh"
finer = { address = 0x500, type = "i64", scale = 1, unit = "Wh" }
`;

interface Told {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function check(name: string, text: string, ...flags: readonly string[]): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-check-"));
  const io = recordIo({ cwd: folder });
  const { outLines: out, errLines: err } = io;
  try {
    writeFileSync(join(folder, name), text);
    const given = new CommandArguments(["check", name], new Map(flags.map((flag) => [flag, true])));
    return { exitCode: await runMeterCheck(given, io), out, err };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const test = suite("meter check");

test("a good file: how a reading is fetched, with the time that it takes on the line", async () => {
  const { exitCode, out, err } = await check("meter.toml", TOML);
  assert.is(exitCode, 0, err.join("\n"));
  // 4 requests: 4 x 13 bytes and 2 x 20 for the registers; 28 silent characters; 4 x 20 ms of rest.
  assert.is(
    out[1],
    "A reading on a serial line: 4 requests, 10 registers, 72 bytes, 185 ms at 9600 baud, 133 ms at 19200",
  );
  assert.is(out[2], "  function 4, 0x0000 to 0x0001 (2): quantities.voltage[0]");
  assert.ok(out.includes("  function 4, 0x0500 to 0x0503 (4): quantities.importedEnergy"), out.join("\n"));
  assert.ok(out.some((line) => line.startsWith("  where the finer counters are missing: 4 requests, 8 registers")));
  assert.ok(out.some((line) => line.startsWith("A reading over TCP: 2 requests, 46 registers")));
});

test("as JSON, the same for programs", async () => {
  const { exitCode, out } = await check("meter.toml", TOML, "json");
  assert.is(exitCode, 0);
  const told = JSON.parse(out.join("")) as { readonly model: string; readonly serial: { readonly bytes: number } };
  assert.is(told.model, "garage-meter");
  assert.is(told.serial.bytes, 72);
});

test("a file with mistakes: a line for each, with its place and what is expected", async () => {
  const text = TOML.replace('unit = "kWh"', 'unit = "MWh"').replace("functionCode = 4", "functionCode = 16");
  const { exitCode, out, err } = await check("meter.toml", text);
  assert.is(exitCode, 65);
  assert.equal(out, []);
  assert.equal(err, [
    "meter.toml: functionCode: found 16, expected one of 3, 4",
    'meter.toml: quantities.importedEnergy.unit: found "MWh", expected one of "Wh", "kWh"',
  ]);
});

for (const [name, text, expected] of [
  ["meter.toml", "model = ", /^meter.toml: file: found line 1, column 9: Invalid TOML document: .*, expected TOML$/],
  ["meter.json", "{ model: 1 }", /^meter.json: file: found .*JSON.*, expected JSON$/],
  ["meter.json", "[]", /^meter.json: file: found a list of 0, expected a table with model/],
  ["meter.toml", `#${" ".repeat(300_000)}`, /found 300001 bytes, expected at most 262144/],
] as const) {
  test(`${name} that is no table (${text.slice(0, 12)}) is called that`, async () => {
    const { exitCode, err } = await check(name, text);
    assert.is(exitCode, 65);
    assert.match(err[0] ?? "", expected);
  });
}

test("the example of the README is good", async () => {
  const readme = readFileSync(new URL("../../../hal/meters/README.md", import.meta.url), "utf8");
  const example = /```toml\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const { exitCode, out, err } = await check("meter.toml", example);
  assert.is(exitCode, 0, err.join("\n"));
  assert.match(out[1] ?? "", /^A reading on a serial line: 3 requests/);
});

test.run();
