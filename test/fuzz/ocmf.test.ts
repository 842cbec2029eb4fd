/** Signed meter values of hostile making: every text is judged or refused, none makes the reader throw or hang. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDerSignature, writeDerSignature } from "#adapters/crypto/der-signature.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { holdsOwnOcmf, signOcmf } from "#adapters/crypto/sign-ocmf.ts";
import { judgeOcmf } from "#firmware/commands/ocmf/judge-ocmf.ts";
import { findRecords } from "#firmware/commands/ocmf/find-records.ts";
import { readJson } from "#records/ocmf/json-text.ts";
import { readRecords } from "#records/ocmf/read-record.ts";
import { readContainer, writeContainer } from "#records/ocmf/safe-container.ts";
import { plainText } from "#records/plain-text.ts";

const SEED = 20_261_122;
const test = suite("fuzzed OCMF");

const signer = new NobleSigner(new Uint8Array(32).fill(3));
const crypto = new NodeCryptography();
const RECORD = signOcmf(
  signer,
  '{"FV":"1.0","PG":"T1","MS":"1","RD":[{"TM":"2026-01-01T00:00:00,000+0000 I","TX":"B","RV":1.00,"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}]}',
);
const XML = writeContainer([{ record: RECORD, publicKey: "04".repeat(65), transactionId: "1" }]);

function judge(bytes: Uint8Array): void {
  const found = findRecords(bytes);
  if (found.ok) judgeOcmf(found.value.records, undefined);
}

/** The text with some places replaced by something else. */
function mutated(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      "|",
      '"',
      "{",
      "}",
      "[",
      "]",
      "<",
      ">",
      "&",
      "&#0;",
      "\\",
      "\\u",
      "null",
      "1e9",
      "\u0000",
      "OCMF|",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const change = fc.tuple(fc.nat(text.length), fc.nat(6), piece);
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((made, [at, length, put]) => `${made.slice(0, at)}${put}${made.slice(at + length)}`, text),
    );
}

test("F9 bytes of any kind are judged or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), judge), { numRuns: 400, seed: SEED });
});

for (const [name, text] of [
  ["record", RECORD],
  ["container", XML],
] as const) {
  test(`a ${name} with changed places is judged or refused`, () => {
    const property = fc.property(mutated(text), (changed) => {
      judge(new TextEncoder().encode(changed));
    });
    fc.assert(property, { numRuns: 600, seed: SEED });
  });
}

test("F9 no changed record is one that the gateway has made", () => {
  const property = fc.property(mutated(RECORD), (changed) => {
    const read = readRecords(changed);
    const [record] = read.ok ? read.value : [];
    if (record === undefined || record.text === RECORD) return;
    assert.is(holdsOwnOcmf(crypto, signer.publicKey, record), false, changed);
  });
  fc.assert(property, { numRuns: 300, seed: SEED });
});

test("JSON is read as the platform reads it, where the platform reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      assert.is(readJson(text).ok, true, text);
    }),
    { numRuns: 300, seed: SEED },
  );
  fc.assert(
    fc.property(mutated('{"a":[1.50,-2e3,"x\\n",true,null],"b":{"c":""}}'), (text) => {
      const read = readJson(text);
      const isWhole = read.ok && text.slice(read.value.end).trim() === "";
      assert.is(isWhole, isJson(text), text);
    }),
    { numRuns: 600, seed: SEED },
  );
});

test("what is put into a container comes out of it", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !/[\r\u0000-\u0008]/.test(text));
  fc.assert(
    fc.property(texts, texts, (record, transactionId) => {
      const read = readContainer(writeContainer([{ record, publicKey: "ab", transactionId }]));
      if (!read.ok) throw new Error(read.fault.code);
      assert.is(read.value[0]?.signedData.text, record);
      assert.is(read.value[0]?.transactionId, transactionId);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test("a signature in DER has one form", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const read = readDerSignature(bytes);
      if (read !== undefined) assert.equal(readDerSignature(writeDerSignature(read)), read);
    }),
    { numRuns: 600, seed: SEED },
  );
});

test("words of strangers move nothing on a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      assert.not.match(plainText(text, 40), /[\p{Cc}\p{Cf}]/u);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test.run();

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
