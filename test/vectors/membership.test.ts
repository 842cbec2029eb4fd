/** Certificates, rotations and revocations as a committed file, judged by both cryptographies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { claimVectors } from "./claim-vectors.ts";
import { membershipVectors } from "./generate-membership-vectors.ts";
import { judgeStory } from "./judge-membership.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("membership");
const genesis = fromHex(given["genesis"] ?? "") ?? new Uint8Array();
const test = suite("membership vectors");

claimVectors(test, { name: "membership", written: membershipVectors, refusals: 1 });

for (const vector of vectors) {
  test(`${vector.id}: ${vector.comment}: ${vector.result}`, () => {
    for (const crypto of [new NodeCryptography(), new NobleCryptography()]) {
      const judged = judgeStory(genesis, fromHex(vector.input) ?? new Uint8Array(), crypto);
      assert.is(judged.fault, vector.fault);
      assert.equal(judged.detail ?? judged.reason ?? "", vector.detail);
    }
  });
}

test.run();
