/**
 * S11, no reward for the liar: one charge after another at one post, once with two honest sides and once with one that
 * deviates, from the same seed. What a side gains by it is no more than the exposure is worth, charge by charge.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Lie } from "./region/lies.ts";
import { drawPlan } from "./region/region-plan.ts";
import { RegionWorld } from "./region/region-world.ts";

const test = suite("payoffs");

const WISHES = { nodes: 2, hours: 1, groups: [], allOn: true } as const;
const SEED = 3;
const SETTLE_MS = 40 * 60_000;
const CENTS_PER_KWH = 35;
const MILLI_WH_PER_KWH = 1_000_000;
/** Each amount is rounded once. */
const ROUNDING_CENTS = 1;

interface Deviation {
  readonly who: "station-1" | "car-1";
  readonly lie?: Lie;
  /** What its meter or its battery shows, as a share of what an honest one would. */
  readonly shown?: number;
}

interface Played {
  readonly charges: number;
  /** A station that keeps its blocks to itself keeps everybody from having one. */
  readonly results: number;
  /** In cents: worth of what has flowed, and what is owed for it. */
  readonly worth: number;
  readonly owed: number;
  /** The most that may be at risk in one charge, in cents. */
  readonly exposure: number;
}

async function play(deviation?: Deviation): Promise<Played> {
  const liars = new Map(deviation?.lie === undefined ? [] : [[deviation.who, deviation.lie] as const]);
  const world = new RegionWorld(drawPlan(SEED, { ...WISHES, liars }), "simulated");
  const [station, vehicle] = [world.stations[0], world.vehicles[0]];
  assert.ok(station && vehicle);
  if (deviation?.who === "station-1") station.outlet.shownShare *= deviation.shown ?? 1;
  else vehicle.car.shownShare *= deviation?.shown ?? 1;
  world.begin();
  await world.clock.runUntil(world.calmFromMs);
  world.endFaults();
  vehicle.driver.goHome();
  await world.clock.runFor(SETTLE_MS);
  // A liar may have kept to itself what the other side has signed as well.
  const honest = deviation?.who === "station-1" ? vehicle.node : station.node;
  const state = honest.running?.ledger.chain.head.state;
  const transactions = [...(state?.transactions.entries().values() ?? [])];
  for (const node of world.nodes) node.stop();
  return {
    charges: transactions.length,
    results: transactions.filter(({ result }) => result !== undefined).length,
    worth: (station.outlet.deliveredMilliWh / MILLI_WH_PER_KWH) * CENTS_PER_KWH,
    owed: transactions.reduce((sum, { result }) => sum + (result?.amount ?? 0), 0),
    exposure: Math.max(
      ...transactions.map(({ open }) => (open.terms.exposureMilliWh / MILLI_WH_PER_KWH) * CENTS_PER_KWH),
    ),
  };
}

const honest = await play();

test("between honest sides what is owed is what has flowed", () => {
  assert.ok(honest.results >= 1, `${honest.results} charges`);
  assert.ok(honest.worth > honest.exposure, `${honest.worth} cents have flowed, more than can be at risk`);
  assert.ok(Math.abs(honest.owed - honest.worth) < 0.02 * honest.worth, `${honest.owed} for ${honest.worth}`);
});

const DEVIATIONS: readonly Deviation[] = [
  { who: "station-1", shown: 1.2 },
  { who: "station-1", shown: 1.05 },
  { who: "station-1", lie: "withholds" },
  { who: "car-1", shown: 0.75 },
  { who: "car-1", shown: 0.95 },
  { who: "car-1", lie: "withholds" },
];

for (const deviation of DEVIATIONS) {
  const { who, lie, shown } = deviation;
  const what = lie ?? `shows ${shown} of the truth`;
  test(`${who} that ${what} gains no more than what is at risk in a charge is worth`, async () => {
    const deviant = await play(deviation);
    assert.ok(deviant.charges >= 1, `${deviant.charges} charges`);
    const gainOf = ({ worth, owed }: Played): number => (who === "car-1" ? worth - owed : owed - worth);
    const gain = gainOf(deviant) - gainOf(honest);
    const most = deviant.charges * (deviant.exposure + ROUNDING_CENTS);
    assert.ok(gain <= most, `${gain.toFixed(1)} cents in ${deviant.charges} charges, of ${most.toFixed(1)}`);
  });
}

test.run();
