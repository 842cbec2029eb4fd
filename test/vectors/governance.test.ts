import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { claimVectors } from "./claim-vectors.ts";
import { governanceVectors } from "./generate-governance-vectors.ts";
import { judgeGovernance, type Section } from "./judge-governance.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("governance");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const genesis = decodeGenesis(crypto, bytesOf(given["genesis"]));

const test = suite("governance vectors");

claimVectors(test, { name: "governance", written: governanceVectors, refusals: 1 });

for (const { id, comment, input, flags, ...expected } of vectors) {
  test(`${id}: ${comment}: ${expected.result}`, () => {
    assert.ok(genesis.ok);
    const [section] = flags;
    assert.equal(judgeGovernance(genesis.value, section as Section, bytesOf(input)), expected);
  });
}

test.run();
