/** Each adapter of the bench has the quirks that adapters of its kind have been seen with. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adapterPersonas, type PersonaName } from "#hal/mock/obd/personas.ts";
import { type ObdTerminal, openTerminal, setUp, unitOf } from "#test/builders/obd-terminal.ts";

const test = suite("simulated adapters");

const KONA = unitOf("hyundai-kona", 0x7e4);
const I3_BATTERY = unitOf("bmw-i3", 0x6f1, 0x07);

async function openReady(persona: PersonaName): Promise<ObdTerminal> {
  const terminal = openTerminal({ persona });
  await setUp(terminal, KONA);
  return terminal;
}

function linesOf(reply: string): readonly string[] {
  return reply.split("\r").filter((line) => line.startsWith("7EC"));
}

test("every adapter resets with its banner, turns its echo off and sets headers", async () => {
  for (const persona of Object.values(adapterPersonas)) {
    const { type } = openTerminal({ persona: persona.name });
    assert.match(clean(await type("ATZ\r", 2_500)), new RegExp(`${persona.banner}\\s+>$`));
    assert.match(clean(await type("ATE0\r")), /^ATE0\s+OK\s+>$/);
    assert.match(clean(await type("ATH1\r")), /^OK\s+>$/);
  }
});

test("copies lock up on a command that others do not know", async () => {
  const genuine = await openReady("genuine");
  assert.is(await genuine.type("ATTPA0\r"), "?\r\r>");
  const clone = await openReady("clone");
  assert.is(await clone.type("ATTPA0\r"), "");
  assert.is(await clone.type("ATI\r"), "", "only pulling it out helps");
  clone.bench.adapter.reboot();
  assert.match(clean(await clone.type("")), /ELM327 v1.5/);
});

test("extended addresses are for those that know ATCEA", async () => {
  const answers = async (persona: PersonaName): Promise<boolean> => {
    const terminal = openTerminal({ persona, model: "bmw-i3" });
    await setUp(terminal, I3_BATTERY);
    return clean(await terminal.type("22DD68\r")).startsWith("607F10562DD68");
  };
  assert.is(await answers("genuine"), true);
  assert.is(await answers("genuine-1.4"), true);
  assert.is(await answers("stn"), true);
  assert.is(await answers("clone"), false);
  assert.is(await answers("wifi"), false);
});

test("extended flow control needs the unit's address in front", async () => {
  const terminal = openTerminal({ model: "bmw-i3" });
  await setUp(terminal, I3_BATTERY);
  const frames = async (): Promise<number> => (await terminal.type("22DD7C\r")).split("607F1").length - 1;
  assert.is(await frames(), 15);
  await terminal.type("ATFCSD300000\r");
  assert.is(await frames(), 1);
});

test("an STN chip has its own commands and takes whole identifiers", async () => {
  const stn = await openReady("stn");
  assert.is(await stn.type("STI\r"), "STN1110 v4.0.4\r\r>");
  assert.is(await stn.type("ATSH000007E4\r"), "OK\r\r>");
  await stn.type("ATSH700\r");
  assert.is(linesOf(await stn.type("STPX H:7E4, D:220101, R:9\r", 100)).length, 9);
  const genuine = await openReady("genuine");
  assert.is(await genuine.type("STI\r"), "?\r\r>");
  assert.is(await genuine.type("ATSH18DADBF1\r"), "?\r\r>");
  assert.is(await genuine.type("STPX H:7E4, D:220101\r"), "?\r\r>");
});

test("an STN chip's flow control pairs serve identifiers that have no rule", async () => {
  const terminal = openTerminal({ persona: "stn", model: "hyundai-ioniq-5" });
  for (const command of ["ATE0", "ATS0", "ATH1", "ATSP6", "ATSH744", "ATCRA74C"]) await terminal.type(`${command}\r`);
  const frames = async (): Promise<number> => (await terminal.type("22E001\r")).split("74C").length - 1;
  assert.is(await frames(), 1);
  assert.is(await terminal.type("STCAFCP 744, 74C\r"), "OK\r\r>");
  assert.is(await frames(), 6);
});

test("a false 2.1 sends two bytes of three and freezes on the fourth line", async () => {
  const fake = await openReady("fake-v2.1");
  assert.match(clean(await fake.type("220101\r")), /7EC037F2213/, "the unit says that the length is wrong");
  await fake.type("ATH1\r");
  const other = openTerminal({ persona: "fake-v2.1", model: "hyundai-ioniq-28" });
  for (const command of ["ATE0", "ATL0", "ATS0", "ATH1", "ATSP6", "ATSH7E4"]) await other.type(`${command}\r`);
  const reply = await other.type("2101\r");
  assert.is(linesOf(clean(reply)).length, 3);
  assert.not.match(reply, />/);
  assert.is(await other.type("ATZ\r"), "", "frozen");
});

test("a false 1.5 has neither filters nor flow control, and still reads what the automatic one reaches", async () => {
  const fake = openTerminal({ persona: "fake-v1.5", baudRate: 115_200 });
  await setUp(fake, KONA);
  assert.is(clean(await fake.type("ATFCSH7E4\r")), "?\r\r>");
  assert.is(clean(await fake.type("ATCRA7EC\r")), "?\r\r>");
  assert.is(linesOf(clean(await fake.type("2201019\r"))).length, 9, "it ignores the count digit");
});

test("the Wi-Fi emulation compares starts, cuts single frames and says nothing to an empty line", async () => {
  const wifi = await openReady("wifi");
  assert.is(await wifi.type("ATMA\r"), "OK\r\r>");
  assert.is(await wifi.type("ATAL\r"), "?\r\r>");
  assert.is(await wifi.type("\r"), "");
  assert.is(await wifi.type("22FFFF\r"), "7EC037F2231\r\r>");
  assert.is(await wifi.type("2201010203040506\r"), "?\r\r>");
  assert.is(await wifi.type("2201019\r"), "?\r\r>");
});

test("a Bluetooth clone sends twenty bytes about every tenth of a second, and keeps its own time-out", async () => {
  const ble = await openReady("ble");
  await ble.type("220101\r", 3_000);
  assert.ok(ble.pieces.length >= 8);
  assert.ok(ble.pieces.every(({ text }) => text.length <= 20));
  const gaps = ble.pieces.slice(1).map((piece, index) => piece.atMs - (ble.pieces[index]?.atMs ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= 80),
    gaps.join(" "),
  );
  assert.is(await ble.type("ATST05\r"), "OK\r\r>");
  assert.is(await ble.type("ATAT0\r"), "OK\r\r>");
  assert.is(linesOf(await ble.type("220101\r", 3_000)).length, 9, "20 ms would not have been enough");
});

test("a command on the heels of another stops it", async () => {
  const ble = await openReady("ble");
  const reply = await ble.type("ATI\rATI\r");
  assert.match(reply, /STOPPED/);
  assert.match(reply, /\?/, "what is left of the second is no command");
});

test("at the wrong speed both sides read garbage, and two characters find the right one", async () => {
  const { bench, type } = openTerminal({ persona: "genuine", hostBaudRate: 9_600 });
  const found: number[] = [];
  for (const rate of [9_600, 115_200, 57_600, 38_400]) {
    bench.adapter.hostBaudRate = rate;
    if (/\?\s+>$/.test(await type("\x7f\x7f\r"))) found.push(rate);
  }
  assert.equal(found, [38_400]);
  bench.adapter.hostBaudRate = 9_600;
  assert.not.match(await type("ATI\r"), /[\x20-\x7e]/);
});

test("line ends, spaces and NULs are as each adapter sends them", async () => {
  const clone = openTerminal({ persona: "clone" });
  assert.match(clean(await clone.type("ATI\r")), /\r\n/);
  await clone.type("ATL0\r");
  assert.not.match(clean(await clone.type("ATI\r")), /\n/);
  let text = "";
  for (let turn = 0; turn < 10; turn += 1) text += await clone.type("ATI\r");
  assert.match(text, /\0/);
  const genuine = openTerminal({ model: "vw-meb" });
  for (const command of ["ATE0", "ATH1", "ATSP7", "ATCP17", "ATSHFC007B"]) await genuine.type(`${command}\r`);
  assert.match(await genuine.type("22028C\r"), /^17 FE 00 7B 04 62 02 8C 9A AA AA AA \r/);
});

function clean(text: string): string {
  return text.replaceAll("\0", "");
}

test.run();
