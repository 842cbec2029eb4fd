/** Frames to messages, messages to answers: the rules, each with the damage that it is there for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { decodeReply } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { reassemble } from "#hal/protocols/obd/isotp.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import { matchAnswer } from "#hal/protocols/obd/uds.ts";

const test = suite("OBD messages");
const ecu: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const WHOLE = ["7EC1010620101AABBCC", "7EC2101020304050607", "7EC22080910AAAAAAAA"];
const MESSAGE = "620101aabbcc01020304050607080910";

function check(lines: readonly string[], messages: readonly string[], broken = 0): void {
  const result = reassemble(lines, { ecu, answerService: 0x62 });
  assert.equal(result.messages.map(toHex), messages, lines.join(" "));
  assert.is(result.brokenMessages, broken, `broken messages in ${lines.join(" ")}`);
}

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

test("a whole message is cut to its length, whatever fills the last frame", () => {
  check(WHOLE, [MESSAGE]);
  check(["7EC1010620101AABBCC", "7EC2101020304050607", "7EC22080910"], [MESSAGE]);
  check(["7EC0462436800"], ["62436800"]);
  check(["7EC0462436800AAAAAA"], ["62436800"]);
});

test("frames of other units are not ours", () => {
  check(["7EA037F2231", "7EB2101020304050607", ...WHOLE], [MESSAGE]);
});

test("consecutive frames without a first one are the rest of another reply", () => {
  check(["7EC27B7B7B7B7B7B7B7", "7EC28B7B7AAAAAAAAAA", ...WHOLE], [MESSAGE]);
});

test("a first frame in the middle starts over", () => {
  check([WHOLE[0] ?? "", WHOLE[1] ?? "", ...WHOLE], [MESSAGE], 1);
});

test("a missing, repeated or swapped frame kills the message", () => {
  const [first = "", second = "", third = ""] = WHOLE;
  check([first, third], [], 1);
  check([first, second, second, third], [], 1);
  check([first, third, second], [], 1);
  check([first, second], [], 1);
});

test("a line that lost characters kills the message, also when their number is even", () => {
  const [first = "", second = "", third = ""] = WHOLE;
  check([first, second.slice(0, -1), third], [], 1);
  check([first, second.slice(0, -2), third], [], 1);
  check([first, second, third.slice(0, -2)], [], 1);
  check([first.slice(0, -2), second, third], [], 1);
});

test("two lines merged into one kill the message", () => {
  const [first = "", second = "", third = ""] = WHOLE;
  check([first, second + third], [], 1);
});

test("lengths that cannot be are refused", () => {
  check(["7EC00AAAAAAAAAAAAAA"], []);
  check(["7EC0862010101010101"], []);
  check(["7EC1005620101010101", "7EC2101020304050607"], [], 1);
  check(["7EC1000000010000000"], [], 1);
});

test("sequence numbers wrap from 15 to 0", () => {
  const frames = Array.from({ length: 18 }, (_, index) => `7EC2${((index + 1) % 16).toString(16).toUpperCase()}`);
  const lines = ["7EC1084620101000000", ...frames.map((start) => `${start}11111111111111`)];
  const { messages } = reassemble(lines, { ecu, answerService: 0x62 });
  assert.equal(
    messages.map((message) => message.length),
    [0x84],
  );
});

test("29-bit identifiers and extended addresses are reassembled alike", () => {
  const wide: EcuAddress = { idBits: 29, requestId: 0x17fc007b, responseId: 0x17fe007b };
  assert.equal(reassemble(["17FE007B05621E3B0578AAAA"], { ecu: wide, answerService: 0x62 }).messages.map(toHex), [
    "621e3b0578",
  ]);
  const extended: EcuAddress = {
    idBits: 11,
    requestId: 0x6f1,
    responseId: 0x607,
    extension: { ecu: 7, tester: 0xf1 },
  };
  const long = ["607F110076263350011", "607F1212233FFFFFFFF"];
  assert.equal(reassemble(["607F10562DD681234"], { ecu: extended, answerService: 0x62 }).messages.map(toHex), [
    "62dd681234",
  ]);
  assert.equal(reassemble(long, { ecu: extended, answerService: 0x62 }).messages.map(toHex), ["62633500112233"]);
  assert.equal(reassemble(["607A10562DD681234"], { ecu: extended, answerService: 0x62 }).messages, []);
});

test("an answer repeats the service and the identifier, and there is one", () => {
  const request = bytes("220101");
  const match = (...messages: readonly string[]): string => matchAnswer(request, messages.map(bytes)).kind;
  assert.is(match("62010133"), "positive");
  assert.is(match("62010533"), "unclear");
  assert.is(match("610133"), "unclear");
  assert.is(match(), "unclear");
  assert.is(match("62010133", "62010134"), "unclear");
  assert.is(match("62010133", "62010133"), "positive");
  assert.is(match("5ac1016f22c6", "62010133"), "positive");
});

test("a pending notice is waited for, a refusal is told, and both beside an answer are judged", () => {
  const request = bytes("220101");
  assert.equal(matchAnswer(request, [bytes("7f2278")]), { kind: "pending" });
  assert.equal(matchAnswer(request, [bytes("7f2231")]), { kind: "negative", responseCode: 0x31 });
  assert.equal(matchAnswer(request, [bytes("7f2278"), bytes("7f2222")]), { kind: "negative", responseCode: 0x22 });
  assert.is(matchAnswer(request, [bytes("7f2278"), bytes("62010133")]).kind, "positive");
  assert.is(matchAnswer(request, [bytes("7f2222"), bytes("62010133")]).kind, "unclear");
  assert.is(matchAnswer(request, [bytes("7f1931")]).kind, "unclear");
});

test("a reply with a broken message beside the whole one is asked for again", () => {
  const request = { ecu, bytes: bytes("220101") };
  const whole = decodeReply(request, "220101", `${WHOLE.join("\r")}\r\r`);
  assert.is(whole.kind, "payload");
  const glued = decodeReply(request, "220101", `${WHOLE[0] ?? ""}\r${WHOLE.join("\r")}\r\r`);
  assert.is(glued.kind, "ask-again");
});

test("only reading leaves the driver", () => {
  for (const request of ["220101", "2101", "010C", "0902", "3E00"])
    assert.ok(isReadOnlyRequest(bytes(request)), request);
  for (const request of [
    "2E010101",
    "2F010103",
    "3101FF00",
    "2701",
    "14FFFFFF",
    "1101",
    "85",
    "",
    "22",
    "2201010105",
  ]) {
    assert.not.ok(isReadOnlyRequest(bytes(request)), request);
  }
  assert.not.ok(isReadOnlyRequest(bytes("1003")));
  assert.ok(isReadOnlyRequest(bytes("1003"), [0x03]));
  assert.not.ok(isReadOnlyRequest(bytes("1002"), [0x03]));
});

test("a consecutive frame that goes on where the message has ended speaks against the message", () => {
  const [first = "", second = "", third = ""] = WHOLE;
  check([first, second, third, "7EC2311111111111111"], [MESSAGE], 1);
  check(["7EC2311111111111111", first, second, third], [MESSAGE], 0);
  check([first, second, third, "7EC2711111111111111"], [MESSAGE], 0);
});

test("a line that is no frame of anybody may have been this unit's: asked for again", () => {
  const request = { ecu, bytes: bytes("220101") };
  const short = "7EC0462010133";
  for (const stray of ["EC0462010144", "C0462010144", "7EC", "GARBAGE", "0462010144"]) {
    const decoded = decodeReply(request, "220101", `${stray}\r${short}\r\r`);
    assert.is(decoded.kind, "ask-again", stray);
  }
  for (const other of ["7E8037F2231", "7EB2101020304050607", "1230102030405060708"]) {
    assert.is(decodeReply(request, "220101", `${other}\r${short}\r\r`).kind, "payload", other);
  }
});

test("a refusal beside damage is asked for again", () => {
  const request = { ecu, bytes: bytes("220101") };
  assert.equal(decodeReply(request, "220101", "7EC037F2231\r\r"), { kind: "refused", responseCode: 0x31 });
  for (const damage of ["7EC10106201", WHOLE[0] ?? "", "EC21010203"]) {
    assert.is(decodeReply(request, "220101", `${damage}\r7EC037F2231\r\r`).kind, "ask-again", damage);
  }
});

test("from a unit that fills its frames up, a shorter frame has lost something", () => {
  const request = { ecu, bytes: bytes("220101") };
  const padded = { single: true, last: true };
  assert.is(decodeReply(request, "220101", "7EC04620101AA\r\r").kind, "payload");
  assert.is(decodeReply(request, "220101", "7EC04620101AA\r\r", padded).kind, "ask-again");
  const [first = "", second = ""] = WHOLE;
  const shortened = `${first}\r${second}\r7EC22080910\r\r`;
  assert.is(decodeReply(request, "220101", shortened).kind, "payload");
  assert.is(decodeReply(request, "220101", shortened, padded).kind, "ask-again");
  const whole = decodeReply(request, "220101", `${WHOLE.join("\r")}\r\r`);
  assert.equal(whole.kind === "payload" ? whole.padding : whole, { single: false, last: true });
});

test("what an unusable reply says about the adapter is told beside the reason", () => {
  const request = { ecu, bytes: bytes("220101") };
  const signOf = (text: string): string => {
    const decoded = decodeReply(request, "220101", text);
    return decoded.kind === "ask-again" ? decoded.sign : decoded.kind;
  };
  assert.is(signOf(`${WHOLE[0] ?? ""}\r\r`), "first-frame-only");
  assert.is(signOf("\r\r"), "out-of-step");
  assert.is(signOf("OK\r\r"), "out-of-step");
  assert.is(signOf("7EC62010133AABBCCDD\r\r"), "unframed");
  assert.is(signOf(`${WHOLE.slice(0, 2).join("\r")}\r\r`), "none");
});

test("other services are matched by what they echo", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["010C", "410C1AF8"],
    ["0902", "49020131323334"],
    ["2101", "6101AABB"],
    ["1003", "5003003201F4"],
    ["3E00", "7E00"],
  ];
  for (const [request, answer] of cases) {
    assert.is(matchAnswer(bytes(request), [bytes(answer)]).kind, "positive", request);
    assert.is(matchAnswer(bytes("229999"), [bytes(answer)]).kind, "unclear", request);
  }
});

test.run();
