/** `vehicle check`, and what a configuration may say about the profile. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { parseGatewayConfig } from "#config/gateway-config.ts";
import { checkDevices } from "#firmware/commands/check-devices.ts";
import { runVehicleCheck } from "#firmware/commands/check-vehicle.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { configText } from "#firmware/commands/config-text.ts";
import { configuredProfile } from "#firmware/load-vehicle-profile.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { recordIo } from "../../builders/recorded-io.ts";

const README = fileURLToPath(new URL("../../../hal/vehicles/README.md", import.meta.url));

const test = suite<{ folder: string }>("vehicle check");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "vehicle-check-"));
});
test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

/** The profile that the README shows. */
function example(): string {
  const text = /```toml\n([^]*?)```/.exec(readFileSync(README, "utf8"))?.[1];
  assert.ok(text !== undefined);
  return text;
}

async function check(
  folder: string,
  name: string,
  text?: string,
  flags: readonly string[] = [],
): Promise<{
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}> {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  const io = recordIo({ cwd: folder });
  const { outLines: out, errLines: err } = io;
  const given = new CommandArguments(["check", name], new Map(flags.map((flag) => [flag, true])));
  return { exitCode: await runVehicleCheck(name, given, io), out, err };
}

test("the README's profile is good, and is told with what it asks and measures", async ({ folder }) => {
  const { exitCode, out, err } = await check(folder, "my-car.toml", example());
  assert.equal([exitCode, err], [0, []]);
  const text = out.join("\n");
  assert.match(text, /22ABCD at 7E4 -> 7EC, grade C for each sample/);
  assert.match(text, /battery: voltage times current, grade C/);
  assert.match(text, /cells: 96 in series/);
});

test("JSON says the same as TOML, and a built-in name does without a file", async ({ folder }) => {
  const kona = vehicleProfile("kona");
  const { exitCode, out } = await check(folder, "kona-copy.json", JSON.stringify(kona));
  assert.is(exitCode, 0);
  assert.equal((await check(folder, "kona")).out, out);
});

test("mistakes end with 65 and one line each, for programs as one object", async ({ folder }) => {
  const bad = example().replace("22ABCD", "2EABCD").replace("dataBytesMin = 9", "dataBytesMin = 6");
  const { exitCode, out, err } = await check(folder, "bad.toml", bad);
  assert.equal([exitCode, out], [65, []]);
  assert.is(err.length, 3);
  assert.match(err.join("\n"), /bad\.toml: requests\[0\]\.request: Service 2E is not allowed/);
  const json = await check(folder, "bad.toml", undefined, ["json"]);
  assert.is(json.exitCode, 65);
  assert.is((JSON.parse(json.out.join("")) as { problems: unknown[] }).problems.length, 3);
});

test("a file that is none, or none of the kind, is told as such", async ({ folder }) => {
  assert.is((await check(folder, "nothing.toml")).exitCode, 65);
  const torn = await check(folder, "torn.json", '{"name": ');
  assert.is(torn.exitCode, 65);
  assert.match(torn.err.join(), /Expected JSON/);
  assert.match((await check(folder, "torn.toml", "name = ")).err.join(), /Expected TOML/);
  assert.match((await check(folder, "long.toml", "#".repeat(300_000))).err.join(), /at most 262144/);
});

const VEHICLE = configText({
  role: "vehicle",
  name: "car",
  organisation: "",
  site: "site-1",
  profile: "hyundai-kona",
  start: "asked",
  line: { kind: "tcp", host: "192.168.0.10", port: 35_000 },
});

test("a configuration names a profile, a short name, auto, or a file; exactly one of them", async ({ folder }) => {
  writeFileSync(join(folder, "my-car.toml"), example());
  for (const [line, name] of [
    ['profile = "hyundai-kona"', "hyundai-kona"],
    ['profile = "ioniq5"', "hyundai-ioniq-5"],
    ['profile = "auto"', undefined],
    ['profile_file = "my-car.toml"', "my-car"],
  ] as const) {
    const parsed = parseGatewayConfig(VEHICLE.replace('profile = "hyundai-kona"', line));
    assert.ok(parsed.ok && parsed.value.role === "vehicle", JSON.stringify(parsed));
    assert.is(checkDevices(parsed.value), undefined);
    assert.is((await configuredProfile(parsed.value.vehicle, folder))?.name, name);
  }
  for (const line of ["", 'profile = "kona"\nprofile_file = "my-car.toml"']) {
    const parsed = parseGatewayConfig(VEHICLE.replace('profile = "hyundai-kona"', line));
    assert.ok(!parsed.ok && parsed.fault.path === "vehicle.profile");
  }
});

test("a file with mistakes stops the gateway before anything is opened, with all of them", async ({ folder }) => {
  writeFileSync(join(folder, "bad.toml"), example().replace('"power"', '"often"'));
  let failure: unknown;
  try {
    await configuredProfile({ profile: "", profileFile: "bad.toml" }, folder);
  } catch (error) {
    failure = error;
  }
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /CONFIG_INVALID: vehicle\.profile_file: .*bad\.toml: requests\[0\]\.pace/);
});

test.run();
