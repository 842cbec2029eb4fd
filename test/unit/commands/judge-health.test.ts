/** What `health` makes of the answers of gateways. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeHealth, METER_AGE_MS_MAX, overallHealth, type HealthState } from "#firmware/commands/judge-health.ts";

const test = suite("judging health");

const WELL = {
  ok: true,
  role: "charger",
  meter: { ageMs: 900, quality: "good", trouble: null },
  store: { wrote: true },
  ledger: { serial: 7, head: "00", isMember: true, membersHeard: 0, membersAgreeing: 0 },
  mesh: { isConnected: true },
};

function check(change: Readonly<Record<string, unknown>>, expected: HealthState, says: RegExp): void {
  const parts = judgeHealth({ ...WELL, ...change });
  assert.ok(parts !== undefined);
  assert.is(overallHealth(parts), expected);
  const told = parts.filter(({ state }) => state === expected).map((part) => `${part.part} ${part.says}`);
  assert.match(told.join("\n"), says);
}

test("a charger whose meter, store, ledger and broker are well is healthy, alone in its region too", () => {
  check({}, "healthy", /ledger at block 7, no other member heard/);
});

test("a car says by which identity it goes; one that is new on the road joins later and is no worse for it", () => {
  const ledger = { serial: 0, head: "00", isMember: false, membersHeard: 0, membersAgreeing: 0 };
  const pseudonym = { number: 2, since: 1, until: 1_790_000_000, isOver: false, prepared: 1 };
  const car = { role: "vehicle", meter: undefined, pseudonym };
  check(car, "healthy", /identity number 2, until 2026-09-21.*; 1 more has keys/);
  check({ ...car, ledger, mesh: { isConnected: false } }, "healthy", /ledger at block 0, joins at its next broker/);
  check({ ...car, ledger }, "waiting", /ledger at block 0, this gateway is no member yet/);
  const first = { ...car, pseudonym: { ...pseudonym, number: 1 }, ledger, mesh: { isConnected: false } };
  check(first, "waiting", /no member yet/);
  const over = { ...car, pseudonym: { ...pseudonym, isOver: true, prepared: 0 } };
  check(over, "healthy", /identity number 2, its days were over 2026-09-21.*; no other has keys/);
  check({ ...car, pseudonym: { ...pseudonym, until: null } }, "healthy", /its days are not counted yet/);
  check({ ...car, pseudonym: { ...pseudonym, prepared: null } }, "healthy", /others there are cannot be read/);
});

test("a meter that was not read, or too long ago, is waited for, with the reason", () => {
  check({ meter: { ageMs: null, quality: null, trouble: "METER_SILENT" } }, "waiting", /meter .*yet \(METER_SILENT\)/);
  check(
    { meter: { ageMs: METER_AGE_MS_MAX + 1, quality: "good", trouble: null } },
    "waiting",
    /meter was last read 30 s/,
  );
  check({ meter: { ageMs: METER_AGE_MS_MAX, quality: "held", trouble: null } }, "healthy", /meter read 30 s ago, held/);
  check({ meter: undefined }, "waiting", /meter has not been read/);
});

test("a meter whose units contradict each other is not waited for", () => {
  check({ meter: { ageMs: null, quality: null, trouble: "METER_POWER_DISAGREES" } }, "faulty", /meter .*contradict/);
});

test("a ledger follows when one member that was heard has a head that is here", () => {
  const ledger = { ...WELL.ledger, membersHeard: 3 };
  check({ ledger }, "waiting", /of 3 members heard, 0 have/);
  check({ ledger: { ...ledger, membersAgreeing: 1 } }, "healthy", /of 3 members heard, 1 have/);
  check({ ledger: { ...WELL.ledger, isMember: false } }, "waiting", /no member yet/);
});

test("a charger needs its broker; a car on the road waits for one and is well, without a meter and a car", () => {
  const mesh = { isConnected: false };
  check({ mesh }, "waiting", /broker not connected/);
  check({ mesh, role: "arbiter", meter: undefined }, "waiting", /broker not connected/);
  check({ mesh, role: "vehicle", meter: undefined }, "healthy", /broker waits for one/);
});

test("a store that wrote nothing is a fault, whatever else is well", () => {
  check({ store: {} }, "faulty", /store nothing could be written/);
});

test("what is no answer of a gateway gets no verdict", () => {
  for (const answer of [{}, { ok: true }, { ...WELL, store: 1 }, { ...WELL, ledger: [] }, { ...WELL, role: 5 }]) {
    assert.is(judgeHealth(answer), undefined);
  }
});

test.run();
