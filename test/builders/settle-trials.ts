/** What is claimed of `settle`, tried on random charges: the program is its native twin, and nothing breaks S6. */
import * as assert from "uvu/assert";
import { ENERGY_V1 } from "#core/contract/energy-v1.ts";
import { SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { runOutcome } from "#core/script/run-program.ts";
import { chargeFigures, outcomeInputs } from "#core/session/charge-figures.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { nativeSettle } from "./native-settle.ts";
import { randomCharge, reordered } from "./random-charges.ts";

/** How many charges came to which state by which ending. */
export type Endings = ReadonlyMap<string, number>;

/** @throws when one of them is settled otherwise by the program than by its twin, or when the program traps. */
export function compareWithTwin(seed: string, charges: number): Endings {
  return trial(seed, charges, (random) => {
    const { charge, graceOver } = randomCharge(random);
    const said = runOutcome(ENERGY_V1, outcomeInputs(chargeFigures(charge, graceOver)));
    assert.ok(said.fields.ok && said.steps <= SCRIPT_STEPS_MAX, "the program ends with an outcome");
    const settled = settle(charge, graceOver);
    assert.equal(settled, nativeSettle(charge, graceOver));
    return settled;
  });
}

/** @throws when one outcome depends on the order of the facts, or is outside of what both have signed. */
export function checkBounds(seed: string, charges: number): Endings {
  return trial(seed, charges, (random) => {
    const { charge, graceOver } = randomCharge(random);
    const settled = settle(charge, graceOver);
    assert.equal(settle(reordered(random, charge), graceOver), settled, "the order makes no difference");
    const { billedMilliWh, contestedMilliWh, stationMilliWh, agreed, ending, state } = settled;
    const amounts = [billedMilliWh, contestedMilliWh, stationMilliWh, agreed.milliWh, settled.undisputedMilliWh];
    assert.ok(amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0));
    assert.ok(billedMilliWh + contestedMilliWh <= stationMilliWh, "no more than the station has signed for");
    const isByBoth = ending === "mutual" || state === "CANCELLED";
    assert.ok(isByBoth || agreed.milliWh <= billedMilliWh, "what was agreed is owed");
    assert.ok(!graceOver || ending !== null, "when the grace is over there is a result");
    return settled;
  });
}

function trial(seed: string, charges: number, settleOne: (random: SeededRandom) => Settlement): Endings {
  const endings = new Map<string, number>();
  for (let number = 0; number < charges; number += 1) {
    const { state, ending } = settleOne(new SeededRandom(`${seed} ${number}`));
    const key = `${state} ${ending ?? "open"}`;
    endings.set(key, (endings.get(key) ?? 0) + 1);
  }
  return endings;
}
