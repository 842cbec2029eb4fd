import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { PacketMeter, type PacketHead } from "#adapters/mqtt/packet-meter.ts";
import { concatBytes, toHex } from "#base/bytes.ts";

const test = suite("mqtt packet meter");

/** A PUBLISH at QoS 1 with the given rest length, its topic `a/b` and packet id 0x1234. */
function publish(bodyBytes: number, qos = 1): Uint8Array {
  const body = new Uint8Array(bodyBytes).fill(0x2a);
  body.set([0, 3, 0x61, 0x2f, 0x62, 0x12, 0x34].slice(0, bodyBytes));
  return concatBytes(Uint8Array.of(0x30 | (qos << 1)), restLength(bodyBytes), body);
}

const PING = Uint8Array.of(0xc0, 0x00);

function restLength(length: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

class Record {
  readonly passed: Uint8Array[] = [];
  readonly heads: PacketHead[] = [];
  readonly left: (readonly [number, number | undefined])[] = [];
  breaks = 0;

  meter(bytesMax: number): PacketMeter {
    return new PacketMeter({
      pass: (bytes) => this.passed.push(bytes.slice()),
      accept: (head) => {
        this.heads.push(head);
        return head.bytes <= bytesMax;
      },
      leftOut: (head, packetId) => this.left.push([head.bytes, packetId]),
      broken: () => (this.breaks += 1),
    });
  }

  get text(): string {
    return toHex(concatBytes(...this.passed));
  }
}

test("packets pass as they came, whole and in pieces, and too long ones are left out", () => {
  const packets = [PING, publish(50), publish(300), PING, publish(120), publish(20_000), publish(8), PING];
  const expected = toHex(concatBytes(...packets.filter(({ length }) => length <= 125)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
      const record = new Record();
      const meter = record.meter(125);
      const stream = concatBytes(...packets);
      for (let at = 0, index = 0; at < stream.length; index += 1) {
        const size = sizes[index % sizes.length] ?? 1;
        meter.feed(stream.subarray(at, at + size));
        at += size;
      }
      assert.is(record.text, expected);
      assert.equal(
        record.heads.map(({ bytes }) => bytes),
        packets.map(({ length }) => length),
      );
      assert.equal(record.left, [
        [303, 0x1234],
        [20_004, 0x1234],
      ]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a header that is not complete waits", () => {
  const record = new Record();
  const meter = record.meter(1000);
  meter.feed(publish(300).subarray(0, 2));
  assert.is(record.text, "");
  meter.feed(publish(300).subarray(2));
  assert.is(record.text, toHex(publish(300)));
});

test("only a PUBLISH at QoS 1 asks for an acknowledgement, and only with a packet id in it", () => {
  const record = new Record();
  const meter = record.meter(0);
  const longTopic = concatBytes(Uint8Array.of(0x32), restLength(2000), Uint8Array.of(7, 0), new Uint8Array(1998));
  for (const packet of [publish(20, 0), publish(20, 2), publish(6), PING, longTopic]) meter.feed(packet);
  assert.equal(
    record.left.map(([, packetId]) => packetId),
    [undefined, undefined, undefined, undefined, undefined],
  );
  assert.is(record.text, "");
});

test("a length of five bytes is no MQTT, and nothing passes after it", () => {
  const record = new Record();
  const meter = record.meter(1000);
  meter.feed(concatBytes(PING, Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01), PING));
  meter.feed(PING);
  assert.is(record.breaks, 1);
  assert.equal(
    record.heads.map(({ type }) => type),
    [12],
  );
});

test.run();
