/** Blocks that were verified ahead with all cores end as they do without: the same head, or the same fault at its place. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeBlock, encodeBlock, type Block } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { VerifyAhead } from "#services/verify-ahead.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

const crypto = new NodeCryptography();
const test = suite("verifying ahead");
const told = readJournal(crypto, recordsOfCharges(12, 6), "from anybody");
assert.ok(told.ok);
const { chain } = told.value;
const blocks = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)?.block).filter(
  (block) => block !== undefined,
);
const signatures = blocks.flatMap(({ facts }) => facts).reduce((sum, fact) => sum + fact.signatures.length, 0);
const threads = (): ThreadVerifier => new ThreadVerifier(crypto, 1);

test("nearly all signatures are verified before the blocks are applied, and the head is the same", async () => {
  const alone = await taken(blocks, undefined);
  const ahead = await taken(blocks, threads);
  assert.is(ahead.head, toHex(chain.head.id));
  assert.equal(ahead.outcomes, alone.outcomes);
  assert.ok(alone.verified >= signatures, `${alone.verified} of ${signatures}`);
  assert.ok(ahead.verified < signatures / 10, `${ahead.verified} were left of ${signatures}`);
});

test("a bad signature in the middle is told at its place, and what comes before it stands", async () => {
  const middle = Math.floor(blocks.length / 2);
  for (const what of ["a fact", "the header"] as const) {
    const forged = blocks.map((block, place) => (place === middle ? withBadSignature(block, what) : block));
    const alone = await taken(forged, undefined);
    const ahead = await taken(forged, threads);
    assert.equal(ahead.outcomes, alone.outcomes);
    assert.is(ahead.head, alone.head);
    assert.is(ahead.outcomes[middle - 1], "taken");
    assert.is(ahead.outcomes[middle], what === "a fact" ? "BLOCK_BAD_FACT" : "BLOCK_BAD_SIGNATURE");
  }
});

test("a few signatures start no thread, and threads that cannot be started change nothing", async () => {
  const never = (): ThreadVerifier => {
    throw new Error("bug: a thread was started");
  };
  assert.is(new VerifyAhead(never).prepare(new Chain(crypto, chain.genesis), blocks.slice(0, 2)), undefined);
  const broken = (): ThreadVerifier => {
    const verifier = threads();
    const finish = (): Promise<boolean> => Promise.reject(new Error("no thread to spare"));
    return Object.assign(verifier, { begin: () => ({ finish }) });
  };
  assert.is((await taken(blocks, broken)).head, toHex(chain.head.id));
});

test.run();

interface Taken {
  readonly head: string;
  readonly outcomes: readonly string[];
  /** With the thread that applies them. */
  readonly verified: number;
}

/** All blocks taken in turn by a gateway that has none of them. */
async function taken(given: readonly Block[], open: (() => ThreadVerifier) | undefined): Promise<Taken> {
  let verified = 0;
  const verify: Cryptography["verify"] = (publicKey, message, signature) => {
    verified += 1;
    return crypto.verify(publicKey, message, signature);
  };
  const counting = Object.assign(Object.create(crypto) as Cryptography, { verify });
  const joining = new Chain(counting, chain.genesis);
  const fresh = given.map((block) => {
    const decoded = decodeBlock(joining.context, encodeBlock(block));
    if (!decoded.ok) throw new Error(`bug of the test: ${decoded.fault.code}`);
    return decoded.value;
  });
  const ahead = new VerifyAhead(open);
  await ahead.prepare(joining, fresh);
  const outcomes = fresh.map((block) => {
    const added = joining.addBlock(block, undefined);
    return added.ok ? "taken" : added.fault.code;
  });
  await ahead.rest();
  return { head: toHex(joining.head.id), outcomes, verified };
}

function withBadSignature(block: Block, of: "a fact" | "the header"): Block {
  const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);
  if (of === "the header") return { ...block, headerBytes: flipped(block.headerBytes) };
  const [first, ...others] = block.facts;
  if (first === undefined) throw new Error("bug of the test: no fact");
  return { ...block, facts: [{ ...first, bytes: flipped(first.bytes) }, ...others] };
}
