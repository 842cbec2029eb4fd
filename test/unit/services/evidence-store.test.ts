/** Evidence on flash: each figure can be computed again from what is kept, and what is kept has an end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { energyAgain } from "#core/metering/battery-evidence.ts";
import { batteryEstimates } from "#core/metering/battery-statement.ts";
import type { IntervalRecord } from "#core/metering/battery-record.ts";
import type { BatteryEnergy } from "#core/metering/battery-state.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { EvidenceStore, intervalEvidence } from "#services/evidence-store.ts";
import { BATTERY_CHARGES, contractW, sampleCharge, type BatteryChargeCase } from "#test/builders/battery-charge.ts";
import { MemoryRegister } from "#test/builders/hostile-ledger.ts";
import { readKonaReply } from "#test/builders/kona-reply.ts";
import { ToldVehicle } from "#test/builders/told-vehicle.ts";

const test = suite("battery evidence on flash");
const crypto = new NodeCryptography();
const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
const ADDRESS = new Uint8Array(32).fill(7);
const LIMITS = { powerMaxW: 250_000, usableMilliWh: null };

/** Plays a charge into a watch with a store on a card, and gives back what is kept of it. */
async function playEvidence(charge: BatteryChargeCase, seed: number): Promise<readonly IntervalRecord[]> {
  const clock = new SimulatedClock();
  const vehicle = new ToldVehicle(clock);
  const flash = await new FlashCard().open();
  const watch = new BatteryWatch({
    ...{ vehicle, clock, limits: LIMITS, toMonotonicMs: (ms: number) => ms },
    journal: new MemoryRegister(),
    evidence: await EvidenceStore.open(flash, hash),
    emit: (name, event) => {
      assert.unreachable(`${name} ${JSON.stringify(event)}`);
    },
  });
  await watch.openCharge({ address: ADDRESS, powerMaxW: contractW(charge), signedMilliWh: 0 });
  const samples: Parameters<Parameters<typeof sampleCharge>[2]>[0][] = [];
  sampleCharge(charge, seed, (sample) => samples.push(sample));
  for (const { monotonicMs, ...told } of samples) {
    await clock.runFor(monotonicMs - clock.monotonicMs());
    vehicle.told = told;
    await watch.look(true);
  }
  await watch.closeCharge();
  return intervalEvidence(flash, hash, ADDRESS);
}

/** The interval's state, computed from its record alone. */
function recompute({ replies, powerMaxW }: IntervalRecord): BatteryEnergy {
  const samples = replies.map(({ atMs, charging, plugged, replies: parts }) => {
    const reading = parts[0] === undefined ? undefined : readKonaReply(parts[0]);
    assert.ok(reading !== undefined, "a kept reply can be decoded");
    return { ...reading, charging, plugged, chargedResolutionMilliWh: 100_000, inlet: null, monotonicMs: atMs };
  });
  return energyAgain(samples, powerMaxW, LIMITS);
}

for (const name of ["sun, 7 kW, coarse counter", "gaps, coarse counter", "DC 50 kW, 30 kWh"]) {
  test(`${name}: the replies that are kept give each interval's energy again, within its stated U`, async () => {
    const charge = BATTERY_CHARGES.find((each) => each.name === name);
    assert.ok(charge !== undefined);
    let intervals = 0;
    for (let seed = 0; seed < 12; seed += 1) {
      for (const interval of await playEvidence({ ...charge, energyWh: 3_000 }, seed)) {
        const state = recompute(interval);
        const [again] = batteryEstimates(state.charge, state.steps, null);
        const stated = interval.interval.find(({ method }) => method === "integral");
        assert.ok(stated !== undefined);
        const apart = Math.abs(again.energyMilliWh - stated.energyMilliWh);
        assert.ok(
          apart <= stated.expandedMilliWh,
          `seed ${seed}, ${interval.index}: ${apart} of ${stated.expandedMilliWh}`,
        );
        intervals += 1;
      }
    }
    assert.ok(intervals >= 6);
  });
}

test("intervals of one charge follow each other without a hole, and add up to what was signed", async () => {
  const [charge] = BATTERY_CHARGES;
  assert.ok(charge !== undefined);
  const intervals = await playEvidence({ ...charge, energyWh: 2_500 }, 3);
  assert.equal(
    intervals.map(({ index }) => index),
    intervals.map((_, index) => index),
  );
  const sum = intervals.reduce((total, { interval }) => total + (interval[0]?.energyMilliWh ?? 0), 0);
  assert.equal([intervals.length > 4, sum], [true, intervals.at(-1)?.signedMilliWh]);
  assert.is(intervals[0]?.profile, "hyundai-kona");
});

const recordOf = (address: Uint8Array, index: number): IntervalRecord => ({
  ...{ version: 1, address, index, profile: "p", fromWallMs: 5, durationMs: 6, samples: 2, interval: [], charge: [] },
  ...{ signedMilliWh: 0, gaps: 0, gapsBridged: 0, isInconsistent: false, powerMaxW: null },
  replies: [{ atMs: 0, charging: true, plugged: null, replies: [new Uint8Array(40)] }],
});

test("the oldest make room for the newest, and another charge's are not given out", async () => {
  const flash = await new FlashCard().open();
  const store = await EvidenceStore.open(flash, hash, 5);
  const other = new Uint8Array(32).fill(9);
  for (let index = 0; index < 8; index += 1) await store.keep(recordOf(index % 2 === 0 ? ADDRESS : other, index));
  const kept = await intervalEvidence(flash, hash, ADDRESS);
  assert.equal(
    kept.map(({ index }) => index),
    [4, 6],
  );
  assert.is((await flash.list()).length, 5);
  await (await EvidenceStore.open(flash, hash, 5)).keep(recordOf(ADDRESS, 8));
  assert.is((await intervalEvidence(flash, hash, ADDRESS)).at(-1)?.index, 8);
});

test("a record that a power cut tore, or that somebody changed, is left out", async () => {
  const flash = await new FlashCard().open();
  const store = await EvidenceStore.open(flash, hash);
  for (let index = 0; index < 3; index += 1) await store.keep(recordOf(ADDRESS, index));
  const [, second = ""] = await flash.list();
  const file = await flash.open(second);
  await file.write(50, Uint8Array.of(0xff));
  await flash.create("evidence-0000000009-07070707", 20);
  assert.equal(
    (await intervalEvidence(flash, hash, ADDRESS)).map(({ index }) => index),
    [0, 2],
  );
});

test.run();
