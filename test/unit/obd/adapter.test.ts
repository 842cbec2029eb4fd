/** What adapters of other makes do wrong, and what the driver makes of it: an intact answer, or a clear fault. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { joinMemoryLinks, type MemoryCable } from "#hal/mock/memory-link.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import type { AskOutcome } from "#hal/vehicles/vehicle-line.ts";
import { QuirkyAdapter, type Quirks } from "../../builders/quirky-adapter.ts";

const test = suite("adapter quirks");

const battery: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const bmw: EcuAddress = { idBits: 11, requestId: 0x6f1, responseId: 0x607, extension: { ecu: 0x07, tester: 0xf1 } };
const LONG = `620101${"0102030405060708".repeat(7)}`;
const SHORT = "62010512";

interface World {
  readonly clock: SimulatedClock;
  readonly cable: MemoryCable;
  readonly far: QuirkyAdapter;
  readonly adapter: ObdAdapter;
  readonly ask: (request: string, ecu?: EcuAddress) => Promise<AskOutcome>;
  /** Asks until it is no more to be asked again, as a driver would. */
  readonly insist: (request: string, ecu?: EcuAddress) => Promise<string>;
}

interface Setting {
  readonly quirks?: Quirks;
  readonly ecu?: EcuAddress;
  readonly sessions?: readonly number[];
  readonly answer?: QuirkyAdapter["answer"];
}

async function plug({ quirks = {}, ecu = battery, sessions = [], answer = honest }: Setting = {}): Promise<World> {
  const clock = new SimulatedClock();
  const cable = joinMemoryLinks({ clock, seed: "quirks" });
  const far = new QuirkyAdapter({ link: cable.right, clock, ecu }, quirks, answer);
  await far.plugIn();
  const adapter = new ObdAdapter({ link: cable.left, clock }, sessions);
  const ask = (request: string, unit: EcuAddress = ecu): Promise<AskOutcome> =>
    clock.runUntilSettled(adapter.ask({ ecu: unit, bytes: fromHex(request) ?? new Uint8Array() }));
  const insist = async (request: string, unit: EcuAddress = ecu): Promise<string> => {
    let outcome = await ask(request, unit);
    for (let again = 0; again < 12 && outcome.kind === "ask-again"; again += 1) {
      await clock.runFor(1_000);
      outcome = await ask(request, unit);
    }
    return textOf(outcome);
  };
  return { clock, cable, far, adapter, ask, insist };
}

/** Knows 0101 and 0105 and refuses the rest, as a control unit does. */
function honest(request: string): string {
  if (request === "220101") return LONG;
  if (request === "220105") return SHORT;
  if (request === "3E00") return "7E00";
  return `7F${request.slice(0, 2)}${request.length < 6 ? "13" : "31"}`;
}

function textOf(outcome: AskOutcome): string {
  switch (outcome.kind) {
    case "payload":
      return toHex(outcome.payload).toUpperCase();
    case "refused":
      return `refused ${outcome.responseCode.toString(16)}`;
    case "ask-again":
      return outcome.fault.code;
    case "given-up":
      return outcome.fault.code === "VEHICLE_ADAPTER_UNFIT" ? `unfit: ${outcome.fault.missing}` : outcome.fault.code;
  }
}

test("a plain adapter gives long and short answers, and its supply voltage", async () => {
  const { ask, adapter, clock } = await plug();
  assert.is(textOf(await ask("220101")), LONG);
  assert.is(textOf(await ask("220105")), SHORT);
  assert.equal(await clock.runUntilSettled(adapter.supplyVoltage()), { ok: true, value: 12.6 });
});

test("an adapter without voltmeter has no supply voltage, and is not asked again and again", async () => {
  const { adapter, clock, far } = await plug({ quirks: { unknown: ["ATRV"] } });
  assert.equal(await clock.runUntilSettled(adapter.supplyVoltage()), { ok: true, value: null });
  const sent = far.commands.length;
  assert.equal(await clock.runUntilSettled(adapter.supplyVoltage()), { ok: true, value: null });
  assert.is(far.commands.length, sent);
});

test("own flow control that is refused falls back to the adapter's rule", async () => {
  const { ask, far } = await plug({ quirks: { unknown: ["ATFCSM1"] } });
  assert.is(textOf(await ask("220101")), LONG);
  assert.not.ok(far.commands.slice(-4).some((command) => command.startsWith("ATFC")));
});

test("own flow control that is promised and not done is left for the adapter's rule", async () => {
  const { insist, far } = await plug({ quirks: { ownFlowControlFails: true } });
  assert.is(await insist("220101"), LONG);
  assert.ok(far.commands.includes("ATFCSM0"));
});

test("an adapter whose flow control reaches the unit in no way is unfit for long answers", async () => {
  const { insist } = await plug({ quirks: { ownFlowControlFails: true, flowControlFails: true } });
  assert.match(await insist("220101"), /^unfit: flow control for long answers of 7EC/);
});

test("an adapter that overruns has the unit send more slowly, and is unfit where that does not help", async () => {
  const text = "7EC103E620101\rBUFFER FULL\r\r>";
  const full = { "220101": text, "2201019": text };
  const world = await plug({ quirks: { replies: full } });
  for (let index = 0; index < 3; index += 1) assert.is(textOf(await world.ask("220101")), "VEHICLE_BAD_REPLY");
  assert.ok(world.far.commands.includes("ATFCSD30000A"));
  world.far.quirks = {};
  assert.is(textOf(await world.ask("220101")), LONG);
  world.far.quirks = { replies: full };
  assert.is(await world.insist("220101"), "unfit: room for long answers (BUFFER FULL)");
  assert.ok(world.far.commands.includes("ATFCSD300019"));
  assert.is(textOf(await world.ask("220105")), SHORT, "short answers are not given up");
});

test("an adapter that leaves out protocol bytes is made to send and print whole frames", async () => {
  const { insist, far } = await plug({ quirks: { hidesProtocolBytes: true } });
  assert.is(await insist("220105"), SHORT);
  assert.is(await insist("220101"), LONG);
  assert.ok(far.commands.includes("ATCAF0") && far.commands.includes("03220105"));
});

test("one that leaves them out and cannot do otherwise is unfit", async () => {
  const { insist } = await plug({ quirks: { hidesProtocolBytes: true, unknown: ["ATCAF"] } });
  assert.is(await insist("220105"), "unfit: the protocol bytes of the answers");
});

test("extended addresses: made by the adapter, else by us, else refused before anything is sent", async () => {
  const by = await plug({ ecu: bmw });
  assert.is(await by.insist("220101"), LONG);
  assert.ok(by.far.commands.includes("ATCEA07"));
  const own = await plug({ ecu: bmw, quirks: { unknown: ["ATCEA", "ATTA"] } });
  assert.is(await own.insist("220101"), LONG);
  assert.ok(own.far.commands.includes("0703220101"));
  const not = await plug({ ecu: bmw, quirks: { unknown: ["ATCEA", "ATTA", "ATCAF"] } });
  assert.match(await not.insist("220101"), /^unfit: extended addresses/);
  assert.equal(not.far.requests, []);
  const liar = await plug({ ecu: bmw, quirks: { saysOkToAnything: true } });
  assert.match(await liar.insist("220101"), /^unfit: extended addresses/);
});

test("an adapter that drops the third byte of a request is found out", async () => {
  const { insist, far } = await plug({ quirks: { truncatesTo: 2 } });
  assert.is(await insist("220101"), "unfit: requests of more than 2 bytes");
  assert.equal([...new Set(far.requests)], ["2201", "3E00"]);
});

test("a unit that refuses the length by itself is a refusal", async () => {
  const { insist } = await plug({ answer: (request) => (request === "3E00" ? undefined : "7F2213") });
  assert.is(await insist("220101"), "refused 13");
});

test("the count digit is used where it saves time and dropped where it is not known", async () => {
  const honoured = await plug({ quirks: { silenceMs: 200 } });
  for (let index = 0; index < 3; index += 1) assert.is(textOf(await honoured.ask("220101")), LONG);
  assert.is(honoured.adapter.countDigit, "honoured");
  assert.ok(honoured.far.commands.includes("2201019"));
  for (const countDigit of ["refused", "swallowed"] as const) {
    const world = await plug({ quirks: { countDigit, silenceMs: 200 } });
    for (let index = 0; index < 4; index += 1) assert.is(await world.insist("220101"), LONG);
    assert.ok(["refused", "unknown"].includes(world.adapter.countDigit), world.adapter.countDigit);
  }
  const ignored = await plug({ quirks: { countDigit: "ignored", silenceMs: 200 } });
  for (let index = 0; index < 8; index += 1) assert.is(textOf(await ignored.ask("220101")), LONG);
  assert.is(ignored.adapter.countDigit, "ignored");
  assert.is(ignored.far.commands.at(-1), "220101");
});

test("a request that the adapter does not know is given up, not asked for ever", async () => {
  const { insist, far } = await plug({ quirks: { unknown: ["220105"] } });
  assert.is(await insist("220105"), "unfit: the request 220105");
  assert.is(far.commands.filter((command) => command === "220105").length, 3);
});

test("a setting that is needed and not known is told, after a second try", async () => {
  const { insist } = await plug({ quirks: { unknown: ["ATSP6"] } });
  assert.is(await insist("220101"), "unfit: ATSP6");
});

test("a reset between two requests restores the unit's context before the next", async () => {
  const { ask, far, clock } = await plug();
  await ask("220101");
  far.reboot();
  await clock.runFor(100);
  far.commands.length = 0;
  assert.is(textOf(await ask("220101")), LONG);
  assert.ok(far.commands.indexOf("ATSH7E4") > far.commands.indexOf("ATE0"));
  assert.not.ok(far.commands.includes("STI"), "what it can do is not asked again");
});

for (const text of [
  "LV RESET",
  "ERR94",
  "ACT ALERT",
  "LP ALERT",
  "FB ERROR",
  "ELM327 v1.5",
  "CAN ERROR",
  "BUS ERROR",
]) {
  test(`${text} in place of an answer: everything is set anew`, async () => {
    const world = await plug({ quirks: { replies: { "220105": `${text}\r\r>` } } });
    assert.is(textOf(await world.ask("220101")), LONG);
    const spoiled = await world.ask("220105");
    assert.is(spoiled.kind, "ask-again");
    world.far.commands.length = 0;
    assert.is(textOf(await world.ask("220101")), LONG);
    assert.is(world.far.commands[0], "ATZ");
  });
}

test("STOPPED: the prompt is found again before the next request, with all settings kept", async () => {
  const world = await plug();
  await world.ask("220101");
  world.far.quirks = { replies: { "220105": "STOPPED\r\r>\r>" } };
  assert.is(textOf(await world.ask("220105")), "VEHICLE_BAD_REPLY");
  world.far.commands.length = 0;
  world.far.quirks = {};
  assert.is(textOf(await world.ask("220105")), SHORT);
  assert.equal(world.far.commands, ["220105"]);
});

test("replies that got out of step by one are brought back into step", async () => {
  const world = await plug();
  await world.ask("220101");
  world.far.quirks = { replies: { "220105": "\r>7EC0462010599AAAAAA\r\r>" } };
  assert.is(textOf(await world.ask("220105")), "VEHICLE_BAD_REPLY");
  world.far.quirks = {};
  assert.is(textOf(await world.ask("220105")), SHORT);
  assert.is(textOf(await world.ask("220101")), LONG);
});

test("a probe that freezes the adapter is left out after the second time", async () => {
  const world = await plug({ quirks: { deadly: ["ATCAF0"] } });
  const open = world.cable.left.open.bind(world.cable.left);
  world.cable.left.open = (listener) => {
    world.far.thaw();
    return open(listener);
  };
  const seen: string[] = [];
  for (let index = 0; index < 4 && seen.at(-1) !== LONG; index += 1) {
    seen.push(textOf(await world.ask("220101")));
    await world.clock.runFor(5_000);
  }
  assert.equal(seen, ["VEHICLE_ADAPTER_SILENT", "VEHICLE_ADAPTER_SILENT", LONG]);
  assert.is(world.adapter.capabilities?.rawFrames, false);
});

test("closing ends what was asked, and nothing of it opens the line again", async () => {
  const world = await plug();
  await world.ask("220101");
  const asked = [1, 5, 1].map((low) => world.adapter.ask({ ecu: battery, bytes: Uint8Array.of(0x22, 1, low) }));
  await world.clock.runFor(2);
  await world.adapter.close();
  const ends = await world.clock.runUntilSettled(Promise.all(asked));
  assert.equal(ends.map(textOf), ["VEHICLE_ADAPTER_UNREACHABLE", "VEHICLE_CLOSED", "VEHICLE_CLOSED"]);
  await world.clock.runFor(60_000);
  assert.not.ok(world.cable.left.isOpen);
  assert.is(textOf(await world.ask("220105")), SHORT);
});

test("only reading can be asked for", async () => {
  const { adapter } = await plug();
  for (const request of ["2E010101", "3101FF00", "1003", "2701"]) {
    const bytes = fromHex(request) ?? new Uint8Array();
    let message = "";
    await adapter.ask({ ecu: battery, bytes }).catch((error: unknown) => {
      message = error instanceof Error ? error.message : "";
    });
    assert.match(message, /only reading/, request);
  }
});

test.run();
