/**
 * The safety register under power cuts, kills, failing calls and rot. After a power cut the value is the last one that
 * was acknowledged or a later one. After rot the value may be older, but then the register says that it is in doubt.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REGISTER_NAME, inspectRegister, openSafetyRegister } from "#adapters/flash-store/index.ts";
import type { OpenedSafetyRegister } from "#adapters/flash-store/index.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";

const test = suite("safety register");
const SEEDS = Number(process.env["SEEDS"] ?? 300);

async function open(card: FlashCard): Promise<OpenedSafetyRegister> {
  return openSafetyRegister(await card.open());
}

/** A value that knows its number and is checked as a whole. */
function valueOf(number: number, length = 60): Uint8Array {
  const value = new Uint8Array(length).fill(number & 0xff);
  new DataView(value.buffer).setUint32(0, number);
  return value;
}

function numberOf(value: Uint8Array | undefined): number {
  if (value === undefined) return 0;
  const number = new DataView(value.buffer, value.byteOffset).getUint32(0);
  assert.equal(value, valueOf(number, value.length), "a value is whole");
  return number;
}

async function written(count: number): Promise<FlashCard> {
  const card = new FlashCard();
  const { register } = await open(card);
  for (let number = 1; number <= count; number += 1) await register.write(valueOf(number));
  card.killOwner();
  return card;
}

test("a new register has no value; the last value written is there again, sound, at every start", async () => {
  const card = new FlashCard();
  const first = await open(card);
  assert.equal([first.state, first.register.value], ["new", undefined]);
  card.killOwner();
  assert.is((await open(card)).state, "new", "still, as long as nothing was written");
  card.killOwner();
  for (let number = 1; number < 6; number += 1) {
    const { register } = await open(card);
    await register.write(valueOf(number, 4 + 800 * number));
    assert.is(numberOf(register.value), number);
    card.cutPower();
    const again = await open(card);
    assert.equal([again.state, numberOf(again.register.value)], ["sound", number]);
    card.cutPower();
  }
});

test("of writes that wait together the newest is written, and all of them resolve with it", async () => {
  const card = await written(1);
  const { register } = await open(card);
  const before = card.counts.syncs;
  await Promise.all([2, 3, 4, 5, 6].map((number) => register.write(valueOf(number))));
  assert.is(card.counts.syncs - before, 2, "the first alone, then the newest");
  card.cutPower();
  assert.is(numberOf((await open(card)).register.value), 6);
});

test("an empty value is a value, too long a one is a bug, and after close writes are refused", async () => {
  const card = await written(0);
  const { register } = await open(card);
  await register.write(new Uint8Array(0));
  assert.equal(register.value, new Uint8Array(0));
  assert.throws(() => register.write(new Uint8Array(4096)), /bug/);
  await register.close();
  const [late] = await Promise.allSettled([register.write(valueOf(1))]);
  assert.ok(late.status === "rejected" && String(late.reason).includes("STORE_CLOSED"));
});

test("after a failed write or sync everything is refused with the same error, and no acknowledged value is lost", async () => {
  for (const operation of ["write", "sync"] as const) {
    const card = await written(3);
    const { register } = await open(card);
    card.failAt(operation, "FLASH_IO");
    const outcomes = await Promise.allSettled([4, 5].map((number) => register.write(valueOf(number))));
    outcomes.push(...(await Promise.allSettled([register.write(valueOf(6))])));
    assert.ok(outcomes.every((each) => each.status === "rejected" && String(each.reason).includes("FLASH_IO")));
    card.killOwner();
    const found = numberOf((await open(card)).register.value);
    assert.ok(found >= 3 && found <= 4);
    card.cutPower();
    assert.is(numberOf((await open(card)).register.value), found, "what one start was told the next one is told, too");
  }
});

test("both slots bad after a value was written is amnesia, until a value is written again", async () => {
  const card = await written(4);
  for (const offset of [30, 4096 + 30]) card.rot(REGISTER_NAME, offset, 1);
  for (let round = 0; round < 2; round += 1) {
    const { state, register } = await open(card);
    assert.equal([state, register.value], ["amnesia", undefined]);
    card.killOwner();
  }
  const { register } = await open(card);
  await register.write(valueOf(9));
  card.cutPower();
  const after = await open(card);
  assert.equal([after.state, numberOf(after.register.value)], ["sound", 9]);
});

test("a register file of another size is amnesia, and made anew by the next write", async () => {
  const card = await written(2);
  const snapshot = new Map(card.snapshot());
  snapshot.set(REGISTER_NAME, new Uint8Array(5000));
  card.restore(snapshot);
  const { state, register } = await open(card);
  assert.is(state, "amnesia");
  await register.write(valueOf(3));
  card.cutPower();
  assert.is(numberOf((await open(card)).register.value), 3);
});

test("F6 one bad byte anywhere is found; the value is the newest, or the register says that it is in doubt until a write", async () => {
  for (const count of [0, 1, 2, 3]) {
    const snapshot = (await written(count)).snapshot();
    for (let offset = 0; offset < 8192; offset += offset % 4096 < 100 ? 1 : 97) {
      const card = new FlashCard();
      card.restore(snapshot);
      card.rot(REGISTER_NAME, offset, 0x20);
      const inspection = inspectRegister(card.snapshot().get(REGISTER_NAME) ?? new Uint8Array(0));
      assert.ok(
        inspection.faults.some((fault) => fault?.code === "SLOT_DAMAGED"),
        `found at ${offset}`,
      );
      const { state, register } = await open(card);
      const isNewest = numberOf(register.value) === count;
      assert.ok(isNewest || state === "doubtful", `offset ${offset} after ${count}: ${state}`);
      assert.ok(count === 0 || state === "doubtful", "a start that finds it says so");
      card.killOwner();
      const again = await open(card);
      assert.is(again.state, state, "and the next one, too");
      await again.register.write(valueOf(50));
      card.killOwner();
      assert.is((await open(card)).state, "sound");
    }
  }
});

test(`${SEEDS} random histories: after power cuts and kills the value is the last acknowledged one or a later one`, async () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const random = new SeededRandom(seed);
    const card = new FlashCard({ seed });
    let [acknowledged, tried] = [0, 0];
    for (let life = 0; life < 8; life += 1) {
      const cut = random.chance(0.7) ? card.cutPowerAt(random.integer(1, 8)) : never();
      await Promise.race([cut, live()]);
      card.killOwner();
      card.forgiveFaults();
      if (random.chance(0.3)) card.cutPower();
    }

    async function live(): Promise<void> {
      const { register, state } = await open(card);
      const found = numberOf(register.value);
      assert.ok(found >= acknowledged && found <= tried, `seed ${seed}: ${found} of ${acknowledged} to ${tried}`);
      assert.ok(state !== "amnesia" && !(state === "new" && tried > 0 && acknowledged > 0), `seed ${seed}: ${state}`);
      acknowledged = found;
      for (let step = 0; step < 4; step += 1) {
        const number = (tried += 1);
        const writing = register.write(valueOf(number, random.integer(4, 4000))).then(() => {
          acknowledged = Math.max(acknowledged, number);
        });
        if (random.chance(0.7)) await writing;
      }
    }
  }
});

test("F6 of any bytes a register opens, and works after the next write", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 100 }),
    fc.uint8Array({ minLength: 8192, maxLength: 8192 }),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (content) => {
      const card = new FlashCard();
      card.restore(new Map([[REGISTER_NAME, content]]));
      const { register } = await open(card);
      assert.is(register.value, undefined);
      await register.write(valueOf(1));
      card.cutPower();
      const after = await open(card);
      assert.equal([after.state, numberOf(after.register.value)], ["sound", 1]);
    }),
    { numRuns: 100 },
  );
});

/** A new one each time: a promise that never settles keeps all that has ever waited for it. */
function never(): Promise<void> {
  return new Promise(() => undefined);
}

test.run();
