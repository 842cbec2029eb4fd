/** Base45 by the examples of RFC 9285, and by what it must refuse. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { decodeBase45, encodeBase45 } from "#records/qr/base45.ts";

const test = suite("Base45");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the examples of RFC 9285, both ways", () => {
  for (const [plain, encoded] of [
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"],
    ["", ""],
  ] as const) {
    assert.is(encodeBase45(bytes(plain)), encoded);
    const decoded = decodeBase45(encoded);
    assert.ok(decoded.ok);
    assert.equal(decoded.value, Uint8Array.from(bytes(plain)));
  }
});

test("refused with its place: a strange character, a group that is too large, a length that no bytes have", () => {
  for (const [text, place] of [
    ["BBa", 2],
    ["BB8ß", 3],
    ["GGW", 0],
    ["BB8:::", 3],
    ["BB8ZZ", 3],
    ["BB8B", 3],
  ] as const) {
    assert.equal(decodeBase45(text), { ok: false, fault: { code: "BASE45_BAD_TEXT", place } }, text);
  }
});

test("all bytes come back, and no text ends in a space", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const text = encodeBase45(content);
      assert.not(text.endsWith(" "));
      const decoded = decodeBase45(text);
      assert.ok(decoded.ok);
      assert.equal(decoded.value, content);
    }),
  );
});

test("every accepted text has no other spelling", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(..."0AW:% ".split("")), { maxLength: 12 }), (characters) => {
      const text = characters.join("");
      const decoded = decodeBase45(text);
      if (decoded.ok) assert.is(encodeBase45(decoded.value), text);
    }),
  );
});

test.run();
