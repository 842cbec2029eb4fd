/** Cars that take turns at outlets. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { takeTurns } from "#firmware/commands/bench/site-plan.ts";

const test = suite("bench, turns at the outlets");

interface Drive {
  readonly charger: string;
  readonly vehicle: string;
}

async function play(chargers: number, vehicles: number, charges: number): Promise<readonly Drive[]> {
  const names = (role: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, place) => `${role}-${place + 1}`);
  const busy = new Set<string>();
  let length = 0;
  return takeTurns(names("c", chargers), names("v", vehicles), charges, async (charger, vehicle) => {
    assert.not.ok(busy.has(charger), `${charger} has one cable`);
    assert.not.ok(busy.has(vehicle), `${vehicle} has one inlet`);
    busy.add(charger).add(vehicle);
    length = (length + 1) % 3;
    for (let turn = 0; turn <= length; turn += 1) await Promise.resolve();
    busy.delete(charger);
    busy.delete(vehicle);
    return { charger, vehicle };
  });
}

test("every car charges as often as it is to, whatever the numbers of cars and outlets", async () => {
  for (const [chargers, vehicles, charges] of [
    [1, 1, 1],
    [3, 5, 2],
    [4, 1, 3],
    [2, 7, 1],
  ] as const) {
    const drives = await play(chargers, vehicles, charges);
    assert.is(drives.length, vehicles * charges);
    for (const name of new Set(drives.map(({ vehicle }) => vehicle))) {
      assert.is(drives.filter(({ vehicle }) => vehicle === name).length, charges);
    }
  }
});

test("the first charge that fails ends the run", async () => {
  const run = takeTurns(["c-1", "c-2"], ["v-1", "v-2"], 2, (_, vehicle) =>
    vehicle === "v-2" ? Promise.reject(new Error("no power")) : Promise.resolve(vehicle),
  );
  try {
    await run;
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /no power/);
  }
});

test.run();
