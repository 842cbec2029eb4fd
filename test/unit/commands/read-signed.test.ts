/** `meter read --signed`: what is printed, with which exit code, and that a wrong signature is never called right. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import type { CommandOutcome } from "#firmware/commands/meter.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { readSigned, type SignedOptions } from "#firmware/commands/read-signed.ts";
import { runMeter } from "#firmware/commands/read-meter.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SimulatedBsm, type SimulatedBsmOptions } from "#hal/mock/modbus/bsm/simulated-bsm.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import { bsmSigner } from "#test/builders/bsm-signer.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { openRtuLine, type RtuLine } from "#test/unit/modbus/rtu-line.ts";
import { STATE } from "#test/unit/modbus/watched-meter.ts";

const signer = bsmSigner();
const OPTIONS: SignedOptions = {
  ...{ model: "bauer-bsm-ws36a", port: "/dev/ttyUSB0", tcpPort: 502, unit: 42, baud: 19_200, parity: "even" },
  ...{ stopBits: 1, json: false, publicKey: undefined },
};

interface SignedBench extends RtuLine {
  readonly device: SimulatedBsm;
  run(options?: Partial<SignedOptions>): Promise<CommandOutcome>;
}

function benchOf(options: Partial<SimulatedBsmOptions> = {}): SignedBench {
  const units = new Map<number, SimulatedUnit>();
  const line = openRtuLine(units);
  const source = { now: () => STATE };
  const device = new SimulatedBsm({ clock: line.clock, source, serialNumber: "21070006", ...signer, ...options });
  units.set(42, device);
  const run = (more: Partial<SignedOptions> = {}): Promise<CommandOutcome> =>
    line.clock.runUntilSettled(readSigned({ ...OPTIONS, ...more }, { clock: line.clock, openBus: () => line.bus }));
  return { ...line, device, run };
}

const test = suite("meter read --signed");

test("signed values are printed with the verdict, and whose key it was", async () => {
  const { lines, exitCode } = await benchOf({ texts: ["contract 7", "", ""] }).run();
  const text = lines.join("\n");
  assert.is(exitCode, 0);
  for (const part of ["19200 8E1", "001BZR121070006", "number 4278", "1234.56 kWh", "6910 W", "contract 7"]) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  assert.match(text, /the signature holds with the key that the meter itself gives/);
  assert.match(text, /--public-key/);
});

test("with the key of the plate there is no doubt left, and with another's the signature does not hold", async () => {
  const right = await benchOf().run({ publicKey: toHex(signer.publicKey).toUpperCase() });
  assert.is(right.exitCode, 0);
  assert.match(right.lines.join("\n"), /the signature holds with the given key/);
  const wrong = await benchOf().run({ publicKey: toHex(bsmSigner().publicKey) });
  assert.is(wrong.exitCode, 65);
  assert.match(wrong.lines.join("\n"), /DOES NOT HOLD with the given key/);
});

test("values that were not signed are shown as such", async () => {
  const bench = benchOf();
  bench.device.wrongs.addedCounts = 1;
  const { lines, exitCode } = await bench.run({ json: true });
  assert.is(exitCode, 65);
  const told = JSON.parse(lines[0] ?? "") as Readonly<Record<string, unknown>>;
  assert.equal([told["signatureHolds"], told["keyFrom"], told["importedMilliWh"]], [false, "meter", 1_234_570_000]);
});

test("a meter in development mode signs nothing that counts", async () => {
  const bench = benchOf();
  bench.device.wrongs.events = 1 << 19;
  const { lines, exitCode } = await bench.run();
  assert.is(exitCode, 65);
  assert.match(lines.join("\n"), /not to be believed.*development mode/);
});

test("no snapshot, no answer, and another meter than one that signs: each is said", async () => {
  const failing = benchOf();
  failing.device.wrongs.status = 3;
  assert.match((await failing.run()).lines.join(), /made no signed snapshot: the meter could not/);
  const stuck = benchOf();
  stuck.device.wrongs.isStuck = true;
  assert.match((await stuck.run()).lines.join(), /within 15 s/);
  const silent = benchOf();
  silent.device.faults.silent = true;
  const unheard = await silent.run();
  assert.is(unheard.exitCode, 69);
  assert.match(unheard.lines.join(), /no answer from unit 42/);
  assert.is((await benchOf().run({ model: "abb-b23" })).exitCode, 64);
  assert.is((await benchOf().run({ publicKey: "xyz" })).exitCode, 64);
});

test("from the command line over TCP", async () => {
  const clock = new SystemClock();
  const source = { now: () => STATE };
  const device = new SimulatedBsm({ clock, source, serialNumber: "21070006", ...signer, makingMs: 30 });
  const slaves = new TcpSlaves({ clock, units: new Map([[42, device]]) }, { host: "127.0.0.1", port: 0 });
  const port = await slaves.start();
  const io = recordIo();
  const options = new Map<string, string | true>([
    ["model", "bauer-bsm-ws36a"],
    ["host", "127.0.0.1"],
    ["tcp-port", String(port)],
    ["signed", true],
    ["json", true],
  ]);
  const exitCode = await runMeter(new CommandArguments(["read"], options), io);
  await slaves.stop();
  assert.is(exitCode, 0);
  const told = JSON.parse(io.outLines[0] ?? "") as Readonly<Record<string, unknown>>;
  assert.equal([told["signatureHolds"], told["importedMilliWh"]], [true, 1_234_560_000]);
});

test.run();
