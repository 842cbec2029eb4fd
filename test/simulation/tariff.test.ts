/** A station without a tariff for this hour offers nothing, says so, and offers again as soon as it has one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ChargeSimulation } from "./charge-world.ts";
import { simulateCharge } from "./simulate-charge.ts";

const test = suite("simulated tariff");
const QUIET = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 600_000 };

test("while no tariff holds nothing is agreed on; told once when it goes and once when it is back", async () => {
  const simulation = new ChargeSimulation(1, { ...QUIET, tariffFromMs: 300_000 });
  const { clock, world, station, vehicle, story } = simulation;
  const told = (name: string): readonly string[] => story.filter((line) => line.includes(` ${name} `));
  void station.start();
  void vehicle.start();
  clock.wakeAt(5_000, () => {
    world.plugIn("car", 1);
  });
  await clock.runFor(299_000);
  assert.is(told("tariffLost").length, 1, story.join("\n"));
  assert.match(told("tariffLost")[0] ?? "", /TARIFF_NOT_VALID.*is not valid yet/);
  assert.equal([told("contractSigned").length, told("tariffBack").length], [0, 0]);
  await clock.runFor(60_000);
  assert.equal([told("tariffLost").length, told("tariffBack").length], [1, 1]);
  assert.is(told("contractSigned").length, 2, "the car that waited is served");
});

test("a car that stands on for its money pays for what it stood", async () => {
  for (const [place, tellsPlug] of ([true, false, "while charging"] as const).entries()) {
    const seed = place + 1;
    const standing = { stayMs: seed * 300_000, tellsPlug, sleeps: seed === 2, drawsAfterMs: undefined };
    const { violation, results, story } = await simulateCharge(seed, { ...QUIET, chargeMs: 300_000, standing });
    assert.is(violation, undefined, story.join("\n"));
    const [result] = results;
    const energyCents = ((result?.billedMilliWh ?? 0) * 35) / 1_000_000;
    const hours = ((result?.amount ?? 0) - energyCents) / 600;
    assert.ok(Math.abs(hours * 60 - 5 * seed) <= 1.2, `seed ${seed}: ${hours * 60} min paid`);
  }
});

test.run();
