/** The simulated adapter and car, typed at as from a terminal: they are honest about what goes wrong with real ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { ObdBenchSettings } from "#hal/mock/obd/obd-bench.ts";
import { type ObdTerminal, openTerminal, payloadOf, setUp, unitOf } from "../../builders/obd-terminal.ts";

const test = suite("simulated OBD adapter");

async function openReadyTerminal(settings: Partial<ObdBenchSettings> = {}): Promise<ObdTerminal> {
  const terminal = openTerminal(settings);
  for (const command of ["ATE0", "ATL0", "ATS0", "ATH1", "ATSP6", "ATSH7E4", "ATCRA7EC"])
    await terminal.type(`${command}\r`);
  return terminal;
}

async function setFlowControl(terminal: ObdTerminal, header: string): Promise<void> {
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

test("the wait shortens with experience, unless that is turned off, and never beyond what was set", async () => {
  const terminal = await openReadyTerminal();
  await setFlowControl(terminal, "7E4");
  const took = async (): Promise<number> => {
    const startedMs = terminal.clock.monotonicMs();
    await terminal.type("220101\r");
    return (terminal.pieces.at(-1)?.atMs ?? NaN) - startedMs;
  };
  const first = await took();
  assert.ok(first > 205, `${first} ms`);
  const adapted = await took();
  assert.ok(adapted < 140, `${adapted} ms`);
  await terminal.type("ATAT0\r");
  assert.ok((await took()) > 205);
  await terminal.type("ATST0A\r");
  const shortest = await took();
  assert.ok(shortest < 80 && shortest > 41, `${shortest} ms`);
});

test("separation time and block size of flow control are kept", async () => {
  const terminal = await openReadyTerminal();
  for (const command of ["ATFCSH7E4", "ATFCSD300014", "ATFCSM1"]) await terminal.type(`${command}\r`);
  await terminal.type("2201019\r");
  const gaps = terminal.pieces.slice(1).map((piece, index) => piece.atMs - (terminal.pieces[index]?.atMs ?? 0));
  assert.is(gaps.filter((gap) => gap === 20).length, 8, gaps.join(" "));
  // Three frames and no more, because nobody says to go on.
  await terminal.type("ATFCSD300300\r");
  assert.is(framesOf(await terminal.type("220101\r")).length, 4);
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

test("a cut bus and a wrong bit rate are CAN ERROR, an older bus does not even start", async () => {
  const terminal = await openReadyTerminal();
  terminal.bench.car.cutBus();
  assert.is(await terminal.type("220101\r"), "CAN ERROR\r\r>");
  terminal.bench.car.mendBus();
  assert.is(framesOf(await terminal.type("220101\r")).length, 9);
  await terminal.type("ATSP8\r");
  assert.is(await terminal.type("220101\r"), "CAN ERROR\r\r>");
  await terminal.type("ATSP3\r");
  assert.is(await terminal.type("220101\r"), "BUS INIT: ...ERROR\r\r>");
});

test("a search tries both kinds of identifiers, and says when neither answers", async () => {
  const kona = await openReadyTerminal();
  await kona.type("ATSP0\r");
  assert.match(await kona.type("220101\r"), /^SEARCHING\.\.\.\r?7EC103E620101/);
  kona.bench.car.fallAsleep();
  assert.match(await kona.type("220101\r"), /^SEARCHING\.\.\.\r?UNABLE TO CONNECT\r\r>$/);
  const id3 = openTerminal({ model: "vw-meb" });
  for (const command of ["ATE0", "ATS0", "ATH1", "ATCP17", "ATSHFC007B"]) await id3.type(`${command}\r`);
  assert.match(await id3.type("22028C\r"), /17FE007B0462028C9AAAAAAA/);
});

test("everybody is asked when nobody is named, and keeps refusals to itself", async () => {
  const terminal = await openReadyTerminal();
  for (const command of ["ATSH7DF", "ATCRA"]) await terminal.type(`${command}\r`);
  assert.is(framesOf(await terminal.type("220101\r")).length, 9);
  assert.is(await terminal.type("22FFFF\r"), "NO DATA\r\r>");
});

test("without headers the lines are numbered, and with raw frames the lengths are the user's", async () => {
  const terminal = await openReadyTerminal();
  await terminal.type("ATH0\r");
  assert.match(await terminal.type("220101\r"), /^03E\r0: 620101FFF7E7\r1: FF[0-9A-F]{12}\r2: /);
  await terminal.type("ATH1\r");
  await terminal.type("ATCAF0\r");
  assert.is(await terminal.type("220101\r"), "NO DATA\r\r>", "0x22 is no length");
  assert.is(framesOf(await terminal.type("03220101\r")).length, 9);
  // Flow control by hand, as drivers with a transport layer of their own send it.
  await terminal.type("ATCFC0\r");
  assert.is(framesOf(await terminal.type("03220101\r", 400)).length, 1);
  assert.is(framesOf(await terminal.type("300000\r")).length, 8);
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

test("a session is needed where the car wants one, ends by itself, and is kept by a tester that is present", async () => {
  const terminal = openTerminal({ model: "renault-zoe-ph2" });
  await setUp(terminal, unitOf("renault-zoe-ph2", 0x18dadbf1));
  const ask = async (request: string): Promise<string> => payloadOf(await terminal.type(`${request}\r`, 300), LBC);
  assert.is(await ask("229005"), "7F227F");
  assert.is(await ask("1003"), "5003003201F4");
  assert.match(await ask("229005"), /^6290050E78$/);
  for (let second = 0; second < 12; second += 3) {
    await terminal.clock.runFor(3_000);
    assert.is(await ask("3E00"), "7E00");
  }
  assert.match(await ask("229005"), /^629005/);
  await terminal.clock.runFor(5_100);
  assert.is(await ask("229005"), "7F227F");
  assert.is(await ask("10C0"), "7F1012", "the older car's session");
  assert.is(await ask("3E80"), "", "no reply is wanted");
});

const LBC = unitOf("renault-zoe-ph2", 0x18dadbf1);

test.run();
