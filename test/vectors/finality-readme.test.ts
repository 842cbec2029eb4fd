/** The specification of finality says what the code does. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { CHECKPOINTS_KEPT_MAX, faultsBorne, quorum, SEATS_MAX } from "#core/finality/finality-state.ts";
import { quorumCertificateBody } from "#core/finality/quorum-certificate.ts";
import { POOL_MEMBERS_MAX, VOTES_PER_MEMBER_MAX } from "#core/finality/vote-pool.ts";
import { voteBody } from "#core/finality/vote.ts";
import { CERTIFICATE_BYTES_MAX, CERTIFICATES_PER_BLOCK_MAX } from "#core/limits.ts";
import { isMap, type CborValue } from "#core/wire/cbor.ts";
import { certify, didsOf, NETWORK, VotedChain, voteFor, voterOf } from "#test/builders/finality-voters.ts";

const path = fileURLToPath(new URL("../../firmware/core/finality/README.md", import.meta.url));
const text = readFileSync(path, "utf8");
const test = suite("specification of finality");

const voter = voterOf("v1");
const chain = new VotedChain(didsOf([voter]));
chain.growTo(4);
const vote = voteFor(chain.link(0, 4), voter);
const certificate = certify(chain.finality, chain.link(0, 4), [voter]);

test("the worked example is what the code makes", () => {
  const expected: Readonly<Record<string, string>> = {
    network: toHex(NETWORK),
    "public key": toHex(voter.signer.publicKey),
    payload: toHex(vote.payload),
    id: vote.key,
    vote: toHex(vote.bytes),
    certificate: toHex(certificate.bytes),
  };
  const found: Record<string, string> = {};
  let name = "";
  for (const line of (section("## 7.").split("```")[1] ?? "").trim().split("\n")) {
    const [left, right] = line.includes("=") ? line.split("=") : ["", line];
    name = left === undefined || left === "" ? name : left.trim();
    found[name] = (found[name] ?? "") + (right ?? "").trim();
  }
  assert.equal(found, expected);
});

test("the tables have every key of a vote and of a certificate", () => {
  const keysOf = (item: CborValue): readonly number[] => (isMap(item) ? [...item.keys()] : []);
  assert.equal(keysIn("### 2.1"), keysOf(voteBody.write(vote.body)));
  assert.equal(keysIn("### 2.2"), keysOf(quorumCertificateBody.write(certificate.body)));
});

test("the quorums are those of the table", () => {
  const rows = [...section("## 3.").matchAll(/^\| (\d+) +\| (\d+) +\| (\d+) +\|$/gm)].map((row) =>
    row.slice(1).map(Number),
  );
  assert.ok(rows.length >= 6);
  for (const [members = 0, needed, borne] of rows) {
    assert.equal([needed, borne], [quorum(members), faultsBorne(members)]);
  }
});

test("the limits are named with their values", () => {
  const limits = section("## 8.");
  for (const limit of [
    SEATS_MAX,
    CERTIFICATE_BYTES_MAX,
    CERTIFICATES_PER_BLOCK_MAX,
    CHECKPOINTS_KEPT_MAX,
    VOTES_PER_MEMBER_MAX,
    POOL_MEMBERS_MAX,
  ]) {
    assert.match(limits, new RegExp(`\\| ${limit.toLocaleString("en-US")} +\\|`));
  }
});

test.run();

function section(heading: string): string {
  const start = text.indexOf(`\n${heading}`);
  assert.ok(start >= 0, heading);
  const level = heading.startsWith("###") ? /\n##/ : /\n## /;
  const rest = text.slice(start + 1);
  const end = rest.slice(3).search(level);
  return end < 0 ? rest : rest.slice(0, end + 3);
}

function keysIn(heading: string): readonly number[] {
  return [...section(heading).matchAll(/^\| (\d+) /gm)].map((row) => Number(row[1]));
}
