/** A charge as an OCPI CDR: complete by the rules of both versions, cut where a price changes, and adding up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { chargeDetailRecord, creditRecord, type CdrParts } from "#records/cdr/charge-detail-record.ts";
import { readOperator, type Operator } from "#records/cdr/operator.ts";
import type { ChargeRevision } from "#records/period/charge-revisions.ts";
import { chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";
import { checkCdr, type CdrVersion } from "#test/builders/check-cdr.ts";
import { ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("charge detail record");
const VERSIONS: readonly CdrVersion[] = ["2.2.1", "2.3.0"];
const STARTED_AT = 1_700_000_000;
const KEY = "13f87e7679ae00d8a9637c0214c2001af40ea1276316c14c44dd3f71d54faa3f";

const OPERATOR_TABLE = {
  country_code: "DE",
  party_id: "TLY",
  location: {
    ...{ id: "LOC1", address: "Hafenstrasse 3", city: "Bremen", postal_code: "28195", country: "DEU" },
    ...{ latitude: "53.079296", longitude: "8.801694", evse_uid: "E1", evse_id: "DE*TLY*E1", connector_id: "1" },
    ...{ connector_standard: "IEC_62196_T2", connector_format: "SOCKET", connector_power_type: "AC_3_PHASE" },
  },
};

function operator(): Operator {
  const read = readOperator(OPERATOR_TABLE);
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return read.value;
}

/** 60 readings of 0.3 kWh, one a minute at the usual interval, then some minutes standing. */
function revisionOf(tariff: Tariff, changes: Partial<ResultBody> = {}): ChargeRevision {
  const terms = inletTerms({ tariff });
  const charged = ramp(20, 300_000);
  const stood = Array.from({ length: 10 }, () => 6_000_000);
  const energies = [...charged, ...stood];
  const told = chargeOf({
    ...{ terms, station: energies, vehicle: energies, stationFinal: 6_000_000, vehicleFinal: 6_000_000 },
    start: [1_000_000, 0],
  });
  // The station says from which reading on the car only stood.
  const station = told.reports.station.map((report) =>
    report.firstReading >= charged.length - 1 ? { ...report, flags: REPORT_FLAG.IDLE } : report,
  );
  const charge: ChargeFacts = { ...told, reports: { ...told.reports, station } };
  const { billedMilliWh } = settle(charge, false);
  const price = chargeCost(charge, billedMilliWh);
  const result: ResultBody = {
    address: new Uint8Array(32).fill(7),
    state: "SETTLED",
    ...{ stationMilliWh: 6_000_000, vehicleMilliWh: 6_000_000, billedMilliWh, contestedMilliWh: 0 },
    ...{ amount: price.minorUnits, verdict: "AGREE", differencePpm: 0, rejectionLimitPpm: 90_000, silent: 0 },
    ...{ revision: 1, ending: "comparison", fault: "none" },
    ...changes,
  };
  const block = { serial: 9, id: "ab".repeat(32), sealedAt: STARTED_AT + 4000 };
  return { address: result.address, key: KEY, charge, result, block, level: "C2", isSuperseded: false };
}

interface WrittenPrice {
  readonly excl_vat?: number;
  readonly incl_vat?: number;
  readonly before_taxes?: number;
  readonly taxes?: readonly { readonly name: string; readonly percentage?: number; readonly amount: number }[];
}

interface WrittenCdr {
  readonly id: string;
  readonly charging_periods: readonly {
    readonly start_date_time: string;
    readonly tariff_id?: string;
    readonly dimensions: readonly { readonly type: string; readonly volume: number }[];
  }[];
  readonly tariffs: readonly { readonly id: string; readonly elements: readonly unknown[] }[];
  readonly total_cost: WrittenPrice;
  readonly total_energy_cost?: WrittenPrice;
  readonly total_parking_cost?: WrittenPrice;
  readonly total_fixed_cost?: WrittenPrice;
  readonly total_energy: number;
  readonly total_time: number;
  readonly total_parking_time?: number;
  readonly credit?: boolean;
  readonly credit_reference_id?: string;
  readonly remark: string;
  readonly signed_data?: {
    readonly signed_values: readonly { readonly plain_data: string; readonly signed_data: string }[];
  };
}

function written(revision: ChargeRevision, version: CdrVersion, rest: Partial<CdrParts> = {}): WrittenCdr {
  const text = chargeDetailRecord(revision, { version, operator: operator(), ...rest });
  assert.equal(checkCdr(text, version), []);
  return JSON.parse(text) as WrittenCdr;
}

function volumes(cdr: WrittenCdr, type: string): number {
  const all = cdr.charging_periods.flatMap(({ dimensions }) => dimensions.filter((each) => each.type === type));
  return Math.round(10_000 * all.reduce((sum, { volume }) => sum + volume, 0)) / 10_000;
}

const SIMPLE = tariffOf([ruleOf("ENERGY", 450_000, { taxPpm: 190_000 })]);
const FULL = tariffOf(
  [
    ruleOf("FLAT", 1_000_000, { taxPpm: 190_000 }),
    ruleOf("ENERGY", 300_000, { taxPpm: 190_000, windows: [[STARTED_AT - 9999, STARTED_AT + 615]] }),
    ruleOf("ENERGY", 500_000, { taxPpm: 190_000 }),
    ruleOf("PARKING_TIME", 6_000_000, { taxPpm: 70_000 }),
  ],
  { resolved: [STARTED_AT - 9999, STARTED_AT + 99_999] },
);

for (const version of VERSIONS) {
  test(`${version}: a simple charge has every field, and its cost`, () => {
    const cdr = written(revisionOf(SIMPLE), version);
    assert.is(cdr.id, `${KEY.slice(0, 32)}-1`);
    assert.is(cdr.total_energy, 6);
    assert.is(volumes(cdr, "ENERGY"), 6);
    const { excl_vat: net, incl_vat: gross, before_taxes: before, taxes } = cdr.total_cost;
    if (version === "2.2.1") assert.equal([net, gross], [2.7, 3.21]);
    else assert.equal([before, taxes], [2.7, [{ name: "VAT", percentage: 19, amount: 0.51 }]]);
    assert.is(cdr.tariffs.length, 1);
    assert.is(cdr.charging_periods[0]?.tariff_id, cdr.tariffs[0]?.id);
  });

  test(`${version}: a new period begins where a price changes, and all of them add up`, () => {
    const revision = revisionOf(FULL);
    const cdr = written(revision, version);
    const starts = cdr.charging_periods.map(({ start_date_time: start }) => start);
    assert.ok(starts.includes("2023-11-14T22:23:35Z"), `the new price begins at 615 s: ${starts.join()}`);
    assert.is(volumes(cdr, "ENERGY"), cdr.total_energy);
    const parked = cdr.total_parking_time ?? 0;
    assert.ok(parked > 0);
    assert.is(volumes(cdr, "PARKING_TIME"), parked);
    assert.ok(Math.abs(volumes(cdr, "TIME") + parked - cdr.total_time) <= 0.0002);
    const kinds = [cdr.total_energy_cost, cdr.total_parking_cost, cdr.total_fixed_cost];
    const sum = (of: keyof WrittenPrice): number => kinds.reduce((total, each) => total + Number(each?.[of] ?? 0), 0);
    const name = version === "2.2.1" ? "excl_vat" : "before_taxes";
    assert.ok(Math.abs(sum(name) - Number(cdr.total_cost[name])) <= 0.0051, "but for the one rounding");
    const ids = new Set(cdr.tariffs.map(({ id }) => id));
    assert.ok(cdr.tariffs.length >= 3, "prices by time of day, and parking");
    assert.ok(cdr.charging_periods.every(({ tariff_id: id }) => id !== undefined && ids.has(id)));
  });

  test(`${version}: a credit CDR takes exactly one CDR back`, () => {
    const text = creditRecord(revisionOf(SIMPLE), { version, operator: operator() });
    assert.equal(checkCdr(text, version), []);
    const credit = JSON.parse(text) as WrittenCdr;
    assert.is(credit.id, `${KEY.slice(0, 32)}-1-C`);
    assert.is(credit.credit, true);
    assert.is(credit.credit_reference_id, `${KEY.slice(0, 32)}-1`);
    assert.is(credit.total_cost.excl_vat ?? credit.total_cost.before_taxes, -2.7);
    assert.is(credit.total_energy, 6, "only the cost is below zero");
  });

  test(`${version}: an amount on which both have agreed is what is to be paid`, () => {
    const cdr = written(revisionOf(SIMPLE, { amount: 250, ending: "mutual", revision: 2 }), version);
    assert.is(cdr.id, `${KEY.slice(0, 32)}-2`);
    const { incl_vat: gross, before_taxes: net = 0, taxes = [] } = cdr.total_cost;
    assert.is(Math.round(100 * (gross ?? net + (taxes[0]?.amount ?? 0))), 250);
    assert.is(cdr.total_energy_cost, undefined, "its parts would not add up to it");
    assert.match(cdr.remark, /amount as both sides have agreed/);
  });

  test(`${version}: a charge in which nothing flowed has a period and costs nothing`, () => {
    const charge = chargeOf({ terms: inletTerms({ tariff: SIMPLE }), station: [0], vehicle: [0] });
    const none = { stationMilliWh: 0, vehicleMilliWh: 0, billedMilliWh: 0, amount: 0, state: "CANCELLED" } as const;
    const cdr = written({ ...revisionOf(SIMPLE, none), charge }, version);
    assert.is(cdr.charging_periods.length, 1);
    assert.is(cdr.total_cost.excl_vat ?? cdr.total_cost.before_taxes, 0);
  });
}

test("prices that contain their tax are stated so in 2.3.0, and without it in 2.2.1", () => {
  const gross = revisionOf(tariffOf([ruleOf("ENERGY", 595_000, { taxPpm: 190_000 })], { taxIncluded: "yes" }));
  const [old, young] = VERSIONS.map((version) =>
    JSON.stringify(written(gross, version).tariffs.map(({ elements }) => elements)),
  );
  assert.match(old ?? "", /"price":0\.5,"vat":19/);
  assert.match(young ?? "", /"price":0\.595,"vat":19/);
});

test("the signed record of the station's meter is in it, twice as OCPI leaves it open", () => {
  const text = `OCMF|{"FV":"1.0","TT":"${"x".repeat(200)}"}|{"SD":"00"}`;
  const signed = { text, publicKey: new Uint8Array(91).fill(3), meterSerial: "M-1" };
  const [value] = written(revisionOf(SIMPLE), "2.2.1", { signed }).signed_data?.signed_values ?? [];
  assert.is(value?.plain_data, text);
  assert.is(Buffer.from(value?.signed_data ?? "", "base64").toString(), text);
});

test("a file about the operator is refused with everything that is wrong in it", () => {
  const wrong = {
    ...OPERATOR_TABLE,
    party_id: "toolong",
    location: { ...OPERATOR_TABLE.location, city: "", kuntry: 1 },
  };
  const read = readOperator(wrong);
  assert.equal(read.ok ? [] : read.fault.map(({ path }) => path), ["party_id", "location.kuntry", "location.city"]);
  for (const none of [undefined, null, [], "x", {}, { ...OPERATOR_TABLE, location: 3 }]) {
    assert.is(readOperator(none).ok, false);
  }
});

test("the checker of these tests sees what is wrong", () => {
  const text = chargeDetailRecord(revisionOf(SIMPLE), { version: "2.3.0", operator: operator() });
  const wrong: readonly (readonly [string, string])[] = [
    ['"total_energy": 6.0000', '"total_energy": 6.00001'],
    ['"currency": "EUR"', '"currency": "EU"'],
    ['Z",\n  "session_id"', '+00:00",\n  "session_id"'],
    ['"tax_included": "NO",', ""],
    ['"auth_method": "WHITELIST"', '"auth_method": "NONE"'],
    ['"id": "LOC1"', `"id": "${"x".repeat(37)}"`],
    ['"last_updated"', '"last_update"'],
    ["}\n", "}\n}"],
  ];
  for (const [from, to] of wrong) {
    assert.ok(text.includes(from), from);
    assert.ok(checkCdr(text.replace(from, to), "2.3.0").length > 0, `${from} -> ${to}`);
  }
  assert.ok(checkCdr(text, "2.2.1").length > 0, "one version is not the other");
});

test.run();
