/** A car that stands on after its charge: both sides say so until the plug is pulled, whatever goes wrong meanwhile. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Terms } from "#core/contract/terms.ts";
import { REPORTS_PER_SESSION_MAX } from "#core/limits.ts";
import { REPORT_FLAG, readingsOf, type ReportBody, type Role } from "#core/session/facts.ts";
import { enterIdle, idleReadings, leaveIdle, paysForStanding } from "#core/session/idle.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import { PartyDuo } from "#test/builders/party-duo.ts";

const test = suite("idle charge");

const ENERGY = { dimension: "ENERGY", microPrice: 350_000, taxPpm: 0, step: 0, phase: "charging" } as const;
const PARKING = { dimension: "PARKING_TIME", microPrice: 2_000_000, taxPpm: 0, step: 0, phase: "charging" } as const;
const tariffOf = (...rules: Terms["tariff"]["rules"]): Terms["tariff"] => ({
  ...{ taxIncluded: "none", rules, roundingMode: "half-even", roundingPer: "total" },
  resolved: [1_779_000_000, 1_782_000_000],
});
const standing = (changes: Partial<Terms> = {}): Terms =>
  batteryTerms({ tariff: tariffOf(ENERGY, PARKING), ...changes });
const ROLES: readonly Role[] = ["station", "vehicle"];
const isIdle = ({ flags }: ReportBody): boolean => (flags & REPORT_FLAG.IDLE) !== 0;

/** Charged for eleven minutes, and full for four. */
function standingDuo(changes: Partial<Terms> = {}): PartyDuo {
  const duo = new PartyDuo(standing(changes)).run(660);
  duo.carW = 0;
  return duo.run(240);
}

test("only a price for standing on makes anybody stand on", () => {
  assert.is(paysForStanding(standing()), true);
  for (const rules of [
    [ENERGY],
    [ENERGY, { ...PARKING, microPrice: 0 }],
    [{ ...PARKING, phase: "reservation" }],
  ] as const) {
    assert.is(paysForStanding({ tariff: tariffOf(...rules) }), false);
  }
  const duo = new PartyDuo(batteryTerms({ tariff: tariffOf(ENERGY) })).run(1200);
  duo.carW = 0;
  duo.run(600);
  assert.ok(ROLES.every((role) => !duo.reportsOf(role).some(isIdle)));
});

test("both say that the energy has ended, in reports of which every reading was taken after that", () => {
  for (const chargedS of [660, 720, 840]) {
    const duo = new PartyDuo(standing()).run(chargedS);
    duo.carW = 0;
    duo.run(600);
    for (const role of ROLES) {
      const [first] = duo.reportsOf(role).filter(isIdle);
      assert.ok(first !== undefined, `the ${role} says it`);
      // Known after 90 s, said with the next reading.
      assert.is(first.firstReading, chargedS / 60 + 2);
      assert.is(first.registerMilliWh.length, 1);
      const before = duo.reportsOf(role).filter((report) => !isIdle(report));
      assert.is(
        readingsOf(before.at(-1) ?? first).at(-1)?.index,
        chargedS / 60 + 1,
        "none that was read before is lost",
      );
      assert.is(duo.completeOf(role), undefined);
    }
  }
});

test("the slower rhythm of a car that stands on is awaited as such", () => {
  const duo = standingDuo({ readingIntervalSeconds: 6 });
  duo.run(1800);
  for (const role of ROLES) {
    const idle = duo.reportsOf(role).filter(isIdle);
    assert.ok(idle.length >= 6 && idle.length <= 9, `${idle.length} reports of the ${role}`);
    assert.ok(
      idle.every(({ flags }) => flags === REPORT_FLAG.IDLE),
      "and nobody waits in vain for more",
    );
  }
});

test("a pulled plug completes both at once", () => {
  const duo = standingDuo();
  duo.plugged = false;
  duo.run(5);
  for (const role of ROLES) {
    assert.is(duo.completeOf(role)?.reason, "unplugged", role);
    assert.ok((duo.completeOf(role)?.atMs ?? 0) <= 905_000);
  }
});

test("a car that does not tell its plug, or sleeps, completes when the outlet has", () => {
  const duo = standingDuo();
  duo.vehicleTellsPlug = false;
  duo.vehicleAwake = false;
  duo.run(7200);
  assert.is(duo.completeOf("vehicle"), undefined, "a sleeping car is no reason to end");
  assert.equal(duo.power.station, { kind: "go" }, "and none to hold back what nobody takes");
  duo.plugged = false;
  duo.run(5);
  assert.equal(
    ROLES.map((role) => duo.completeOf(role)?.reason),
    ["unplugged", "unplugged"],
  );
});

test("standing for the longest charge there may be needs no more reports than there may be", () => {
  for (const terms of [
    standing(),
    standing({ readingIntervalSeconds: 6, durationMaxSeconds: 30 * REPORTS_PER_SESSION_MAX }),
  ]) {
    const step = idleReadings(terms) * terms.readingIntervalSeconds;
    assert.ok(step >= 300 && step >= terms.readingsPerReport * terms.readingIntervalSeconds);
    assert.ok(terms.durationMaxSeconds / step < REPORTS_PER_SESSION_MAX);
  }
  const duo = standingDuo();
  const before = duo.reportsOf("station").length;
  duo.run(7_200);
  assert.is(duo.reportsOf("station").length - before, 7_200 / 300, "one each five minutes");
});

test("the longest duration ends it for both", () => {
  const duo = standingDuo({ durationMaxSeconds: 7200 });
  duo.run(6400);
  assert.ok(ROLES.every((role) => duo.completeOf(role)?.reason === "limit-reached"));
  assert.ok((duo.completeOf("station")?.atMs ?? 0) <= 7_211_000);
});

test("a car that draws again is served at once, measured, and no longer idle", () => {
  const duo = standingDuo();
  duo.run(1800);
  const before = { station: duo.energyOf("station"), vehicle: duo.energyOf("vehicle") };
  duo.carW = 4000;
  duo.run(900);
  assert.ok(duo.energyOf("station") - before.station > 900_000);
  for (const role of ROLES) {
    const last = duo.reportsOf(role).at(-1);
    assert.ok(last !== undefined && !isIdle(last), role);
    const signed = (readingsOf(last).at(-1)?.registerMilliWh ?? 0) - (role === "station" ? 5_000_000 : 1_000_000);
    assert.ok(duo.energyOf(role) - signed <= 4000 * 1000 * (300 / 3600), "what flowed is signed");
  }
  duo.carW = 0;
  duo.run(300);
  assert.ok(
    ROLES.every((role) => isIdle(duo.reportsOf(role).at(-1) as ReportBody)),
    "and idle again",
  );
});

test("less than a lamp's power is no charge, and all of it is in the register", () => {
  const duo = standingDuo();
  duo.carW = 30;
  duo.run(7_200);
  assert.ok(duo.reportsOf("station").slice(-20).every(isIdle));
  duo.plugged = false;
  duo.run(5);
  assert.is((duo.completeOf("station")?.finalMilliWh ?? 0) - 5_000_000, duo.energyOf("station"));
});

test("a silent vehicle keeps standing, is not held back, and can take energy again for a report's time", () => {
  const duo = standingDuo();
  duo.away.add("vehicle");
  duo.run(7_200);
  assert.is(duo.completeOf("station"), undefined, "silence is no departure while the plug is in");
  assert.equal(duo.power.station, { kind: "go" });
  assert.ok(
    duo
      .reportsOf("station")
      .slice(-20)
      .every(({ flags }) => flags === REPORT_FLAG.IDLE),
    "nor a pause",
  );
  duo.carW = 11_000;
  duo.run(389);
  assert.equal(duo.power.station, { kind: "go" });
  duo.run(5);
  assert.equal(duo.power.station, { kind: "pause", reason: "report-overdue" });
  // The vehicle is back in time: the charge goes on.
  duo.restart("vehicle");
  duo.run(120);
  assert.equal(duo.power.station, { kind: "go" });
  assert.ok(ROLES.every((role) => duo.completeOf(role) === undefined));
});

test("what a silent vehicle takes again is never more than the exposure", () => {
  const duo = standingDuo({ exposureMilliWh: 800_000 });
  duo.away.add("vehicle");
  duo.run(3600);
  const before = duo.energyOf("station");
  for (let turn = 0; turn < 20; turn += 1) {
    duo.carW = 11_000;
    duo.run(60);
    duo.carW = 0;
    duo.run(200);
  }
  assert.ok(duo.energyOf("station") - before <= 800_000 + 2 * 3056, `${duo.energyOf("station") - before} mWh`);
});

test("either gateway that starts again while the car stands on goes on standing", () => {
  for (const role of ROLES) {
    for (const awayS of [5, 3600]) {
      const duo = standingDuo();
      duo.away.add(role);
      duo.run(awayS);
      duo.restart(role);
      duo.run(1200);
      assert.ok(duo.reportsOf(role).slice(-3).every(isIdle), `${role} away for ${awayS} s`);
      assert.ok(ROLES.every((each) => duo.completeOf(each) === undefined));
      duo.plugged = false;
      duo.run(5);
      assert.equal(
        ROLES.map((each) => duo.completeOf(each)?.reason),
        ["unplugged", "unplugged"],
      );
    }
  }
});

test("a station that was away when the plug was pulled claims no more time than it has signed", () => {
  const duo = standingDuo();
  duo.run(1200);
  duo.away.add("station");
  duo.vehicleTellsPlug = false;
  duo.plugged = false;
  duo.run(500);
  duo.restart("station");
  duo.run(5);
  const signed = duo.reportsOf("station").at(-1);
  assert.is(duo.completeOf("station")?.atMs, (signed?.firstReading ?? 0) * 60_000);
  assert.is(duo.completeOf("vehicle")?.reason, "unplugged");
});

test("a lost link ends nothing while each sees the plug in; both complete by themselves when it is pulled", () => {
  const duo = standingDuo();
  duo.linked = false;
  duo.run(10_000);
  assert.ok(ROLES.every((role) => duo.completeOf(role) === undefined));
  duo.plugged = false;
  duo.run(5);
  assert.equal(
    ROLES.map((role) => duo.completeOf(role)?.reason),
    ["unplugged", "unplugged"],
  );
});

test("a vehicle that cannot see its plug gives up a station that has fallen silent: it may be far away by then", () => {
  const duo = standingDuo();
  duo.vehicleTellsPlug = false;
  duo.away.add("station");
  duo.run(3600);
  const complete = duo.completeOf("vehicle");
  assert.is(complete?.reason, "peer-silent");
  // A report each 300 s, 90 s of patience, ten minutes of silence.
  assert.ok((complete?.atMs ?? 0) <= 900_000 + 300_000 + 90_000 + 730_000);
});

test("a station whose meter is gone while the car stands on lets nothing flow, and ends after ten minutes", () => {
  const duo = standingDuo();
  duo.stationMeterThere = false;
  duo.run(5);
  assert.equal(duo.power.station, { kind: "pause", reason: "meter-absent" });
  duo.run(610);
  assert.is(duo.completeOf("station")?.reason, "meter-absent");
});

test("a pause by the station is no end of the energy", () => {
  const duo = new PartyDuo(standing()).run(600);
  duo.stationMeterThere = false;
  duo.run(300);
  assert.ok(ROLES.every((role) => !duo.reportsOf(role).some(isIdle)));
  duo.stationMeterThere = true;
  duo.run(600);
  assert.equal(duo.power.station, { kind: "go" });
});

test("a car that has taken nothing yet is waiting, not standing on", () => {
  const duo = new PartyDuo(standing());
  duo.carW = 0;
  duo.run(3600);
  assert.ok(ROLES.every((role) => !duo.reportsOf(role).some(isIdle)));
});

test("energy ends when nothing has flowed for 90 s although it could, and begins with the first look that sees it", () => {
  const quiet = { takes: false, isFresh: true, mayFlow: true, hasTaken: true };
  const start = { isIdle: false, quietSinceMs: undefined, resumedAtMs: undefined };
  const since = enterIdle(start, { ...quiet, elapsedMs: 1000 });
  assert.is(enterIdle(since, { ...quiet, elapsedMs: 90_999 }).isIdle, false);
  const idle = enterIdle(since, { ...quiet, elapsedMs: 91_000 });
  assert.is(idle.isIdle, true);
  for (const doubt of [{ takes: true }, { isFresh: false }, { mayFlow: false }, { hasTaken: false }]) {
    assert.is(enterIdle(since, { ...quiet, ...doubt, elapsedMs: 91_000 }).quietSinceMs, undefined);
  }
  assert.is(leaveIdle(idle, { ...quiet, takes: true, isFresh: false, elapsedMs: 92_000 }).isIdle, true);
  assert.equal(leaveIdle(idle, { ...quiet, takes: true, elapsedMs: 92_000 }), {
    ...{ isIdle: false, quietSinceMs: undefined, resumedAtMs: 92_000 },
  });
});

test.run();
