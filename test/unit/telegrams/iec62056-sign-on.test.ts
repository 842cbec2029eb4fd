/** The conversation that makes a D0 meter talk: who says what, at which speed, after which pause. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { asciiBytes, asciiText } from "#hal/protocols/ascii.ts";
import {
  beginSignOn,
  isDeviceAddress,
  REACTION_MS_MIN,
  REQUESTS_MAX,
  SILENCE_MS_MAX,
  stepSignOn,
  type SignOnEffect,
  type SignOnOptions,
  type SignOnState,
  type SignOnStep,
} from "#hal/protocols/iec62056-21/sign-on.ts";

const test = suite("D0 sign-on");

test("the request goes out at 300 baud, to any meter or to one", () => {
  const { effects } = beginSignOn();
  assert.equal(said(effects), ["300 baud", "/?!\r\n", `listen ${SILENCE_MS_MAX}`]);
  assert.equal(said(beginSignOn({ deviceAddress: "12345678" }).effects).at(1), "/?12345678!\r\n");
});

test("five characters of ten bits take 167 ms at 300 baud", () => {
  const sending = beginSignOn().effects.find((effect) => effect.kind === "send");
  assert.is(sending?.durationMs, 167);
});

const MODES: readonly (readonly [string, number, readonly string[]])[] = [
  ["/ISk5MT174-0001\r\n", 9600, ["pause 200", "\x06050\r\n", "9600 baud", "listen 1500"]],
  ["/ITR6EM214\r\n", 19_200, ["pause 200", "\x06060\r\n", "19200 baud", "listen 1500"]],
  ["/ACE0\\3k260V01.18\r\n", 300, ["pause 200", "\x06000\r\n", "300 baud", "listen 1500"]],
  ["/SIEC2WR5\r\n", 2400, ["2400 baud", "listen 1500"]],
  ["/KAM MC\r\n", 300, ["listen 1500"]],
];

for (const [identification, baud, expected] of MODES) {
  test(`${JSON.stringify(identification)} leads to ${baud} baud`, () => {
    const { state, effects } = receive(beginSignOn().state, identification);
    assert.is(state.phase === "reading" && state.baud, baud);
    assert.equal(said(effects), expected);
  });
}

test("no answer goes out before the meter has had its pause", () => {
  const { effects } = receive(beginSignOn().state, "/ISk5MT174-0001\r\n");
  assert.equal(effects[0], { kind: "pause", ms: REACTION_MS_MIN });
});

test("a meter that is faster than the line is kept at 300 baud", () => {
  const { state, effects } = receive(beginSignOn({ baudMax: 4800 }).state, "/ISk5MT174-0001\r\n");
  assert.is(state.phase === "reading" && state.baud, 300);
  assert.equal(said(effects), ["pause 200", "\x06000\r\n", "300 baud", "listen 1500"]);
});

test("the identification is found byte by byte, behind the echo of the request, and with parity bits", () => {
  for (const text of ["/?!\r\n/ISk5MT174-0001\r\n", "\0\xff/?!\r\n/ISk5MT174-0001\r\n", "/ISk\xb5MT174-0001\r\n"]) {
    let state: SignOnState = beginSignOn().state;
    let effects: readonly SignOnEffect[] = [];
    for (const character of text) {
      assert.is(state.phase, "identifying");
      ({ state, effects } = receive(state, character));
    }
    assert.is(state.phase === "reading" && state.identification.meter, "MT174-0001");
    assert.equal(said(effects)[1], "\x06050\r\n");
  }
});

test("a silent meter is asked three times, and then it is silent", () => {
  const { states, requests } = keepSilent({});
  assert.is(requests, REQUESTS_MAX);
  assert.equal(states.at(-1), {
    phase: "failed",
    code: "SIGN_ON_SILENT",
    reason: "no answer to 3 requests",
  });
});

test("an echo alone is silence; anything else is no identification, and is shown", () => {
  assert.is(failureAfter("/?!\r\n").code, "SIGN_ON_SILENT");
  const garbled = failureAfter("\x12\x34garbage");
  assert.is(garbled.code, "SIGN_ON_NO_IDENTIFICATION");
  assert.match(garbled.reason, /\\x124garbage/);
});

test("a line that babbles fills nothing", () => {
  let { state } = beginSignOn();
  for (let run = 0; run < 1000; run += 1) ({ state } = receive(state, "x".repeat(1000)));
  assert.ok(state.phase === "identifying" && state.received.length <= 256);
  assert.is(receive(state, "\r\n/ISk5MT174-0001\r\n").state.phase, "reading");
});

test("what comes after the agreement is the decoder's business", () => {
  const { state } = receive(beginSignOn().state, "/ISk5MT174-0001\r\n");
  assert.equal(receive(state, "\x02F.F(0)"), { state, effects: [] });
  assert.equal(stepSignOn(state, { kind: "silent" }), { state, effects: [] });
});

test("an address that a meter cannot have is refused", () => {
  for (const wrong of ["1!", "/1", "é", "1".repeat(33)]) {
    assert.not.ok(isDeviceAddress(wrong));
    assert.throws(() => beginSignOn({ deviceAddress: wrong }), /device address/);
  }
});

test.run();

function receive(state: SignOnState, text: string): SignOnStep {
  return stepSignOn(state, { kind: "received", bytes: asciiBytes(text) });
}

function said(effects: readonly SignOnEffect[]): readonly string[] {
  return effects.map((effect) => {
    switch (effect.kind) {
      case "setSpeed":
        return `${effect.baud} baud`;
      case "pause":
        return `pause ${effect.ms}`;
      case "send":
        return asciiText(effect.bytes);
      case "listen":
        return `listen ${effect.silenceMs}`;
    }
  });
}

function keepSilent(options: SignOnOptions): { states: readonly SignOnState[]; requests: number } {
  const states: SignOnState[] = [];
  let step = beginSignOn(options);
  let requests = 0;
  while (step.state.phase === "identifying") {
    requests += step.effects.filter(({ kind }) => kind === "send").length;
    step = stepSignOn(step.state, { kind: "silent" });
    states.push(step.state);
  }
  return { states, requests };
}

function failureAfter(answer: string): Extract<SignOnState, { phase: "failed" }> {
  let { state } = beginSignOn();
  while (state.phase === "identifying") {
    ({ state } = receive(state, answer));
    ({ state } = stepSignOn(state, { kind: "silent" }));
  }
  assert.ok(state.phase === "failed");
  return state;
}
