import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDateTime } from "#hal/protocols/dlms/date-time.ts";
import { decimalText, readDecimal } from "#hal/protocols/decimal.ts";
import { floatDecimal } from "#hal/protocols/dlms/float-decimal.ts";
import { unitName } from "#hal/protocols/dlms/units.ts";

const test = suite("numbers of meters");

test("decimals are written as the General Decimal Arithmetic Specification does", () => {
  // Its own examples of to-scientific-string.
  for (const [digits, exponent, text] of [
    [123n, 0, "123"],
    [-123n, 0, "-123"],
    [123n, 1, "1.23E+3"],
    [123n, 3, "1.23E+5"],
    [123n, -1, "12.3"],
    [123n, -5, "0.00123"],
    [123n, -10, "1.23E-8"],
    [-123n, -12, "-1.23E-10"],
    [0n, 0, "0"],
    [0n, -2, "0.00"],
    [0n, 2, "0E+2"],
    [5n, -6, "0.000005"],
    [50n, -7, "0.0000050"],
    [5n, -7, "5E-7"],
  ] as const) {
    assert.is(decimalText(digits, exponent), text);
  }
});

test("what is written is read back, digits and all", () => {
  for (let exponent = -130; exponent <= 130; exponent += 1) {
    for (const digits of [0n, 1n, -1n, 10n, -299_12n, 2n ** 64n - 1n, -(2n ** 63n)]) {
      assert.equal(readDecimal(decimalText(digits, exponent)), { digits, exponent });
    }
  }
  assert.equal(readDecimal("0012.50"), { digits: 1250n, exponent: -2 });
  for (const text of ["", "-", ".5", "5.", "1e", "0x10", "1 ", "1,5", "1.2.3", "Infinity", "1".repeat(41)]) {
    assert.is(readDecimal(text), undefined, text);
  }
});

test("a float becomes the shortest decimal that is no other float", () => {
  const single = (value: number): string =>
    textOf(4, (view) => {
      view.setFloat32(0, value);
    });
  const double = (value: number): string =>
    textOf(8, (view) => {
      view.setFloat64(0, value);
    });
  assert.is(single(230.7), "230.7");
  assert.is(single(0.1), "0.1");
  assert.is(single(16_777_216), "16777216");
  assert.is(single(-1.401298464324817e-45), "-1E-45");
  assert.is(single(3.4028234663852886e38), "3.4028235E+38");
  assert.is(double(230.7), "230.7");
  assert.is(double(Number.MAX_SAFE_INTEGER), "9007199254740991");
  assert.is(single(Number.NaN), "none");
  assert.is(double(Number.NEGATIVE_INFINITY), "none");
});

function textOf(length: number, write: (view: DataView) => void): string {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  const decimal = floatDecimal(bytes);
  return decimal === undefined ? "none" : decimalText(decimal.digits, decimal.exponent);
}

test("units that bill are named, none is none, and an unknown one shows its code", () => {
  assert.equal([27, 29, 30, 32, 33, 35, 44, 8].map(unitName), ["W", "var", "Wh", "varh", "A", "V", "Hz", "deg"]);
  assert.equal([0, 255, 58].map(unitName), [null, null, "#58"]);
});

test("a date-time is read where it is stated to the second", () => {
  const local = "2019-12-16T07:59:40";
  assert.equal(readDateTime("07e30c1001073b28ff8000ff"), { local, toUtcMin: null, isSummerTime: true });
  assert.equal(readDateTime("07e30c1001073b28ffffc400"), { local, toUtcMin: -60, isSummerTime: false });
  assert.equal(readDateTime("07e30c1001073b28ff003c00"), { local, toUtcMin: 60, isSummerTime: false });
  for (const hex of [
    "",
    "07e30c10",
    "ffff0c1001073b28ff8000ff",
    "07e30d1001073b28ff8000ff",
    "07e30c1001ff3b28ff8000ff",
  ]) {
    assert.is(readDateTime(hex), undefined, hex);
  }
});

test.run();
