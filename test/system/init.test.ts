/** `init` as a person uses it: the files of a new gateway, all or none. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { crypto } from "#test/builders/handshake-parties.ts";
import { tallystick, TallystickProcess } from "#test/builders/tallystick-process.ts";

const home = mkdtempSync(join(tmpdir(), "init-test-"));
const NOBODY = 65_534;
const test = suite("tallystick init");
chmodSync(home, 0o755);
test.after(() => {
  rmSync(home, { recursive: true });
});

test("a charger gets its configuration, keys that only it may read, and a region whose authority it is", async () => {
  const made = await tallystick(
    ["init", "--role", "charger", "--folder", "charger", "--name", "garage", "--tariff", "0.42", "--profile", "paper"],
    { cwd: home },
  );
  assert.is(made.exitCode, 0, made.err);
  assert.match(made.out, /device +[0-9A-Z]{13} +\([0-9a-f]{64}\)/);
  assert.match(made.out, /network +[0-9a-f]{16}/);
  assert.match(made.out, /tallystick run --config charger\/tallystick\.toml/);
  const folder = join(home, "charger");
  assert.is(statSync(join(folder, "gateway.key")).mode & 0o777, 0o600);
  assert.ok(statSync(join(folder, "flash", "ledger")).isDirectory());
  const config = parseGatewayConfig(readFileSync(join(folder, "tallystick.toml"), "utf8"));
  if (!config.ok || config.value.role !== "charger") throw new Error("no configuration of a charger");
  assert.is(config.value.name, "garage");
  const { tariff } = config.value;
  assert.equal(tariff.kind === "prices" && tariff.prices, { bands: [[0, 604_800, 420_000]] });
  const genesis = decodeGenesis(crypto, readFileSync(join(folder, "genesis.tally")));
  assert.ok(genesis.ok);
  assert.is(genesis.value.body.rules.profile, "paper");
  assert.is(genesis.value.body.authorities.length, 1);
});

test("a vehicle joins the region of the genesis that it is given, and without one is told how to get it", async () => {
  const without = await tallystick(["init", "--role", "vehicle", "--folder", "vehicle"], { cwd: home });
  assert.is(without.exitCode, 64);
  assert.match(without.err, /--genesis is missing.*Copy genesis\.tally from the charger/);
  assert.not.ok(existsSync(join(home, "vehicle")));
  const made = await tallystick(
    ["init", "--role", "vehicle", "--folder", "vehicle", "--genesis", "charger/genesis.tally", "--car", "vw-e-up"],
    { cwd: home },
  );
  assert.is(made.exitCode, 0, made.err);
  assert.equal(readFileSync(join(home, "vehicle/genesis.tally")), readFileSync(join(home, "charger/genesis.tally")));
  assert.equal(readdirSync(join(home, "vehicle/flash")).sort(), ["energy", "ledger", "promise"]);
  const config = parseGatewayConfig(readFileSync(join(home, "vehicle/tallystick.toml"), "utf8"));
  assert.ok(config.ok && config.value.role === "vehicle");
  assert.is(config.value.vehicle.profile, "vw-e-up");
});

test("an arbiter joins a region as a vehicle does, has no devices, and is told where its id belongs", async () => {
  const without = await tallystick(["init", "--role", "arbiter", "--folder", "court"], { cwd: home });
  assert.is(without.exitCode, 64);
  assert.match(without.err, /--genesis is missing: an arbiter joins/);
  const words = ["init", "--role", "arbiter", "--folder", "court", "--genesis", "charger/genesis.tally"];
  const made = await tallystick([...words, "--broker", "mqtt://127.0.0.1:1884"], { cwd: home });
  assert.is(made.exitCode, 0, made.err);
  const [, did] = /device +[0-9A-Z]{13} +\(([0-9a-f]{64})\)/.exec(made.out) ?? [];
  assert.ok(made.out.includes(`[tariff] arbiter = "${did ?? "none"}"`), made.out);
  assert.equal(readdirSync(join(home, "court/flash")), ["ledger"]);
  const config = parseGatewayConfig(readFileSync(join(home, "court/tallystick.toml"), "utf8"));
  assert.ok(config.ok && config.value.role === "arbiter");
  assert.is(config.value.broker.url, "mqtt://127.0.0.1:1884");
});

for (const occupied of ["tallystick.toml", "gateway.key", "genesis.tally", "flash/ledger/segment-00000000"]) {
  test(`where ${occupied} is, nothing is made and nothing changes`, async () => {
    const folder = mkdtempSync(join(home, "occupied-"));
    mkdirSync(join(folder, "flash/ledger"), { recursive: true });
    writeFileSync(join(folder, occupied), "mine");
    const before = filesIn(folder);
    const refused = await tallystick(["init", "--role", "charger", "--folder", folder]);
    assert.is(refused.exitCode, 73);
    assert.ok(refused.err.includes(occupied));
    assert.equal(filesIn(folder), before);
    assert.is(readFileSync(join(folder, occupied), "utf8"), "mine");
  });
}

test("configuration and state may lie apart: root makes the state for the user whose folder it is", async () => {
  const folder = mkdtempSync(join(home, "apart-"));
  chmodSync(folder, 0o755);
  const state = join(folder, "state");
  mkdirSync(state, { mode: 0o750 });
  const owner = process.getuid?.() === 0 ? NOBODY : (process.getuid?.() ?? 0);
  if (owner === NOBODY) chownSync(state, NOBODY, NOBODY);
  const config = join(folder, "etc/tallystick.toml");
  // As from a root shell that hides what it makes from everybody.
  const words = ["init", "--role", "charger", "--config", config, "--state", state, "--meter-line", "127.0.0.1:1"];
  const made = await tallystick(words, { prefix: ["sh", "-c", 'umask 077; exec "$@"', "sh"] });
  assert.is(made.exitCode, 0, made.err);
  assert.match(made.out, /systemctl enable --now tallystick\.service/);
  assert.equal(filesIn(state), ["flash", "flash/ledger", "flash/meter", "gateway.key", "genesis.tally"]);
  for (const file of filesIn(state)) assert.is(statSync(join(state, file)).uid, owner, file);
  assert.is(statSync(join(state, "gateway.key")).mode & 0o777, 0o600);
  assert.is(statSync(config).mode & 0o777, 0o644);
  assert.is(statSync(config).uid, process.getuid?.());
  const again = await tallystick(words);
  assert.is(again.exitCode, 73);
  assert.match(again.err, /there is a gateway already \(\.\.\/etc\/tallystick\.toml, gateway\.key, genesis\.tally\)/);
  writeFileSync(config, readFileSync(config, "utf8").replace('"0.0.0.0"', '"127.0.0.1"').replace("1883", "0"));
  chmodSync(join(folder, "etc"), 0o555);
  // The gateway's own user: all that it writes is in the state folder, its sockets too.
  const gateway = new TallystickProcess(["run", "--config", config], { uid: owner });
  await gateway.printed(/mesh connected/);
  assert.is((await tallystick(["status", "--config", config])).exitCode, 0);
  assert.ok(existsSync(join(state, "control.sock")));
  assert.is((await gateway.stop()).exitCode, 0);
  assert.equal(readdirSync(join(folder, "etc")), ["tallystick.toml"]);
  assert.is((await tallystick(["verify", join(folder, "etc")])).exitCode, 0);
});

test("what cannot be finished is taken back", async () => {
  const folder = mkdtempSync(join(home, "unfinished-"));
  // A file where the flash folder belongs stops the last step.
  writeFileSync(join(folder, "flash"), "");
  const failed = await tallystick(["init", "--role", "charger", "--folder", folder]);
  assert.is(failed.exitCode, 73, failed.err);
  assert.equal(readdirSync(folder), ["flash"]);
});

const WRONG: readonly (readonly [readonly string[], number, RegExp])[] = [
  [[], 64, /--role is missing/],
  [["--role", "car"], 64, /--role: found "car", expected one of charger, vehicle/],
  [["--role", "charger", "--meter", "eastron-smd630"], 64, /did you mean "eastron-sdm630"/],
  [["--role", "charger", "--tariff", "0,35"], 64, /tariff\.price_per_kwh: found "0,35", expected a decimal price/],
  [["--role", "charger", "--site", "My Site"], 64, /region\.site: found "My Site"/],
  [["--role", "charger", "--meter-line", "COM3"], 64, /--meter-line: found "COM3", expected a serial line/],
  [["--role", "charger", "--genesis", "nowhere"], 65, /ENOENT/],
  [["--role", "charger", "--genesis", "charger/tallystick.toml"], 65, /not the genesis of a region/],
  [["--role", "charger", "--genesis", "charger/genesis.tally", "--profile", "paper"], 64, /the file says all/],
];

for (const [words, exitCode, expected] of WRONG) {
  test(`init ${words.join(" ")} is refused, and nothing is made`, async () => {
    const folder = join(home, "refused");
    const refused = await tallystick(["init", ...words, "--folder", folder], { cwd: home });
    assert.is(refused.exitCode, exitCode, refused.err);
    assert.match(refused.err, expected);
    assert.not.ok(existsSync(folder));
  });
}

test.run();

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
