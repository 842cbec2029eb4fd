/** `meter read` and `meter check` of meters that speak by themselves: what an installer is told. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { checkDevices } from "#firmware/commands/check-devices.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { configText, type ChargerText } from "#firmware/commands/config-text.ts";
import { runMeter } from "#firmware/commands/read-meter.ts";
import { chargingMeterModel } from "#firmware/load-meter-model.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { smlGeneric } from "#hal/meters/telegram/models/sml.ts";
import { attachTelegramMeter, TelegramMeterServer } from "#hal/mock/telegram/serve-telegram-meter.ts";
import { isInstalled } from "#test/builders/bench-run.ts";
import { openPtyPair } from "#test/builders/pty-pair.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { SHOWN } from "#test/builders/telegram-line.ts";

const test = suite("meter read, of meters that speak by themselves");
const clock = new SystemClock();
const source = { now: () => SHOWN };
const settings = { serialNumber: 4_711_815, periodMs: 100, seed: 1, reactionMs: 10 };
const folder = mkdtempSync(join(tmpdir(), "tallystick-telegrams-"));

test.after(() => {
  rmSync(folder, { recursive: true });
});

test("a configuration needs the model and the line, and no unit", async () => {
  const server = new TelegramMeterServer({ source, clock }, { ...settings, model: "sml-generic" });
  const port = await server.start(0);
  const told = await read(`model = "sml-generic"\nhost = "127.0.0.1"\ntcp_port = ${port}`);
  await server.stop();
  assert.is(told.exitCode, 0, told.err.join("\n"));
  assert.is(told.out[0], "sml-generic, serial number 1TSK0004711815 (TCP)");
  assert.match(told.out.join("\n"), /imported {5}1234\.5000 kWh\n {2}exported {5}5\.0000 kWh\n {2}power {8}6900 W/);
});

test("a meter of another protocol is recognised, and models of that protocol are named", async () => {
  const server = new TelegramMeterServer({ source, clock }, { ...settings, model: "dsmr-p1" });
  const port = await server.start(0);
  const told = await read(`model = "sml-generic"\nperiod_ms = 400\nhost = "127.0.0.1"\ntcp_port = ${port}`);
  await server.stop();
  assert.is(told.exitCode, 69);
  assert.match(told.err[0] ?? "", /bytes came and no intact telegram; this looks like P1 \(DSMR\)$/);
  assert.is(told.err[1], "  look at: the model: --model dsmr-p1 or dsmr-v3");
});

test("a line on which nothing comes is told as that, with what to look at", async () => {
  const server = new TelegramMeterServer({ source, clock }, { ...settings, model: "sml-generic" });
  server.meter.faults.silent = true;
  const port = await server.start(0);
  const told = await read(`model = "sml-generic"\nperiod_ms = 200\nhost = "127.0.0.1"\ntcp_port = ${port}`);
  await server.stop();
  assert.is(told.exitCode, 69);
  assert.match(told.err[0] ?? "", /^nothing was received at 127\.0\.0\.1:\d+ \(TCP\) within 0\.\d s$/);
  assert.match(told.err[1] ?? "", /where the optical head sits/);
});

const TABLE = `
model = "my-meter"
protocol = "sml"
periodMs = 200
[quantities]
importedEnergy = [["1.8.7"]]
power = [{ plus = ["16.7.0"] }]
`;

test("a table of one's own is checked, and used; telegrams without its register point to the PIN", async () => {
  writeFileSync(join(folder, "my-meter.toml"), TABLE);
  const checked = await run(["check", "my-meter.toml"], {});
  assert.is(checked.exitCode, 0);
  assert.is(checked.out[0], "my-meter: good. SML, pushes every 0.2 s, at 9600 8N1");
  const server = new TelegramMeterServer({ source, clock }, { ...settings, model: "sml-generic" });
  const port = await server.start(0);
  const told = await run(["read"], { "model-file": "my-meter.toml", host: "127.0.0.1", "tcp-port": String(port) });
  await server.stop();
  assert.is(told.exitCode, 65);
  assert.match(
    told.err[0] ?? "",
    /telegrams come and are intact, but none has the import register: expected .* 1\.8\.7/,
  );
  assert.match(told.err[1] ?? "", /the PIN of the meter/);
});

test("a mistake in such a table is named, by check and by read", async () => {
  writeFileSync(join(folder, "bad.toml"), TABLE.replace("1.8.7", "1.8.0*01"));
  const checked = await run(["check", "bad.toml"], {});
  assert.is(checked.exitCode, 65);
  assert.match(
    checked.err[0] ?? "",
    /^bad\.toml: quantities\.importedEnergy\[0\]\[0\]: found "1\.8\.0\*01", expected a life/,
  );
  const failure = await run(["read"], { "model-file": "bad.toml", port: "/dev/null" }).catch((error: unknown) => error);
  assert.match(String(failure), /lifetime register/);
});

if (isInstalled("socat")) {
  test("over a serial line a mode C meter is asked, with seven bits and even parity", async () => {
    const pair = await openPtyPair();
    const far = new SerialLink({ path: pair.farPath, baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 });
    const device = await attachTelegramMeter(far, { source, clock }, { ...settings, model: "iec62056-mode-c" });
    assert.ok(device.ok);
    const told = await run(["read"], { model: "iec62056-mode-c", port: pair.nearPath });
    device.value.stop();
    await far.close();
    await pair.dispose();
    assert.is(told.exitCode, 0, told.err.join("\n"));
    assert.is(told.out[0], "iec62056-mode-c, serial number 04711815, firmware 1.03 (300 7E1)");
  });
} else {
  test.skip("needs socat: apt-get install socat");
}

const CHARGER: ChargerText = {
  role: "charger",
  ...{ name: "garage", organisation: "", site: "site-1" },
  meter: {
    model: "sml-generic",
    line: { kind: "serial", path: "/dev/ttyUSB0", baud: 9600 },
    usual: smlGeneric.line,
  },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: { kind: "serial", path: "/dev/ttyUSB1", baud: 9600 } },
  ...{ currency: "EUR", pricePerKwh: "0.35", brokerPort: 1883 },
};

test("what init writes for such a meter is good, and a meter on a bus without unit is not", () => {
  const config = parsed(configText(CHARGER));
  assert.is(config.meter.given.baudRate, undefined);
  assert.is(config.meter.unit, undefined);
  assert.is(checkDevices(config), undefined);
  const onBus = checkDevices(parsed(configText(CHARGER).replace("sml-generic", "eastron-sdm630")));
  assert.is(onBus?.path, "meter.unit");
});

test("a meter that tells its energy once an hour is no measure of a charge", async () => {
  const config = parsed(configText(CHARGER).replace('"sml-generic"', '"dlms-hourly"'));
  const refused = await chargingMeterModel(config.meter, folder).catch((error: unknown) => error);
  assert.match(String(refused), /CONFIG_INVALID: meter\.model: "dlms-hourly" tells its energy every 3600 s, expected/);
  const often = { ...config.meter, periodMs: 10_000 };
  assert.is((await chargingMeterModel(often, folder)).kind, "telegrams");
});

interface Told {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** With a charger's configuration whose meter is this. */
async function read(meter: string): Promise<Told> {
  const [before = "", after = ""] = configText(CHARGER).split(/model = "sml-generic"\n/);
  const rest = after.replace(/serial = "\/dev\/ttyUSB0"\n/, "");
  writeFileSync(join(folder, "tallystick.toml"), `${before}${meter}\n${rest}`);
  return await run(["read"], { config: "tallystick.toml" });
}

async function run(words: readonly string[], options: Readonly<Record<string, string>>): Promise<Told> {
  const io = recordIo({ cwd: folder });
  const exitCode = await runMeter(new CommandArguments(words, new Map(Object.entries(options))), io);
  return { exitCode, out: io.outLines, err: io.errLines };
}

function parsed(text: string): Parameters<typeof checkDevices>[0] & { readonly role: "charger" } {
  const config = parseGatewayConfig(text);
  if (!config.ok || config.value.role !== "charger") throw new Error(JSON.stringify(config));
  return config.value;
}

test.run();
