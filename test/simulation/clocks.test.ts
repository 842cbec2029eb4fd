/** A charge must not depend on two dates being equal, nor on either being right. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ChargeSimulation, type ChargeFaults } from "./charge-world.ts";
import { simulateCharge, type Outcome } from "./simulate-charge.ts";

const CHARGE: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 720_000 };
const DAY_MS = 86_400_000;
/** The simulated world is at 2026-06-01T08:00Z: from there to the start of all Unix time. */
const TO_1970_MS = -Date.UTC(2026, 5, 1, 8);

const test = suite("clocks");

for (const vehicleClockMs of [-50_000, -20_000, 20_000, 50_000]) {
  test(`a vehicle whose date is ${vehicleClockMs / 1000} s off charges and settles in agreement`, async () => {
    await agrees({ ...CHARGE, vehicleClockMs });
  });
}

const OFF = [
  ["a day ahead", DAY_MS],
  ["a day behind", -DAY_MS],
  ["in 1970", TO_1970_MS],
] as const;
for (const [where, offsetMs] of OFF) {
  test(`a station that does not know the time and is ${where} charges, and seals nothing of the future`, async () => {
    const outcome = await agrees({ ...CHARGE, stationClockMs: offsetMs, unsynced: ["station"] });
    sealedInThePast(outcome);
  });

  test(`a vehicle that does not know the time and is ${where} charges by the station's date`, async () => {
    const outcome = await agrees({ ...CHARGE, vehicleClockMs: offsetMs, unsynced: ["vehicle"] });
    sealedInThePast(outcome);
    startedNear(outcome, 90);
  });

  test(`where nobody knows the time and the vehicle is ${where}, both charge, and the branch has a time of its own`, async () => {
    const outcome = await agrees({ ...CHARGE, vehicleClockMs: offsetMs, unsynced: ["station", "vehicle"] });
    sealedInThePast(outcome);
  });
}

test("where nobody knows the time and the station is in 1970, both charge all the same", async () => {
  const outcome = await agrees({ ...CHARGE, stationClockMs: TO_1970_MS, unsynced: ["station", "vehicle"] });
  sealedInThePast(outcome);
});

test("a station without the time takes the vehicle's date for its offers, and flags its reports", async () => {
  const outcome = await agrees({ ...CHARGE, stationClockMs: DAY_MS, unsynced: ["station"] });
  startedNear(outcome, 90);
  const flags = outcome.simulation.said.flatMap(({ fact }) =>
    fact?.kind === "REPORT" ? [`${fact.body.role} ${(fact.body.flags & CLOCK_UNSURE) !== 0 ? "unsure" : "sure"}`] : [],
  );
  assert.equal([...new Set(flags)].sort(), ["station unsure", "vehicle sure"]);
});

test("a station without the time sells no hours, says so, and sells again when its clock is set", async () => {
  const simulation = new ChargeSimulation(7, { ...CHARGE, hasHours: true, unsynced: ["station"] });
  const { clock, station, vehicle, world, clockStates, story } = simulation;
  await clock.runUntilSettled(Promise.all([station.start(), vehicle.start()]));
  world.plugIn("car", 1);
  await clock.runFor(600_000);
  assert.is(station.running?.role.offerFault?.code, "TARIFF_NEEDS_CLOCK");
  assert.ok(told(story, /charger-1 tariffLost .*TARIFF_NEEDS_CLOCK/));
  assert.ok(told(story, /charger-1 clockChanged .*"source":"members","errorMs":null/));
  assert.not.ok(told(story, /contractSigned/));
  clockStates.station.sync(10);
  await clock.runFor(120_000);
  assert.is(station.running?.role.offerFault, undefined);
  assert.ok(told(story, /charger-1 contractSigned/));
  assert.ok(told(story, /charger-1 clockChanged .*"source":"clock","errorMs":10/));
});

let plain: readonly string[] | undefined;
for (const who of ["station", "vehicle"] as const) {
  for (const byMs of [-3_600_000, 3_600_000, DAY_MS]) {
    test(`a ${who} whose date jumps by ${byMs / 3_600_000} h in a charge reports on as if nothing had been`, async () => {
      const jumped = await agrees({ ...CHARGE, dateJump: { who, atMs: 400_000, byMs } });
      plain ??= readingsOf(await agrees(CHARGE));
      assert.equal(readingsOf(jumped), plain);
      sealedInThePast(jumped);
    });
  }
}

/** The numbers of the readings that each side has signed: one a minute, since the start. */
function readingsOf({ simulation }: Outcome): readonly string[] {
  const reports = simulation.said.flatMap(({ fact }) => (fact?.kind === "REPORT" ? [fact] : []));
  const readings = reports.flatMap(({ body: { role, firstReading, registerMilliWh } }) =>
    registerMilliWh.map((_, index) => `${role} ${String(firstReading + index).padStart(2, "0")}`),
  );
  return [...new Set(readings)].sort();
}

function told(story: readonly string[], pattern: RegExp): boolean {
  return story.some((line) => pattern.test(line));
}

const CLOCK_UNSURE = 4;

async function agrees(faults: ChargeFaults): Promise<Outcome> {
  const outcome = await simulateCharge(7, faults);
  const told = outcome.story.filter((line) => !line.includes("peerSeen")).map((line) => line.slice(0, 160));
  assert.is(outcome.violation, undefined, JSON.stringify(outcome.violation) + told.join("\n"));
  const [result] = outcome.results;
  assert.is(result?.state, "SETTLED", told.join("\n"));
  assert.not.equal(result?.verdict, "DISAGREE");
  assert.ok((result?.billedMilliWh ?? 0) > 1_500_000, `${result?.billedMilliWh} mWh`);
  return outcome;
}

/** No block is of a time that has not come. */
function sealedInThePast({ simulation }: Outcome): void {
  const { clock, station, genesis } = simulation;
  const head = station.running?.ledger.chain.head.state;
  assert.ok((head?.serial ?? 0) > 1);
  const sealedAt = head?.sealedAt ?? Infinity;
  assert.ok(sealedAt > genesis.body.startedAt && sealedAt * 1000 <= clock.wallMs(), `sealed at ${sealedAt}`);
}

function startedNear({ simulation }: Outcome, seconds: number): void {
  const { clock, station } = simulation;
  const [charge] = station.running?.ledger.chain.head.state.transactions.entries().values() ?? [];
  const trueStart = (clock.wallMs() - clock.monotonicMs()) / 1000;
  const after = (charge?.open.startedAt ?? 0) - trueStart;
  assert.ok(after > -seconds && after < 300, `it began ${after} s after the start of the world`);
}

test.run();
