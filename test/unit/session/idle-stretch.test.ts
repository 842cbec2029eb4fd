/** From where on a car stood, by the station's own log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { idleFromReading } from "#core/session/idle-stretch.ts";
import { chargeCourse } from "#core/session/charge-cost.ts";
import { batteryTerms, chargeOf } from "#test/builders/charge-facts.ts";

const test = suite("idle stretch");

/** Of a station's log: energies at its readings, one a report, and which of them say IDLE. */
function logged(energies: readonly number[], idleFrom: number, idleUntil = Infinity): number | undefined {
  const charge = chargeOf({ terms: batteryTerms({ readingsPerReport: 1 }), station: energies });
  const station = charge.reports.station.map((report, place) => ({
    ...report,
    flags: place >= idleFrom && place < idleUntil ? REPORT_FLAG.IDLE : 0,
  }));
  const vehicle = chargeOf({ terms: charge.open.terms, vehicle: energies }).reports.vehicle;
  return idleFromReading({ ...charge, reports: { station, vehicle } });
}

test("standing begins with the first reading of the reports that say so up to the end of the log", () => {
  const charged = [0, 180_000, 360_000, 360_000, 360_000, 360_000];
  assert.is(logged(charged, 4), 4);
  assert.is(logged(charged, Infinity), undefined, "nobody has said it");
  assert.is(logged(charged, 3, 5), undefined, "it has charged again");
  assert.is(logged([], 0), undefined);
});

test("what a full car takes does not end its standing; more is a charge, whatever the station says", () => {
  const after = (milliWhAMinute: number): readonly number[] =>
    Array.from({ length: 66 }, (_, minute) =>
      minute < 6 ? 180_000 * minute : 900_000 + milliWhAMinute * (minute - 5),
    );
  // 50 W are 833 mWh in a minute.
  assert.is(logged(after(800), 7), 7);
  assert.is(logged(after(900), 7), undefined);
});

test("a last reading in the far future makes no standing of a charge", () => {
  const energies = Array.from({ length: 61 }, (_, minute) => 180_000 * minute);
  const terms = batteryTerms({ readingsPerReport: 1 });
  const story = { terms, station: energies, vehicle: energies.map((milliWh) => Math.floor(milliWh * 0.92)) };
  const charge = chargeOf({ ...story, stationFinal: 10_800_000, vehicleFinal: 9_936_000 });
  const said = charge.reports.station.map((report, place) => ({
    ...report,
    flags: place > 1 ? REPORT_FLAG.IDLE : 0,
    firstReading: place === 60 ? 1_000_000_000 : report.firstReading,
  }));
  const { chargingEndMs, endMs } = chargeCourse(
    { ...charge, reports: { station: said, vehicle: charge.reports.vehicle } },
    10_800_000,
  );
  assert.is(endMs, chargingEndMs, "nothing of it is parking");
});

test.run();
