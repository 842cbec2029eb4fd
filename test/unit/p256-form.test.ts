import { p256 } from "@noble/curves/nist.js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { isLowS, toDer } from "#adapters/crypto/p256-form.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { ORDER, toBytes32 } from "#test/builders/p256-signature.ts";

const test = suite("forms of P-256");

test("r||s becomes the DER that another library writes, short numbers and long ones", () => {
  const signer = new NobleSigner(toBytes32(11n));
  const made = Array.from({ length: 100 }, (_, index) => signer.sign(Uint8Array.of(index)));
  const edges = [1n, 0x7fn, 0x80n, 0xffn, 0x100n, ORDER - 1n].map(toBytes32);
  const pairs = edges.flatMap((r) => edges.map((s) => Uint8Array.of(...r, ...s)));
  for (const signature of [...made, ...pairs]) {
    const der = p256.Signature.fromBytes(signature, "compact").toBytes("der");
    assert.is(toHex(toDer(signature)), toHex(der), toHex(signature));
  }
});

test("a zero has one byte in DER, so that what is passed on is well formed", () => {
  assert.is(toHex(toDer(new Uint8Array(64))), "3006020100020100");
});

test("half the order is low, one more is not", () => {
  const withS = (s: bigint): Uint8Array => Uint8Array.of(...toBytes32(1n), ...toBytes32(s));
  assert.ok(isLowS(withS(ORDER / 2n)));
  assert.not.ok(isLowS(withS(ORDER / 2n + 1n)));
});

test.run();
