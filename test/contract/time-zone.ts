/** What every time zone must do, whatever it is made of. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { AMSTERDAM } from "#test/builders/fixed-zones.ts";

const HOUR = 3600;

/** Instants around changes of the clock, and what clocks there are ahead of UTC. From the published laws. */
const KNOWN: readonly (readonly [zone: string, unixSeconds: number, offsetSeconds: number])[] = [
  ["UTC", 1_774_746_000, 0],
  // 2026-03-29T01:00Z, 2026-10-25T01:00Z.
  ["Europe/Amsterdam", 1_774_745_999, HOUR],
  ["Europe/Amsterdam", 1_774_746_000, 2 * HOUR],
  ["Europe/Amsterdam", 1_792_889_999, 2 * HOUR],
  ["Europe/Amsterdam", 1_792_890_000, HOUR],
  // 2026-03-08T10:00Z, 2026-11-01T09:00Z.
  ["America/Los_Angeles", 1_772_963_999, -8 * HOUR],
  ["America/Los_Angeles", 1_772_964_000, -7 * HOUR],
  ["America/Los_Angeles", 1_793_523_599, -7 * HOUR],
  ["America/Los_Angeles", 1_793_523_600, -8 * HOUR],
  // Half an hour of summer time, in the south: 2026-04-04T15:00Z, 2026-10-03T15:30Z.
  ["Australia/Lord_Howe", 1_775_314_799, 11 * HOUR],
  ["Australia/Lord_Howe", 1_775_314_800, 10.5 * HOUR],
  ["Australia/Lord_Howe", 1_791_041_399, 10.5 * HOUR],
  ["Australia/Lord_Howe", 1_791_041_400, 11 * HOUR],
  ["Asia/Kathmandu", 1_774_746_000, 5.75 * HOUR],
  // No summer time since 2016; UTC+3 all year.
  ["Europe/Istanbul", 1_774_746_000, 3 * HOUR],
  // A whole day was left out: from UTC-10 to UTC+14 on 2011-12-30T10:00Z.
  ["Pacific/Apia", 1_325_239_199, -10 * HOUR],
  ["Pacific/Apia", 1_325_239_200, 14 * HOUR],
];

/** @param open undefined: the name is not known */
export function timeZoneContract(name: string, open: (zone: string) => TimeZone | undefined): void {
  const test = suite(`time zone: ${name}`);

  test("clocks are ahead of UTC by what the law says, to the second of a change", () => {
    for (const [zone, at, offset] of KNOWN) assert.is(open(zone)?.offsetSecondsAt(at), offset, `${zone} ${at}`);
  });

  test("Amsterdam is as its directive says, every half hour of two years", () => {
    const zone = open("Europe/Amsterdam");
    for (let at = 1_767_225_600; at < 1_830_297_600; at += HOUR / 2) {
      assert.is(zone?.offsetSecondsAt(at), AMSTERDAM.offsetSecondsAt(at), String(at));
    }
  });

  test("it tells its name, and an unknown one is none", () => {
    assert.is(open("Europe/Amsterdam")?.name, "Europe/Amsterdam");
    for (const unknown of ["Europe/Atlantis", "", "Europe/Amsterdam ", "../etc"]) assert.is(open(unknown), undefined);
  });

  test.run();
}
