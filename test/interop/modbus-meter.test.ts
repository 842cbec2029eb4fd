/** The installer's tool against meters served by pymodbus, over TCP and over a serial line that behaves like a wire. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import {
  meterRead,
  meterWatch,
  type CommandOutcome,
  type MeterOptions,
  type MeterTools,
} from "#firmware/commands/meter.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { runMeter } from "#firmware/commands/read-meter.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { freePort } from "#test/builders/free-port.ts";
import { openSerialWire, startMeters, stopAll, type MeterServer, type ServedMeter } from "./modbus-line.ts";

const clock = new SystemClock();
/** Three times as fast: silence is waited for sooner, and there is still time for an answer. */
const hurried = new ScaledClock({ realEpochMs: clock.wallMs(), worldEpochMs: clock.wallMs(), speed: 3 }, clock);
const toolsOn = (own: Clock): MeterTools => ({ clock: own, openBus: (endpoint) => openRegisterBus(endpoint, own) });
const tools = toolsOn(clock);

function read(more: Partial<MeterOptions>, its = tools): Promise<CommandOutcome> {
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
    its,
  );
}

const SDM630: ServedMeter = {
  unit: 1,
  model: "eastron-sdm630",
  values: {
    ...{ "V.L1": 231.4, "V.L2": 229.8, "V.L3": 230.6, "I.L1": 14.25, "I.L2": 13.5, "I.L3": 12.75 },
    ...{ P: 9327.5, Hz: 49.98, Eimp: 4321.987, Eexp: 17.5, serial: 30_201_001 },
  },
};
const B23: ServedMeter = {
  unit: 1,
  model: "abb-b23",
  values: {
    ...{ "V.L1": 227.3, "V.L2": 233.9, "V.L3": 230, "I.L1": 6.05, "I.L2": 31.99, "I.L3": 0 },
    ...{ P: -8850.25, Hz: 50.04, Eimp: 90_071_992.54, Eexp: 0.07, serial: 4_008_123 },
  },
};

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
  const server = await startMeters([SDM630], "tcp", port);
  expectValues(await read({ host: "127.0.0.1", tcpPort: port }), SDM630_SHOWN);
  await server.stop();
});

test("TCP: the values of a B23 are printed as they were set, although it has no registers between them", async () => {
  const port = await freePort();
  const server = await startMeters([{ ...B23, unit: 12 }], "tcp", port);
  expectValues(await read({ model: "abb-b23", host: "127.0.0.1", tcpPort: port, unit: 12 }), B23_SHOWN);
  await server.stop();
});

test("TCP: as JSON the reading is exact and complete", async () => {
  const port = await freePort();
  const server = await startMeters([B23], "tcp", port);
  const { lines } = await read({ model: "abb-b23", host: "127.0.0.1", tcpPort: port, json: true });
  await server.stop();
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
  const server = await startMeters([{ ...SDM630, unit: 3 }], "tcp", port);
  const outcome = await read({ host: "127.0.0.1", tcpPort: port, unit: 1 }, toolsOn(hurried));
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines.join("\n"), /no answer from unit 1 at 127\.0\.0\.1:\d+ \(Modbus TCP\)/);
  const scanned = await read({ host: "127.0.0.1", tcpPort: port, unit: 1, scanUnits: true }, toolsOn(hurried));
  await server.stop();
  assert.match(scanned.lines.join("\n"), /another unit answers: 3$/);
});

test("RTU: the values of an SDM630 at 9600 8N1 are printed as they were set", async () => {
  const wire = await openSerialWire();
  const server = await startMeters([SDM630], "rtu", wire.meterPath);
  expectValues(await read({ port: wire.ourPath }), SDM630_SHOWN);
  await server.stop();
  await wire.stop();
});

test("RTU: a B23 at 19200 8E1, through an adapter that tears frames apart", async () => {
  const wire = await openSerialWire("--gap-every", "7", "--gap-ms", "40");
  const line = ["--baud", "19200", "--parity", "E"];
  const server = await startMeters([{ ...B23, unit: 9 }], "rtu", wire.meterPath, ...line);
  expectValues(await read({ model: "abb-b23", port: wire.ourPath, baud: 19_200, parity: "even", unit: 9 }), B23_SHOWN);
  await server.stop();
  await wire.stop();
});

test("RTU: an adapter that echoes is read when it is said to", async () => {
  const wire = await openSerialWire("--echo");
  const server = await startMeters([SDM630], "rtu", wire.meterPath);
  expectValues(await read({ port: wire.ourPath, echoes: true }), SDM630_SHOWN);
  await server.stop();
  await wire.stop();
});

test("RTU: a wrong speed is found out, and both are named", async () => {
  const wire = await openSerialWire();
  const server = await startMeters([SDM630], "rtu", wire.meterPath, "--baud", "19200");
  const outcome = await read({ port: wire.ourPath });
  await server.stop();
  await wire.stop();
  assert.is(outcome.exitCode, 69);
  assert.match(outcome.lines.join("\n"), /unit 1 answers at 19200 8N1, configured 9600 8N1/);
});

test("RTU: a wrong unit is silence that names it and what to look at", async () => {
  const wire = await openSerialWire();
  const server = await startMeters([{ ...SDM630, unit: 2 }], "rtu", wire.meterPath);
  const outcome = await read({ port: wire.ourPath }, toolsOn(hurried));
  await server.stop();
  await wire.stop();
  const text = outcome.lines.join("\n");
  assert.match(text, /no answer from unit 1 at \S+ \(9600 8N1\) within 1000 ms/);
  assert.match(text, /wires A and B/);
  assert.match(text, /no answer at the other usual speeds and parities either$/);
});

test("RTU: damaged answers are called that, not silence", async () => {
  const wire = await openSerialWire("--flip-every", "6");
  const server = await startMeters([SDM630], "rtu", wire.meterPath);
  const outcome = await read({ port: wire.ourPath });
  await server.stop();
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
  const server = await startMeters([SDM630], "tcp", port, "--delay-ms", "300");
  expectValues(await read({ host: "127.0.0.1", tcpPort: port }), SDM630_SHOWN);
  await server.stop();
});

test("watching prints a line a second until it is stopped, and goes on over a fault", async () => {
  const port = await freePort();
  const start = (): Promise<MeterServer> => startMeters([SDM630], "tcp", port);
  let server = await start();
  const lines: string[] = [];
  const stopper = new AbortController();
  const options = { model: "eastron-sdm630", host: "127.0.0.1", tcpPort: port, unit: 1, json: false } as const;
  const watch = meterWatch(
    { ...options, baud: 9600, parity: "none", stopBits: 1 },
    { ...tools, print: (line) => lines.push(line), stop: stopper.signal },
  );
  await sees(lines, /4321\.987 kWh {2}9327\.5 W {2}231\.4 229\.8 230\.6 V {2}14\.25 13\.5 12\.75 A {2}49\.98 Hz$/);
  await server.stop();
  await sees(lines, /nothing listens/);
  server = await start();
  lines.length = 0;
  await sees(lines, /4321\.987 kWh/);
  stopper.abort();
  assert.is((await watch).exitCode, 0);
  await server.stop();
});

test("an unknown model and a missing line are refused before anything is opened", async () => {
  const unknown = await read({ model: "abacus", host: "127.0.0.1" });
  assert.is(unknown.exitCode, 64);
  assert.match(unknown.lines[0] ?? "", /known are .*eastron-sdm630/);
  assert.is((await read({})).exitCode, 64);
});

test("a table that a user wrote reads a meter that is not built in, at the settings that the table names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-model-"));
  const wire = await openSerialWire();
  await startMeters([{ ...B23, unit: 9 }], "rtu", wire.meterPath, "--baud", "19200", "--parity", "E");
  writeFileSync(join(folder, "mine.toml"), USER_TABLE);
  const io = recordIo({ cwd: folder });
  const options = new Map([
    ["model-file", "mine.toml"],
    ["port", wire.ourPath],
  ]);
  const exitCode = await runMeter(new CommandArguments(["read"], options), io);
  await wire.stop();
  rmSync(folder, { recursive: true });
  const text = [...io.outLines, ...io.errLines].join("\n");
  assert.is(exitCode, 0, text);
  for (const value of ["garage-meter, unit 9, serial number 4008123", "19200 8E1", "90071992.54 kWh", "-8850.25 W"]) {
    assert.ok(text.includes(value), `${value} is missing in\n${text}`);
  }
});

const USER_TABLE = `
model = "garage-meter"
functionCode = 3
wordOrder = "high-first"
registersPerReadMax = 125
factory = { baudRate = 19200, parity = "even", unit = 9 }
identity = { serialNumber = { address = 0x8900, type = "u32", scale = 1 } }

[quantities]
importedEnergy = { address = 0x5000, type = "u64", scale = 0.01, unit = "kWh" }
power = { address = 0x5B14, type = "i32", scale = 0.01 }
`;

/** Waits for what another program and our second make. */
async function sees(lines: readonly string[], sign: RegExp): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (lines.some((line) => sign.test(line))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.unreachable(`${sign.source} was not seen in\n${lines.join("\n")}`);
}

test.run();
