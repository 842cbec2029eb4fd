import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MESH_HOPS_MAX, MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import { carryOn, decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { decodeCbor, encodeCbor } from "#core/wire/cbor.ts";

const test = suite("mesh wrapper");

const OBJECT = encodeCbor([1, "two", new Map([[3, Uint8Array.of(4)]])]);

function faultOf(payload: Uint8Array, bytesMax?: number): string {
  const decoded = decodeWrapper(payload, bytesMax);
  return decoded.ok ? "" : decoded.fault.code;
}

test("a wrapper is the CBOR array of the hops and the object", () => {
  assert.equal(encodeWrapper(3, OBJECT), encodeCbor([3, [1, "two", new Map([[3, Uint8Array.of(4)]])]]));
  assert.ok(decodeCbor(encodeWrapper(0, OBJECT)).ok);
});

test("the object comes out as the very bytes that went in", () => {
  const decoded = decodeWrapper(encodeWrapper(6, OBJECT));
  assert.equal(decoded, { ok: true, value: { hops: 6, object: OBJECT } });
});

test("a message is carried on until it has gone its hops", () => {
  let carried = encodeWrapper(0, OBJECT);
  for (let hops = 1; hops <= MESH_HOPS_MAX; hops += 1) {
    const decoded = decodeWrapper(carried);
    assert.ok(decoded.ok);
    const next = carryOn(decoded.value);
    assert.equal(next, encodeWrapper(hops, OBJECT));
    carried = next ?? carried;
  }
  assert.is(carryOn({ hops: MESH_HOPS_MAX, object: OBJECT }), undefined);
});

test("anything else is refused by its first bytes", () => {
  for (const bytes of [
    [],
    [0x82],
    [0x82, 0x00],
    [0x81, 0x00, 0x00],
    [0x83, 0x00, 0x00, 0x00],
    [0x9f, 0x00, 0x00, 0xff],
  ]) {
    assert.is(faultOf(Uint8Array.from(bytes)), "MESH_NOT_WRAPPED");
  }
  assert.is(faultOf(Uint8Array.of(0x82, 0x18, 0x06, 0x00)), "MESH_NOT_WRAPPED", "6 not in its shortest form");
  assert.is(faultOf(Uint8Array.of(0x82, 0x20, 0x00)), "MESH_NOT_WRAPPED", "hops below zero");
  assert.is(faultOf(Uint8Array.of(0x82, MESH_HOPS_MAX + 1, 0x00)), "MESH_TOO_MANY_HOPS");
});

test("length is judged before anything else", () => {
  assert.is(faultOf(new Uint8Array(MESH_PAYLOAD_BYTES_MAX + 1)), "MESH_TOO_LONG");
  assert.is(faultOf(encodeWrapper(0, OBJECT), OBJECT.length + 1), "MESH_TOO_LONG");
  assert.is(faultOf(encodeWrapper(0, OBJECT), OBJECT.length + 2), "");
});

test.run();
