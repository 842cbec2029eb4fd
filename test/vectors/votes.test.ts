/** Votes, certificates and a handoff as a committed file, judged by both cryptographies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { claimVectors } from "./claim-vectors.ts";
import { voteVectors } from "./generate-vote-vectors.ts";
import { judgeChain, judgeVote } from "./judge-votes.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("votes");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const test = suite("vote vectors");

claimVectors(test, { name: "votes", written: voteVectors, refusals: 1 });

for (const vector of vectors) {
  test(`${vector.id}: ${vector.comment}: ${vector.result}`, () => {
    const judge = vector.id.startsWith("vote") ? judgeVote : judgeChain;
    for (const crypto of [new NodeCryptography(), new NobleCryptography()]) {
      const region = { crypto, network: bytesOf(given["network"]), members: bytesOf(given["members"]) };
      const judged = judge(region, bytesOf(vector.input));
      assert.is(judged.ok ? undefined : judged.fault.code, vector.fault);
      assert.equal(judged.ok ? judged.value : "", vector.detail);
    }
  });
}

test.run();
