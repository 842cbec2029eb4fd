/** The committed vectors of evidence are judged as they say, by both implementations of the signatures. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { EVIDENCE_KINDS } from "#core/evidence/evidence-body.ts";
import { evidenceVectors } from "./generate-evidence-vectors.ts";
import { judgeEvidence } from "./judge-evidence.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("evidence");
const genesis = fromHex(given["genesis"] ?? "") ?? new Uint8Array();

const test = suite("evidence vectors");

test("the committed file is what its generator writes", () => {
  assert.equal(readVectors("evidence"), evidenceVectors);
});

test("there is a piece of each kind, more is refused than accepted, and no two are the same", () => {
  const valid = vectors.filter(({ result }) => result === "valid");
  for (const number of EVIDENCE_KINDS.keys()) {
    assert.ok(
      valid.some(({ comment }) => comment.startsWith(`E${number + 1}`)),
      `E${number + 1}`,
    );
  }
  assert.ok(vectors.length > 2.5 * valid.length);
  assert.is(new Set(vectors.map(({ input }) => input)).size, vectors.length);
});

for (const { id, comment, input, result, fault, detail } of vectors) {
  test(`${id}: ${comment}: ${result}`, () => {
    // The other implementation takes its time: it says yes to the pieces, and no where a signature is at fault.
    const isAsked = result === "valid" || fault === "FACT_BAD_SIGNATURE";
    for (const crypto of [new NodeCryptography(), ...(isAsked ? [new NobleCryptography()] : [])]) {
      const judged = judgeEvidence(genesis, fromHex(input) ?? new Uint8Array(), crypto);
      assert.is(judged.fault, fault);
      if (result === "valid") assert.equal(judged.detail, detail);
      else if (detail !== "") assert.is(judged.reason, detail);
    }
  });
}

test.run();
