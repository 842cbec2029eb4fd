/** A station's program stands on the ledger by its own word, whoever else has put it up. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { fail, ok } from "#base/result.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { PROGRAMS_PER_MEMBER_MAX } from "#core/limits.ts";
import { publishCode, type CodePublisher } from "#services/publish-code.ts";
import { codeFact } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION, STARTED_AT, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("published code");
const source = readFileSync(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");

/** The usual contract by another name. */
function programCalled(name: string): Uint8Array {
  const contract = compileContract(source.replace("energy-v1", name), ENERGY_SURFACE);
  assert.ok(contract.ok);
  return contract.value.bytes;
}

function stationOf(region: LedgerBuilder): CodePublisher {
  const { chain } = region;
  const submit: CodePublisher["ledger"]["submit"] = (bytes) => {
    const fact = decodeFact(chain.context, bytes);
    assert.ok(fact.ok);
    const added = chain.addFact(fact.value, STARTED_AT);
    return Promise.resolve(added.ok ? ok(fact.value) : fail(added.fault));
  };
  return { ledger: { chain, submit }, signer: STATION.signer, did: STATION.did };
}

function joined(): LedgerBuilder {
  const region = new LedgerBuilder();
  region.join(STATION, VEHICLE);
  return region;
}

test("a program that only another member has put up is put up again, and then no more", async () => {
  const region = joined();
  const program = programCalled("shared");
  region.submit(codeFact(region.genesis.network, VEHICLE, program));
  const station = stationOf(region);
  assert.equal(await publishCode(station, program), ok(true));
  assert.equal(await publishCode(station, program), ok(false));
  assert.equal(await publishCode(station, ENERGY_V1_BYTES), ok(false), "every gateway carries it");
});

test("without a place left, another member's word has to do", async () => {
  const region = joined();
  const station = stationOf(region);
  for (let number = 0; number < PROGRAMS_PER_MEMBER_MAX; number += 1) {
    assert.equal(await publishCode(station, programCalled(`own-${number}`)), ok(true));
  }
  const shared = programCalled("shared");
  const alone = await publishCode(station, shared);
  assert.is(alone.ok ? "" : alone.fault.code, "CODE_NO_SLOT");
  region.submit(codeFact(region.genesis.network, VEHICLE, shared));
  assert.equal(await publishCode(station, shared), ok(false));
});

test.run();
