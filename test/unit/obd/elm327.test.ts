/** The adapter's side of the driver, without an adapter: bytes and deadlines in, commands and results out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { ACTIONS, ADAPTER_TEXTS } from "#hal/protocols/obd/elm327/adapter-texts.ts";
import { CommandExchange } from "#hal/protocols/obd/elm327/command-exchange.ts";
import { type AdapterContext, contextCommands } from "#hal/protocols/obd/elm327/ecu-context.ts";
import type { AdapterTrouble } from "#hal/protocols/obd/elm327/adapter-texts.ts";
import { readReply, supplyVoltageOf } from "#hal/protocols/obd/elm327/read-reply.ts";
import { REPLY_BYTES_MAX, ReplyCollector } from "#hal/protocols/obd/elm327/reply-collector.ts";

const test = suite("elm327");

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function checkTrouble(text: string, expected: AdapterTrouble): void {
  const reply = readReply(text, "220101");
  assert.is(reply.kind === "trouble" ? reply.trouble : reply.kind, expected, text);
}

test("a reply ends with the prompt and with nothing else, and NULs are dropped", () => {
  const collector = new ReplyCollector();
  assert.equal(collector.accept(ascii("7EC04\0 62\r")), []);
  assert.equal(collector.accept(ascii("\r\r\n")), []);
  assert.equal(collector.accept(ascii(">OK\r>?")), [
    { kind: "reply", text: "7EC04 62\r\r\r\n" },
    { kind: "reply", text: "OK\r" },
  ]);
});

test("a flood without a prompt is dropped at the limit and told once", () => {
  const collector = new ReplyCollector();
  const kinds: string[] = [];
  for (let kilobyte = 0; kilobyte < 1024; kilobyte += 1) {
    kinds.push(...collector.accept(new Uint8Array(1024).fill(0x41)).map(({ kind }) => kind));
    assert.ok(collector.unfinishedText.length <= REPLY_BYTES_MAX);
  }
  kinds.push(...collector.accept(ascii(">OK>")).map(({ kind }) => kind));
  assert.equal(kinds, ["overflow", "promptAfterOverflow", "reply"]);
});

test("every error text of the data sheet has its meaning", () => {
  checkTrouble("NO DATA\r\r", "no-data");
  for (const text of ["UNABLE TO CONNECT", "BUS INIT: ...ERROR", "BUS ERROR", "BUS BUSY", "CAN ERROR"]) {
    checkTrouble(`SEARCHING...\r${text}\r\r`, "bus");
  }
  for (const text of ["7EC2108 <RX ERROR", "7EC2108<DATA ERROR", "DATA ERROR"]) {
    checkTrouble(`${text}\r\r`, "damaged");
  }
  checkTrouble("7EC10\rBUFFER FULL\r\r", "overrun");
  checkTrouble("7EC103E620101112233\rSTOPPED\r\r", "interrupted");
  checkTrouble("\r?\r\r", "unknown-command");
  for (const text of ["FB ERROR", "ERR91", "ERR94", "LV RESET", "ACT ALERT", "!LP ALERT"]) {
    checkTrouble(`${text}\r\r`, "rebooted");
  }
});

test("a reset banner counts wherever it stands", () => {
  for (const text of ["ELM327 v1.5\r\r", "7EC103E6201\r\r\rELM327 v2.1\r\r", "7EC21elm327 V1.4b"]) {
    checkTrouble(text, "rebooted");
  }
});

test("echo, spaces and the search notice are not data", () => {
  const expected = { kind: "lines", lines: ["7EC0462436800"] };
  for (const text of [
    "7EC0462436800\r\r",
    "220101\r7EC 04 62 43 68 00 \r\n\r\n",
    "SEARCHING...7EC0462436800\r\r",
    "220101\rSEARCHING...\r7EC0462436800\r",
  ]) {
    assert.equal(readReply(text, "220101"), expected, text);
  }
});

test("a command is ended by its prompt", () => {
  const exchange = new CommandExchange();
  assert.equal(exchange.start("ATE0", 0, 1000), [{ kind: "write", text: "ATE0\r" }]);
  assert.is(exchange.deadlineMs, 1000);
  assert.equal(exchange.acceptBytes(ascii("ATE0\rO"), 10), []);
  assert.equal(exchange.acceptBytes(ascii("K\r\r>"), 20), [{ kind: "replied", text: "ATE0\rOK\r\r" }]);
  assert.is(exchange.deadlineMs, undefined);
});

test("silence is interrupted, resynchronised and then given up", () => {
  const exchange = new CommandExchange();
  exchange.start("220101", 0, 500);
  assert.equal(exchange.acceptDeadline(499), []);
  assert.equal(exchange.acceptDeadline(500), [{ kind: "write", text: "x" }]);
  assert.equal(exchange.acceptDeadline(1000), [{ kind: "write", text: "ATE0\r" }]);
  assert.equal(exchange.acceptDeadline(2000), [{ kind: "failed", isAnswering: false, waitedMs: 2000 }]);
  assert.ok(exchange.isIdle);
});

test("an adapter that comes back is drained, so that no late prompt ends the next command", () => {
  const exchange = new CommandExchange();
  exchange.start("220101", 0, 500);
  exchange.acceptDeadline(500);
  assert.equal(exchange.acceptBytes(ascii("STOPPED\r\r>"), 600), [{ kind: "write", text: "ATE0\r" }]);
  assert.equal(exchange.acceptBytes(ascii("?\r\r>"), 700), []);
  assert.equal(exchange.acceptBytes(ascii("OK\r\r>"), 800), []);
  assert.is(exchange.deadlineMs, 920);
  assert.equal(exchange.acceptDeadline(920), [{ kind: "failed", isAnswering: true, waitedMs: 920 }]);
});

test("a flood is interrupted at once, without waiting for the deadline", () => {
  const exchange = new CommandExchange();
  exchange.start("220101", 0, 60_000);
  const effects = exchange.acceptBytes(new Uint8Array(REPLY_BYTES_MAX + 1).fill(0x41), 10);
  assert.equal(effects, [{ kind: "write", text: "x" }]);
});

test("a banner between two commands is told", () => {
  const exchange = new CommandExchange();
  assert.equal(exchange.acceptBytes(ascii("\r\rELM327 v1.5\r\r>"), 0), [{ kind: "rebooted" }]);
});

const battery: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };

function contextOf(ecu: EcuAddress, changes: Partial<AdapterContext> = {}): AdapterContext {
  return { ecu, framing: "adapter", flowControl: "own", separationMs: 0, header: "split", ...changes };
}

function commandsFor(present: EcuAddress | undefined, wanted: EcuAddress): readonly string[] {
  const before = present === undefined ? undefined : contextOf(present);
  return contextCommands(before, contextOf(wanted)).map(({ command }) => command);
}

test("after a reset a unit's whole context is set, flow control data before its mode", () => {
  const all = ["ATSP6", "ATSH7E4", "ATCRA7EC", "ATFCSH7E4", "ATFCSD300000", "ATFCSM1"];
  assert.equal(commandsFor(undefined, battery), all);
});

test("between two units only what differs is sent, and nothing for the same one", () => {
  const other: EcuAddress = { idBits: 11, requestId: 0x744, responseId: 0x7ae };
  assert.equal(commandsFor(battery, other), ["ATSH744", "ATCRA7AE", "ATFCSH744"]);
  assert.equal(commandsFor(battery, battery), []);
});

test("29-bit and extended addresses have their own settings, and leave none behind", () => {
  const wide: EcuAddress = { idBits: 29, requestId: 0x17fc007b, responseId: 0x17fe007b };
  assert.equal(commandsFor(undefined, wide).slice(0, 5), [
    "ATSP7",
    "ATCP17",
    "ATSHFC007B",
    "ATCRA17FE007B",
    "ATFCSH17FC007B",
  ]);
  const extended: EcuAddress = {
    idBits: 11,
    requestId: 0x6f1,
    responseId: 0x607,
    extension: { ecu: 0x07, tester: 0xf1 },
  };
  const commands = commandsFor(battery, extended);
  assert.ok(commands.includes("ATCEA07") && commands.includes("ATFCSD07300000"));
  assert.is(commandsFor(extended, battery)[0], "ATCEA");
});

test("frames of our own need no address setting, and leave the adapter's framing on again", () => {
  const extended: EcuAddress = { idBits: 11, requestId: 0x6f1, responseId: 0x607, extension: { ecu: 7, tester: 0xf1 } };
  const own = contextOf(extended, { framing: "own" });
  const commands = contextCommands(undefined, own).map(({ command }) => command);
  assert.ok(commands.includes("ATCAF0") && commands.includes("ATFCSD07300000"));
  assert.not.ok(commands.some((command) => command.startsWith("ATCEA") || command.startsWith("ATTA")));
  const back = contextCommands(own, contextOf(battery)).map(({ command }) => command);
  assert.is(back[0], "ATCAF1");
});

test("flow control by the adapter's own rule is mode 0, and needs nothing after a reset", () => {
  const adapter = contextOf(battery, { flowControl: "adapter" });
  assert.not.ok(contextCommands(undefined, adapter).some(({ command }) => command.startsWith("ATFC")));
  assert.equal(
    contextCommands(contextOf(battery), adapter).map(({ command }) => command),
    ["ATFCSM0"],
  );
});

test("a 29-bit header that cannot be split is sent whole", () => {
  const wide: EcuAddress = { idBits: 29, requestId: 0x18dadbf1, responseId: 0x18daf1db };
  const commands = contextCommands(undefined, contextOf(wide, { header: "whole" })).map(({ command }) => command);
  assert.equal(commands.slice(0, 2), ["ATSP7", "ATSH18DADBF1"]);
});

test("every text of the table is found in a reply, and has an action", () => {
  for (const { text, trouble } of ADAPTER_TEXTS) {
    const shown = text.replace("…", "1.5");
    checkTrouble(`${shown}\r\r`, trouble);
    checkTrouble(`SEARCHING...\r${shown}\r\r`, trouble);
    assert.ok(ACTIONS[trouble]);
  }
});

test("data that come with the search notice are read, on its line and on the next", () => {
  const expected = { kind: "lines", lines: ["7EC0462436800"] };
  for (const text of [
    "SEARCHING...7EC0462436800\r",
    "SEARCHING.....\r7EC 04 62 43 68 00\r",
    "BUS INIT: ...OK\r7EC0462436800\r",
  ])
    assert.equal(readReply(`${text}\r`, "220101"), expected, text);
});

test("a supply voltage is a number of volts and nothing else", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["12.6V\r\r", 12.6],
    ["ATRV\r13.85V\r\r", 13.85],
    ["14.1\r\r", 14.1],
    ["OK\r\r", undefined],
    ["?\r\r", undefined],
    ["0.0V\r\r", undefined],
    ["99.9V\r\r", undefined],
    ["12.6VLV RESET\r\r", undefined],
  ];
  for (const [text, expected] of cases) assert.is(supplyVoltageOf(text), expected, text);
});

test("while bytes come a slow reply is not interrupted, and not for ever", () => {
  const exchange = new CommandExchange();
  exchange.start("220101", 0, 500);
  exchange.acceptBytes(ascii("7EC10"), 400);
  assert.equal(exchange.acceptDeadline(500), []);
  for (let atMs = 500; atMs < 30_000; atMs += 500) exchange.acceptBytes(ascii("3E"), atMs);
  assert.is(exchange.deadlineMs, 12_000);
  assert.equal(exchange.acceptDeadline(12_000), [{ kind: "write", text: "x" }]);
});

test("a search is waited for, ten seconds and no more", () => {
  const exchange = new CommandExchange();
  exchange.start("220101", 0, 500);
  exchange.acceptBytes(ascii("SEARCHING..."), 100);
  assert.equal(exchange.acceptDeadline(1_100), []);
  assert.is(exchange.deadlineMs, 10_000);
  assert.equal(exchange.acceptDeadline(10_000), [{ kind: "write", text: "x" }]);
});

test("stepping in again ends with the adapter answering, its late replies dropped", () => {
  const exchange = new CommandExchange();
  assert.equal(exchange.resync(0), [{ kind: "write", text: "ATE0\r" }]);
  assert.equal(exchange.acceptBytes(ascii("STOPPED\r\r>"), 10), []);
  assert.equal(exchange.acceptBytes(ascii("OK\r\r>"), 30), []);
  assert.equal(exchange.acceptDeadline(150), [{ kind: "failed", isAnswering: true, waitedMs: 150 }]);
});

test("a banner while stepping in again is told", () => {
  const exchange = new CommandExchange();
  exchange.resync(0);
  assert.equal(exchange.acceptBytes(ascii("\r\rELM327 v1.5\r\r>"), 10), [{ kind: "rebooted" }]);
});

test.run();
