/** One identity follows on another at a start: when nothing is left to do, and whole, whenever the power goes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodePromise } from "#core/handshake/open-promise.ts";
import { HANDSHAKE_ID_BYTES } from "#core/handshake/handshake-limits.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { isBoundBy, takeTurn, type TakenTurn, type TurnPorts } from "#firmware/take-turn.ts";
import { newestTurn, turnName } from "#firmware/pseudonym-places.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { crypto, joinFact } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { runStore, type RunningStore } from "#test/builders/stored-region.ts";

const DAY = 86_400;
const OPEN = { days: 90, needsCertificate: false };
const OVER = STARTED_AT + 90 * DAY;
const test = suite("pseudonyms, taking the next turn");

/** A car whose first identity has a ledger on flash, up to a charge that is open or settled. */
class Car {
  readonly turns: FlashCard;
  readonly ledger: FlashCard;
  readonly builder = new LedgerBuilder();
  readonly told: string[] = [];
  readonly keys = new Set([1]);
  readonly folders = new Set([1]);
  promise: Uint8Array | undefined;
  /** The power goes before this step of making the next identity ready. */
  cutBeforeStep: number | undefined;
  onCut: () => void = () => undefined;

  constructor(seed: number) {
    this.turns = new FlashCard({ seed });
    this.ledger = new FlashCard({ seed: seed + 1000 });
  }

  async prepare({ isSettled }: { readonly isSettled: boolean }): Promise<this> {
    const { builder } = this;
    builder.join(STATION, VEHICLE);
    builder.seal();
    const said = builder.charge().whole({ milliWh: 5_000_000 });
    builder.submit(...(isSettled ? said : said.slice(0, 3)));
    builder.seal();
    const running = await runStore(this.ledger, builder);
    await takeAll(running, builder);
    await running.close();
    const first = await takeTurn(this.ports, OPEN, STARTED_AT);
    assert.equal(first, { number: 1, turn: { number: 1, since: STARTED_AT }, hasFailed: false });
    return this;
  }

  get ports(): TurnPorts {
    const step = (number: number, action: () => void): Promise<void> => {
      if (this.cutBeforeStep === number) {
        this.onCut();
        return new Promise(() => undefined);
      }
      action();
      return Promise.resolve();
    };
    return {
      ...{ crypto, genesis: this.builder.genesis, randomness: new SeededRandomness("salt") },
      openTurns: () => this.turns.open(),
      readTurn: () => Promise.resolve(newestTurn([...this.turns.snapshot().keys()])),
      openLedger: (number) => {
        assert.is(number, 1, "only the ledger of the one that is left is looked at");
        return this.ledger.open();
      },
      readDid: () => Promise.resolve(VEHICLE.did),
      readPromise: () => Promise.resolve(this.promise),
      readPrepared: () =>
        Promise.resolve({
          prepared: [...this.keys].filter((number) => number > 1).map((number) => ({ number })),
          unused: Math.max(...this.keys) + 1,
        }),
      makeReady: async (number) => {
        await step(1, () => this.keys.add(number));
        await step(2, () => this.folders.add(number));
        await step(3, () => undefined);
      },
      emit: (name, event) => void this.told.push(`${name} ${JSON.stringify(event)}`),
    };
  }

  cutPower(): void {
    this.turns.cutPower();
    this.ledger.cutPower();
  }

  /** Undefined when the power goes before it is over. */
  async start(now: number | undefined, cut?: Promise<void>): Promise<TakenTurn | undefined> {
    const taken = takeTurn(this.ports, OPEN, now);
    const lost = cut?.then(() => undefined) ?? new Promise<undefined>(() => undefined);
    return Promise.race([taken, lost]);
  }

  /** What is in use is there with all that it needs. */
  holdsOne(when: string, taken: TakenTurn | undefined): number {
    assert.ok(taken !== undefined, when);
    assert.ok(taken.number === 1 || taken.number === 2, `${when}: ${taken.number}`);
    assert.ok(this.keys.has(taken.number) && this.folders.has(taken.number), `${when}: ${taken.number} is not whole`);
    return taken.number;
  }
}

async function takeAll(running: RunningStore, { chain }: LedgerBuilder): Promise<void> {
  for (let serial = 1; serial <= chain.head.serial; serial += 1) {
    const block = chain.at(serial)?.block;
    if (block !== undefined) await running.take(block);
  }
}

test("it stays until the days are over, and as long as the date is not known", async () => {
  const car = await new Car(1).prepare({ isSettled: true });
  assert.is((await car.start(OVER - 1))?.number, 1);
  assert.equal(await car.start(undefined), { number: 1, turn: { number: 1, since: STARTED_AT }, hasFailed: false });
  assert.equal([...car.keys], [1]);
  const next = { number: 2, since: OVER };
  assert.equal(await car.start(OVER), { number: 2, turn: next, hasFailed: false });
  assert.is((await car.start(undefined))?.number, 2, "for good");
  assert.is((await car.start(STARTED_AT))?.number, 2, "whatever a later clock says");
});

test("a charge that is not settled keeps it, and nothing is made meanwhile", async () => {
  const car = await new Car(2).prepare({ isSettled: false });
  assert.is((await car.start(OVER))?.number, 1);
  assert.equal([...car.keys], [1]);
  assert.equal(await readTurns(car), [turnName({ number: 1, since: STARTED_AT })]);
});

test("what it has promised within the hour keeps it, unless the ledger knows the charge", async () => {
  const { builder } = await new Car(3).prepare({ isSettled: true });
  const charge = builder.charge(undefined, { startedAt: OVER });
  const { payload, signatures } = charge.open;
  const [vehicleSignature = new Uint8Array()] = signatures;
  const member = { join: encodeFact("JOIN", joinFact(builder.genesis.network, STATION).bytes) };
  const promised = { handshake: new Uint8Array(HANDSHAKE_ID_BYTES), payload, vehicleSignature, station: member };
  const promise = encodePromise(promised as unknown as Parameters<typeof encodePromise>[0]);
  const bound = (now: number): boolean => isBoundBy({ chain: builder.chain, did: VEHICLE.did, promise, now });
  assert.equal([bound(OVER), bound(OVER + 3600), bound(OVER + 3601)], [true, true, false]);
  builder.submit(...charge.whole({ milliWh: 5_000_000 }));
  builder.seal({ at: OVER + 600 });
  assert.not(bound(OVER), "it is over");
  const damaged = { chain: builder.chain, did: VEHICLE.did, promise: promise.slice(1), now: OVER };
  assert.not(isBoundBy(damaged), "bytes that are no promise promise nothing");
});

test("a power cut at any write leaves the one or the other, whole, and the next start goes on", async () => {
  const cuts = { turns: 0, ledger: 0, both: [false, false] };
  for (const which of ["turns", "ledger"] as const) {
    for (let count = 1, isOver = false; !isOver; count += 1) {
      for (const at of ["write", "sync"] as const) {
        for (let seed = 0; seed < 6; seed += 1) {
          const car = await new Car(100 * count + seed).prepare({ isSettled: true });
          const cut = car[which].cutPowerAt(count, at);
          const taken = await car.start(OVER, cut);
          const when = `cut at ${at} ${count} of the ${which}, seed ${seed}`;
          if (taken === undefined) {
            cuts[which] += 1;
            car.cutPower();
          }
          isOver = taken !== undefined && at === "sync";
          if (taken === undefined) cuts.both[car.holdsOne(when, await car.start(undefined)) - 1] = true;
          else assert.is(taken.number, 2, when);
          car.turns.forgiveFaults();
          car.ledger.forgiveFaults();
          assert.is(car.holdsOne(when, await car.start(OVER + 60)), 2, when);
        }
      }
      assert.ok(count < 60, "it ends");
    }
  }
  assert.ok(cuts.turns >= 6, `${cuts.turns} cuts of the turns`);
  assert.equal(cuts.both, [true, true], "both ends have come");
});

test("a power cut while the next one is made leaves the first, and what is made is used", async () => {
  for (const before of [1, 2, 3]) {
    const car = await new Car(before).prepare({ isSettled: true });
    car.cutBeforeStep = before;
    const cut = new Promise<void>((resolve) => {
      car.onCut = resolve;
    });
    assert.is(await car.start(OVER, cut), undefined);
    car.cutPower();
    car.cutBeforeStep = undefined;
    assert.is(car.holdsOne(`before step ${before}`, await car.start(undefined)), 1);
    assert.is(car.holdsOne(`after step ${before}`, await car.start(OVER)), 2);
    assert.equal([...car.keys], [1, 2]);
  }
});

test("a card that takes nothing more keeps no car from charging with what it has", async () => {
  const car = await new Car(9).prepare({ isSettled: true });
  car.turns.failAt("create", "FLASH_FULL");
  assert.equal(await car.start(OVER), { number: 1, turn: { number: 1, since: STARTED_AT }, hasFailed: true });
  assert.equal(car.told, ['refused {"what":"pseudonym","code":"FLASH_FULL","count":1}']);
  assert.is((await car.start(OVER))?.number, 2, "with room it goes on");
  const other = await car.turns.open();
  assert.equal(await car.start(2 * OVER), { number: 2, turn: { number: 2, since: OVER }, hasFailed: true });
  assert.match(car.told.at(-1) ?? "", /FLASH_IN_USE/);
  await other.close();
  const full = new Car(10);
  full.turns.failAt("create", "FLASH_FULL");
  assert.equal(await full.start(STARTED_AT), { number: 1, turn: undefined, hasFailed: false });
});

test("the paper's rule begins no turn, and goes back to none", async () => {
  const fresh = new Car(11);
  const paper = { days: 0, needsCertificate: false };
  assert.equal(await takeTurn(fresh.ports, paper, OVER), { number: 1, turn: undefined, hasFailed: false });
  assert.equal(await readTurns(fresh), []);
  const car = await new Car(12).prepare({ isSettled: true });
  await car.start(OVER);
  assert.is((await takeTurn(car.ports, paper, 2 * OVER)).number, 2);
});

async function readTurns({ turns }: Car): Promise<readonly string[]> {
  const flash = await turns.open();
  const names = await flash.list();
  await flash.close();
  return names;
}

test.run();
