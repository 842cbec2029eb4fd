/**
 * Where the paper is left not by a rule of the region but by what is signed with a charge: the paper's value and the
 * default's each do something else.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { toHex } from "#base/bytes.ts";
import { agreeWithin, type AcceptedExposure } from "#core/contract/acceptable-terms.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { defaultTerms } from "#core/contract/default-terms.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { PAPER_V1_HASH_HEX } from "#core/contract/paper-v1-program.ts";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH, type Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { knownProgram } from "#core/script/known-program.ts";
import { runOutcome } from "#core/script/run-program.ts";
import { chargeFigures, outcomeInputs } from "#core/session/charge-figures.ts";
import { settle } from "#core/session/settle.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { codeOf } from "#test/builders/certified-region.ts";
import { batteryTerms, chargeOf, inletTerms, ramp, type ChargeStory } from "#test/builders/charge-facts.ts";
import { crypto, joinFact } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION } from "#test/builders/ledger-builder.ts";
import { CERTIFIED } from "#test/builders/membership-facts.ts";
import { PartyDuo } from "#test/builders/party-duo.ts";
import { randomCharge } from "#test/builders/random-charges.ts";

const kWh = (amount: number): number => Math.round(amount * 1_000_000);
const PAPER_V1 = SHIPPED_CONTRACTS.get("paper-v1") ?? new Uint8Array();
const UNLIMITED = { exposureMilliWh: EXPOSURE_UNLIMITED_MILLI_WH };

const test = suite("switches of the terms");

test("readingsPerReport: each reading is a report, or five are", () => {
  const reportsIn10Minutes = (readingsPerReport: number): number =>
    new PartyDuo(batteryTerms({ readingsPerReport })).run(600).reportsOf("station").length;
  assert.is(reportsIn10Minutes(1), 11, "the start register, and one each minute");
  assert.is(reportsIn10Minutes(5), 3, "the start register, and one each five");
});

test("exposure: without a limit nothing that is reported stops the power, with one a mismatch does", () => {
  const powerOf = (changes: Partial<Terms>): readonly string[] => {
    const duo = new PartyDuo(batteryTerms({ readingsPerReport: 1, ...changes }));
    duo.batteryShare = 0.6;
    duo.run(1800);
    return [duo.power.station.kind, duo.completeOf("station")?.reason ?? "goes on"];
  };
  assert.equal(powerOf(UNLIMITED), ["go", "goes on"]);
  assert.equal(powerOf({}), ["stop", "disagreement"]);
});

test("exposure: without a limit silence does not pause the power, with one it does", () => {
  const powerOf = (changes: Partial<Terms>): string => {
    const duo = new PartyDuo(batteryTerms(changes)).run(60);
    duo.linked = false;
    return duo.run(590).power.station.kind;
  };
  assert.is(powerOf(UNLIMITED), "go");
  assert.is(powerOf({}), "pause");
});

test("exposure: energy and duration of the terms stop a charge without a limit as any other", () => {
  const duo = new PartyDuo(batteryTerms({ ...UNLIMITED, energyMaxMilliWh: kWh(1) })).run(1800);
  assert.is(duo.completeOf("station")?.reason, "limit-reached");
});

test("exposure: a vehicle signs terms without a limit only when it was told to", () => {
  const answer = (accepted?: AcceptedExposure): string => {
    const agreed = agreeWithin(undefined, [], undefined, accepted)(inletTerms(UNLIMITED), WANT);
    return agreed.ok ? "agreed" : agreed.fault.field;
  };
  assert.is(answer(), "exposureMilliWh");
  assert.is(answer("limited"), "exposureMilliWh");
  assert.is(answer("unlimited"), "agreed");
});

test("an offer of single readings without a limit holds together", () => {
  const offered = defaultTerms(
    {
      ...{ codeHash: new Uint8Array(32), currency: "EUR", currencyDigits: 2, tariff: inletTerms().tariff },
      ...{ powerMaxW: 350_000, energyMaxMilliWh: kWh(200), durationMaxSeconds: 7 * 86_400 },
      ...{ stationMpePpm: 10_000, stationMeasuringPoint: "mains", stationResolutionMilliWh: 1000 },
    },
    { ...UNLIMITED, readingsPerReport: 1 },
  );
  assert.equal(
    [offered.readingsPerReport, offered.readingIntervalSeconds, offered.durationMaxSeconds],
    [1, 60, 172_800],
  );
  assert.ok(checkTerms(offered).ok);
});

test("the source of paper-v1 compiles to exactly the bytes that are shipped", () => {
  const source = readFileSync(new URL("../../../firmware/core/contract/paper-v1.cel", import.meta.url), "utf8");
  const compiled = compileContract(source, ENERGY_SURFACE);
  assert.ok(compiled.ok);
  assert.is(toHex(compiled.value.bytes), toHex(PAPER_V1), "run node test/vectors/generate-energy-v1.ts");
  assert.is(toHex(codeHash(crypto, PAPER_V1)), PAPER_V1_HASH_HEX);
});

for (const { what, story, graceOver, paper, energy } of [
  {
    ...{ what: "amounts that match are executed by either", story: { vehicleFinal: kWh(19.6) }, graceOver: false },
    ...{ paper: ["SETTLED", kWh(20), 0], energy: ["SETTLED", kWh(20), 0] },
  },
  {
    ...{
      what: "of amounts that do not, nothing",
      story: { vehicle: ramp(19, kWh(0.6)), vehicleFinal: kWh(12) },
      graceOver: false,
    },
    ...{ paper: ["DISPUTED", 0, kWh(20)], energy: ["DISPUTED", kWh(12), kWh(8)] },
  },
  {
    ...{ what: "nor when the vehicle never completes", story: {}, graceOver: true },
    ...{ paper: ["ABANDONED", 0, kWh(20)], energy: ["ABANDONED", kWh(20), 0] },
  },
  {
    ...{ what: "before that it is waited for", story: {}, graceOver: false },
    ...{ paper: ["COMPLETING", 0, kWh(20)], energy: ["COMPLETING", kWh(19), kWh(1)] },
  },
] satisfies readonly ContractCase[]) {
  test(`contract: by paper-v1, ${what}; energy-v1 bills what is undisputed`, () => {
    const charge = chargeOf({ station: ramp(19, kWh(1)), vehicle: ramp(19, kWh(1)), stationFinal: kWh(20), ...story });
    const ended = (code?: Uint8Array): readonly unknown[] => {
      const { state, billedMilliWh, contestedMilliWh } = settle(
        code === undefined ? charge : { ...charge, code },
        graceOver,
      );
      return [state, billedMilliWh, contestedMilliWh];
    };
    assert.equal(ended(PAPER_V1), paper);
    assert.equal(ended(), energy);
  });
}

test("contract: paper-v1 never traps, and bills all or nothing, whatever the charge", () => {
  const states = new Set<string>();
  for (let number = 0; number < 2000; number += 1) {
    const { charge, graceOver } = randomCharge(new SeededRandom(`paper ${number}`));
    assert.ok(runOutcome(knownProgram(PAPER_V1), outcomeInputs(chargeFigures(charge, graceOver))).fields.ok);
    const { state, billedMilliWh, contestedMilliWh, stationMilliWh } = settle({ ...charge, code: PAPER_V1 }, graceOver);
    const all = state === "CANCELLED" ? 0 : stationMilliWh;
    assert.equal([billedMilliWh, contestedMilliWh], state === "SETTLED" ? [all, 0] : [0, all]);
    states.add(state);
  }
  assert.equal([...states].sort(), ["ABANDONED", "ACTIVE", "CANCELLED", "COMPLETING", "DISPUTED", "OPEN", "SETTLED"]);
});

test("membership: an open region takes whoever joins, a certified one does not", () => {
  for (const [builder, expected] of [
    [new LedgerBuilder(), "stands"],
    [new LedgerBuilder({ membership: CERTIFIED }), "FACT_BAD_JOIN"],
  ] as const) {
    assert.is(codeOf(builder, joinFact(builder.genesis.network, STATION)), expected);
  }
});

test.run();

interface ContractCase {
  readonly what: string;
  readonly story: ChargeStory;
  readonly graceOver: boolean;
  readonly paper: readonly unknown[];
  readonly energy: readonly unknown[];
}

const WANT: Want = {
  ...{ energyMaxMilliWh: kWh(50), durationMaxSeconds: 86_400, vehicleMpePpm: 20_000, lossModel: null },
  ...{ vehicleMeasuringPoint: "vehicle-inlet", vehicleResolutionMilliWh: 1000, lossPpm: [0, 30_000] },
};
