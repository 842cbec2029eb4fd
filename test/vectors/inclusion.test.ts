/** Proofs for who has no chain, as a committed file, judged by both cryptographies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { claimVectors } from "./claim-vectors.ts";
import { inclusionVectors } from "./generate-inclusion-vectors.ts";
import { judgeInclusion } from "./judge-inclusion.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("inclusion");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const test = suite("inclusion vectors");

claimVectors(test, { name: "inclusion", written: inclusionVectors, refusals: 1 });

for (const vector of vectors) {
  test(`${vector.id}: ${vector.comment}: ${vector.result}`, () => {
    for (const crypto of [new NodeCryptography(), new NobleCryptography()]) {
      const judged = judgeInclusion({ crypto, genesis: bytesOf(given["genesis"]) }, bytesOf(vector.input));
      assert.is(judged.ok ? undefined : judged.fault.code, vector.fault);
      assert.is(judged.ok ? judged.value : "", vector.detail);
    }
  });
}

test.run();
