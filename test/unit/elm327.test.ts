/** The adapter's side of the driver, without an adapter: bytes and deadlines in, commands and results out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { acceptSetupReply, nextSetupStep, SETUP_START } from "#hal/protocols/obd/elm327/adapter-setup.ts";
import { CommandExchange } from "#hal/protocols/obd/elm327/command-exchange.ts";
import { contextCommands } from "#hal/protocols/obd/elm327/ecu-context.ts";
import { type AdapterTrouble, readReply } from "#hal/protocols/obd/elm327/read-reply.ts";
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
  for (const text of ["7EC2108 <RX ERROR", "7EC2108<DATA ERROR", "DATA ERROR", "7EC10\rBUFFER FULL"]) {
    checkTrouble(`${text}\r\r`, "damaged");
  }
  checkTrouble("7EC103E620101EFFBE7\rSTOPPED\r\r", "interrupted");
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

test("setting up survives junk in front of the reset and starts over when the adapter does", () => {
  let state = SETUP_START;
  const feed = (text: string): void => {
    const next = acceptSetupReply(state, text);
    assert.ok(next.ok, text);
    state = next.value;
  };
  feed("?");
  assert.is(nextSetupStep(state)?.command, "ATZ");
  feed("ATZ\r\r\rELM327 v1.5\r\r");
  assert.is(state.banner, "ELM327 v1.5");
  assert.is(nextSetupStep(state)?.command, "ATE0");
  feed("ATE0\rOK\r\r");
  feed("ELM327 v1.5\r\r");
  while (nextSetupStep(state)?.command !== "ATH1") feed("OK\r\r");
  feed("LV RESET\r\r");
  assert.is(nextSetupStep(state)?.command, "ATZ");
});

test("what never gives a banner is not an adapter", () => {
  let state = SETUP_START;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const next = acceptSetupReply(state, "login:");
    assert.ok(next.ok);
    state = next.value;
  }
  const last = acceptSetupReply(state, "login:");
  assert.equal(last, { ok: false, fault: { code: "ADAPTER_UNKNOWN", command: "ATZ", reply: "login:" } });
});

const battery: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };

function commandsFor(present: EcuAddress | undefined, wanted: EcuAddress): readonly string[] {
  return contextCommands(present, wanted).map(({ command }) => command);
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

test.run();
