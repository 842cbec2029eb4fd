/** Nothing an adapter can send makes the decoders throw or invent a message. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { segment } from "#hal/mock/obd/simulated-ecu.ts";
import { decodeReply } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { ReplyCollector } from "#hal/protocols/obd/elm327/reply-collector.ts";
import { reassemble } from "#hal/protocols/obd/isotp.ts";

const test = suite("OBD fuzz");
const ecu: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const request = { ecu, bytes: Uint8Array.of(0x22, 0x01, 0x01) };

function linesOf(message: Uint8Array): readonly string[] {
  return segment(message, 0xaa).map((frame) => `7EC${toHex(frame).toUpperCase()}`);
}

test("what is cut into frames comes back whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (message) => {
      assert.equal(reassemble(linesOf(message), { ecu, answerService: 0x62 }).messages.map(toHex), [toHex(message)]);
    }),
    { numRuns: 300 },
  );
});

test("whole and byte by byte, a stream gives the same replies", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const whole = new ReplyCollector().accept(bytes);
      const collector = new ReplyCollector();
      assert.equal(
        [...bytes].flatMap((byte) => collector.accept(Uint8Array.of(byte))),
        whole,
      );
    }),
    { numRuns: 300 },
  );
});

test("any text is judged and none is thrown at", () => {
  const scrap = fc.constantFrom(
    "7EC",
    "10",
    "21",
    "62",
    "0101",
    "\r",
    "\n",
    " ",
    "?",
    "ELM327",
    "NO DATA",
    "0",
    "A",
    "\u00b7",
  );
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 60 }), (scraps) => {
      decodeReply(request, "220101", scraps.join(""));
    }),
    { numRuns: 1000 },
  );
});

/** One lost or changed line can be told; a changed digit inside a whole line cannot, the bus's own checksum is gone. */
test("a reply that lost or gained a line, or lost characters, is asked for again or right", () => {
  const message = Uint8Array.from([0x62, 0x01, 0x01, ...Array.from({ length: 59 }, (_, index) => index)]);
  const lines = linesOf(message);
  const cut = fc.tuple(fc.nat(lines.length - 1), fc.nat(18), fc.integer({ min: 1, max: 18 }));
  fc.assert(
    fc.property(cut, fc.constantFrom("characters", "line", "twice", "merge"), ([index, start, length], how) => {
      const line = lines[index] ?? "";
      const next = lines[index + 1] ?? "";
      const damaged = {
        characters: [line.slice(0, start) + line.slice(start + length), next],
        line: [next],
        twice: [line, line, next],
        merge: [line + next],
      }[how];
      const text = [...lines.slice(0, index), ...damaged, ...lines.slice(index + 2)].join("\r");
      const decoded = decodeReply(request, "220101", `${text}\r\r`);
      if (decoded.kind === "payload") assert.is(toHex(decoded.payload), toHex(message), text);
    }),
    { numRuns: 2000 },
  );
});

test.run();
