/** The decoders of the ledger on bytes of anybody's making: a value or a fault, never a throw, and one form each. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { decodeCertificate, encodeCertificate } from "#core/finality/quorum-certificate.ts";
import { decodeBlock, decodeHeader, encodeBlock, resultBody, type Block } from "#core/ledger/block.ts";
import { decodeFact, encodeFact } from "#core/ledger/fact.ts";
import { decodeGenesis, genesisBody } from "#core/ledger/genesis.ts";
import { blockRecordOf, certificateRecord, readJournal } from "#core/ledger/journal.ts";
import { provesInclusion } from "#core/ledger/merkle-tree.ts";
import {
  blockAnnouncement,
  shortIdsOf,
  sketchOf,
  splitShortIds,
  syncReply,
  syncRequest,
  tipBody,
} from "#core/mesh/sync-messages.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { decodeShape, encodeShape, type Shape } from "#core/wire/schema.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { decodeChainExport, encodeChainExport, exportChain } from "#records/chain-export.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { crypto, sha256 } from "#test/builders/ledger-actors.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { recordsOf, tellStory } from "#test/builders/ledger-story.ts";

const RUNS = { numRuns: 1500, seed: 20_261_122 };

const { builder, blocks, records, charges } = tellStory();
const { network, bytes: genesis } = builder.genesis;
const context = { crypto, network };
const receipt = makeReceipt(builder.chain, charges.settled.address) ?? new Uint8Array();
const ids = blocks.map(({ id }) => id);
const voted = votedBlock();
const messages: Readonly<Record<string, Uint8Array>> = {
  tip: encodeShape(tipBody, {
    ...{ version: 1, network, did: ids[0] ?? network, serial: 3, head: ids[1] ?? network },
    ...{ waiting: [2, sketchOf(ids.map((id) => ({ id })))], order: [1, 2], at: 1_780_000_000 },
  }),
  request: encodeShape(syncRequest, { token: "00".repeat(16), kind: "facts", locator: ids, known: shortIdsOf(ids) }),
  reply: encodeShape(syncReply, { blocks: blocks.slice(0, 1).map(encodeBlock), facts: [], head: 6 }),
  announcement: encodeShape(blockAnnouncement, {
    header: blocks[1]?.headerBytes ?? network,
    shortIds: shortIdsOf(ids),
    certificates: voted.certificates.map(({ bytes }) => bytes),
  }),
};
const seeds: readonly Uint8Array[] = [
  ...blocks.map(encodeBlock),
  encodeBlock(voted),
  ...voted.certificates.map(({ bytes }) => bytes),
  ...blocks.map(({ headerBytes }) => headerBytes),
  ...blocks.flatMap(({ facts }) => facts.map(({ bytes }) => bytes)),
  ...blocks.flatMap(({ results }) => results),
  ...Object.values(messages),
  ...records.slice(0, 8),
  genesis,
  receipt,
  exportChain(builder.chain),
];

/** Noise, CBOR of our kinds, and real messages with bytes changed, cut off, put in and doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 4 }),
  )
  .map(([bytes, changes]) => changes.reduce((left, [place, value, how]) => mutate(left, { place, value, how }), bytes));
const anyBytes = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(fc.nat(16), fc.oneof(fc.nat(), fc.uint8Array({ maxLength: 64 })))).map(asMap),
  },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: fc.constantFrom(...seeds) },
);
const SHAPES: readonly Shape<never>[] = [
  tipBody,
  syncRequest,
  syncReply,
  blockAnnouncement,
  resultBody,
  genesisBody,
].map((shape) => shape as Shape<never>);

const test = suite("fuzz: ledger");

test("F4 a fact or a block that is read goes back to the same bytes", () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const fact = decodeFact(context, bytes);
      if (fact.ok)
        assert.equal(encodeFact(fact.value.kind, encodeSigned(fact.value.payload, fact.value.signatures)), bytes);
      const block = decodeBlock(context, bytes);
      if (block.ok) assert.equal(encodeBlock(block.value), bytes);
      const certificate = decodeCertificate(bytes);
      if (certificate.ok) assert.equal(encodeCertificate(certificate.value.body).bytes, bytes);
      const header = decodeHeader(context, bytes);
      if (header.ok) assert.equal(encodeSigned(header.value.headerPayload, [header.value.signature]), bytes);
      accepted += fact.ok || block.ok || header.ok ? 1 : 0;
    }),
    RUNS,
  );
  assert.ok(accepted > 50, `${accepted} read`);
});

test("a message of the mesh that is read goes back to the same bytes", () => {
  for (const bytes of Object.values(messages)) assert.ok(SHAPES.some((shape) => decodeShape(shape, bytes).ok));
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      for (const shape of SHAPES) {
        const read = decodeShape(shape, bytes);
        if (read.ok) assert.equal(encodeShape(shape, read.value), bytes);
      }
    }),
    RUNS,
  );
});

test("no changed genesis names the same network", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const read = decodeGenesis(crypto, bytes);
      if (read.ok) assert.is(equalBytes(read.value.network, network), equalBytes(bytes, genesis));
    }),
    RUNS,
  );
});

test("short ids come back whole, and the sketch of a set does not depend on its order", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 20 }), (set) => {
      assert.equal(
        splitShortIds(shortIdsOf(set)),
        set.map((id) => toHex(id.subarray(0, 8))),
      );
      const facts = set.map((id) => ({ id }));
      assert.equal(sketchOf(facts), sketchOf([...facts].reverse()));
      assert.equal(sketchOf([...facts, ...facts]), new Uint8Array(32));
    }),
    { ...RUNS, numRuns: 200 },
  );
});

test("short ids that are not whole are refused", () => {
  for (const length of [1, 7, 9]) {
    const bytes = encodeCbor(
      new Map<number, CborValue>([
        [1, Uint8Array.of(1)],
        [2, new Uint8Array(length)],
      ]),
    );
    assert.not.ok(decodeShape(blockAnnouncement, bytes).ok);
  }
});

test("F10 no bytes make a receipt throw, and a changed one verifies only with the same facts and result", () => {
  const good = verifyReceipt(crypto, receipt);
  assert.ok(good.ok);
  fc.assert(
    fc.property(fc.oneof(anyBytes, mutationsOf(receipt)), (bytes) => {
      const verified = verifyReceipt(crypto, bytes);
      if (verified.ok) assert.equal(verified.value.result, good.value.result);
    }),
    { ...RUNS, numRuns: 400 },
  );
});

test("F10 an export that is read goes back to the same bytes", () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, mutationsOf(exportChain(builder.chain))), (bytes) => {
      const read = decodeChainExport(bytes);
      if (read.ok) assert.equal(encodeChainExport(read.value), bytes);
    }),
    RUNS,
  );
});

test("F4 no records make a journal throw, whoever they are said to be from", () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 3 }), fc.nat(4), fc.boolean(), (extra, count, own) => {
      const kinds = extra.map((bytes, index) => Uint8Array.of([0x46, 0x42, 0x47][(count + index) % 3] ?? 0, ...bytes));
      const given = [...records.slice(0, count), ...kinds];
      const read = readJournal(crypto, given, own ? "stored by ourselves" : "from anybody");
      if (read.ok) assert.ok(read.value.chain.head.state.serial <= 1);
    }),
    { ...RUNS, numRuns: 300 },
  );
});

test("F4 a block record holds ids and not facts: any list of ids is read or refused", () => {
  const [first] = blocks;
  assert.ok(first);
  const record = blockRecordOf(first);
  fc.assert(
    fc.property(mutationsOf(record), (bytes) => {
      const read = readJournal(crypto, [...records.slice(0, 4), bytes], "stored by ourselves");
      if (read.ok && !equalBytes(bytes, record)) assert.is(toHex(read.value.chain.head.state.id), first.key);
    }),
    { ...RUNS, numRuns: 300 },
  );
});

test("F4 certificates of any form in a journal are read or refused, and make nothing final that was not", () => {
  const own = new LedgerBuilder({ rules: VOTING_RULES });
  sealAndCertify(own, 8);
  const stored = recordsOf(own);
  const [first] = own.chain.certificatesAbove(4).map(certificateRecord);
  assert.ok(first);
  fc.assert(
    fc.property(mutationsOf(first), (bytes) => {
      const read = readJournal(crypto, [...stored, bytes], "from anybody");
      if (read.ok && !equalBytes(bytes, first)) assert.is(read.value.chain.final.serial, 0);
    }),
    { ...RUNS, numRuns: 200 },
  );
});

test("no proof of any form makes the check throw or hold", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(
      bytes32,
      fc.integer(),
      fc.integer(),
      fc.array(bytes32, { maxLength: 20 }),
      (leaf, index, size, path) => {
        assert.not.ok(provesInclusion(sha256, { leaf, index, size, path }, leaf));
      },
    ),
    { ...RUNS, numRuns: 500 },
  );
});

test.run();

interface Mutation {
  readonly place: number;
  readonly value: number;
  readonly how: number;
}

function mutate(bytes: Uint8Array, { place, value, how }: Mutation): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(value);
  const at = place % bytes.length;
  if (how === 0) return bytes.with(at, value);
  if (how === 1) return bytes.slice(0, at);
  if (how === 2) return Uint8Array.of(...bytes.subarray(0, at), value, ...bytes.subarray(at));
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (value % 8)));
}

function mutationsOf(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)).map(([place, value, how]) => mutate(bytes, { place, value, how }));
}

function asMap(entries: readonly (readonly [number, number | Uint8Array])[]): Uint8Array {
  return encodeCbor(new Map<number, CborValue>(entries));
}

/** A block with a certificate in it. */
function votedBlock(): Block {
  const own = new LedgerBuilder({ rules: VOTING_RULES });
  sealAndCertify(own, 4);
  const block = own.make();
  assert.is(block.certificates.length, 1);
  return block;
}
