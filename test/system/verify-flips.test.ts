/** What `verify` is for: no single bit of a stored chain, an exported chain or a receipt can change unnoticed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  inspectRegister,
  inspectSegments,
  openSafetyRegister,
  openSegmentLog,
  REGISTER_NAME,
} from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { verifyFile, verifyStore, type Problem, type Verification } from "#firmware/commands/verification.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { exportChain } from "#records/chain-export.ts";
import { makeReceipt } from "#records/receipt.ts";
import { crypto } from "#test/builders/handshake-parties.ts";
import { sealCharge } from "#test/builders/sealed-charge.ts";

const SEGMENT_BYTES = 1024;
const NOTHING = new Uint8Array(0);
const FACT = "F".charCodeAt(0);
const BLOCK = "B".charCodeAt(0);
const charge = sealCharge();
const remembering = rememberVerdicts(crypto);
const stored = await store(charge.records, SEGMENT_BYTES);
const test = suite("verify against flipped bits");

test("the untouched chain, its export and its receipt hold", async () => {
  const chain = await verifySnapshot(stored);
  assert.ok(chain.ok && "summary" in chain, failureOf(chain));
  assert.is(chain.summary.serial, 3);
  assert.is(chain.summary.waitingFacts, 1);
  assert.equal(chain.summary.charges, { SETTLED: 1 });
  assert.equal(chain.notes, []);
  const exported = await verifyFile(remembering, "chain.tally", exportChain(charge.chain));
  assert.ok(exported.ok && "summary" in exported, failureOf(exported));
  assert.is(exported.summary.head, chain.summary.head);
  const receipt = await verifyFile(remembering, "receipt.tally", receiptBytes());
  assert.ok(receipt.ok && "receipt" in receipt, failureOf(receipt));
});

test("a flipped bit in any byte of any file of the store is found, with its file and place", async () => {
  assert.ok([...stored.keys()].length > 4, `only ${[...stored.keys()].join(", ")}`);
  // The register says nothing of the chain: the shortest one does for its 8 KiB.
  const bare = await store(charge.records.slice(0, 1), SEGMENT_BYTES);
  const missed: string[] = [];
  for (const [name, bytes] of stored) {
    const files = name === REGISTER_NAME ? bare : stored;
    for (const [offset, bit] of places(bytes.length)) {
      const verification = await verifySnapshot(new Map([...files, [name, flip(bytes, offset, bit)]]));
      const problem = placeOf(verification);
      const isNamed = problem?.file === `ledger/${name}` && problem.offset !== undefined;
      if (!isNamed) missed.push(`${name} byte ${offset} bit ${bit}: ${failureOf(verification)}`);
    }
  }
  assert.equal(missed, []);
});

test("a flipped bit in a record whose checksum was made right again is found by hashes and signatures", async () => {
  const missed: string[] = [];
  for (const [index, record] of charge.records.entries()) {
    for (let offset = 0; offset < record.length; offset += 1) {
      const forged = charge.records.with(index, flip(record, offset, offset % 8));
      const snapshot = await store(forged, 8 * SEGMENT_BYTES);
      const verification = await verifySnapshot(snapshot);
      const problem = placeOf(verification);
      const isNamed = problem?.record !== undefined || problem?.fact !== undefined || problem?.block !== undefined;
      const isOfStore = problem?.rule.startsWith("RECORD_") === true || problem?.rule.startsWith("TORN_") === true;
      if (!isNamed || isOfStore) missed.push(`record ${index} byte ${offset}: ${failureOf(verification)}`);
    }
  }
  assert.equal(missed, []);
});

test("a flipped bit in any byte of an exported chain is found", async () => {
  const file = exportChain(charge.chain);
  const missed: string[] = [];
  for (const [offset, bit] of places(file.length)) {
    const verification = await verifyFile(remembering, "chain.tally", flip(file, offset, bit));
    const problem = placeOf(verification);
    const isNamed = problem?.offset !== undefined || problem?.record !== undefined || problem?.fact !== undefined;
    if (!isNamed && problem?.rule !== "EXPORT_NOT_A_CHAIN")
      missed.push(`byte ${offset} bit ${bit}: ${failureOf(verification)}`);
  }
  assert.equal(missed, []);
});

test("a flipped bit in any byte of a receipt is found", async () => {
  const file = receiptBytes();
  const missed: string[] = [];
  for (const [offset, bit] of places(file.length)) {
    const verification = await verifyFile(remembering, "receipt.tally", flip(file, offset, bit));
    const isNamed = !verification.ok && placeOf(verification)?.file === "receipt.tally";
    if (!isNamed) missed.push(`byte ${offset}: ${failureOf(verification)}`);
  }
  assert.equal(missed, []);
});

test("a file that is cut short or goes on behind its end is found", async () => {
  for (const file of [exportChain(charge.chain), receiptBytes()]) {
    for (let length = 0; length < file.length; length += 7) {
      assert.not.ok((await verifyFile(remembering, "file", file.slice(0, length))).ok, `cut at ${length}`);
    }
    assert.not.ok((await verifyFile(remembering, "file", Uint8Array.from([...file, 0]))).ok, "one byte more");
  }
});

test("a record left out, repeated or exchanged is found although every checksum is right", async () => {
  const { records } = charge;
  // What ends before the last block is a shorter chain that holds: only whoever knows of that block can miss it.
  const lastBlock = records.findLastIndex((record) => record[0] === BLOCK);
  for (let index = 0; index < lastBlock; index += 1) {
    const without = await verifySnapshot(await store(records.toSpliced(index, 1), SEGMENT_BYTES));
    assert.not.ok(without.ok, `record ${index} left out`);
    const twice = await verifySnapshot(
      await store(records.toSpliced(index, 0, records[index] ?? NOTHING), SEGMENT_BYTES),
    );
    assert.not.ok(twice.ok, `record ${index} repeated`);
  }
});

test("what is wrong is said with the block, the fact and the rule", async () => {
  const open = charge.records.findIndex((record) => record[0] === FACT && record.length > 400);
  const forged = charge.records.with(open, flip(charge.records[open] ?? NOTHING, -1, 0));
  const problem = placeOf(await verifySnapshot(await store(forged, SEGMENT_BYTES)));
  assert.is(problem?.rule, "FACT_BAD_SIGNATURE");
  assert.is(problem?.block, 2);
  assert.is(problem?.kind, "OPEN");
  assert.match(problem?.fact ?? "", /^[0-9a-f]{64}$/);
  const header = charge.records.findLastIndex((record) => record[0] === BLOCK);
  const resealed = charge.records.with(header, flip(charge.records[header] ?? NOTHING, 90, 0));
  const atBlock = placeOf(await verifySnapshot(await store(resealed, SEGMENT_BYTES)));
  assert.is(atBlock?.block, 3);
});

test.run();

type Files = ReadonlyMap<string, Uint8Array>;

/** Every byte with one bit, and every 37th with all eight. */
function places(length: number): readonly (readonly [number, number])[] {
  return Array.from({ length }, (_, offset) =>
    offset % 37 === 0
      ? Array.from({ length: 8 }, (_bit, bit) => [offset, bit] as const)
      : [[offset, (offset * 5) % 8] as const],
  ).flat();
}

function flip(bytes: Uint8Array, offset: number, bit: number): Uint8Array {
  const changed = bytes.slice();
  const place = offset < 0 ? bytes.length + offset : offset;
  changed[place] = (changed[place] ?? 0) ^ (1 << bit);
  return changed;
}

async function store(records: readonly Uint8Array[], segmentBytes: number): Promise<Files> {
  const card = new FlashCard();
  const flash = await card.open();
  const { log } = await openSegmentLog(flash, { randomness: new SeededRandomness("salt"), segmentBytes });
  const { register } = await openSafetyRegister(flash);
  await register.write(Uint8Array.of(1));
  await register.write(Uint8Array.of(2));
  await Promise.all(records.map((record) => log.append(record)));
  await log.close();
  await register.close();
  await flash.close();
  return card.snapshot();
}

async function verifySnapshot(files: Files): Promise<Verification> {
  const read = (name: string): Promise<Uint8Array> => Promise.resolve(files.get(name) ?? NOTHING);
  const segments = await inspectSegments(read, [...files.keys()]);
  const register = inspectRegister(files.get(REGISTER_NAME) ?? NOTHING);
  return verifyStore(remembering, { path: "ledger", inspection: { ...segments, register, otherFiles: [] } });
}

function placeOf(verification: Verification): Problem | undefined {
  return verification.ok ? undefined : verification.problems[0];
}

function failureOf(verification: Verification): string {
  return verification.ok ? "it was taken for good" : JSON.stringify(verification.problems);
}

function receiptBytes(): Uint8Array {
  const receipt = makeReceipt(charge.chain, charge.address);
  if (receipt === undefined) throw new Error("the charge is sealed");
  return receipt;
}

/** Thousands of nearly equal chains: what was verified once is not verified again. */
function rememberVerdicts(real: Cryptography): Cryptography {
  const verdicts = new Map<string, boolean>();
  const verify: Cryptography["verify"] = (publicKey, message, signature) => {
    const key = toHex(real.sha256(Uint8Array.from([...publicKey, ...signature, ...real.sha256(message)])));
    const verdict = verdicts.get(key) ?? real.verify(publicKey, message, signature);
    verdicts.set(key, verdict);
    return verdict;
  };
  return Object.assign(Object.create(real) as Cryptography, { verify });
}
