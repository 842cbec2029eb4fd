import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { decodeChainExport } from "#records/chain-export.ts";
import { claimVectors } from "./claim-vectors.ts";
import { governedChainVectors } from "./generate-governed-chain-vectors.ts";
import { judgeGoverned, type Section } from "./judge-governed-chain.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("governed-chain");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const chain = decodeChainExport(bytesOf(given["chain"]));

const test = suite("vectors of a governed chain");

claimVectors(test, { name: "governed-chain", written: governedChainVectors, refusals: 1 });

for (const { id, comment, input, flags, ...expected } of vectors) {
  test(`${id}: ${comment}: ${expected.result}`, () => {
    assert.ok(chain.ok);
    const [section] = flags;
    assert.equal(judgeGoverned(section as Section, chain.value, bytesOf(input)), expected);
  });
}

test.run();
