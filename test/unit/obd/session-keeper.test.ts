/** Diagnostic sessions and refusals, with a control unit that has a session timer and no bus in between. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { SessionKeeper } from "#hal/vehicles/session-keeper.ts";
import type { AskOutcome } from "#hal/vehicles/vehicle-line.ts";

const test = suite("session keeper");

const ecu: EcuAddress = { idBits: 29, requestId: 0x18dadbf1, responseId: 0x18daf1db };
const S3_MS = 5_000;

interface Unit {
  readonly clock: SimulatedClock;
  readonly keeper: SessionKeeper;
  readonly heard: string[];
  readonly ask: (request: string) => Promise<AskOutcome>;
}

/** Answers 229005 only in session 03, which lapses 5 s after the last request. */
function makeUnit(sessions: readonly number[], refusalOutside = 0x7f): Unit {
  const clock = new SimulatedClock();
  const heard: string[] = [];
  let sessionUntilMs = Number.NEGATIVE_INFINITY;
  const answer = (request: string): string | number => {
    const isInSession = clock.monotonicMs() < sessionUntilMs;
    if (request === "1003") sessionUntilMs = clock.monotonicMs() + S3_MS;
    else if (isInSession) sessionUntilMs = clock.monotonicMs() + S3_MS;
    if (request === "1003") return "5003003201f4";
    if (request === "1002") return 0x12;
    if (request === "3e00") return "7e00";
    if (request === "229005") return isInSession ? "6290050e10" : refusalOutside;
    return 0x31;
  };
  const exchange = (request: EcuRequest): Promise<AskOutcome> => {
    const name = toHex(request.bytes);
    heard.push(name);
    const reply = answer(name);
    const nowMs = clock.monotonicMs();
    return new Promise((resolve) => {
      clock.wakeAt(nowMs + 20, () => {
        if (typeof reply === "number") resolve({ kind: "refused", responseCode: reply });
        else {
          const payload = fromHex(reply) ?? new Uint8Array();
          resolve({ kind: "payload", payload, startedMs: nowMs, endedMs: nowMs + 20, text: "" });
        }
      });
    });
  };
  const keeper = new SessionKeeper({ clock, exchange }, sessions);
  const ask = (request: string): Promise<AskOutcome> =>
    clock.runUntilSettled(keeper.ask({ ecu, bytes: fromHex(request) ?? new Uint8Array() }));
  return { clock, keeper, heard, ask };
}

for (const code of [0x22, 0x7e, 0x7f]) {
  test(`refused with ${code.toString(16)}, the session that is named is entered and the request asked again`, async () => {
    const { ask, heard } = makeUnit([0x03], code);
    assert.is((await ask("229005")).kind, "payload");
    assert.equal(heard, ["229005", "1003", "229005"]);
  });
}

test("without a session that is named the refusal stands", async () => {
  const { ask, heard } = makeUnit([]);
  assert.equal(await ask("229005"), { kind: "refused", responseCode: 0x7f });
  assert.equal(heard, ["229005"]);
});

test("sessions are tried in their order until one is entered", async () => {
  const { ask, heard } = makeUnit([0x02, 0x03]);
  assert.is((await ask("229005")).kind, "payload");
  assert.equal(heard, ["229005", "1002", "1003", "229005"]);
});

test("between requests the session is kept alive, every two seconds", async () => {
  const { ask, heard, clock } = makeUnit([0x03]);
  await ask("229005");
  heard.length = 0;
  await clock.runFor(9_000);
  assert.equal(heard, ["3e00", "3e00", "3e00", "3e00"]);
  heard.length = 0;
  assert.is((await ask("229005")).kind, "payload");
  assert.equal(heard, ["229005"]);
});

test("a car that nobody asks any more is left to sleep, and its session entered anew at the next request", async () => {
  const { ask, heard, clock } = makeUnit([0x03]);
  await ask("229005");
  await clock.runFor(60_000);
  const kept = heard.filter((request) => request === "3e00").length;
  assert.ok(kept >= 6 && kept <= 8, `${kept} times kept alive`);
  assert.is(clock.pendingWakes, 0);
  heard.length = 0;
  assert.is((await ask("229005")).kind, "payload");
  assert.equal(heard, ["229005", "1003", "229005"]);
});

test("after a stop nothing is kept alive", async () => {
  const { ask, heard, clock, keeper } = makeUnit([0x03]);
  await ask("229005");
  keeper.stop();
  heard.length = 0;
  await clock.runFor(30_000);
  assert.equal(heard, []);
});

test("that a request is unknown for ever is believed the second time, and not doubted again", async () => {
  const { ask, heard } = makeUnit([]);
  assert.equal(await ask("22ffff"), { kind: "refused", responseCode: 0x31 });
  assert.equal(heard, ["22ffff", "22ffff"]);
  await ask("22ffff");
  assert.is(heard.length, 3);
});

test("a refusal that belonged to the request before is not this one's", async () => {
  const clock = new SimulatedClock();
  const late: AskOutcome = { kind: "refused", responseCode: 0x31 };
  const good: AskOutcome = { kind: "payload", payload: Uint8Array.of(0x62), startedMs: 0, endedMs: 0, text: "" };
  const replies = [late, good];
  const keeper = new SessionKeeper({ clock, exchange: () => Promise.resolve(replies.shift() ?? late) }, []);
  assert.equal(await keeper.ask({ ecu, bytes: Uint8Array.of(0x22, 0x90, 0x05) }), good);
});

test("calls are done one after the other, in order", async () => {
  const { keeper, heard, clock } = makeUnit([0x03]);
  const requests = ["229005", "22ffff", "229005"].map((request) => fromHex(request) ?? new Uint8Array());
  const all = Promise.all(requests.map((bytes) => keeper.ask({ ecu, bytes })));
  await clock.runUntilSettled(all);
  assert.equal(heard, ["229005", "1003", "229005", "22ffff", "22ffff", "229005"]);
});

test.run();
