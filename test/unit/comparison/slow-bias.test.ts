/** Errors in one's own favour, a little in each charge: found over many, and laid to the side that makes them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allowancePpm, BIAS_ALARM_MILLI, countVote, isBiasAlarm, NO_BIAS } from "#core/comparison/slow-bias.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { AGREEMENT_CASES, ownTolerancePpm, type AgreementCase } from "#test/builders/agreement-cases.ts";
import { drawFleet, meet, meetAtRandom, type Meter } from "#test/builders/bias-fleet.ts";

const test = suite("slow-bias");
const U = 60_000;
const vote = (other: string, differencePpm: number): Parameters<typeof countVote>[1] => ({
  ...{ other, differencePpm, expandedPpm: U, allowancePpm: 20_000 },
});

for (const row of AGREEMENT_CASES) {
  test(`${row.name}: a station that claims 0.9 of the tolerance too much is found within 40 charges`, () => {
    const bias = (0.9 * ownTolerancePpm(row)) / 1e6;
    for (let seed = 0; seed < 20; seed += 1) {
      const station = meter("liar", bias, 0);
      const { vehicles } = drawFleet(row, { stations: 0, vehicles: 40, seed: `${seed}` });
      for (const vehicle of vehicles) meet(row, new SeededRandom(`${seed} ${vehicle.name}`), station, vehicle);
      assert.ok((station.alarmedAfter ?? 99) <= 40, `seed ${seed}: ${JSON.stringify(station.bias)}`);
    }
  });

  test(`${row.name}: a car that says 0.9 of the tolerance too little is found within 40 charges`, () => {
    const bias = (0.9 * ownTolerancePpm(row)) / 1e6;
    for (let seed = 0; seed < 20; seed += 1) {
      const vehicle = meter("liar", -bias, middleLoss(row));
      const { stations } = drawFleet(row, { stations: 40, vehicles: 0, seed: `${seed}` });
      for (const station of stations) meet(row, new SeededRandom(`${seed} ${station.name}`), station, vehicle);
      assert.ok((vehicle.alarmedAfter ?? 99) <= 40, `seed ${seed}: ${JSON.stringify(vehicle.bias)}`);
    }
  });
}

test("of honest fleets 40 charges accuse 1 in 50 stations and 1 in 10 cars at most", () => {
  for (const row of AGREEMENT_CASES) {
    const fleet = drawFleet(row, { stations: 100, vehicles: 100, seed: "honest" });
    meetAtRandom(row, fleet, 100 * 40, "honest");
    const alarmed = (meters: readonly Meter[]): number =>
      meters.filter((each) => each.alarmedAfter !== undefined).length;
    assert.ok(alarmed(fleet.stations) <= 2, `${row.name}: ${alarmed(fleet.stations)} stations`);
    assert.ok(alarmed(fleet.vehicles) <= 10, `${row.name}: ${alarmed(fleet.vehicles)} cars`);
  }
});

test("it is the lying station that is found, not the cars that charge there; and the other way round", () => {
  const row = AGREEMENT_CASES[1];
  assert.ok(row);
  const bias = (0.9 * ownTolerancePpm(row)) / 1e6;
  const others = Array.from({ length: 30 }, (_, index) => index);
  const stations = [meter("liar", bias, 0), ...others.map((index) => meter(`station ${index}`, 0, 0))];
  const vehicles = [
    meter("cheat", -bias, middleLoss(row)),
    ...others.map((index) => meter(`car ${index}`, 0, middleLoss(row))),
  ];
  meetAtRandom(row, { stations, vehicles }, 31 * 60, "mixed");
  const alarmed = [...stations, ...vehicles].filter(({ alarmedAfter }) => alarmedAfter !== undefined);
  assert.equal(
    alarmed.map(({ name }) => name),
    ["liar", "cheat"],
  );
});

test("the same other twice in a row counts once, and one partner of five cannot raise an alarm", () => {
  const twice = countVote(countVote(NO_BIAS, vote("a", -70_000)), vote("a", -70_000));
  assert.is(twice.votes, 1);
  let bias = NO_BIAS;
  for (let round = 0; round < 200; round += 1) {
    for (const other of ["liar", "b", "c", "d", "e"])
      bias = countVote(bias, vote(other, other === "liar" ? -120_000 : 0));
  }
  assert.is(bias.votes, 1000);
  assert.not.ok(isBiasAlarm(bias));
});

test("errors against oneself, and those that one's own limits explain, never add up", () => {
  let bias = NO_BIAS;
  for (let index = 0; index < 500; index += 1)
    bias = countVote(bias, vote(`other ${index}`, index % 2 === 0 ? 50_000 : -20_000));
  assert.is(bias.sumMilli, 0);
});

test("one charge moves the sum by one U at most, and a repaired meter comes back", () => {
  let bias = NO_BIAS;
  for (let index = 0; index < 6; index += 1) bias = countVote(bias, vote(`other ${index}`, -500_000));
  assert.is(bias.sumMilli, 6_000);
  assert.ok(isBiasAlarm(bias));
  for (let index = 0; index < 500; index += 1) bias = countVote(bias, vote(`later ${index}`, -500_000));
  assert.is(bias.sumMilli, 2 * BIAS_ALARM_MILLI);
  for (let index = 0; index < 40; index += 1) bias = countVote(bias, vote(`mended ${index}`, 0));
  assert.not.ok(isBiasAlarm(bias));
});

test("any vote leaves whole numbers and a short memory", () => {
  const most = Number.MAX_SAFE_INTEGER;
  let bias = NO_BIAS;
  for (const differencePpm of [most, -most, 0]) {
    for (const expandedPpm of [0, 1, most]) {
      for (const allowance of [0, most]) {
        const other = `${differencePpm} ${expandedPpm} ${allowance}`;
        bias = countVote(bias, { other, differencePpm, expandedPpm, allowancePpm: allowance });
        assert.ok(Number.isSafeInteger(bias.sumMilli) && bias.sumMilli >= 0 && bias.recent.length <= 4);
      }
    }
  }
  assert.is(allowancePpm({ mpePpm: [20_000, 30_000], lossPpm: [50_000, 120_000] }, "station"), 20_000);
  assert.is(allowancePpm({ mpePpm: [20_000, 30_000], lossPpm: [50_000, 130_000] }, "vehicle"), 43_750);
});

test.run();

function meter(name: string, error: number, loss: number): Meter {
  return { name, error, loss, bias: NO_BIAS, sessions: 0, alarmedAfter: undefined };
}

function middleLoss({ terms }: AgreementCase): number {
  return (terms.lossPpm[0] + terms.lossPpm[1]) / 2e6;
}
