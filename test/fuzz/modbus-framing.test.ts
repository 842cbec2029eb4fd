/** Whatever a line carries: no throw, no frame that is not intact, and the same result however the bytes are cut. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes, toHex } from "#base/bytes.ts";
import { hasGoodCrc, withCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import type { Framing } from "#hal/protocols/modbus/framing.ts";
import { RtuFraming } from "#hal/protocols/modbus/rtu-framing.ts";
import { TcpFraming } from "#hal/protocols/modbus/tcp-framing.ts";

const SETTINGS = { seed: 20_261_122, numRuns: 2000 };
const REQUEST = withCrc(Uint8Array.of(1, 4, 0, 0, 0, 2));

const anyBytes = fc.uint8Array({ maxLength: 60 });
const anyAnswer = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((data) => {
  return withCrc(concatBytes(Uint8Array.of(1, 4, 4), data));
});
/** Noise, with an answer, its begin or another unit's answer somewhere in it. */
const anyTraffic = fc
  .tuple(anyBytes, anyAnswer, fc.integer({ min: 0, max: 9 }), anyBytes)
  .map(([before, answer, cut, after]) => concatBytes(before, answer.subarray(0, cut), after));

function framings(): readonly Framing[] {
  return [new RtuFraming({ echoes: false }), new RtuFraming({ echoes: true }), new TcpFraming()];
}

const test = suite("modbus framing, fuzzed");

test("any bytes give an intact frame or none, and a diagnosis of what came", () => {
  fc.assert(
    fc.property(fc.array(anyTraffic, { maxLength: 6 }), (pieces) => {
      for (const framing of framings()) {
        framing.begin(REQUEST);
        for (const piece of pieces) {
          const frame = framing.receive(piece);
          assert.ok(frame === undefined || (hasGoodCrc(frame) && frame[0] === 1));
        }
        framing.diagnose();
      }
    }),
    SETTINGS,
  );
});

test("RTU: whole or byte by byte, the first answer found is the same", () => {
  fc.assert(
    fc.property(anyTraffic, (traffic) => {
      const whole = new RtuFraming({ echoes: false });
      const single = new RtuFraming({ echoes: false });
      whole.begin(REQUEST);
      single.begin(REQUEST);
      const expected = whole.receive(traffic);
      const found = Array.from(traffic, (byte) => single.receive(Uint8Array.of(byte))).find(
        (frame) => frame !== undefined,
      );
      assert.is(found === undefined, expected === undefined);
    }),
    SETTINGS,
  );
});

test("RTU: an answer is found behind any noise that is no answer itself", () => {
  fc.assert(
    fc.property(anyBytes, anyAnswer, (noise, answer) => {
      const framing = new RtuFraming({ echoes: false });
      framing.begin(REQUEST);
      if (framing.receive(noise) !== undefined) return;
      const frame = framing.receive(answer);
      assert.ok(frame !== undefined);
      // Noise may end in what begins a frame; then that frame's checksum is right all the same.
      assert.ok(toHex(frame) === toHex(answer) || hasGoodCrc(frame));
    }),
    SETTINGS,
  );
});

test.run();
