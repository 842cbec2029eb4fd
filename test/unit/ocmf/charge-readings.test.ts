/** What a side's own record says of a charge: its own register alone, and how it really ended. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { REPORT_FLAG, type CompletionReason, type Role } from "#core/session/facts.ts";
import { FIRMWARE_VERSION } from "#firmware/firmware-version.ts";
import { meterMaker } from "#firmware/meter-maker.ts";
import { chargeReadings } from "#records/ocmf/charge-readings.ts";
import type { OwnReadings } from "#records/ocmf/write-payload.ts";
import { tariffText } from "#records/tariff-text.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { CHARGE_STARTED_AT, sealCharge } from "#test/builders/sealed-charge.ts";
import { ruleOf, tariffOf } from "#test/builders/tariffs.ts";
import { readFileSync } from "node:fs";

const test = suite("readings of a charge");

const sealed = sealCharge();
const found = sealed.chain.pending.transactions.get(toHex(sealed.address));
if (found === undefined) throw new Error("the charge is in the chain");
const charge: Transaction = found;

function readings(role: Role, transaction: Transaction = charge): OwnReadings | undefined {
  const meter = { vendor: "Eastron", model: "eastron-sdm630", serial: "7310001", firmware: undefined };
  return chargeReadings(transaction, { role, page: 7, meter, firmwareVersion: "1", timeState: "I" });
}

function ended(reason: CompletionReason, flags = 0): OwnReadings | undefined {
  const { station } = charge.completes;
  if (station === undefined) throw new Error("the station has completed");
  const report = { flags, atMs: 3_930_000 };
  const logs = {
    ...charge.logs,
    station: { ...charge.logs.station, reports: [report] },
  } as unknown as Transaction["logs"];
  return readings("station", { ...charge, logs, completes: { ...charge.completes, station: { ...station, reason } } });
}

test("the station's record has its mains meter alone, the vehicle's its own alone", () => {
  const [station, vehicle] = [readings("station"), readings("vehicle")];
  assert.is(station?.register, "1-b:1.8.0");
  assert.is(vehicle?.register, "01-00:B1.08.00*FF");
  assert.equal([station?.currentType, vehicle?.currentType], ["AC", "DC"]);
  assert.equal([station?.begin.milliWh, station?.end.milliWh], [5_000_000, 17_000_000]);
  assert.equal([vehicle?.begin.milliWh, vehicle?.end.milliWh], [0, 10_980_000]);
  assert.equal([station?.version, station?.tariffText], ["1.3", "0.35 EUR/kWh incl. tax"]);
  assert.equal([vehicle?.version, vehicle?.tariffText], ["1.0", undefined]);
});

test("both name the user, the charge and the contract alike", () => {
  const [station, vehicle] = [readings("station"), readings("vehicle")];
  assert.is(station?.userId, toHex(sealed.vehicle.deviceId).slice(0, 40));
  assert.is(vehicle?.userId, station?.userId);
  assert.equal([station?.address, station?.codeHash], [vehicle?.address, vehicle?.codeHash]);
  assert.is(station?.address, toHex(sealed.address));
});

test("times are those that were signed: the start, and the session's own clock at the end", () => {
  const station = readings("station");
  assert.is(station?.begin.atMs, CHARGE_STARTED_AT * 1000);
  assert.is(station?.end.atMs, CHARGE_STARTED_AT * 1000 + 3_930_000);
});

test("how it ended is said as it was", () => {
  const reasons = ["finished", "unplugged", "stopped-by-driver", "limit-reached", "peer-silent", "fault"] as const;
  assert.equal(
    reasons.map((reason) => ended(reason)?.end.reason),
    ["E", "L", "L", "E", "A", "A"],
  );
  assert.is(ended("finished")?.end.status, "G");
  assert.is(ended("meter-absent")?.end.status, "T", "the value is the last that could be read");
  assert.is(ended("finished", REPORT_FLAG.METER_ABSENT)?.end.status, "T");
});

test("a charge that was closed while this side had no power ends with its last signed reading, as a power failure", () => {
  const report = { flags: 0, atMs: 120_000 };
  const log = { ...charge.logs.station, reports: [report], lastRegisterMilliWh: 6_000_000 };
  const logs = { ...charge.logs, station: log } as unknown as Transaction["logs"];
  const end = readings("station", { ...charge, logs, completes: {} })?.end;
  assert.equal(end, {
    timeState: "I",
    atMs: CHARGE_STARTED_AT * 1000 + 120_000,
    reason: "P",
    milliWh: 6_000_000,
    status: "G",
  });
});

test("a charge that runs, or was taken back, has no record", () => {
  assert.is(readings("station", { ...charge, completes: {}, result: undefined }), undefined);
  assert.is(readings("station", { ...charge, completes: {}, cancelled: { station: true } }), undefined);
});

test("a tariff fits in one line, however long it is", () => {
  const text = (rules: Parameters<typeof tariffOf>[0]): string => tariffText(inletTerms({ tariff: tariffOf(rules) }));
  assert.is(text([]), "free of charge");
  assert.is(text([ruleOf("ENERGY", 0)]), "free of charge");
  const rules = [
    ruleOf("FLAT", 500_000),
    ruleOf("ENERGY", 351_234),
    ruleOf("PARKING_TIME", 5_000_000, { powerW: [1, null] }),
  ];
  assert.is(text(rules), "0.50 EUR once, 0.351234 EUR/kWh, 5.00 EUR/h parked at times before tax");
  const many = Array.from({ length: 24 }, (_, place) => ruleOf("ENERGY", 100_001 + place, { powerW: [place, null] }));
  assert.ok(text(many).length <= 250);
  assert.match(text(many), / and others before tax$/);
});

test("records name the firmware as the package does, and the maker of the meter", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  assert.is(FIRMWARE_VERSION, manifest.version);
  assert.is(meterMaker("eastron-sdm630"), "Eastron");
  assert.is(meterMaker("my-own-meter"), undefined);
});

test.run();
