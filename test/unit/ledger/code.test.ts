/** Other contract code: how a program comes onto the ledger, and that the charges that name it are judged by it. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { toHex } from "#base/bytes.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { PROGRAMS_PER_MEMBER_MAX } from "#core/limits.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord, genesisRecord, readJournal } from "#core/ledger/journal.ts";
import { codeHash } from "#core/script/code-hash.ts";
import type { Surface } from "#core/script/surface.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "#test/builders/charge-builder.ts";
import { codeFact, crypto, fresh, makeActor, withSignatures } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION, STARTED_AT, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("contract code");
const source = readFileSync(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");

function compiled(changes: readonly (readonly [string, string])[], surface: Surface = ENERGY_SURFACE): Uint8Array {
  const text = changes.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), from);
    return before.replace(from, to);
  }, source);
  const contract = compileContract(text, surface);
  assert.ok(contract.ok, contract.ok ? "" : JSON.stringify(contract.fault));
  return contract.value.bytes;
}

/** Where the amounts part, half of what is undisputed is billed, and nothing is left open. */
const MILD = compiled([
  ["energy-v1", "mild"],
  ['"billed": settledByBoth', '"billed": measured == "DISPUTED" ? undisputed.milliWh / 2 : settledByBoth'],
  ['"contested": settledByBoth || ruled', '"contested": settledByBoth || ruled || measured == "DISPUTED"'],
]);

interface World {
  readonly region: LedgerBuilder;
  readonly charge: ChargeBuilder;
}

/** A region in which a charge by that program has been agreed on. */
function worldOf(program: Uint8Array): World {
  const region = new LedgerBuilder();
  region.join(STATION, VEHICLE);
  const code = codeHash(crypto, program);
  const terms = inletTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: 7200, codeHash: code });
  return { region, charge: region.charge(undefined, { terms }) };
}

function resultOf({ region, charge }: World): ResultBody | undefined {
  return region.state.transactions.get(toHex(charge.address))?.result;
}

test("a program on the ledger decides the charges that name it, and no others", () => {
  const world = worldOf(MILD);
  const { region, charge } = world;
  const usual = region.charge();
  const network = region.genesis.network;
  region.submit(codeFact(network, STATION, MILD));
  const parted = { milliWh: 20_000_000, vehicleShare: 0.5, count: 2 };
  region.submit(...charge.whole(parted), ...usual.whole(parted));
  region.seal();
  const mild = resultOf(world);
  const strict = resultOf({ region, charge: usual });
  assert.equal([mild?.state, mild?.billedMilliWh, mild?.contestedMilliWh], ["DISPUTED", 5_000_000, 0]);
  assert.equal([strict?.state, strict?.billedMilliWh], ["DISPUTED", 10_000_000]);
});

test("a contract whose code is not here yet waits for it", () => {
  const world = worldOf(MILD);
  const { region, charge } = world;
  const facts = charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 });
  const [open] = facts;
  assert.ok(open !== undefined);
  const early = region.chain.addFact(open, STARTED_AT);
  assert.is(early.ok ? "" : early.fault.code, "FACT_REFERS_UNKNOWN");
  region.submit(codeFact(region.genesis.network, VEHICLE, MILD));
  assert.ok(region.chain.pending.transactions.get(toHex(charge.address)) !== undefined, "the parked OPEN stands now");
  region.submit(...facts.slice(1));
  region.seal();
  assert.is(resultOf(world)?.billedMilliWh, 5_000_000);
});

test("a program that never grants the grace keeps no charge open for longer than the ledger's own limit", () => {
  const patient = compiled([
    ["energy-v1", "patient"],
    ['"grace": (', '"grace": 9000000000000 + ('],
  ]);
  const hasty = compiled([
    ["energy-v1", "hasty"],
    ['"grace": (', '"grace": 0 * ('],
    ["+ terms.graceSeconds,\n    // The last", ",\n    // The last"],
  ]);
  for (const [program, at, expected] of [
    [patient, STARTED_AT + 7200 + 60 + GRACE_SECONDS, undefined],
    [patient, STARTED_AT + 7200 + 60 + GRACE_SECONDS + 1, "ABANDONED"],
    [hasty, STARTED_AT + 200, "ABANDONED"],
  ] as const) {
    const world = worldOf(program);
    const { region, charge } = world;
    const facts = charge.whole({ milliWh: 20_000_000 }).slice(0, -2);
    region.submit(codeFact(region.genesis.network, STATION, program), ...facts);
    region.seal({ at });
    assert.is(resultOf(world)?.state, expected);
  }
});

test("a program that would end a charge in which both go on is not heard until somebody has said a last word", () => {
  const rash = compiled([
    ["energy-v1", "rash"],
    ['"state": settledByBoth || ruled ? "SETTLED" : measured', '"state": "DISPUTED"'],
    ['settledByBoth ? "mutual" :\n      ruled ? "arbiter" :\n      nothing ? "cancelled" :', 'false ? "" :'],
    ['!decided ? "" :\n      completed ? "comparison" : "silence"', '"comparison"'],
    ['"stationSilent": decided && !nothing && !station.completed', '"stationSilent": false'],
    ['"vehicleSilent": decided && !nothing && !vehicle.completed', '"vehicleSilent": false'],
  ]);
  const world = worldOf(rash);
  const { region, charge } = world;
  const facts = charge.whole({ milliWh: 20_000_000 });
  region.submit(codeFact(region.genesis.network, STATION, rash), ...facts.slice(0, -2));
  region.seal();
  assert.is(resultOf(world), undefined);
  region.submit(...facts.slice(-2, -1));
  region.seal();
  assert.is(resultOf(world)?.state, "DISPUTED", "then it decides as it says");
});

test("what a program allows in one order only may be stored in any, and the journal is read all the same", () => {
  const orderly = compiled([
    ["energy-v1", "orderly"],
    ['"guard": !self.cancelled', '"guard": !self.cancelled && !self.completed'],
  ]);
  const { region, charge } = worldOf(orderly);
  const code = codeFact(region.genesis.network, STATION, orderly);
  const [first, second] = [charge.report("station", [0]), charge.report("station", [1000])];
  const complete = charge.complete("station");
  region.submit(code, charge.open, first, second, complete);
  const block = region.seal();
  const others = block.facts.filter((fact) => ![code, charge.open, first, second, complete].includes(fact as never));
  // Here the completion has come before the report, which only the block brings.
  const stored = [...others, code, charge.open, first, complete, second];
  const records = [genesisRecord(region.genesis), ...stored.map(factRecord), blockRecordOf(block)];
  const read = readJournal(crypto, records, "stored by ourselves");
  assert.ok(read.ok, read.ok ? "" : JSON.stringify(read.fault));
  assert.is(read.value.chain.head.state.serial, block.header.serial);
});

test("a program may forbid what the ledger would allow", () => {
  const strict = compiled([
    ["energy-v1", "no-return"],
    ["self.reports == 0 && !self.completed", "false"],
  ]);
  const { region, charge } = worldOf(strict);
  region.submit(codeFact(region.genesis.network, STATION, strict), charge.open);
  const refused = region.chain.addFact(charge.cancel("vehicle"), STARTED_AT);
  assert.is(refused.ok ? "" : refused.fault.code, "FACT_NOT_ALLOWED");
});

const OTHER_SURFACE: Surface = {
  ...ENERGY_SURFACE,
  inputs: { ...ENERGY_SURFACE.inputs, "weather.isFine": { type: "bool", sections: ["outcome", "queries"] } },
};

test("a program that does not hold, or asks for what the ledger has not, is refused", () => {
  const { region } = worldOf(MILD);
  const { network } = region.genesis;
  region.seal();
  const foreign = compiled([['"open": open,', '"open": open,\n    "fine": weather.isFine,']], OTHER_SURFACE);
  const other = new LedgerBuilder({ authorities: [makeActor("somebody", "station")] });
  const cases: readonly (readonly [Fact, FactFault["code"]])[] = [
    [codeFact(network, STATION, new Uint8Array([0xa0])), "FACT_BAD_CODE"],
    [codeFact(network, STATION, MILD.subarray(1)), "FACT_BAD_CODE"],
    [codeFact(network, STATION, foreign), "FACT_BAD_CODE"],
    [codeFact(network, makeActor("stranger", "vehicle"), MILD), "FACT_REFERS_UNKNOWN"],
    [withSignatures(network, codeFact(network, STATION, MILD), [VEHICLE.signer]), "FACT_BAD_SIGNATURE"],
    [codeFact(other.genesis.network, STATION, MILD), "FACT_WRONG_NETWORK"],
  ];
  for (const [fact, expected] of cases) {
    // Signed for another network, it is another network's fact; here only its body can be wrong.
    const added = region.chain.addFact(fact, STARTED_AT);
    assert.is(added.ok ? "" : added.fault.code, expected);
  }
});

test("a member has so many slots, each for one program; another member may put up the same one", () => {
  const { region } = worldOf(MILD);
  const { network } = region.genesis;
  const put = (fact: Fact): string => {
    const added = region.chain.addFact(fact, STARTED_AT);
    return added.ok ? "stands" : added.fault.code;
  };
  assert.is(put(codeFact(network, STATION, MILD, 0)), "stands");
  assert.is(put(fresh(network, codeFact(network, STATION, MILD, 0))), "FACT_KNOWN");
  assert.is(put(codeFact(network, STATION, ENERGY_V1_BYTES, 0)), "FACT_CONFLICTS");
  assert.is(put(codeFact(network, STATION, ENERGY_V1_BYTES, PROGRAMS_PER_MEMBER_MAX - 1)), "stands");
  assert.is(put(codeFact(network, VEHICLE, MILD, 0)), "stands");
  assert.throws(() => codeFact(network, STATION, MILD, PROGRAMS_PER_MEMBER_MAX));
});

test("a chain that is read again knows the programs again", () => {
  const world = worldOf(MILD);
  const { region, charge } = world;
  region.submit(codeFact(region.genesis.network, STATION, MILD));
  region.submit(...charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 }));
  const block = region.seal();
  const second = new Chain(crypto, region.genesis);
  const added = second.addBlock(block, undefined);
  assert.ok(added.ok, JSON.stringify(added));
  assert.equal(second.head.state.transactions.get(toHex(charge.address))?.result, resultOf(world));
});

test("a receipt carries the program that it was judged by, and does not verify without", () => {
  const world = worldOf(MILD);
  const { region, charge } = world;
  region.submit(codeFact(region.genesis.network, STATION, MILD));
  region.submit(
    codeFact(region.genesis.network, VEHICLE, MILD),
    codeFact(region.genesis.network, VEHICLE, ENERGY_V1_BYTES, 1),
  );
  region.submit(...charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 }));
  region.seal();
  const receipt = makeReceipt(region.chain, charge.address);
  assert.ok(receipt !== undefined);
  const verified = verifyReceipt(crypto, receipt);
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.is(verified.value.result.billedMilliWh, 5_000_000);
  assert.is(verified.value.facts.filter(({ kind }) => kind === "CODE").length, 1);
});

test.run();
