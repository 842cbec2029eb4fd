import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "#base/bytes.ts";
import { serverIdOf, SmlDecoder } from "#hal/protocols/sml/sml-decoder.ts";
import { SML_TELEGRAM_BYTES_MAX } from "#hal/protocols/sml/transport.ts";
import * as sml from "#test/builders/sml-bytes.ts";

const test = suite("SML");

const IMPORT = "0100010800ff";
const POWER = "0100100700ff";
const power = (watts: number): Uint8Array =>
  sml.entry({ name: POWER, unit: sml.unsigned(27), scaler: sml.signed(0), value: sml.signed(watts, 2) });

function decode(...parts: readonly Uint8Array[]): readonly string[] {
  const decoder = new SmlDecoder();
  return [...decoder.push(concatBytes(...parts)), ...decoder.end()].map(
    ({ offset, lengthBytes, problem, values }) =>
      `${offset}+${lengthBytes} ${problem?.code ?? values.map((value) => `${value.code}=${value.value}`).join(" ")}`,
  );
}

/** The one value of a telegram with this entry, as `kind value unit`. */
function valueOf(entry: Uint8Array, serverId?: string): string {
  const [telegram] = new SmlDecoder().push(sml.telegram([entry], serverId));
  const [value] = telegram?.values ?? [];
  return value === undefined ? (telegram?.problem?.reason ?? "nothing") : `${value.kind} ${value.value} ${value.unit}`;
}

function check(entry: Omit<sml.SmlEntry, "name">, expected: string): void {
  assert.is(valueOf(sml.entry({ name: IMPORT, ...entry })), expected);
}

test("the meter and its values come out of a telegram, whatever noise lies around it", () => {
  const whole = sml.telegram([power(613)]);
  const noise = Uint8Array.of(0x1b, 0x1b, 0x01, 0x55, 0x1b);
  assert.equal(decode(noise, whole, noise), [`5+${whole.length} 1-0:16.7.0*255=613`]);
  const [telegram] = new SmlDecoder().push(whole);
  assert.ok(telegram);
  assert.is(serverIdOf(telegram), sml.SERVER_ID);
});

test("a scaler moves the point and keeps the meter's digits", () => {
  const value = sml.unsigned(23_559_290, 4);
  check({ value, scaler: sml.signed(-1), unit: sml.unsigned(30) }, "number 2355929.0 Wh");
  check({ value, scaler: sml.signed(-4), unit: sml.unsigned(30) }, "number 2355.9290 Wh");
  check({ value, unit: sml.unsigned(30) }, "number 23559290 Wh");
  check({ value: sml.unsigned(16_786, 2), scaler: sml.signed(3), unit: sml.unsigned(30) }, "number 1.6786E+7 Wh");
  check({ value: sml.signed(-5, 1), scaler: sml.signed(-2), unit: sml.unsigned(27) }, "number -0.05 W");
});

test("integers have as many bytes as the meter likes, up to eight", () => {
  check({ value: sml.signed(-78_851, 3) }, "number -78851 null");
  check({ value: sml.signed(-(2n ** 63n), 8) }, "number -9223372036854775808 null");
  check({ value: Uint8Array.of(0x69, ...new Uint8Array(8).fill(0xff)) }, "number 18446744073709551615 null");
  check({ value: Uint8Array.of(0x6a, ...new Uint8Array(9)) }, "an integer of 9 bytes");
  check({ value: Uint8Array.of(0x51) }, "an integer of 0 bytes");
});

test("units are those of DLMS; without one, and where it says none, there is none", () => {
  check({ value: sml.unsigned(5), unit: sml.unsigned(8) }, "number 5 deg");
  check({ value: sml.unsigned(5), unit: sml.unsigned(255) }, "number 5 null");
  check({ value: sml.unsigned(5), unit: sml.unsigned(0) }, "number 5 null");
  check({ value: sml.unsigned(5), unit: sml.unsigned(99) }, "number 5 #99");
  check({ value: sml.text("DZG"), unit: sml.unsigned(30) }, "text DZG null");
});

test("octets are a text when they are printable throughout, else hex; no value is no octets", () => {
  check({ value: sml.text("1.02.007") }, "text 1.02.007 null");
  check({ value: sml.octets("0a01484c59") }, "octets 0a01484c59 null");
  check({ value: sml.octets("41421b5b324a") }, "octets 41421b5b324a null");
  check({ value: Uint8Array.of(0x80, 0x01) }, "an item that is shorter than its own head");
  check({ value: Uint8Array.of(0x80, 0x00) }, "an item that is shorter than its own head");
  check({ value: sml.octets(new Uint8Array(200).fill(0x41)) }, `text ${"A".repeat(200)} null`);
  check({ value: sml.NONE }, "octets  null");
  check({ value: Uint8Array.of(0x42, 0x01) }, "text true null");
});

test("a time in any form does not disturb its value", () => {
  const value = sml.unsigned(7);
  check({ value, time: sml.list(sml.unsigned(1), sml.unsigned(1_347_075, 4)) }, "number 7 null");
  check({ value, time: sml.unsigned(1_347_075, 4) }, "number 7 null");
  const local = sml.list(sml.unsigned(1_347_075, 4), sml.signed(60, 2), sml.signed(0, 2));
  check({ value, time: sml.list(sml.unsigned(3), local) }, "number 7 null");
});

test("DZG's numbers that are unsigned and declared as signed are read as they are meant", () => {
  const negative = sml.entry({ name: POWER, scaler: sml.signed(-2), value: sml.signed(-29_912, 2) });
  const serial = (number: number): string => `0a01445a4700${number.toString(16).padStart(8, "0")}`;
  for (const [number, expected] of [
    [41_999_999, "-299.12"],
    [42_000_000, "356.24"],
    [48_999_999, "356.24"],
    [49_000_000, "-299.12"],
    [55_000_000, "356.24"],
    [58_999_999, "356.24"],
    [59_000_000, "-299.12"],
  ] as const) {
    assert.is(valueOf(negative, serial(number)), `number ${expected} null`, String(number));
  }
  assert.is(valueOf(negative, sml.SERVER_ID), "number -299.12 null");
  const longer = sml.entry({ name: POWER, value: sml.signed(-29_912, 4) });
  assert.is(valueOf(longer, serial(42_000_000)), "number -29912 null");
  const other = sml.entry({ name: IMPORT, value: sml.signed(-29_912, 2) });
  assert.is(valueOf(other, serial(42_000_000)), "number -29912 null");
});

test("escapes in the contents are taken out, wherever they lie", () => {
  for (let before = 0; before < 6; before += 1) {
    for (let count = 3; count < 14; count += 1) {
      const bytes = concatBytes(new Uint8Array(before).fill(0x41), new Uint8Array(count).fill(0x1b));
      const hexText = "41".repeat(before) + "1b".repeat(count);
      if (bytes.length > 14) continue;
      check({ value: sml.octets(concatBytes(bytes, Uint8Array.of(1))) }, `octets ${hexText}01 null`);
    }
  }
  check({ value: sml.octets("1b1b1b1b01010101") }, "octets 1b1b1b1b01010101 null");
  check({ value: sml.octets("1b1b1b1b1a000000") }, "octets 1b1b1b1b1a000000 null");
});

test("a telegram that is cut anywhere does not cost the one behind it", () => {
  const whole = sml.telegram([power(1)]);
  const next = sml.telegram([power(2)]);
  for (let length = 8; length < whole.length; length += 1) {
    const given = decode(whole.subarray(0, length), next);
    assert.is(given.length, 2, `cut after ${length}: ${given.join(", ")}`);
    assert.match(given[0] ?? "", /TELEGRAM_(CUT_SHORT|MALFORMED|BAD_SUM)/);
    assert.is(given[1], `${length}+${next.length} 1-0:16.7.0*255=2`, `cut after ${length}`);
  }
});

test("a wrong sum of the telegram, or of one message in it, gives no values", () => {
  const whole = sml.telegram([power(1)]);
  assert.equal(decode(whole.with(60, (whole[60] ?? 0) ^ 1)), [`0+${whole.length} TELEGRAM_BAD_SUM`]);
  const wrongMessage = sml.getListResponse([power(1)]);
  const inside = concatBytes(sml.openResponse(), wrongMessage.with(30, 0x77), sml.closeResponse());
  const given = decode(sml.transport(inside));
  assert.match(given[0] ?? "", "TELEGRAM_BAD_SUM");
});

test("another sum than the standard's is believed of the maker that uses it, and of no other", () => {
  const holley = "0a01484c5902000d6be6";
  const byKermit = (serverId: string): Uint8Array => {
    const body = sml.list(
      ...[sml.NONE, sml.octets(serverId), sml.NONE, sml.NONE],
      ...[sml.list(power(376)), sml.NONE, sml.NONE],
    );
    return sml.transport(sml.message(0x0701, body, sml.kermitSum), sml.kermitSum);
  };
  assert.match(decode(byKermit(holley))[0] ?? "", "16.7.0*255=376");
  assert.match(decode(byKermit(sml.SERVER_ID))[0] ?? "", "TELEGRAM_BAD_SUM");
});

test("messages of other kinds are stepped over, however they are built", () => {
  const attention = sml.message(0xff01, sml.list(sml.octets("00"), sml.octets("8181c7c7fe00"), sml.NONE, sml.NONE));
  const tree = Array.from({ length: 8 }).reduce<Uint8Array>((inner) => sml.list(sml.octets("01"), inner), sml.NONE);
  const inside = concatBytes(attention, sml.message(0x0501, tree), sml.getListResponse([power(3)]));
  assert.match(decode(sml.transport(inside))[0] ?? "", "16.7.0*255=3");
  assert.equal(decode(sml.transport(attention)), [`0+${sml.transport(attention).length} `]);
});

test("what breaks the format is malformed although its sums fit", () => {
  const codeOf = (contents: Uint8Array): string => decode(sml.transport(contents))[0]?.split(" ")[1] ?? "";
  const malformed = "TELEGRAM_MALFORMED";
  assert.is(codeOf(new Uint8Array(0)), malformed, "nothing inside");
  assert.is(codeOf(concatBytes(sml.closeResponse(), new Uint8Array(4))), malformed, "bytes behind the last message");
  assert.is(codeOf(sml.message(0x0701, sml.list(sml.NONE))), malformed, "a response with one element");
  const deep = Array.from({ length: 20 }).reduce<Uint8Array>((inner) => sml.list(inner), sml.NONE);
  assert.is(codeOf(sml.message(0x0501, deep)), malformed, "twenty lists deep");
  assert.is(codeOf(sml.message(0x0501, Uint8Array.of(0xff, 0x8f, 0x0f))), malformed, "a list of 4095 elements");
  assert.is(codeOf(sml.message(0x0501, Uint8Array.of(0x12, 0))), malformed, "a type that there is not");
  assert.is(
    codeOf(sml.message(0x0501, Uint8Array.of(0x80, 0x53, 0))),
    malformed,
    "a second byte of length with a type",
  );
  assert.is(codeOf(sml.getListResponse([sml.list(sml.octets(IMPORT))])), malformed, "a value with one element");
});

test("a telegram that is not padded to groups of four is malformed although its sum fits", () => {
  const inside = sml.getListResponse([power(1)]);
  const padding = (4 - (inside.length % 4)) % 4;
  for (let zeros = 0; zeros < 5; zeros += 1) {
    const covered = concatBytes(
      ...[Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1), inside, new Uint8Array(zeros)],
      Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 0x1a, zeros),
    );
    const expected = zeros === padding ? "1-0:16.7.0*255=1" : "TELEGRAM_MALFORMED";
    const whole = concatBytes(covered, sml.standardSum(covered));
    assert.equal(decode(whole), [`0+${whole.length} ${expected}`], `${zeros} zeros`);
  }
});

test("a telegram without end is given up at the greatest length, and the next one is read", () => {
  const endless = concatBytes(Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1), new Uint8Array(20_000));
  const next = sml.telegram([power(2)]);
  assert.equal(decode(endless, next), [
    `0+${SML_TELEGRAM_BYTES_MAX} TELEGRAM_TOO_LONG`,
    `${endless.length}+${next.length} 1-0:16.7.0*255=2`,
  ]);
});

test("after its end a decoder begins a new stream", () => {
  const decoder = new SmlDecoder();
  const whole = sml.telegram([power(1)]);
  decoder.push(whole.subarray(0, 50));
  assert.is(decoder.heldBytes, 50);
  assert.equal(
    decoder.end().map(({ problem }) => problem?.code),
    ["TELEGRAM_CUT_SHORT"],
  );
  assert.is(decoder.heldBytes, 0);
  assert.is(decoder.push(whole)[0]?.offset, 0);
});

test.run();
