/** When a running vehicle leaves its identity, and what it says when it cannot. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Turn, TurnVerdict } from "#core/identity/pseudonym-turn.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { PseudonymWatch, type PseudonymWatchParts } from "#services/pseudonym-watch.ts";
import type { DateSource } from "#services/world-time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const BEGAN = 1_790_000_000;
const test = suite("pseudonyms, the watch");

class Scene {
  readonly clock = new SimulatedClock({ wallEpochMs: BEGAN * 1000 });
  readonly told: string[] = [];
  readonly left: number[] = [];
  readonly judged: number[] = [];
  readonly begun: number[] = [];
  isBound = false;
  isConnected = false;
  dateSource: DateSource = "clock";
  verdict: TurnVerdict = { kind: "over", next: { number: 2, since: BEGAN } };
  readonly watch: PseudonymWatch;

  constructor(changes: Partial<PseudonymWatchParts> = {}) {
    const source = (): DateSource => this.dateSource;
    const { clock } = this;
    this.watch = new PseudonymWatch({
      rules: { days: 90, needsCertificate: true },
      turn: { number: 1, since: BEGAN - 90 * 86_400 },
      clock: {
        monotonicMs: () => clock.monotonicMs(),
        wakeAt: (atMs, wake) => clock.wakeAt(atMs, wake),
        wallMs: () => clock.wallMs(),
        get dateSource() {
          return source();
        },
      },
      judge: (_, now) => {
        this.judged.push(now);
        return Promise.resolve(this.verdict);
      },
      beginFirst: (now): Promise<Turn> => {
        this.begun.push(now);
        return Promise.resolve({ number: 1, since: now });
      },
      isBound: () => Promise.resolve(this.isBound),
      isConnected: () => this.isConnected,
      leave: (now) => void this.left.push(now),
      emit: (name, event) => void this.told.push(`${name} ${JSON.stringify(event)}`),
      ...changes,
    });
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runFor(ms);
  }
}

test("it leaves within a minute, once, with the date as it is known", async () => {
  const scene = new Scene();
  scene.watch.start();
  await scene.pass(10 * MINUTE_MS);
  assert.equal(scene.left, [BEGAN + 60]);
});

test("a charge that is not settled is waited for, however long", async () => {
  const scene = new Scene();
  scene.isBound = true;
  scene.watch.start();
  await scene.pass(9 * DAY_MS);
  assert.equal(scene.left, []);
  scene.isBound = false;
  await scene.pass(2 * MINUTE_MS);
  assert.is(scene.left.length, 1);
});

test("a broker that would see it is waited out for a week", async () => {
  const scene = new Scene();
  scene.isConnected = true;
  scene.watch.start();
  await scene.pass(7 * DAY_MS - MINUTE_MS);
  assert.equal(scene.left, []);
  await scene.pass(3 * MINUTE_MS);
  assert.is(scene.left.length, 1);
  const away = new Scene();
  away.isConnected = true;
  away.watch.start();
  await away.pass(DAY_MS);
  away.isConnected = false;
  await away.pass(2 * MINUTE_MS);
  assert.is(away.left.length, 1);
});

test("one station alone, or a clock that nobody has set, uses up no identity", async () => {
  for (const source of ["station", "own"] as const) {
    const scene = new Scene();
    scene.dateSource = source;
    scene.watch.start();
    await scene.pass(DAY_MS);
    assert.equal([scene.left, scene.judged], [[], []]);
    scene.dateSource = "members";
    await scene.pass(2 * MINUTE_MS);
    assert.is(scene.left.length, 1, source);
  }
});

test("with nothing to go on to it stays, and says so once a day", async () => {
  const scene = new Scene();
  scene.verdict = { kind: "alone" };
  scene.watch.start();
  await scene.pass(3 * DAY_MS - MINUTE_MS);
  assert.equal(scene.left, []);
  assert.equal(scene.told.slice(0, 1), ['pseudonymMissing {"number":1,"days":90}']);
  assert.is(scene.told.length, 3);
});

test("where no turn was begun the first known date begins it", async () => {
  const scene = new Scene({ turn: undefined });
  scene.verdict = { kind: "lasts", until: BEGAN + 90 * 86_400 };
  scene.dateSource = "own";
  scene.watch.start();
  await scene.pass(DAY_MS);
  assert.equal([scene.begun, scene.watch.turn], [[], undefined]);
  scene.dateSource = "clock";
  await scene.pass(10 * MINUTE_MS);
  assert.is(scene.begun.length, 1);
  assert.equal(scene.watch.turn, { number: 1, since: scene.begun[0] });
});

test("after a try that has failed the next comes a day later; one identity for ever is not looked at", async () => {
  const scene = new Scene();
  scene.watch.start(true);
  await scene.pass(DAY_MS - MINUTE_MS);
  assert.equal(scene.left, []);
  await scene.pass(2 * MINUTE_MS);
  assert.is(scene.left.length, 1);
  const forEver = new Scene({ rules: { days: 0, needsCertificate: false } });
  forEver.watch.start();
  await forEver.pass(DAY_MS);
  assert.equal([forEver.left, forEver.judged], [[], []]);
});

test("files that cannot be read stop nothing, and are read again later", async () => {
  let failures = 2;
  const scene: Scene = new Scene({
    judge: () => {
      failures -= 1;
      if (failures >= 0) return Promise.reject(Object.assign(new Error("broken"), { code: "EIO" }));
      return Promise.resolve({ kind: "over", next: { number: 2, since: BEGAN } });
    },
  });
  scene.watch.start();
  await scene.pass(60 * MINUTE_MS);
  assert.equal(
    scene.told,
    Array.from({ length: 2 }, () => 'refused {"what":"pseudonym","code":"EIO","count":1}'),
  );
  assert.is(scene.left.length, 1);
});

test("a gateway that is stopped leaves nothing any more", async () => {
  const scene = new Scene();
  scene.watch.start();
  scene.watch.stop();
  await scene.pass(DAY_MS);
  assert.equal([scene.left, scene.judged], [[], []]);
});

test.run();
