/** One chain asks another for what it lacks, over the messages of the mesh, without a mesh in between. */
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeCertificate } from "#core/finality/quorum-certificate.ts";
import { decodeVote } from "#core/finality/vote.ts";
import { decodeBlock, type Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { shortIdsOf, syncReply, syncRequest, type SyncReply, type SyncRequest } from "#core/mesh/sync-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { answerSync, reachedWith, locatorOf } from "#services/answer-sync.ts";
import { sha256 } from "./ledger-actors.ts";

/** More answers than any chain of a test can need: with more it would go on for ever. */
const ANSWERS_MAX = 200;

/**
 * Blocks until no new ones come, then votes and certificates, then facts. Returns the number of answers.
 *
 * @throws when an answer does not hold, or when they never end
 */
export function fetchAll(asker: Chain, holder: Chain): number {
  let branches: readonly Uint8Array[] = [];
  let answers = 0;
  for (let isNew = true; isNew; answers += 1) {
    assert.ok(answers < ANSWERS_MAX, "the same question again and again");
    const blocks = ask(asker, holder, { kind: "blocks", locator: locatorOf(asker, branches) }).blocks.map((encoded) =>
      blockOf(asker, encoded),
    );
    const isNews = blocks.some((block) => !asker.has(block.key));
    // As the service does: behind a block that is refused the rest of an answer has no parent, and is not looked at.
    isNew = blocks.every((block) => takes(asker, block)) && isNews;
    const last = blocks.at(-1);
    if (last !== undefined) branches = reachedWith(asker, branches, last);
  }
  const { votes = [], certificates = [] } = ask(asker, holder, { kind: "votes" });
  for (const encoded of certificates) {
    const certificate = decodeCertificate(encoded);
    if (certificate.ok) asker.addCertificate(certificate.value);
  }
  for (const encoded of votes) {
    const vote = decodeVote(asker.context.crypto, asker.context.network, encoded);
    if (vote.ok) asker.addVote(vote.value);
  }
  const known = shortIdsOf(asker.mempool.facts().map(({ id }) => id));
  for (const encoded of ask(asker, holder, { kind: "facts", known }).facts) {
    const fact = decodeFact(asker.context, encoded);
    assert.ok(fact.ok);
    asker.addFact(fact.value, asker.head.sealedAt);
  }
  return answers;
}

/** Each asks the other until both have the same head; one of them may have learned of it only by then. */
export function bringTogether(left: Chain, right: Chain): void {
  for (let round = 0; round < 3; round += 1) {
    fetchAll(left, right);
    fetchAll(right, left);
  }
}

/** What two gateways that hold the same must agree on. */
export function stateOf({ head, final, justified }: Chain): unknown {
  return {
    ...{ head: toHex(head.id), root: toHex(stateRoot(sha256, head.state)) },
    ...{ final: toHex(final.id), justified: toHex(justified.id) },
  };
}

function ask(asker: Chain, holder: Chain, wish: Pick<SyncRequest, "kind"> & Partial<SyncRequest>): SyncReply {
  const asked = encodeShape(syncRequest, { token: "00".repeat(16), locator: [], known: new Uint8Array(), ...wish });
  const request = decodeShape(syncRequest, asked);
  assert.ok(request.ok);
  const reply = decodeShape(syncReply, encodeShape(syncReply, answerSync(holder, request.value)));
  assert.ok(reply.ok);
  assert.ok(asker !== holder);
  return reply.value;
}

function blockOf(asker: Chain, encoded: Uint8Array): Block {
  const block = decodeBlock(asker.context, encoded);
  assert.ok(block.ok);
  return block.value;
}

/** Whether the block is here afterwards. Nothing but what lies beside the final one may be refused. */
function takes(asker: Chain, block: Block): boolean {
  const added = asker.addBlock(block, undefined);
  if (!added.ok) assert.is(added.fault.code, "CHAIN_CONTRADICTS_FINAL");
  return added.ok;
}
