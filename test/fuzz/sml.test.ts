import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "#base/bytes.ts";
import { SmlDecoder } from "#hal/protocols/sml/sml-decoder.ts";
import { SML_TELEGRAM_BYTES_MAX } from "#hal/protocols/sml/transport.ts";
import { SeededRandomness, SeededRandom } from "#hal/mock/seeded-random.ts";
import * as sml from "#test/builders/sml-bytes.ts";
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
const test = suite("SML, any input");
const make = (): SmlDecoder => new SmlDecoder();

const register = (name: string, raw: number): Uint8Array =>
  sml.entry({ name, unit: sml.unsigned(30), scaler: sml.signed(-1), value: sml.unsigned(raw, 4) });
const built = sml.telegram([register("0100010800ff", 23_559_290), register("0100020800ff", 0x1b1b_1b1b)]);

const folder = recordingsFolder("sml");
if (folder === undefined) console.log("no recordings beside the checkout: SML is fuzzed with a built telegram alone");
const recorded = readRecordings(folder);
const streams = [built, ...recorded];
const all = concatBytes(...streams);

test("a stream is read alike whole, byte by byte and in any pieces", () => {
  const random = new SeededRandom(SEED);
  const read = (pieceBytes?: () => number): readonly string[] => readingLines(decodeAll(make, all, pieceBytes));
  const whole = readAlike(read, () => random.integer(1, 700), { runs: 20 });
  assert.ok(whole.length > 0);
});

test("streams one behind the other give what each gives alone", () => {
  assert.equal(
    valueLines(decodeAll(make, all)),
    streams.flatMap((bytes) => valueLines(decodeAll(make, bytes))),
  );
});

test("a stream with bits turned over, or cut, gives no value that it would not give intact", () => {
  const random = new SeededRandom(SEED);
  let damaged = 0;
  for (const bytes of streams) {
    const start = bytes.subarray(0, 1500);
    const good = new Set(valueLines(decodeAll(make, start)));
    for (let run = 0; run < 300; run += 1) {
      const flips = random.integer(1, 8);
      const from = run % 2 === 0 ? random.integer(0, 40) : 0;
      const cut = start.subarray(from, random.integer(start.length - 40, start.length));
      const found = decodeAll(make, withFlippedBits(cut, random, { flips }));
      damaged += found.filter(({ problem }) => problem !== undefined).length;
      for (const line of valueLines(found)) assert.ok(good.has(line), `${line} of nothing`);
    }
  }
  assert.ok(damaged > 100, `only ${damaged} were damaged`);
});

test("each single bit of a telegram counts", () => {
  const good = new Set(valueLines(decodeAll(make, built)));
  for (let bit = 0; bit < 8 * built.length; bit += 1) {
    const found = decodeAll(make, built.with(bit >> 3, (built[bit >> 3] ?? 0) ^ (1 << (bit & 7))));
    assert.equal(valueLines(found), [], `bit ${bit}`);
  }
  assert.is(good.size, 2);
});

test("a megabyte of noise, of starts and of escapes leaves no more behind than one telegram", () => {
  const random = new SeededRandomness(SEED);
  const start = Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1);
  const noises: readonly (() => Uint8Array)[] = [
    () => random.bytes(1024),
    () => concatBytes(start, random.bytes(1016)),
    () => concatBytes(...Array.from({ length: 128 }, () => start)),
    () => concatBytes(start, start.subarray(0, 4), start, Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 0x1a, 0, 0, 0)),
  ];
  for (const noise of noises) {
    const decoder = make();
    let pushed = 0;
    while (pushed < 1_000_000) {
      const bytes = noise();
      pushed += bytes.length;
      assert.equal(valueLines(decoder.push(bytes)), []);
      assert.ok(decoder.heldBytes <= SML_TELEGRAM_BYTES_MAX);
    }
    decoder.end();
    assert.equal(valueLines(decoder.push(built)).length, 2, "and the next telegram is read");
  }
});

test("any contents under good sums are values or a problem, never a throw", () => {
  const item = fc.letrec<{ item: Uint8Array; list: Uint8Array }>((tie) => ({
    item: fc.oneof(
      { depthSize: "small" },
      fc.uint8Array({ maxLength: 14 }).map(sml.octets),
      fc.nat(0xffff).map((value) => sml.unsigned(value, 2)),
      fc.nat(0xff).map((value) => sml.signed(value)),
      fc.uint8Array({ maxLength: 6 }),
      tie("list"),
    ),
    list: fc.array(tie("item"), { maxLength: 8 }).map((items) => sml.list(...items)),
  })).item;
  const entries = fc.array(fc.array(item, { minLength: 7, maxLength: 7 }).map((items) => sml.list(...items)));
  fc.assert(
    fc.property(entries, item, (values, other) => {
      const contents = concatBytes(sml.getListResponse(values), sml.message(0x0501, other));
      const [telegram] = make().push(sml.transport(contents));
      assert.ok(telegram !== undefined);
      assert.ok(telegram.problem === undefined || telegram.values.length === 0);
    }),
    { numRuns: 1000, seed: SEED },
  );
});

test.run();
