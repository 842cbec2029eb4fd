import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { openSight, readSightFrame, sealSight, SIGHT_BYTES_MAX, type Sight } from "#core/binding/sight-message.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";

const test = suite("sight message");
const crypto = new NodeCryptography();
const random = new SeededRandomness("sight");
const PARTS = { crypto, key: random.bytes(32), address: random.bytes(32) };
const SIGHT: Sight = { startMs: 10_400, sentMs: 52_000, stepW: 1_370, meanW: 10_250 };

test("what the station seals the vehicle reads, and the largest fits", () => {
  const frame = readSightFrame(sealSight(PARTS, SIGHT));
  assert.ok(frame !== undefined);
  assert.equal(openSight(PARTS, frame), { ok: true, value: SIGHT });
  const most = { startMs: Number.MAX_SAFE_INTEGER, sentMs: Number.MAX_SAFE_INTEGER, stepW: 1e6, meanW: 1e6 };
  const largest = sealSight(PARTS, most);
  assert.ok(largest.length <= SIGHT_BYTES_MAX, `${largest.length} bytes`);
  assert.ok(readSightFrame(largest) !== undefined);
});

test("another key, another charge and every flipped bit are refused", () => {
  const bytes = sealSight(PARTS, SIGHT);
  const frame = readSightFrame(bytes);
  assert.ok(frame !== undefined);
  assert.not(openSight({ ...PARTS, key: random.bytes(32) }, frame).ok);
  assert.not(openSight({ ...PARTS, address: random.bytes(32) }, frame).ok);
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const read = readSightFrame(damaged);
    // The address travels in clear; whoever takes the message looks whether it is his, and it is sealed in.
    assert.ok(read === undefined || !openSight({ ...PARTS, address: read.address }, read).ok, `bit ${bit}`);
  }
});

test("other messages and longer ones are none", () => {
  assert.is(readSightFrame(new Uint8Array()), undefined);
  assert.is(readSightFrame(new Uint8Array(SIGHT_BYTES_MAX + 1)), undefined);
});

test.run();
