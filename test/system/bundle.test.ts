/** The release as it would be installed: built twice, the same bytes; and every kind of work done by it alone. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { simulatedMeterUnit } from "#hal/mock/modbus/meter-unit.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { billFaults } from "#test/builders/bill-faults.ts";
import { freePort } from "#test/builders/free-port.ts";
import { openContactorSite, until } from "#test/builders/guard-site.ts";
import { buildStage } from "#test/builders/stage.ts";
import { tallystick, TallystickProcess, type Surroundings } from "#test/builders/tallystick-process.ts";

const folder = mkdtempSync(join(tmpdir(), "bundle-"));
const release = await buildStage(join(folder, "once"));
const stage = release?.stages[0]?.folder ?? "";
const library = join(stage, "usr/lib/tallystick");
const charger = join(folder, "charger");
/** No checkout is near, as on a board: nothing of the sources may be needed. */
const installed: Surroundings = { command: [join(stage, "usr/bin/tallystick")], cwd: folder };

const test = suite("bundle");
test.after(() => {
  rmSync(folder, { recursive: true });
});

ofRelease("a second build, elsewhere, has the same bytes, modes and times", async () => {
  const again = (await buildStage(join(folder, "deeper/twice")))?.stages[0]?.folder ?? "";
  assert.equal(treeOf(again), treeOf(stage));
  rmSync(again, { recursive: true });
});

ofRelease("nothing of the machine that built it is in it", () => {
  const root = new URL("../..", import.meta.url).pathname;
  const programs = readdirSync(library, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(mjs|map|json)$/.test(name),
  );
  assert.ok(programs.length > 10);
  const telling = programs.filter((name) => readFileSync(join(library, name), "utf8").includes(root));
  assert.equal(telling, []);
});

ofRelease("its bill of materials has the form of CycloneDX 1.6 and names what is inside", () => {
  const bill = JSON.parse(readFileSync(join(library, "sbom.cdx.json"), "utf8")) as Record<string, unknown>;
  assert.equal(billFaults(bill), []);
  const text = JSON.stringify(bill);
  for (const inside of [
    "pkg:npm/mqtt@",
    "pkg:npm/%40serialport/bindings-cpp@",
    "pkg:npm/koffi@",
    "pkg:generic/openssl@",
  ])
    assert.ok(text.includes(`"purl":"${inside}`), inside);
  for (const outside of ["typescript", "esbuild", "uvu", "eslint", "nanotimer"])
    assert.not.ok(text.includes(`"name":"${outside}"`), outside);
  const node = createHash("sha256")
    .update(readFileSync(join(library, "node")))
    .digest("hex");
  assert.ok(text.includes(node), "the hash of the Node that is there");
});

ofRelease("a bill with a hole is found out", () => {
  const bill = JSON.parse(readFileSync(join(library, "sbom.cdx.json"), "utf8")) as {
    readonly components: readonly Readonly<Record<string, unknown>>[];
  };
  const [first, ...others] = bill.components;
  assert.ok(billFaults({ ...bill, components: others }).some((fault) => fault.includes(String(first?.["bom-ref"]))));
  assert.ok(billFaults({ ...bill, components: [{ ...first, purl: "pkg:npm" }, ...others] }).length > 0);
  assert.ok(billFaults({ ...bill, serialNumber: "1" }).includes("serialNumber"));
});

ofRelease("it says what it can do, and needs nothing to be installed for it", async () => {
  const help = await tallystick(["--help"], installed);
  assert.is(help.exitCode, 0, help.err);
  assert.match(help.out, /^ {2}bench /m);
  assert.is((await tallystick(["--version"], installed)).out.trim(), release?.release.version);
  assert.is(spawnSync(join(library, "node"), ["--version"], { encoding: "utf8" }).stdout.trim(), process.version);
});

ofRelease("it reads a meter", async () => {
  const clock = new SystemClock();
  const world = new ChargingWorld({ seed: 1, startMs: clock.wallMs(), nowMs: () => clock.wallMs() });
  world.addStation(1, { phases: 3, currentMaxA: 16, stepMilliWh: 1 });
  const unit = simulatedMeterUnit({ model: "eastron-sdm630", source: world.meterView(1), serialNumber: 1 });
  const server = new TcpSlaves({ clock, units: new Map([[1, unit]]) }, { host: "127.0.0.1", port: 0 });
  const line = `127.0.0.1:${await server.start()}`;
  const made = await tallystick(["init", "--role", "charger", "--folder", charger, "--meter-line", line], installed);
  assert.is(made.exitCode, 0, made.err);
  const read = await tallystick(["meter", "read", "--config", join(charger, "tallystick.toml")], installed);
  await server.stop();
  assert.is(read.exitCode, 0, read.err);
  assert.match(read.out, /imported/i);
});

ofRelease(
  "its gateway holds the contactor's lines through a guard of its own, and tells its supervisor itself",
  async () => {
    const config = join(charger, "tallystick.toml");
    const site = await openContactorSite();
    const point = `[charge_point]\ndriver = "gpio-contactor"\nchip = ${JSON.stringify(site.duty.chip)}\ncontactor = "COIL"\nplug = "PLUG"\n\n`;
    const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1");
    writeFileSync(config, text.replace("1883", String(await freePort())).replace(/\[charge_point\][^[]*/, point));
    const env = { NOTIFY_SOCKET: join(folder, "nobody") };
    const gateway = new TallystickProcess(["run", "--config", config], { ...installed, env });
    try {
      // Error 2: the datagram was sent, to a socket that is not there. Without koffi the binding would be missing.
      await gateway.printed(/SUPERVISOR_UNREACHABLE \(error 2\)/);
      await gateway.printed(/outlet 1 plugged in/);
      const guards = childrenOf(gateway.pid).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      assert.ok(
        guards.some((line) => line.includes(join(library, "guard.mjs"))),
        guards.join("; "),
      );
    } finally {
      await gateway.stop("SIGKILL");
    }
    const chip = site.gpio.open("test");
    await until(() => chip.holdOutput({ line: "COIL", isActive: false }).ok);
    await site.dispose();
  },
);

ofRelease(
  "a bench of it, without the engine's compilers and on serial lines, is good from plug to receipt",
  async () => {
    // As the service runs it (decision 0034); its gateways are processes of the same release.
    const command = [join(library, "node"), "--jitless", join(library, "tallystick.mjs")];
    const serial = existsSync("/usr/bin/socat") ? ["--serial"] : [];
    const ran = await tallystick(["bench", "--minutes", "10", "--speed", "30", ...serial], { command, cwd: folder });
    assert.is(ran.exitCode, 0, `${ran.out}${ran.err}`);
    assert.match(ran.out, /The bench run is good/);
  },
);

/** Without the registry and a cache there is none to judge. */
function ofRelease(claim: string, check: () => Promise<void> | void): void {
  if (release === undefined) test.skip(claim, check);
  else test(claim, check);
}

/** Paths with mode, time and content. */
function treeOf(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  assert.ok(names.includes("usr/lib/tallystick/tallystick.mjs"));
  return names.map((name) => {
    const about = statSync(join(root, name));
    const hash = createHash("sha256");
    if (about.isFile()) hash.update(readFileSync(join(root, name)));
    return `${name} ${about.mode.toString(8)} ${about.mtimeMs} ${hash.digest("hex")}`;
  });
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

test.run();
