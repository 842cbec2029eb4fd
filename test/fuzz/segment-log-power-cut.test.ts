/**
 * The log under power cuts, kills and failing calls, at every write and sync of a schedule. Whatever happens: each
 * append that resolved is there afterwards, in order; nothing is there that was not appended; what one open has given
 * out, every later one gives out again; and after an open and a close nothing bad is left on the card.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { idOf, inspectSnapshot, numbered, openLog } from "#test/builders/flash-store.ts";
import type { OpenedCard } from "#test/builders/flash-store.ts";

const test = suite("segment log, power cuts");
/** More seeds: `SEEDS=5000 node test/runner/run-tests.ts power-cut`. */
const SEEDS = Number(process.env["SEEDS"] ?? 150);

/** What the world outside knows of a log. */
class Witness {
  readonly card: FlashCard;
  readonly segmentBytes: number;
  readonly #durable = new Set<number>();
  #nextId = 0;
  marks = 0;

  constructor(card: FlashCard, segmentBytes: number) {
    this.card = card;
    this.segmentBytes = segmentBytes;
  }

  /** Opens, and checks all that is given out; undefined when the power was cut meanwhile. */
  async open(cut: Promise<void>): Promise<OpenedCard | undefined> {
    const opened = await Promise.race([openLog(this.card, this.segmentBytes), cut.then(() => undefined)]);
    if (opened === undefined) return undefined;
    assert.equal(opened.damages, [], "a power cut is not damage");
    const ids = opened.records.map(idOf);
    for (const [position, id] of ids.entries()) {
      assert.ok(id > (ids[position - 1] ?? -1) && id < this.#nextId, `${id} is in order and was appended`);
    }
    for (const { bytes } of opened.records) {
      const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      assert.equal(bytes, numbered(id, bytes.length));
    }
    const given = new Set(ids);
    for (const id of this.#durable) assert.ok(given.has(id), `record ${id} was durable and is lost`);
    for (const id of ids) this.#durable.add(id);
    return opened;
  }

  /** Appends `count` records at once; resolves when all are settled or never. */
  async append({ log }: OpenedCard, count: number, random: SeededRandom): Promise<void> {
    const appends = Array.from({ length: count }, async () => {
      const id = (this.#nextId += 1) - 1;
      const length = random.chance(0.1) ? log.recordBytesMax : random.integer(4, Math.min(150, log.recordBytesMax));
      await log.append(numbered(id, length));
      this.#durable.add(id);
    });
    await Promise.allSettled(appends);
  }

  /** The last open, with nothing going wrong any more. */
  async settle(): Promise<void> {
    const opened = await this.open(never());
    assert.ok(opened !== undefined);
    await this.append(opened, 3, new SeededRandom("last"));
    await opened.close();
    const inspection = await inspectSnapshot(this.card.snapshot());
    assert.equal(inspection.findings, []);
    this.marks += inspection.marks.length;
    await this.open(never());
    this.card.killOwner();
  }
}

test("power cut at every write and sync of a schedule, and again at every one of the recovery", async () => {
  let [cuts, marks] = [0, 0];
  for (const seed of [1, 2]) {
    for (let first = 1, isOver = false; !isOver; first += 1) {
      for (let second = 0; second < 8; second += 1) {
        const random = new SeededRandom(`schedule ${seed}`);
        const witness = new Witness(new FlashCard({ seed: `${seed} ${first} ${second}` }), 900);
        const cut = witness.card.cutPowerAt(first);
        const isCut = await Promise.race([work(witness, cut, random).then(() => false), cut.then(() => true)]);
        isOver = !isCut;
        if (isOver) break;
        cuts += 1;
        if (second > 0) {
          await witness.open(witness.card.cutPowerAt(second));
          witness.card.cutPower();
        }
        await witness.settle();
        marks += witness.marks;
      }
    }
  }
  assert.ok(cuts > 200, `${cuts} cuts`);
  assert.ok(marks > 5, `${marks} writes were torn in front of good records`);

  async function work(witness: Witness, cut: Promise<void>, random: SeededRandom): Promise<void> {
    const opened = await witness.open(cut);
    if (opened === undefined) return;
    for (const count of [1, 1, 7, 2, 25, 1, 12]) await witness.append(opened, count, random);
    await opened.close();
  }
});

test(`${SEEDS} random histories of appends, power cuts, kills and failing calls`, async () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    try {
      await history(new SeededRandom(`history ${seed}`), seed);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

async function history(random: SeededRandom, seed: number): Promise<void> {
  const witness = new Witness(new FlashCard({ seed }), random.integer(128, 3000));
  for (let life = 0; life < 6; life += 1) {
    const end = random.pick(["cut", "kill", "fail", "close"] as const);
    const cut = end === "cut" ? witness.card.cutPowerAt(random.integer(1, 30)) : never();
    if (end === "fail") {
      const operation = random.pick(["write", "sync", "create", "read"] as const);
      witness.card.failAt(operation, random.pick(["FLASH_IO", "FLASH_FULL"]), random.integer(1, 12));
    }
    await Promise.race([live(witness, cut, random), cut]);
    if (end === "kill" || end === "fail") witness.card.killOwner();
    if (random.chance(0.3)) witness.card.cutPower();
    witness.card.killOwner();
    witness.card.forgiveFaults();
  }
  await witness.settle();
}

async function live(witness: Witness, cut: Promise<void>, random: SeededRandom): Promise<void> {
  const opened = await witness.open(cut).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("FLASH")) return undefined;
    throw error;
  });
  if (opened === undefined) return;
  const bursts = random.integer(0, 8);
  for (let burst = 0; burst < bursts; burst += 1) {
    const appended = witness.append(opened, random.integer(1, 20), random);
    if (random.chance(0.7)) await appended;
  }
  if (random.chance(0.5)) await opened.close();
}

/** A new one each time: a promise that never settles keeps all that has ever waited for it. */
function never(): Promise<void> {
  return new Promise(() => undefined);
}

test.run();
