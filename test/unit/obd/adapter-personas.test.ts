/** The driver with every adapter of the bench: the answer, at the rate that its line allows, or why there is none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import { attachObdAdapter, type ObdBenchSettings } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import type { AskOutcome } from "#hal/vehicles/vehicle-line.ts";
import { TestBattery } from "../../builders/test-battery.ts";

const test = suite("adapter personas");

const battery: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const MAIN_REPLY = { ecu: battery, bytes: Uint8Array.of(0x22, 0x01, 0x01) };
const BAUD = 38_400;
/** On average: the simulated units answer within 5 to 25 ms. */
const UNIT_MS = 15;

interface World {
  readonly clock: SimulatedClock;
  readonly adapter: ObdAdapter;
  /** Bytes both ways so far. */
  readonly bytes: () => number;
  readonly ask: () => Promise<AskOutcome>;
}

async function plug(settings: Partial<ObdBenchSettings>): Promise<World> {
  const clock = new SimulatedClock();
  // Only the line's own speed counts here, not the cable's delay for each piece.
  const cable = joinMemoryLinks({ clock, seed: "personas", delayMs: 0.01 });
  let bytes = 0;
  for (const link of [cable.left, cable.right]) {
    const write = link.write.bind(link);
    link.write = (chunk) => {
      bytes += chunk.length;
      return write(chunk);
    };
  }
  const dependencies = { clock, battery: new TestBattery() };
  const attached = await attachObdAdapter(cable.right, dependencies, {
    model: "hyundai-kona",
    baudRate: BAUD,
    ...settings,
  });
  assert.ok(attached.ok);
  const adapter = new ObdAdapter({ link: cable.left, clock });
  return { clock, adapter, bytes: () => bytes, ask: () => clock.runUntilSettled(adapter.ask(MAIN_REPLY)) };
}

for (const persona of ["genuine", "genuine-1.4", "stn"] as const) {
  test(`${persona}: requests follow each other at nine tenths of what 38400 baud allow, or faster`, async () => {
    const { clock, bytes, ask, adapter } = await plug({ persona });
    for (let index = 0; index < 3; index += 1) await ask();
    const [startedMs, startedBytes, rounds] = [clock.monotonicMs(), bytes(), 200];
    for (let index = 0; index < rounds; index += 1) assert.is((await ask()).kind, "payload");
    const tookMs = (clock.monotonicMs() - startedMs) / rounds;
    const wireMs = (((bytes() - startedBytes) / rounds) * 10_000) / BAUD + UNIT_MS;
    assert.is(adapter.countDigit, "honoured");
    assert.ok(wireMs / tookMs >= 0.9, `${tookMs.toFixed(1)} ms a request, the wire takes ${wireMs.toFixed(1)} ms`);
  });
}

for (const persona of ["clone", "wifi", "ble"] as const) {
  test(`${persona}: every request is answered in the end`, async () => {
    const { ask } = await plug({ persona });
    let answered = 0;
    for (let index = 0; index < 20; index += 1) answered += (await ask()).kind === "payload" ? 1 : 0;
    assert.ok(answered >= 18, `${answered} of 20`);
  });
}

test("fake-v2.1: that it cuts requests off is found out and told", async () => {
  const { ask } = await plug({ persona: "fake-v2.1" });
  const outcome = await ask();
  assert.equal(outcome, {
    kind: "given-up",
    fault: {
      code: "VEHICLE_ADAPTER_UNFIT",
      adapter: "ELM327 v2.1",
      missing: "requests of more than 2 bytes",
    },
  });
});

for (const baudRate of [38_400, 9_600]) {
  test(`fake-v1.5 at ${baudRate} baud: long answers come, or it is said what it lacks; short ones come`, async () => {
    const { clock, ask, adapter } = await plug({ persona: "fake-v1.5", baudRate });
    let outcome = await ask();
    for (let again = 0; again < 5 && outcome.kind === "ask-again"; again += 1) outcome = await ask();
    const isUnfit = outcome.kind === "given-up" && outcome.fault.code === "VEHICLE_ADAPTER_UNFIT";
    assert.ok(isUnfit || outcome.kind === "payload", JSON.stringify(outcome));
    const short = await clock.runUntilSettled(adapter.ask({ ecu: battery, bytes: Uint8Array.of(0x3e, 0x00) }));
    assert.is(short.kind === "payload" ? toHex(short.payload) : short.kind, "7e00");
  });
}

test("a slow line with a small buffer: the car is made to send more slowly, and long answers come", async () => {
  const { ask, adapter } = await plug({ persona: "clone", baudRate: 9_600 });
  const kinds: string[] = [];
  for (let index = 0; index < 20; index += 1) kinds.push((await ask()).kind);
  assert.is(kinds.at(-1), "payload", kinds.join(" "));
  assert.is(adapter.capabilities?.ownFlowControl, true);
});

test.run();
