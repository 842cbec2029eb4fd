/** A reading is signed for the moment to which it belongs, or not at all. */
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultTerms } from "#core/contract/default-terms.ts";
import type { RoleLog, Transaction } from "#core/ledger/state.ts";
import { PARTY_START, stepParty, type PartyView } from "#core/session/charge-party.ts";
import { perKwh } from "#test/builders/tariffs.ts";

const NOTHING = new Uint8Array(32);
const terms = defaultTerms({
  codeHash: NOTHING,
  currency: "EUR",
  currencyDigits: 2,
  tariff: perKwh(350_000),
  powerMaxW: 11_000,
  energyMaxMilliWh: 100_000_000,
  durationMaxSeconds: 86_400,
  stationMpePpm: 20_000,
  stationMeasuringPoint: "mains",
  stationResolutionMilliWh: 10_000,
});
const INTERVAL_MS = 1000 * terms.readingIntervalSeconds;

const log = (nextSequence: number, nextReading: number): RoleLog => ({
  ...{ reports: [], nextSequence, nextReading, head: NOTHING, lastRegisterMilliWh: 5_000_000 },
});

function charge(nextSequence: number, nextReading: number): Transaction {
  return {
    ...{ address: NOTHING, openId: NOTHING, state: "ACTIVE", completes: {}, cancelled: {}, result: undefined },
    ...{ code: ENERGY_V1_BYTES, proposals: { station: [], vehicle: [] }, ruling: undefined, hasNews: true },
    ...{ completingSince: undefined, openedInSerial: 1, openedAt: 1_780_000_000, contradicted: {} },
    logs: { station: log(nextSequence, nextReading), vehicle: log(1, 1) },
    open: {
      ...{ version: 1, network: NOTHING.slice(0, 8), vehicle: NOTHING, station: NOTHING, evse: 1, terms },
      ...{ transcript: NOTHING, reference: [0, NOTHING], startMilliWh: [5_000_000, 0], startedAt: 1_780_000_000 },
      ...{ notAfter: 1_780_086_400, salt: NOTHING.slice(0, 16) },
    },
  };
}

function readingsAfter(view: Pick<PartyView, "elapsedMs" | "registerAgeMs">, reported: [number, number]): number {
  const { state, report } = stepParty(PARTY_START, {
    ...{ role: "station", transaction: charge(...reported), registerMilliWh: 5_100_000, wish: undefined },
    ...{ isStill: false, takes: true, isPlugged: true, pluggedAgeMs: 0, clockUnsure: false, ...view },
  });
  return (report?.registerMilliWh.length ?? 0) + (state.readings?.registersMilliWh.length ?? 0);
}

const test = suite("reading due");

test("the register at the time of a reading is taken", () => {
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS + 500, registerAgeMs: 0 }, [1, 1]), 1);
});

test("an old register is no reading of this moment: the meter does not answer", () => {
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS + 500, registerAgeMs: 6_000 }, [1, 1]), 0);
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS + 500, registerAgeMs: Number.POSITIVE_INFINITY }, [1, 1]), 0);
});

test("a register read long after the moment is left out: the gateway was away when the reading was due", () => {
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS + 10_000, registerAgeMs: 0 }, [1, 1]), 1);
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS + 10_001, registerAgeMs: 0 }, [1, 1]), 0);
});

test("the first reading is never late: nothing has flowed before it", () => {
  assert.is(readingsAfter({ elapsedMs: INTERVAL_MS - 1, registerAgeMs: 0 }, [0, 0]), 1);
});

test.run();
