/** Frames on a byte stream: golden ones from a maker, damaged ones, and the sizes that must not be believed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { crc16Modbus } from "#hal/protocols/crc16.ts";
import { hasGoodCrc, withCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import { RtuFraming } from "#hal/protocols/modbus/rtu-framing.ts";
import { TcpFraming } from "#hal/protocols/modbus/tcp-framing.ts";

/** Eastron's manual: voltage of phase 1, and 230.2 V in answer. */
const REQUEST = bytes("01 04 00 00 00 02 71 CB");
const ANSWER = bytes("01 04 04 43 66 33 34 1B 38");

function bytes(hex: string): Uint8Array {
  const parsed = fromHex(hex.replaceAll(" ", ""));
  if (parsed === undefined) throw new Error(`bug: ${hex} is no hex`);
  return parsed;
}

function rtu(options: { echoes?: boolean; request?: Uint8Array } = {}): RtuFraming {
  const framing = new RtuFraming({ echoes: options.echoes ?? false });
  framing.begin(options.request ?? REQUEST);
  return framing;
}

/** An RTU frame inside a Modbus TCP packet. */
function packet(transaction: number, frame: Uint8Array): Uint8Array {
  const body = frame.subarray(0, -2);
  return concatBytes(Uint8Array.of(transaction >> 8, transaction & 0xff, 0, 0, 0, body.length), body);
}

const test = suite("modbus framing");

test("the checksum is that of the standard and of a maker's manual", () => {
  assert.is(crc16Modbus(new TextEncoder().encode("123456789")), 0x4b37);
  assert.ok(hasGoodCrc(REQUEST));
  assert.ok(hasGoodCrc(ANSWER));
  assert.not.ok(hasGoodCrc(ANSWER.with(4, 0x67)));
});

test("RTU: a whole answer is found at once, and cut into single bytes at the last", () => {
  assert.is(toHex(rtu().receive(ANSWER) ?? new Uint8Array()), toHex(ANSWER));
  const framing = rtu();
  const frames = Array.from(ANSWER, (byte) => framing.receive(Uint8Array.of(byte)));
  assert.equal(
    frames.map((frame) => frame !== undefined),
    [...new Array<boolean>(8).fill(false), true],
  );
});

test("RTU: stray bytes before an answer do not hide it", () => {
  const found = rtu().receive(concatBytes(bytes("00 01 04"), ANSWER));
  assert.is(toHex(found ?? new Uint8Array()), toHex(ANSWER));
});

test("RTU: bytes from before the request are forgotten", () => {
  const framing = rtu();
  framing.receive(ANSWER.subarray(0, 5));
  framing.begin(REQUEST);
  assert.is(framing.receive(ANSWER.subarray(5)), undefined);
});

test("RTU: an answer of another length is not the answer", () => {
  const shorter = withCrc(bytes("01 04 02 43 66"));
  const framing = rtu();
  assert.is(framing.receive(shorter), undefined);
});

test("RTU: the echo of our own bytes is removed, and an adapter that does not echo is understood all the same", () => {
  assert.is(toHex(rtu({ echoes: true }).receive(concatBytes(REQUEST, ANSWER)) ?? new Uint8Array()), toHex(ANSWER));
  assert.is(toHex(rtu({ echoes: true }).receive(ANSWER) ?? new Uint8Array()), toHex(ANSWER));
});

test("RTU: the echo of a written single register is not taken for its acknowledgement", () => {
  const request = withCrc(bytes("01 06 03 E8 00 10"));
  const framing = rtu({ echoes: true, request });
  assert.is(framing.receive(request), undefined);
  assert.is(toHex(framing.receive(request) ?? new Uint8Array()), toHex(request));
});

test("RTU: the acknowledgement of another write is not this one's", () => {
  const framing = rtu({ request: withCrc(bytes("01 10 03 E8 00 01 02 00 10")) });
  assert.is(framing.receive(withCrc(bytes("01 10 03 EC 00 01"))), undefined);
  const right = withCrc(bytes("01 10 03 E8 00 01"));
  assert.is(toHex(framing.receive(right) ?? new Uint8Array()), toHex(right));
});

test("RTU: an exception is an answer", () => {
  const exception = withCrc(bytes("01 84 02"));
  assert.is(toHex(rtu().receive(exception) ?? new Uint8Array()), toHex(exception));
});

for (const [name, received, kind] of [
  ["a wrong checksum", ANSWER.with(4, 0x67), "crc"],
  ["a cut answer", ANSWER.subarray(0, 6), "length"],
  ["another unit", withCrc(bytes("03 04 04 43 66 33 34")), "wrong-unit"],
  ["noise", bytes("F8 00 E0 1C 7F"), "noise"],
  ["an echo that was not expected", REQUEST, "echo"],
] as const) {
  test(`RTU: ${name} is called ${kind}`, () => {
    const framing = rtu();
    assert.is(framing.receive(received), undefined);
    assert.is(framing.diagnose()?.problem.kind, kind);
  });
}

test("RTU: nothing received is no problem of a frame", () => {
  assert.is(rtu().diagnose(), undefined);
});

test("RTU: a line that babbles costs no memory", () => {
  const framing = rtu();
  for (let round = 0; round < 200; round += 1) framing.receive(new Uint8Array(1000).fill(0x55));
  assert.ok((framing.diagnose()?.bytes.length ?? 0) <= 64);
  assert.is(toHex(framing.receive(ANSWER) ?? new Uint8Array()), toHex(ANSWER));
});

test("TCP: the checksum is replaced by a header, and each request has its own transaction", () => {
  const framing = new TcpFraming();
  assert.is(toHex(framing.begin(REQUEST)), "000100000006010400000002");
  assert.is(toHex(framing.begin(REQUEST)), "000200000006010400000002");
});

test("TCP: an answer comes back as the frame that the library checks", () => {
  const framing = new TcpFraming();
  framing.begin(REQUEST);
  assert.is(toHex(framing.receive(packet(1, ANSWER)) ?? new Uint8Array()), toHex(ANSWER));
});

test("TCP: a late answer is dropped, also when it is cut across two requests", () => {
  const framing = new TcpFraming();
  framing.begin(REQUEST);
  const late = packet(1, ANSWER);
  framing.receive(late.subarray(0, 4));
  framing.begin(REQUEST);
  assert.is(framing.receive(late.subarray(4)), undefined);
  const other = withCrc(bytes("01 04 04 42 48 00 00"));
  assert.is(toHex(framing.receive(packet(2, other)) ?? new Uint8Array()), toHex(other));
});

test("TCP: two packets in one piece are two answers", () => {
  const framing = new TcpFraming();
  framing.begin(REQUEST);
  framing.begin(REQUEST);
  const both = concatBytes(packet(1, ANSWER), packet(2, ANSWER));
  assert.is(toHex(framing.receive(both) ?? new Uint8Array()), toHex(ANSWER));
});

for (const [name, received, kind] of [
  ["another unit", packet(1, bytes("03 04 04 43 66 33 34 00 00")), "wrong-unit"],
  ["a byte too few", packet(1, ANSWER.subarray(0, -1)), "length"],
  ["a protocol that is not 0", bytes("00 01 00 07 00 03 01 84 02"), "noise"],
  ["a length of 64 kB", bytes("00 01 00 00 FF FF 01 04"), "noise"],
] as const) {
  test(`TCP: ${name} is called ${kind}`, () => {
    const framing = new TcpFraming();
    framing.begin(REQUEST);
    assert.is(framing.receive(received), undefined);
    assert.is(framing.diagnose()?.problem.kind, kind);
  });
}

test.run();
