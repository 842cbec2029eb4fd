/** The client's side of ISO 15765-2 frame by frame: what is sent when, and how long is waited for what. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { type ClientEffect, type ClientTiming, CLIENT_TIMING, IsoTpClient } from "#hal/protocols/obd/isotp-client.ts";

const test = suite("ISO-TP client");

const plain: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const extended: EcuAddress = { idBits: 11, requestId: 0x6f1, responseId: 0x607, extension: { ecu: 7, tester: 0xf1 } };

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array();
}

function shown(effects: readonly ClientEffect[]): readonly string[] {
  return effects.map((effect) => {
    if (effect.kind === "send") return toHex(effect.bytes);
    const { outcome } = effect;
    switch (outcome.kind) {
      case "positive":
        return `positive ${toHex(outcome.message)}`;
      case "negative":
        return `negative ${outcome.responseCode.toString(16)}`;
      case "silent":
        return `silent ${outcome.waitedMs}`;
      case "broken":
        return `broken: ${outcome.reason}`;
    }
  });
}

function start(ecu = plain, timing: ClientTiming = CLIENT_TIMING): IsoTpClient {
  const client = new IsoTpClient({ ecu, bytes: bytes("220101") }, timing);
  client.start(0);
  return client;
}

test("a request is one frame, padded to eight bytes; with an extended address the unit's comes first", () => {
  const send = (ecu: EcuAddress): readonly string[] => shown(new IsoTpClient({ ecu, bytes: bytes("220101") }).start(0));
  assert.equal(send(plain), ["03220101cccccccc"]);
  assert.equal(send(extended), ["0703220101cccccc"]);
});

test("a short answer ends it; what it was filled up with is cut off", () => {
  assert.equal(shown(start().acceptFrame(bytes("04 62 01 01 33 AA AA AA"), 10)), ["positive 62010133"]);
  assert.equal(shown(start(extended).acceptFrame(bytes("F1 04 62 01 01 33"), 10)), ["positive 62010133"]);
});

test("a first frame is answered with flow control, and the rest makes the message", () => {
  const client = start();
  assert.equal(shown(client.acceptFrame(bytes("10 0B 62 01 01 01 02 03"), 10)), ["300000cccccccccc"]);
  assert.equal(shown(client.acceptFrame(bytes("21 04 05 06 07 08 AA AA"), 20)), ["positive 6201010102030405060708"]);
  assert.is(client.deadlineMs, undefined);
  const other = start(extended, { ...CLIENT_TIMING, separationMs: 5 });
  assert.equal(shown(other.acceptFrame(bytes("F1 10 0B 62 01 01 01 02"), 10)), ["07300005cccccccc"]);
});

test("frames for another tester, and frames of nothing, are not ours", () => {
  assert.equal(start(extended).acceptFrame(bytes("F2 04 62 01 01 33"), 10), []);
  assert.equal(start(extended).acceptFrame(bytes("F1"), 10), []);
  assert.equal(start().acceptFrame(new Uint8Array(), 10), []);
});

test("without an answer it is silent after P2", () => {
  const client = start();
  assert.is(client.deadlineMs, 500);
  assert.equal(client.acceptDeadline(499), []);
  assert.equal(shown(client.acceptDeadline(500)), ["silent 500"]);
  assert.equal(client.acceptFrame(bytes("04 62 01 01 33"), 600), [], "late is too late");
});

test("an answer that breaks off is broken after N_Cr, which each frame begins anew", () => {
  const client = start();
  client.acceptFrame(bytes("10 14 62 01 01 01 02 03"), 400);
  assert.is(client.deadlineMs, 1_400);
  client.acceptFrame(bytes("21 04 05 06 07 08 09 0A"), 1_300);
  assert.is(client.deadlineMs, 2_300);
  assert.equal(shown(client.acceptDeadline(2_300)), ["broken: the answer broke off"]);
});

test("a frame out of order breaks it at once", () => {
  const client = start();
  client.acceptFrame(bytes("10 14 62 01 01 01 02 03"), 10);
  assert.equal(shown(client.acceptFrame(bytes("22 04 05 06 07 08 09 0A"), 20)), [
    "broken: a frame is missing or out of order",
  ]);
});

test("response pending: P2* is waited, each notice begins it anew, and not for ever", () => {
  const client = start();
  assert.equal(client.acceptFrame(bytes("03 7F 22 78"), 100), []);
  assert.is(client.deadlineMs, 5_100);
  client.acceptFrame(bytes("03 7F 22 78"), 5_000);
  assert.is(client.deadlineMs, 10_000);
  client.acceptFrame(bytes("03 7F 22 78"), 9_900);
  assert.is(client.deadlineMs, 10_100);
  assert.equal(shown(client.acceptDeadline(10_100)), ["negative 78"]);
  const patient = start();
  patient.acceptFrame(bytes("03 7F 22 78"), 100);
  assert.equal(shown(patient.acceptFrame(bytes("04 62 01 01 33"), 4_000)), ["positive 62010133"]);
});

test("a refusal is told with its code, and one of another service is not ours", () => {
  assert.equal(shown(start().acceptFrame(bytes("03 7F 22 31"), 10)), ["negative 31"]);
  assert.equal(start().acceptFrame(bytes("03 7F 19 31"), 10), []);
});

test("a late answer to the request before is passed over, in ours's own time", () => {
  const client = start();
  client.acceptFrame(bytes("10 0B 62 01 05 01 02 03"), 400);
  assert.equal(client.acceptFrame(bytes("21 04 05 06 07 08"), 450), []);
  assert.is(client.deadlineMs, 500);
  assert.equal(shown(client.acceptFrame(bytes("04 62 01 01 33"), 480)), ["positive 62010133"]);
});

test("a unit that never comes to an end is cut off", () => {
  const client = start();
  let ended: readonly ClientEffect[] = [];
  for (let atMs = 100; atMs < 60_000 && ended.length === 0; atMs += 100) {
    client.acceptFrame(bytes("10 14 62 01 01 01 02 03"), atMs);
    ended = client.acceptDeadline(atMs);
  }
  assert.equal(shown(ended), ["broken: the answer broke off"]);
});

test.run();
