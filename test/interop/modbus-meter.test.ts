/** The installer's tool against meters served by pymodbus, over TCP and over a serial line that behaves like a wire. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { meterRead, meterWatch, type CommandOutcome, type MeterOptions } from "#firmware/commands/meter.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { freePort, openSerialWire, startMeter, stopAll } from "./modbus-line.ts";

const clock = new SystemClock();
const tools = { clock, openBus: (endpoint: Parameters<typeof openRegisterBus>[0]) => openRegisterBus(endpoint, clock) };

function read(more: Partial<MeterOptions>): Promise<CommandOutcome> {
  return meterRead(
    {
      model: "eastron-sdm630",
      tcpPort: 502,
      unit: 1,
      baud: 9600,
      parity: "none",
      stopBits: 1,
      json: false,
      ...more,
    },
    tools,
  );
}

const SDM630 = ["--volts", "231.4,229.8,230.6", "--amperes", "14.25,13.5,12.75", "--watts", "9327.5"] as const;
const SDM630_ENERGY = [
  "--hertz",
  "49.98",
  "--kwh",
  "4321.987",
  "--export-kwh",
  "17.5",
  "--serial",
  "30201001",
] as const;
const B23 = ["--volts", "227.3,233.9,230", "--amperes", "6.05,31.99,0", "--watts", "-8850.25"] as const;
const B23_ENERGY = ["--hertz", "50.04", "--kwh", "90071992.54", "--export-kwh", "0.07", "--serial", "4008123"] as const;

function expectValues(outcome: CommandOutcome, values: readonly string[]): void {
  const text = outcome.lines.join("\n");
  assert.is(outcome.exitCode, 0, text);
  for (const value of values) assert.ok(text.includes(value), `${value} is missing in\n${text}`);
}

const SDM630_SHOWN = [
  "serial number 30201001",
  "imported     4321.987 kWh",
  "exported     17.500 kWh",
  "power        9327.5 W",
  "voltage L1   231.4 V",
  "voltage L2   229.8 V",
  "voltage L3   230.6 V",
  "current L1   14.25 A",
  "current L2   13.5 A",
  "current L3   12.75 A",
  "frequency    49.98 Hz",
];
const B23_SHOWN = [
  "serial number 4008123",
  "imported     90071992.54 kWh",
  "exported     0.07 kWh",
  "power        -8850.25 W",
  "voltage L2   233.9 V",
  "current L1   6.05 A",
  "frequency    50.04 Hz",
];

const test = suite("modbus meters of another maker");

test.after.each(stopAll);

test("TCP: the values of an SDM630 are printed as they were set", async () => {
  const port = await freePort();
  const stop = await startMeter("sdm630", "tcp", String(port), ...SDM630, ...SDM630_ENERGY);
  expectValues(await read({ host: "127.0.0.1", tcpPort: port }), SDM630_SHOWN);
  await stop();
});

test("TCP: the values of a B23 are printed as they were set, although it has no registers between them", async () => {
  const port = await freePort();
  const stop = await startMeter("b23", "tcp", String(port), "--unit", "12", ...B23, ...B23_ENERGY);
  expectValues(await read({ model: "abb-b23", host: "127.0.0.1", tcpPort: port, unit: 12 }), B23_SHOWN);
  await stop();
});

test("TCP: as JSON the reading is exact and complete", async () => {
  const port = await freePort();
  const stop = await startMeter("b23", "tcp", String(port), ...B23, ...B23_ENERGY);
  const { lines } = await read({ model: "abb-b23", host: "127.0.0.1", tcpPort: port, json: true });
  await stop();
  const told: unknown = JSON.parse(lines[0] ?? "");
  assert.ok(typeof told === "object" && told !== null && "importedMilliWh" in told && "powerW" in told);
  assert.is(told.importedMilliWh, 90_071_992_540_000);
  assert.is(told.powerW, -8850.25);
});

test("TCP: a closed port is called one", async () => {
  const port = await freePort();
  const outcome = await read({ host: "127.0.0.1", tcpPort: port });
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines[0] ?? "", `nothing listens at 127.0.0.1:${port}: connection refused`);
});

test("TCP: a wrong unit is silence that names it, and the right one is found when asked for", async () => {
  const port = await freePort();
  const stop = await startMeter("sdm630", "tcp", String(port), "--unit", "3", ...SDM630);
  const outcome = await read({ host: "127.0.0.1", tcpPort: port, unit: 1 });
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines.join("\n"), /no answer from unit 1 at 127\.0\.0\.1:\d+ \(Modbus TCP\)/);
  const scanned = await read({ host: "127.0.0.1", tcpPort: port, unit: 1, scanUnits: true });
  await stop();
  assert.match(scanned.lines.join("\n"), /another unit answers: 3$/);
});

test("RTU: the values of an SDM630 at 9600 8N1 are printed as they were set", async () => {
  const wire = await openSerialWire();
  const stop = await startMeter("sdm630", "rtu", wire.meterPath, ...SDM630, ...SDM630_ENERGY);
  expectValues(await read({ port: wire.ourPath }), SDM630_SHOWN);
  await stop();
  await wire.stop();
});

test("RTU: a B23 at 19200 8E1, through an adapter that tears frames apart", async () => {
  const wire = await openSerialWire("--gap-every", "7", "--gap-ms", "40");
  const line = ["--baud", "19200", "--parity", "E", "--unit", "9"];
  const stop = await startMeter("b23", "rtu", wire.meterPath, ...line, ...B23, ...B23_ENERGY);
  expectValues(await read({ model: "abb-b23", port: wire.ourPath, baud: 19_200, parity: "even", unit: 9 }), B23_SHOWN);
  await stop();
  await wire.stop();
});

test("RTU: an adapter that echoes is read when it is said to", async () => {
  const wire = await openSerialWire("--echo");
  const stop = await startMeter("sdm630", "rtu", wire.meterPath, ...SDM630, ...SDM630_ENERGY);
  expectValues(await read({ port: wire.ourPath, echoes: true }), SDM630_SHOWN);
  await stop();
  await wire.stop();
});

test("RTU: a wrong speed is found out, and both are named", async () => {
  const wire = await openSerialWire();
  const stop = await startMeter("sdm630", "rtu", wire.meterPath, "--baud", "19200", ...SDM630);
  const outcome = await read({ port: wire.ourPath });
  await stop();
  await wire.stop();
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines.join("\n"), /unit 1 answers at 19200 8N1, configured 9600 8N1/);
});

test("RTU: a wrong unit is silence that names it and what to look at", async () => {
  const wire = await openSerialWire();
  const stop = await startMeter("sdm630", "rtu", wire.meterPath, "--unit", "2", ...SDM630);
  const outcome = await read({ port: wire.ourPath });
  await stop();
  await wire.stop();
  const text = outcome.lines.join("\n");
  assert.match(text, /no answer from unit 1 at \S+ \(9600 8N1\) within 1000 ms/);
  assert.match(text, /wires A and B/);
  assert.match(text, /no answer at the other usual speeds and parities either$/);
});

test("RTU: damaged answers are called that, not silence", async () => {
  const wire = await openSerialWire("--flip-every", "6");
  const stop = await startMeter("sdm630", "rtu", wire.meterPath, ...SDM630);
  const outcome = await read({ port: wire.ourPath });
  await stop();
  await wire.stop();
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines[0] ?? "", /bytes come from \S+ at 9600 8N1, but no intact answer/);
});

test("RTU: a device that is not there is called that", async () => {
  const outcome = await read({ port: "/dev/tallystick-has-no-such-line" });
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines[0] ?? "", /no such device: \/dev\/tallystick-has-no-such-line/);
});

test("a slow meter costs time, never a wrong value", async () => {
  const port = await freePort();
  const stop = await startMeter("sdm630", "tcp", String(port), "--delay-ms", "300", ...SDM630, ...SDM630_ENERGY);
  expectValues(await read({ host: "127.0.0.1", tcpPort: port }), SDM630_SHOWN);
  await stop();
});

test("watching prints a line a second until it is stopped, and goes on over a fault", async () => {
  const port = await freePort();
  const start = (): Promise<() => Promise<void>> =>
    startMeter("sdm630", "tcp", String(port), ...SDM630, ...SDM630_ENERGY);
  let stop = await start();
  const lines: string[] = [];
  const stopper = new AbortController();
  const options = { model: "eastron-sdm630", host: "127.0.0.1", tcpPort: port, unit: 1, json: false } as const;
  const watch = meterWatch(
    { ...options, baud: 9600, parity: "none", stopBits: 1 },
    { ...tools, print: (line) => lines.push(line), stop: stopper.signal },
  );
  await sees(lines, /4321\.987 kWh {2}9327\.5 W {2}231\.4 229\.8 230\.6 V {2}14\.25 13\.5 12\.75 A {2}49\.98 Hz$/);
  await stop();
  await sees(lines, /nothing listens/);
  stop = await start();
  lines.length = 0;
  await sees(lines, /4321\.987 kWh/);
  stopper.abort();
  assert.is((await watch).exitCode, 0);
  await stop();
});

test("an unknown model and a missing line are refused before anything is opened", async () => {
  const unknown = await read({ model: "abacus", host: "127.0.0.1" });
  assert.is(unknown.exitCode, 64);
  assert.match(unknown.lines[0] ?? "", /known are .*eastron-sdm630/);
  assert.is((await read({})).exitCode, 64);
});

/** Waits for what another program and our second make. */
async function sees(lines: readonly string[], sign: RegExp): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (lines.some((line) => sign.test(line))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.unreachable(`${sign.source} was not seen in\n${lines.join("\n")}`);
}

test.run();
