/** P1 telegrams as meters send them, as lines damage them, and as nobody should believe them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { DSMR_TELEGRAM_BYTES_MAX, DsmrDecoder } from "#hal/protocols/dsmr/dsmr-decoder.ts";
import { asciiBytes } from "#hal/protocols/ascii.ts";
import { crc16Arc } from "#hal/protocols/crc16.ts";
import type { DecodedTelegram, TelegramProblemCode } from "#hal/protocols/telegram.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import { decodeAll, valueLines } from "#test/builders/telegram-runs.ts";

const HEAD = "/ISK5\\2M550T-1011\r\n\r\n";
const VERSION_5 = "1-3:0.2.8(50)\r\n";
const ENERGY = "1-0:1.8.1(000123.456*kWh)\r\n";

const test = suite("P1 telegrams");

test("CRC-16/ARC is the Modbus CRC from zero: its check value is BB3D", () => {
  assert.is(crc16Arc(asciiBytes("123456789")), 0xbb3d);
});

test("a value is there with its code, without filling zeros and with its unit", () => {
  const [telegram] = decode(withCrc(HEAD + VERSION_5 + ENERGY));
  assert.equal(telegram?.values, [
    { code: "1-3:0.2.8", value: "50", kind: "text", unit: null },
    { code: "1-0:1.8.1", value: "123.456", kind: "number", unit: "kWh" },
  ]);
  assert.equal([telegram?.offset, telegram?.lengthBytes, telegram?.problem], [0, 70, undefined]);
});

const FORMS: readonly (readonly [string, string])[] = [
  ["1-0:1.8.0*255(00032549.5061662*kWh)", "1-0:1.8.0*255=32549.5061662 kWh"],
  ["1-0:31.7.0.255(001*A)", "1-0:31.7.0.255=1 A"],
  ["1-0:1.8.0(006545766*Wh)", "1-0:1.8.0=6545766 Wh"],
  ["1-0:1.7.0(-000142.30*W)", "1-0:1.7.0=-142.30 W"],
  ["1-0:2.7.0(00.000*kW)", "1-0:2.7.0=0.000 kW"],
  ["1-0:13.7.0(4.556)", "1-0:13.7.0=4.556 "],
  ["0-0:96.13.0()", "0-0:96.13.0= "],
  ["0-0:96.13.0(No power on Monday, 9 to 10)", "0-0:96.13.0=No power on Monday, 9 to 10 "],
  ["1-0:4.8.0(00001.5*kVArh)", "1-0:4.8.0=1.5 kVArh"],
  ["0-1:24.2.1(181106140010W)(01569.646*m3)", "0-1:24.2.1=181106140010W |0-1:24.2.1=1569.646 m3"],
  ["0-1:24.3.0(12)(m3)\r\n(00124.477)", "0-1:24.3.0=12 |0-1:24.3.0=m3 |0-1:24.3.0=00124.477 "],
];

for (const [line, expected] of FORMS) {
  test(`${JSON.stringify(line)} is read alike with and without a CRC`, () => {
    for (const text of [withCrc(`${HEAD}${line}\r\n`), `${HEAD}${line}\r\n!\r\n`]) {
      assert.is(valueLines(decode(text)).join("|"), expected);
    }
  });
}

test("a time is a time only with its summer or winter mark", () => {
  const [telegram] = decode(withCrc(`${HEAD}0-0:1.0.0(181106140429W)\r\n0-1:24.3.0(120517020000)\r\n`));
  assert.equal(
    telegram?.values.map(({ kind }) => kind),
    ["time", "text"],
  );
});

test("a CRC may be in small letters, and may lack its leading zeros", () => {
  const random = new SeededRandom("short CRC");
  const lengths = new Set<number>();
  for (let run = 0; run < 2000; run += 1) {
    const body = `${HEAD}1-0:1.8.1(${random.integer(100000, 999999)}*Wh)\r\n!`;
    const sum = crc16Arc(asciiBytes(body)).toString(16);
    lengths.add(sum.length);
    for (const text of [sum, sum.padStart(4, "0"), sum.toUpperCase()]) {
      assert.is(decode(`${body}${text}\r\n`)[0]?.problem, undefined, text);
    }
  }
  assert.ok(lengths.has(3) && lengths.has(2), [...lengths].join());
});

test("what the CRC proves is the meter's own way of writing: an odd line is passed over, the others are read", () => {
  const odd = "1-0:99:97.0(2)(0:96.7.19)\r\nC.1.0(12)\r\n1-0:72:32.0(00000)\r\n(7)\r\nwhat?\r\n";
  assert.equal(valueLines(decode(withCrc(HEAD + odd + ENERGY))), ["1-0:1.8.1=123.456 kWh"]);
});

test("no blank line, or bare line feeds, are the same telegram", () => {
  const bare = `/KMP5 ZABF001587315111\r\n${ENERGY}!\r\n`;
  assert.equal(valueLines(decode(bare)), ["1-0:1.8.1=123.456 kWh"]);
  assert.equal(valueLines(decode(bare.replaceAll("\r", ""))), ["1-0:1.8.1=123.456 kWh"]);
});

const REFUSED: readonly (readonly [string, string, TelegramProblemCode])[] = [
  ["a wrong CRC", `${HEAD}${ENERGY}!0000\r\n`, "TELEGRAM_BAD_SUM"],
  ["a CRC that is no number", `${HEAD}${ENERGY}!1G28\r\n`, "TELEGRAM_BAD_SUM"],
  ["a CRC of five digits", withCrc(HEAD + ENERGY).replace("!", "!0"), "TELEGRAM_BAD_SUM"],
  ["version 5 without a CRC", `${HEAD}${VERSION_5}${ENERGY}!\r\n`, "TELEGRAM_BAD_SUM"],
  ["a Belgian one without a CRC", `${HEAD}0-0:96.1.4(50217)\r\n${ENERGY}!\r\n`, "TELEGRAM_BAD_SUM"],
  ["no end mark of a version that always has one", `${HEAD}${VERSION_5}${ENERGY}`, "TELEGRAM_CUT_SHORT"],
  ["no end mark and a last line that is cut", `${HEAD}${ENERGY}`.slice(0, -3), "TELEGRAM_CUT_SHORT"],
  ["half a CRC", withCrc(HEAD + ENERGY).slice(0, -4), "TELEGRAM_CUT_SHORT"],
  ["an end mark that may still get its CRC", `${HEAD}${VERSION_5}${ENERGY}!`, "TELEGRAM_CUT_SHORT"],
  ["a time without a CRC", `${HEAD}0-0:1.0.0(240131121314W)\r\n${ENERGY}!\r\n`, "TELEGRAM_BAD_SUM"],
  ["a count of sags without a CRC", `${HEAD}1-0:32.32.0(00001)\r\n${ENERGY}!\r\n`, "TELEGRAM_BAD_SUM"],
  ["a time, and the last lines lost", `${HEAD}0-0:1.0.0(240131121314W)\r\n${ENERGY}`, "TELEGRAM_CUT_SHORT"],
  ["an end mark in the middle of a line", `${HEAD}1-0:1.8.1(000!23.456*kWh)\r\n`, "TELEGRAM_CUT_SHORT"],
  ["an unknown unit, with nothing to prove it", `${HEAD}1-0:1.8.1(000123.456*jWh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a number that is none", `${HEAD}1-0:1.8.1(000,23.456*kWh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a bracket too few", `${HEAD}1-0:1.8.1(000123.456*kWh\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a code that is none", `${HEAD}1-0:1.8,1(000123.456*kWh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a lost line feed", `${HEAD}1-0:1.8.1(1*Wh)\r1-0:1.8.2(2*Wh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a byte that is no character", `${HEAD}0-0:96.1.1(30\x80)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["nothing at all", `${HEAD}!\r\n`, "TELEGRAM_MALFORMED"],
];

for (const [what, text, code] of REFUSED) {
  test(`${what} is ${code}, without values`, () => {
    const [telegram, ...more] = decode(text);
    assert.is(telegram?.problem?.code, code);
    assert.equal([telegram?.values, telegram?.lengthBytes, more], [[], text.length, []]);
    assert.match(telegram?.problem?.reason ?? "", /^[ -~…]+$/);
  });
}

test("an old meter that sends no end mark is read when the next telegram begins or the stream ends", () => {
  const text = HEAD + ENERGY;
  for (const telegram of decode(text + text)) assert.equal([telegram.problem, telegram.values.length], [undefined, 1]);
  assert.is(decode(text + text).length, 2);
});

test("the last telegram of a recording is whole without its line end, if its CRC is", () => {
  const text = withCrc(HEAD + ENERGY);
  for (const lost of [1, 2]) assert.is(decode(text.slice(0, -lost))[0]?.problem, undefined);
});

test("the last telegram of a recording is whole without its line end, if it is of a kind that has no CRC", () => {
  assert.equal(valueLines(decode(`${HEAD}${ENERGY}!`)), ["1-0:1.8.1=123.456 kWh"]);
});

test("begins, rests and garbage before a telegram cost the telegram nothing", () => {
  const whole = withCrc(HEAD + VERSION_5 + ENERGY);
  for (const before of ["\0\xff\r\n", "/", "/I", "/ISK/", "//ISK", "(00001)\r\n!F21E\r\n", "/ISK5\\2M55"]) {
    const telegrams = decode(before + whole);
    const last = telegrams.at(-1);
    assert.equal([last?.offset, last?.problem, last?.values.length], [before.length, undefined, 2], before);
    assert.is(telegrams.length, before.length > 5 && before.startsWith("/ISK5") ? 2 : 1);
  }
});

test("a telegram whose end is lost is said to be cut short, and the next one is read", () => {
  const whole = withCrc(HEAD + ENERGY);
  const telegrams = decode(whole.slice(0, 40) + whole);
  assert.equal(
    telegrams.map(({ offset, lengthBytes, problem }) => [offset, lengthBytes, problem?.code]),
    [
      [0, 40, "TELEGRAM_CUT_SHORT"],
      [40, whole.length, undefined],
    ],
  );
});

test("an object whose first digit has become an end mark ends nothing", () => {
  const damaged = withCrc(HEAD + VERSION_5 + ENERGY).replace("1-0:1.8.1", "!-0:1.8.1");
  const telegrams = decode(damaged);
  assert.equal(
    telegrams.map(({ lengthBytes, problem }) => [lengthBytes, problem?.code]),
    [[damaged.length, "TELEGRAM_BAD_SUM"]],
  );
});

test("a slash with a unit behind it begins no telegram", () => {
  assert.equal(valueLines(decode(withCrc(`${HEAD}0-0:96.0.1(1000*imp/kWh)\r\n${ENERGY}`))), [
    "0-0:96.0.1=1000 imp/kWh",
    "1-0:1.8.1=123.456 kWh",
  ]);
});

test("a telegram without an end is given up at the limit, once, and what follows is read", () => {
  const endless = HEAD + ENERGY.repeat(2000);
  const telegrams = decode(endless + withCrc(HEAD + ENERGY));
  assert.equal(
    telegrams.map(({ lengthBytes, problem }) => [lengthBytes, problem?.code]),
    [
      [DSMR_TELEGRAM_BYTES_MAX, "TELEGRAM_TOO_LONG"],
      [withCrc(HEAD + ENERGY).length, undefined],
    ],
  );
});

test("a megabyte of noise hides no telegram behind it", () => {
  const noise = new SeededRandomness("P1 noise").bytes(1024 * 1024);
  const whole = asciiBytes(withCrc(HEAD + ENERGY));
  const telegrams = decodeAll(
    () => new DsmrDecoder(),
    concatBytes(noise, whole),
    () => 1000,
  );
  assert.equal(telegrams.at(-1)?.values.length, 1);
  assert.ok(telegrams.every(({ problem, lengthBytes }) => problem === undefined || lengthBytes <= 8192));
});

test("after the end of a stream the next one begins at zero, without what was begun", () => {
  const decoder = new DsmrDecoder();
  decoder.push(asciiBytes(`noise${HEAD}`));
  assert.is(decoder.end()[0]?.problem?.code, "TELEGRAM_CUT_SHORT");
  assert.equal(decoder.end(), []);
  assert.is(decoder.push(asciiBytes(withCrc(HEAD + ENERGY)))[0]?.offset, 0);
});

test.run();

function decode(text: string): readonly DecodedTelegram[] {
  return decodeAll(() => new DsmrDecoder(), asciiBytes(text));
}

function withCrc(text: string): string {
  const sum = crc16Arc(asciiBytes(`${text}!`));
  return `${text}!${sum.toString(16).toUpperCase().padStart(4, "0")}\r\n`;
}
