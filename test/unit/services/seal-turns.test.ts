/** Whose turn it is to seal: a gateway that sleeps as long as it may misses none, and looks seldom. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SealTurns } from "#services/seal-turns.ts";
import { ledgerBench, makeIdentity, regionOf, STARTED_AT, type Identity } from "#test/builders/hostile-ledger.ts";
import { syncedTime } from "#test/builders/synced-time.ts";

const test = suite("seal turns");

const MINERS = Array.from({ length: 5 }, (_, index) => makeIdentity(`charger-${index}`, "station"));
const OUTSIDER = makeIdentity("vehicle-1", "vehicle");
const LOOK_MS = 1_000;
const LONGEST_MS = 30_000;

interface Turn {
  readonly atMs: number;
  readonly rank: number;
  readonly looks: number;
}

/** The first turn of a gateway that looks every second, or sleeps as long as it is told; undefined without one. */
async function firstTurn(who: Identity, rules: object, sleeps: boolean): Promise<Turn | undefined> {
  const { chain, boot } = await ledgerBench(regionOf(MINERS, rules), who);
  const clock = new SimulatedClock({ wallEpochMs: STARTED_AT * 1000 + 400 });
  const turns = new SealTurns({ chain, boot, did: who.did, clock: syncedTime(clock) });
  for (let looks = 1; clock.monotonicMs() < 1_200_000; looks += 1) {
    await clock.runFor(sleeps ? Math.max(LOOK_MS, turns.quietMs(LONGEST_MS)) : LOOK_MS);
    const turn = turns.next();
    if (turn !== undefined) return { atMs: clock.monotonicMs(), rank: turn.rank, looks };
  }
  return undefined;
}

test("whoever sleeps as long as no turn can come seals as early as whoever looks each second", async () => {
  for (const who of MINERS) {
    const [awake, asleep] = [
      await firstTurn(who, { emptyBlocks: true }, false),
      await firstTurn(who, { emptyBlocks: true }, true),
    ];
    assert.ok(awake !== undefined && asleep !== undefined, who.name);
    assert.is(asleep.rank, awake.rank);
    assert.ok(Math.abs(asleep.atMs - awake.atMs) <= 2 * LOOK_MS, `${asleep.atMs} and ${awake.atMs} ms`);
    assert.ok(asleep.looks <= 6, `${asleep.looks} looks for rank ${asleep.rank}`);
  }
});

test("who has no place on the head, and who has nothing to seal, looks as seldom as it may", async () => {
  assert.is(await firstTurn(OUTSIDER, { emptyBlocks: true }, true), undefined);
  const { chain, boot } = await ledgerBench(regionOf(MINERS), OUTSIDER);
  const clock = new SimulatedClock({ wallEpochMs: (STARTED_AT + 600) * 1000 });
  const quiet = MINERS.map(({ did }) => new SealTurns({ chain, boot, did, clock: syncedTime(clock) }));
  for (const turns of quiet) assert.is(turns.quietMs(LONGEST_MS), LONGEST_MS);
});

test.run();
