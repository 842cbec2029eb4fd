import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decipherGcm } from "#hal/linux/decipher-gcm.ts";
import { concatBytes } from "#base/bytes.ts";
import { decodeAxdr } from "#hal/protocols/dlms/axdr.ts";
import { DLMS_HELD_BYTES_MAX, DlmsDecoder } from "#hal/protocols/dlms/dlms-decoder.ts";
import { SeededRandomness, SeededRandom } from "#hal/mock/seeded-random.ts";
import { data, hdlcFrame, hex, inHdlc, inMBus, notification, sealed } from "#test/builders/dlms-bytes.ts";
import {
  decodeAll,
  readAlike,
  readingLines,
  readRecordings,
  recordingsFolder,
  valueLines,
  withFlippedBits,
} from "#test/builders/telegram-runs.ts";

const SEED = 20_261_122;
const test = suite("DLMS push, any input");
const key = hex("36c66639e48a8ca4d6bc8b282a793bbb");
const make = (): DlmsDecoder => new DlmsDecoder({ key, decipher: decipherGcm });

const list = data.array(
  data.structure(data.octets("0100010700ff"), data.u32(1362), data.scalerUnit(0, 27)),
  data.structure(data.octets("0100200700ff"), data.u16(2301), data.scalerUnit(-1, 35)),
);
const plain = inHdlc(notification(list));
const encrypted = inHdlc(sealed(notification(list), { key, control: 0x30 }));
const overMBus = concatBytes(...inMBus(sealed(notification(list), { key, control: 0x20 }), 50));

const folder = recordingsFolder("dlms-hdlc");
if (folder === undefined) console.log("no recordings beside the checkout: DLMS is fuzzed with built telegrams alone");
const recorded = readRecordings(folder);
const streams = [plain, encrypted, overMBus, ...recorded];
const all = concatBytes(...streams);

test("a stream is read alike whole, byte by byte and in any pieces", () => {
  const random = new SeededRandom(SEED);
  const read = (pieceBytes?: () => number): readonly string[] => readingLines(decodeAll(make, all, pieceBytes));
  const whole = readAlike(read, () => random.integer(1, 400), { runs: 50 });
  assert.ok(whole.length >= 3);
});

test("streams one behind the other give what each gives alone", () => {
  assert.equal(
    valueLines(decodeAll(make, all)),
    streams.flatMap((bytes) => valueLines(decodeAll(make, bytes))),
  );
});

test("an HDLC stream with bits turned over, or cut, gives no value that it would not give intact", () => {
  const random = new SeededRandom(SEED);
  let damaged = 0;
  for (const bytes of streams.filter(([first]) => first === 0x7e)) {
    const good = new Set(valueLines(decodeAll(make, bytes)));
    assert.ok(good.size > 0);
    for (let run = 0; run < 1000; run += 1) {
      const cut = bytes.subarray(run % 3 === 0 ? random.integer(0, 20) : 0);
      const found = decodeAll(make, withFlippedBits(cut, random, { flips: random.integer(1, 6) }));
      damaged += found.filter(({ problem }) => problem !== undefined).length;
      for (const line of valueLines(found)) assert.ok(good.has(line), `${line} of nothing`);
    }
  }
  assert.ok(damaged > 500, `only ${damaged} were damaged`);
});

test("each single bit of a frame counts, also of an M-Bus frame, whose sum sees single ones only", () => {
  for (const bytes of [plain, encrypted, overMBus]) {
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const found = decodeAll(make, bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))));
      assert.equal(valueLines(found), [], `bit ${bit}`);
    }
  }
});

test("a megabyte of noise leaves no more behind than the named limit, and the next telegram is read", () => {
  const random = new SeededRandomness(SEED);
  const endless = hdlcFrame(new Uint8Array(500), { isSegmented: true });
  const noises: readonly (() => Uint8Array)[] = [
    () => random.bytes(1024),
    () => concatBytes(...Array.from({ length: 8 }, () => concatBytes(hex("7ea7ff4183130000"), random.bytes(120)))),
    () => concatBytes(...Array.from({ length: 8 }, () => concatBytes(hex("68fafa6853ff000167"), random.bytes(120)))),
    () => concatBytes(inHdlc(new Uint8Array(500), { isSegmented: true }), endless, endless),
    () => inHdlc(new Uint8Array(2000), { isSegmented: true }),
  ];
  for (const noise of noises) {
    const decoder = make();
    let pushed = 0;
    while (pushed < 1_000_000) {
      const bytes = noise();
      pushed += bytes.length;
      assert.equal(valueLines(decoder.push(bytes)), []);
      assert.ok(decoder.heldBytes <= DLMS_HELD_BYTES_MAX);
    }
    decoder.end();
    assert.is(valueLines(decoder.push(plain)).length, 2);
  }
});

test("any APDU under good sums is a telegram with values or with a problem, never a throw", () => {
  const random = new SeededRandom(SEED);
  const apdus = [notification(list), sealed(notification(list), { key, control: 0x30 })];
  for (let run = 0; run < 4000; run += 1) {
    const apdu = withFlippedBits(apdus[run % 2] ?? list, random, { flips: random.integer(1, 12) });
    const length = run % 5 === 0 ? random.integer(1, apdu.length) : apdu.length;
    const telegrams = decodeAll(make, inHdlc(apdu.subarray(0, length)));
    assert.is(telegrams.length, 1);
    assert.ok(telegrams.every(({ problem, values }) => problem === undefined || values.length === 0));
  }
});

test("any bytes as A-XDR are data or a fault", () => {
  const tags = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9, 10, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 255);
  fc.assert(
    fc.property(fc.array(fc.oneof(tags, fc.nat(5), fc.nat(255)), { maxLength: 60 }), (bytes) => {
      const document = decodeAxdr(Uint8Array.from(bytes));
      assert.ok(document.ok || document.fault.reason.length > 0);
    }),
    { numRuns: 3000, seed: SEED },
  );
});

test.run();
