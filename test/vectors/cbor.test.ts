import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { decodeCbor, encodeCbor } from "#core/wire/cbor.ts";
import { diagnostic } from "#test/builders/diagnostic.ts";
import { cborVectors } from "./generate-cbor-vectors.ts";
import { readVectors } from "./vector-file.ts";

const { vectors } = readVectors("cbor");
const valid = vectors.filter(({ result }) => result === "valid");
const invalid = vectors.filter(({ result }) => result === "invalid");

const test = suite("CBOR vectors");

test("the committed file is what its generator writes", () => {
  assert.equal(readVectors("cbor"), cborVectors);
});

test("every example of RFC 8949, appendix A is there, and more is refused than accepted", () => {
  assert.is(vectors.filter(({ flags }) => flags.includes("RFC8949-A")).length, 81);
  assert.ok(invalid.length > valid.length);
  assert.is(new Set(vectors.map(({ id }) => id)).size, vectors.length);
  assert.is(new Set(vectors.map(({ input }) => input)).size, vectors.length);
});

for (const { id, input, detail } of valid) {
  test(`${id}: ${input.slice(0, 40)} is read and written back byte for byte`, () => {
    const item = decodeCbor(fromHex(input) ?? new Uint8Array());
    assert.ok(item.ok);
    assert.is(diagnostic(item.value), detail);
    assert.is(toHex(encodeCbor(item.value)), input);
  });
}

for (const { id, input, fault, detail, comment } of invalid) {
  test(`${id}: ${comment} is refused`, () => {
    const item = decodeCbor(fromHex(input) ?? new Uint8Array());
    assert.not(item.ok);
    if (item.ok) return;
    assert.is(item.fault.code, fault);
    assert.is(item.fault.reason, detail);
  });
}

test.run();
