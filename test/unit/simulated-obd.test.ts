/** The simulated adapter and car, typed at as from a terminal: they are honest about what goes wrong with real ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { type ObdBench, type ObdBenchSettings, plugObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { TestBattery } from "../builders/test-battery.ts";

const test = suite("simulated OBD adapter");

interface Terminal {
  readonly bench: ObdBench;
  readonly battery: TestBattery;
  readonly clock: SimulatedClock;
  /** Types the text and returns what was printed within the time. */
  readonly type: (text: string, withinMs?: number) => Promise<string>;
}

function openTerminal(settings: Partial<ObdBenchSettings> = {}): Terminal {
  const clock = new SimulatedClock();
  const battery = new TestBattery();
  let printed = "";
  const write = (bytes: Uint8Array): void => {
    printed += String.fromCharCode(...bytes);
  };
  const bench = plugObdAdapter({ clock, battery, write }, { model: "hyundai-kona", ...settings });
  const type = async (text: string, withinMs = 1500): Promise<string> => {
    printed = "";
    bench.adapter.receive(new TextEncoder().encode(text));
    await clock.runFor(withinMs);
    return printed;
  };
  return { bench, battery, clock, type };
}

async function openReadyTerminal(settings: Partial<ObdBenchSettings> = {}): Promise<Terminal> {
  const terminal = openTerminal(settings);
  for (const command of ["ATE0", "ATL0", "ATS0", "ATH1", "ATSP6", "ATSH7E4", "ATCRA7EC"])
    await terminal.type(`${command}\r`);
  return terminal;
}

async function setFlowControl(terminal: Terminal, header: string): Promise<void> {
  for (const command of [`ATFCSH${header}`, "ATFCSD300000", "ATFCSM1"]) {
    assert.is(await terminal.type(`${command}\r`), "OK\r\r>");
  }
}

function framesOf(reply: string): readonly string[] {
  return reply.split("\r").filter((line) => line.startsWith("7EC"));
}

test("echo is on after a reset, and the reply that turns it off is still echoed", async () => {
  const { type } = openTerminal();
  assert.is(await type("ATZ\r"), "ATZ\rELM327 v2.2\r\r>");
  assert.is(await type("ATE0\r"), "ATE0\rOK\r\r>");
  assert.is(await type("ATI\r"), "ELM327 v2.2\r\r>");
});

test("the prompt comes only when the command is complete", async () => {
  const { type } = openTerminal();
  assert.is(await type("ATZ\r", 400), "ATZ\r");
  assert.is(await type("", 200), "ELM327 v2.2\r\r>");
});

test("unknown commands, spaces and small letters are taken as real ones take them", async () => {
  const { type } = await openReadyTerminal();
  assert.is(await type("ATXY\r"), "?\r\r>");
  assert.is(await type("hello\r"), "?\r\r>");
  assert.is(await type("at sh 7e4\r"), "OK\r\r>");
});

test("an empty line repeats the last command", async () => {
  const { type } = await openReadyTerminal();
  assert.is(await type("ATRV\r"), "14.2V\r\r>");
  assert.is(await type("\r"), "14.2V\r\r>");
});

test("without flow control of the right kind, only the first frame comes back", async () => {
  const isComplete = async (...commands: readonly string[]): Promise<boolean> => {
    const terminal = await openReadyTerminal();
    for (const command of commands) await terminal.type(`${command}\r`);
    const frames = framesOf(await terminal.type("220101\r"));
    assert.ok(frames.length === 1 || frames.length === 9, `${frames.length} frames`);
    return frames.length === 9;
  };
  assert.is(await isComplete("ATFCSH7E4", "ATFCSD300000", "ATFCSM1"), true);
  assert.is(await isComplete("ATFCSH7E5", "ATFCSD300000", "ATFCSM1"), false);
  assert.is(await isComplete("ATFCSH7E4", "ATFCSD320000", "ATFCSM1"), false);
  // 7EC is among the identifiers whose flow control the adapter knows by itself.
  assert.is(await isComplete(), true);
});

test("flow control mode 1 is refused until its header and data are set", async () => {
  const { type } = await openReadyTerminal();
  assert.is(await type("ATFCSM1\r"), "?\r\r>");
  await type("ATFCSH7E4\r");
  assert.is(await type("ATFCSM1\r"), "?\r\r>");
  await type("ATFCSD300000\r");
  assert.is(await type("ATFCSM1\r"), "OK\r\r>");
});

test("an early byte stops the request", async () => {
  const terminal = await openReadyTerminal();
  await setFlowControl(terminal, "7E4");
  await terminal.type("220101\r", 8);
  assert.match(await terminal.type("x"), /STOPPED\r\r>$/);
  assert.is(framesOf(await terminal.type("220101\r")).length, 9);
});

test("the count digit saves the wait, where the adapter knows it", async () => {
  const genuine = await openReadyTerminal();
  await setFlowControl(genuine, "7E4");
  assert.not.match(await genuine.type("220101\r", 100), />/);
  await genuine.type("");
  assert.match(await genuine.type("2201019\r", 100), />$/);
  const clone = await openReadyTerminal({ persona: "clone" });
  assert.match((await clone.type("2201019\r")).replaceAll("\0", ""), /^\?\r\r>$/);
});

test("a sleeping car, a wrong header and a wrong bus give NO DATA", async () => {
  const terminal = await openReadyTerminal();
  terminal.bench.car.fallAsleep();
  assert.is(await terminal.type("220101\r"), "NO DATA\r\r>");
  terminal.bench.car.wakeUp();
  await terminal.type("ATSH7E0\r");
  assert.is(await terminal.type("220101\r"), "NO DATA\r\r>");
  await terminal.type("ATSH7E4\r");
  await terminal.type("ATSP7\r");
  assert.is(await terminal.type("220101\r"), "NO DATA\r\r>");
});

test("an unknown identifier is refused by the unit, not invented", async () => {
  const { type } = await openReadyTerminal();
  assert.is(await type("22FFFF\r"), "7EC037F2231AAAAAAAA\r\r>");
  assert.is(await type("2E0101\r"), "7EC037F2E11AAAAAAAA\r\r>");
});

test("a slow line overruns the output buffer of a clone", async () => {
  const terminal = await openReadyTerminal({ persona: "clone", baudRate: 300 });
  await terminal.type("ATS1\r");
  assert.match(await terminal.type("220101\r", 60_000), /BUFFER FULL/);
});

test("other units are heard unless the filter is set", async () => {
  const terminal = await openReadyTerminal({ faults: { chatter: 1 } });
  assert.not.match(await terminal.type("220101\r"), /7EB/);
  await terminal.type("ATCRA\r");
  assert.match(await terminal.type("220101\r"), /7EB/);
});

test("a reboot forgets all settings and brings the banner, whatever was going on", async () => {
  const terminal = await openReadyTerminal();
  await setFlowControl(terminal, "7E4");
  await terminal.type("220101\r", 12);
  terminal.bench.adapter.reboot();
  assert.match(await terminal.type(""), /ELM327 v2.2\r\r>$/);
  assert.match(await terminal.type("ATI\r"), /^ATI\r/);
});

test("what the Kona's table says stands in its answer", async () => {
  const terminal = await openReadyTerminal();
  terminal.battery.change({ packVoltageV: 365.2, packCurrentA: 19.9, chargedWh: 123_456, charging: true });
  const frames = framesOf(await terminal.type("220101\r"));
  const payload = frames.map((line, index) => line.slice(index === 0 ? 7 : 5)).join("");
  const data = payload.slice(6);
  assert.is(frames[0]?.slice(0, 7), "7EC103E");
  // Voltage 3652 = 0E44; current -199 = FF39, negative while charging; 123.4 kWh = 1234 = 04D2; state 09.
  assert.is(data.slice(2 * 12, 2 * 14), "0E44");
  assert.is(data.slice(2 * 10, 2 * 12), "FF39");
  assert.is(data.slice(2 * 38, 2 * 42), "000004D2");
  assert.is(data.slice(2 * 50, 2 * 51), "09");
});

test.run();
