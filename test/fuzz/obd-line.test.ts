/** Nothing on the line, on the bus or in a file of recordings makes the driver throw, hang or invent an answer. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { parseReplayRecord } from "#firmware/commands/vehicle/replay-record.ts";
import { replayRecord } from "#firmware/commands/vehicle/replay.ts";
import { CommandExchange, type ExchangeEffect } from "#hal/protocols/obd/elm327/command-exchange.ts";
import { acceptSetupReply, nextSetupStep, startSetup } from "#hal/protocols/obd/elm327/adapter-setup.ts";
import { type ClientEffect, IsoTpClient } from "#hal/protocols/obd/isotp-client.ts";
import { pollingAdvice, type PollingEvent, startPolling, stepPolling } from "#hal/vehicles/polling-policy.ts";

const test = suite("OBD line fuzz");
const ecu = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;
const request = { ecu, bytes: Uint8Array.of(0x22, 0x01, 0x01) };

/** Bytes that come, or a time that passes. */
const step = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom("OK\r\r>", ">", "?\r>", "ELM327 v1.5\r\r>", "SEARCHING...", "STOPPED\r\r>").map((text) => text),
  fc.integer({ min: 1, max: 20_000 }),
);

function feed(exchange: CommandExchange, what: Uint8Array | string | number, nowMs: number): readonly ExchangeEffect[] {
  if (typeof what === "number") return exchange.acceptDeadline(nowMs);
  return exchange.acceptBytes(typeof what === "string" ? new TextEncoder().encode(what) : what, nowMs);
}

test("a command always ends, whatever comes and whenever", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const exchange = new CommandExchange();
      let nowMs = 0;
      let ends = 0;
      exchange.start("220101", nowMs, 2_000);
      for (const what of steps) {
        if (typeof what === "number") nowMs += what;
        const effects = feed(exchange, what, nowMs);
        ends += effects.filter(({ kind }) => kind === "replied" || kind === "failed").length;
        if (exchange.isIdle) break;
      }
      // Silence ends it within the longest wait, the interruption and both ways back.
      for (let silence = 0; silence < 6 && !exchange.isIdle; silence += 1) {
        nowMs = exchange.deadlineMs ?? nowMs;
        ends += exchange.acceptDeadline(nowMs).filter(({ kind }) => kind === "failed").length;
      }
      assert.ok(exchange.isIdle);
      assert.is(ends, 1);
    }),
    { numRuns: 500 },
  );
});

test("setting up always ends, with an adapter or without", () => {
  const reply = fc.constantFrom(
    "",
    "OK\r",
    "?\r",
    "ELM327 v1.5\r",
    "ATZ\rELM327 v2.1\r",
    "LV RESET\r",
    "12.3V\r",
    "junk",
  );
  fc.assert(
    fc.property(fc.array(reply, { minLength: 200, maxLength: 200 }), (replies) => {
      let state = startSetup();
      for (const text of replies) {
        if (nextSetupStep(state) === undefined) return;
        const next = acceptSetupReply(state, text);
        if (!next.ok) return;
        state = next.value;
      }
      assert.unreachable("still setting up");
    }),
    { numRuns: 500 },
  );
});

const scrap = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc
    .constantFrom("10 14 62 01 01 01 02 03", "21 04 05 06 07 08 09 0A", "22 0B 0C 0D 0E 0F 10 11", "03 7F 22 78")
    .map((text) => Uint8Array.from(text.split(" "), (digits) => Number.parseInt(digits, 16))),
);

test("an exchange on the bus always ends in time, and a positive answer is one to the request", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(scrap, fc.integer({ min: 0, max: 900 })), { maxLength: 80 }), (frames) => {
      const client = new IsoTpClient(request);
      client.start(0);
      let nowMs = 0;
      const effects: ClientEffect[] = [];
      for (const [frame, pauseMs] of frames) {
        nowMs += pauseMs;
        effects.push(...client.acceptDeadline(nowMs), ...client.acceptFrame(frame, nowMs));
      }
      for (let silence = 0; silence < 3 && client.deadlineMs !== undefined; silence += 1) {
        effects.push(...client.acceptDeadline(client.deadlineMs));
      }
      const ends = effects.filter((effect) => effect.kind === "ended");
      assert.is(ends.length, 1);
      assert.is(client.deadlineMs, undefined);
      const outcome = ends[0]?.outcome;
      if (outcome?.kind === "positive") assert.ok(toHex(outcome.message).startsWith("620101"));
    }),
    { numRuns: 1_000 },
  );
});

test("any line of a file is a record, a reason or nothing, and any record has a result", () => {
  const field = fc.oneof(
    fc.constantFrom("22", "0101", "7E4", "7EC", "17", "FE007B", null),
    fc.string(),
    fc.jsonValue(),
  );
  const recorded = fc.record(
    { service: field, did: field, tx: field, rx: field, ext: field, tester: field, priority: field },
    { requiredKeys: [] },
  );
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ id: fc.string(), request: recorded, response: fc.array(fc.string()) }, { requiredKeys: [] })
      .map((record) => JSON.stringify(record)),
  );
  fc.assert(
    fc.property(line, (text) => {
      const record = parseReplayRecord(text);
      if (typeof record !== "object") return;
      assert.ok(["payload", "ask-again"].includes(replayRecord(record).outcome));
    }),
    { numRuns: 1_000 },
  );
});

test("whatever is seen, a low 12 V battery without a charge is never asked for", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant("supply" as const), volts: fc.option(fc.double({ min: 10, max: 15, noNaN: true })) }),
    fc.record({ kind: fc.constant("answered" as const), isCharging: fc.boolean(), isPlugged: fc.option(fc.boolean()) }),
    fc.record({ kind: fc.constantFrom("noData" as const, "expected" as const) }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 1_000_000 })), { maxLength: 50 }), (events) => {
      let state = startPolling(0);
      let atMs = 0;
      for (const [what, pauseMs] of events) {
        atMs += pauseMs;
        const seen: PollingEvent = { ...what, atMs };
        state = stepPolling(state, seen);
        const advice = pollingAdvice(state, atMs);
        if (what.kind === "supply" && what.volts !== null && what.volts < 12.2 && !state.isCharging) {
          assert.is(advice.kind, "wait");
        }
        if (advice.kind === "wait") assert.ok(advice.untilMs > atMs && Number.isFinite(advice.untilMs));
      }
    }),
    { numRuns: 500 },
  );
});

test.run();
