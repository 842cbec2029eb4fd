/** `run` and the commands that speak to it, with no hardware: what starts, what does not, and how it ends. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tallystick, TallystickProcess, type Surroundings } from "#test/builders/tallystick-process.ts";
import { freePort } from "#test/builders/free-port.ts";

const root = mkdtempSync(join(tmpdir(), "run-test-"));
const template = join(root, "template");
let chargers = 0;
const NOBODY = 65_534;
const test = suite("tallystick run");
test.before(async () => {
  const made = await tallystick(["init", "--role", "charger", "--folder", template, "--meter-line", "127.0.0.1:1"]);
  if (made.exitCode !== 0) throw new Error(made.err);
  const config = join(template, "tallystick.toml");
  writeFileSync(config, readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1"));
});
test.after(() => {
  rmSync(root, { recursive: true });
});

test("a gateway whose meter does not answer starts, says so, answers, and stops cleanly", async () => {
  const { folder, config } = await newCharger();
  const gateway = new TallystickProcess(["run", "--config", config]);
  await gateway.printed(/^\d\d:\d\d:\d\dZ gateway charger started: device [0-9A-Z]{13}, at block 0$/m);
  await gateway.printed(/meter does not answer: METER_UNREACHABLE, endpoint 127\.0\.0\.1:1, reason .*ECONNREFUSED/);
  await gateway.printed(/mesh connected/);
  const status = await tallystick(["status", "--config", config, "--json"]);
  assert.is(status.exitCode, 0, status.err);
  assert.match(status.out, /"ok":true,"name":"charger","role":"charger".*"isCharging":false,"isMeshConnected":true/);
  assert.match((await tallystick(["status", "--config", config])).out, /charge +none/);
  const end = await tallystick(["end", "--config", config]);
  assert.is(end.exitCode, 75);
  assert.match(end.err, /no charge is running/);
  const charge = await tallystick(["charge", "--config", config, "--station", "A".repeat(13)]);
  assert.is(charge.exitCode, 64);
  assert.match(charge.err, /only a vehicle gateway/);
  const ended = await gateway.stop();
  assert.is(ended.exitCode, 0, ended.err);
  assert.match(ended.out, /stopped: asked to\n$/);
  assert.is(ended.err, "");
  assert.not.ok(existsSync(join(folder, "control.sock")));
  assert.is((await tallystick(["status", "--config", config])).exitCode, 69);
  assert.is((await tallystick(["verify", folder])).exitCode, 0);
});

test("a second start on the same flash folder is refused while the first one goes on", async () => {
  const { config } = await newCharger();
  const first = new TallystickProcess(["run", "--config", config, "--json"]);
  await first.printed(/^\{"event":"started","name":"charger","did":"[0-9a-f]{64}","serial":0\}$/m);
  const second = await tallystick(["run", "--config", config]);
  assert.is(second.exitCode, 75);
  assert.match(
    second.err,
    /^tallystick: FLASH_IN_USE: .*another gateway is running on this flash folder; stop it first/,
  );
  assert.is((await tallystick(["status", "--config", config])).exitCode, 0);
  assert.is((await first.stop("SIGINT")).exitCode, 0);
});

test("after kill -9 the next start goes on, and takes the control socket over", async () => {
  const { folder, config } = await newCharger();
  const first = new TallystickProcess(["run", "--config", config]);
  await first.printed(/started/);
  await first.printed(/mesh connected/);
  // Its socket may come a moment after its mesh.
  for (let tries = 0; tries < 20 && !existsSync(join(folder, "control.sock")); tries += 1) {
    await tallystick(["status", "--config", config]);
  }
  await first.stop("SIGKILL");
  assert.ok(existsSync(join(folder, "control.sock")));
  const second = new TallystickProcess(["run", "--config", config]);
  await second.printed(/mesh connected/);
  assert.is((await tallystick(["status", "--config", config])).exitCode, 0);
  assert.is((await second.stop()).exitCode, 0);
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ["unit = 1\n", "unit = 0\n", /tallystick\.toml: meter\.unit: found 0, expected a whole number from 1 to 247/],
  ['model = "eastron-sdm630"', 'model = "sdm-630"', /meter\.model: found "sdm-630", expected one of eastron-sdm630/],
  ['driver = "simple-evse-wb"', 'driver = "x"', /charge_point\.driver: found "x", expected one of simple-evse-wb/],
  ["[charger]", "[charger", /line \d+, column \d+: found \[charger, expected TOML/],
  ['key = "gateway.key"', 'key = "lost.key"', /KEY_FILE_MISSING: .*lost\.key/],
  ['genesis = "genesis.tally"', 'genesis = "lost.tally"', /GENESIS_MISSING: .*lost\.tally/],
];

for (const [from, to, expected] of WRONG) {
  test(`a configuration with ${to.trim()} starts nothing and ends with 78`, async () => {
    const { folder, config } = await newCharger([[from, to]]);
    const refused = await tallystick(["run", "--config", config]);
    assert.is(refused.exitCode, 78, refused.err);
    assert.match(refused.err, expected);
    assert.is(refused.err.trimEnd().split("\n").length, 1);
    assert.is(refused.out, "");
    assert.equal(segmentsIn(folder), []);
  });
}

test("a configuration that is not there ends with 78", async () => {
  const refused = await tallystick(["run", "--config", join(root, "nowhere.toml")]);
  assert.is(refused.exitCode, 78);
  assert.match(refused.err, /nowhere\.toml: cannot be read: ENOENT/);
});

test("a flash folder that is not mounted ends with 74, and no ledger appears in its place", async () => {
  const { folder, config } = await newCharger();
  rmSync(join(folder, "flash/ledger"), { recursive: true });
  const refused = await tallystick(["run", "--config", config]);
  assert.is(refused.exitCode, 74);
  assert.match(refused.err, /FLASH_MISSING: .*is the card mounted\?/);
  assert.not.ok(existsSync(join(folder, "flash/ledger")));
});

test("a flash folder that may not be written to ends with 77", async () => {
  const { folder, config } = await newCharger();
  const surroundings: Surroundings = process.getuid?.() === 0 ? { uid: NOBODY } : {};
  chmodSync(root, 0o755);
  chmodSync(folder, 0o755);
  if (surroundings.uid !== undefined) chownSync(join(folder, "gateway.key"), NOBODY, NOBODY);
  chmodSync(join(folder, "flash/ledger"), 0o555);
  const help = await tallystick(["--help"], surroundings);
  if (help.exitCode !== 0) {
    console.log("skipped: another user may not read this checkout");
    return;
  }
  const refused = await tallystick(["run", "--config", config], surroundings);
  chmodSync(join(folder, "flash/ledger"), 0o755);
  assert.is(refused.exitCode, 77, refused.err);
  assert.match(refused.err, /FLASH_DENIED: .*cannot be written to; check its owner, mode and mount/);
});

test("a flash folder without room ends with 74, and leaves no half-written chain", async () => {
  const { folder, config } = await newCharger();
  const ledger = join(folder, "flash/ledger");
  const mount = `mount -t tmpfs -o size=2m tmpfs '${ledger}' && "$@"; code=$?; ls '${ledger}' >&2; exit $code`;
  const prefix = ["unshare", "-m", "sh", "-c", mount, "sh"];
  if (spawnSync("unshare", ["-m", "sh", "-c", `mount -t tmpfs tmpfs '${ledger}'`]).status !== 0) {
    console.log("skipped: no small file system can be mounted here");
    return;
  }
  const refused = await tallystick(["run", "--config", config], { prefix });
  assert.is(refused.exitCode, 74, refused.err);
  assert.match(refused.err, /FLASH_FULL: .*the flash is full; make room and start again/);
  assert.not.match(refused.err, /^segment-/m);
});

test("a write to flash that fails in service stops the gateway with what failed", async () => {
  const { folder, config } = await newCharger();
  const charger = new TallystickProcess(["run", "--config", config]);
  await charger.printed(/mesh connected/);
  // From now on each write behind the first byte of a file fails, as on a card that has died.
  const limited = spawnSync("prlimit", ["--fsize=1", "--pid", String(charger.pid)]);
  if (limited.status !== 0) {
    await charger.stop();
    console.log("skipped: prlimit is not to be had");
    return;
  }
  const vehicle = await newVehicle(folder, config);
  const other = new TallystickProcess(["run", "--config", vehicle]);
  const failed = await charger.ended;
  assert.is(failed.exitCode, 74, failed.out + failed.err);
  assert.match(failed.err, /^tallystick: FLASH_IO: .*the flash failed; what was not acknowledged is not stored/m);
  assert.is((await other.stop()).exitCode, 0);
  assert.is((await tallystick(["verify", folder])).exitCode, 0, "what was acknowledged is there");
});

test("two gateways meet, and the vehicle is told where it stands by the station's short id", async () => {
  const { folder, config } = await newCharger();
  const charger = new TallystickProcess(["run", "--config", config]);
  await charger.printed(/mesh connected/);
  const vehicleConfig = await newVehicle(folder, config);
  const vehicle = new TallystickProcess(["run", "--config", vehicleConfig, "--json"]);
  await vehicle.printed(/"event":"peerSeen"/);
  const { device } = JSON.parse((await tallystick(["status", "--config", config, "--json"])).out) as { device: string };
  const chosen = await tallystick(["charge", "--config", vehicleConfig, "--station", device.toLowerCase()]);
  assert.is(chosen.exitCode, 0, chosen.err);
  assert.match(chosen.out, /will charge at station [0-9a-f]{64}, outlet 1/);
  const unknown = await tallystick(["charge", "--config", vehicleConfig, "--station", "0000000000000"]);
  assert.is(unknown.exitCode, 75);
  assert.ok(unknown.err.includes(device), unknown.err);
  assert.is((await vehicle.stop()).exitCode, 0);
  assert.is((await charger.stop()).exitCode, 0);
});

test("`meter read` finds the configured meter, and says what is wrong with it", async () => {
  const { config } = await newCharger();
  const read = await tallystick(["meter", "read", "--config", config]);
  assert.is(read.exitCode, 69);
  assert.match(read.err, /nothing listens at 127\.0\.0\.1:1: connection refused/);
  const unknown = await tallystick(["meter", "read", "--model", "sdm630", "--host", "127.0.0.1"]);
  assert.is(unknown.exitCode, 64);
  assert.match(unknown.err, /--model: found "sdm630", expected one of eastron-sdm630/);
});

test.run();

interface NewGateway {
  readonly folder: string;
  readonly config: string;
}

/** A charger with an own broker on a free port, and devices at a port where nobody is. */
async function newCharger(changes: readonly (readonly [string, string])[] = []): Promise<NewGateway> {
  chargers += 1;
  const folder = join(root, `charger-${chargers}`);
  cpSync(template, folder, { recursive: true });
  const port = await freePort();
  const config = join(folder, "tallystick.toml");
  for (const [from, to] of [["port = 1883", `port = ${port}`], ...changes] as const) {
    const text = readFileSync(config, "utf8");
    if (!text.includes(from)) throw new Error(`${from} is not in the configuration`);
    writeFileSync(config, text.replace(from, to));
  }
  return { folder, config };
}

/** A vehicle of the charger's region and broker; returns its configuration. */
async function newVehicle(charger: string, chargerConfig: string): Promise<string> {
  const folder = mkdtempSync(join(root, "vehicle-"));
  const port = /^port = (\d+)$/m.exec(readFileSync(chargerConfig, "utf8"))?.[1] ?? "";
  const made = await tallystick([
    ...["init", "--role", "vehicle", "--folder", folder, "--genesis", join(charger, "genesis.tally")],
    ...["--broker", `mqtt://127.0.0.1:${port}`, "--obd-line", "127.0.0.1:1", "--start", "asked"],
  ]);
  if (made.exitCode !== 0) throw new Error(made.err);
  return join(folder, "tallystick.toml");
}

function segmentsIn(folder: string): readonly string[] {
  return readdirSync(join(folder, "flash/ledger")).filter((name) => name.startsWith("segment"));
}
