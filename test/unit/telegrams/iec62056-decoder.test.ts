/** D0 readouts in the forms that meters send, and damaged ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { asciiBytes } from "#hal/protocols/ascii.ts";
import { IEC62056_TELEGRAM_BYTES_MAX, Iec62056Decoder } from "#hal/protocols/iec62056-21/iec62056-decoder.ts";
import type { DecodedTelegram, TelegramProblemCode } from "#hal/protocols/telegram.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { decodeAll, valueLines } from "#test/builders/telegram-runs.ts";

const HEAD = "/ISk5MT174-0001\r\n";
const DATA = "1-0:1.8.0*255(0008048.375*kWh)\r\n";

const test = suite("D0 readouts");

test("a readout that was asked for is read, with the meter's own digits", () => {
  const text = HEAD + withBcc(DATA);
  const [telegram] = decode(text);
  assert.equal(telegram, {
    offset: 0,
    lengthBytes: text.length,
    values: [{ code: "1-0:1.8.0*255", value: "0008048.375", kind: "number", unit: "kWh" }],
  });
});

const FORMS: readonly (readonly [string, string])[] = [
  ["F.F(00)", "F.F=00 "],
  ["C.1.0(63355730)", "C.1.0=63355730 "],
  ["6.26*01(01563.92*m3)", "6.26*01=01563.92 m3"],
  ["1.6.0(02.468*kW)(1703100930)", "1.6.0=02.468 kW|1.6.0=1703100930 "],
  ["1.6.2*15()()", "1.6.2*15= |1.6.2*15= "],
  ["9.4(088*C&082*C)", "9.4=088 C|9.4=082 C"],
  ["9.6(000&00010213&0)", "9.6=000&00010213&0 "],
  ["31.7.0(+000.8*A)", "31.7.0=+000.8 A"],
  ["16.7.0(-000142.30*W)", "16.7.0=-000142.30 W"],
  ["6.8(0029.055*MWh)6.26(01589.28*m3)F(0)", "6.8=0029.055 MWh|6.26=01589.28 m3|F=0 "],
  ["P.01(0910011500)\r\n(0.35)\r\n(0.41)", "P.01=0910011500 |P.01=0.35 |P.01=0.41 "],
  ["0.2.0(V01.69#EEA3546C)", "0.2.0=V01.69#EEA3546C "],
  ["6.27(001.476*m3/h)", "6.27=001.476 m3/h"],
  ["0.3.3(01000*imp/kWh)", "0.3.3=01000 imp/kWh"],
];

for (const [line, expected] of FORMS) {
  test(`${JSON.stringify(line)} is read alike with a BCC, without, and pushed`, () => {
    const texts = [HEAD + withBcc(`${line}\r\n`), HEAD + withBcc(line), `${HEAD}\x02${line}\r\n!\r\n`];
    for (const text of [...texts, `${HEAD}\r\n${line}\r\n!\r\n`]) {
      assert.is(valueLines(decode(text)).join("|"), expected, JSON.stringify(text));
    }
  });
}

test("the echo of the reader's answer, and what a change of speed garbles, may stand before STX", () => {
  for (const between of ["\x06050\r\n", "\0\xff\x80", "\r\n"]) {
    assert.equal(valueLines(decode(HEAD + between + withBcc(DATA))), ["1-0:1.8.0*255=0008048.375 kWh"]);
  }
});

test("with a BCC the end mark may have no line end", () => {
  const text = HEAD + withBcc(DATA, "!");
  assert.equal(valueLines(decode(text)), ["1-0:1.8.0*255=0008048.375 kWh"]);
  assert.is(decode(text)[0]?.lengthBytes, text.length);
});

test("the echo of the request is no telegram", () => {
  assert.equal(valueLines(decode(`/?!\r\n${HEAD}${withBcc(DATA)}/?12345678!\r\n`)), ["1-0:1.8.0*255=0008048.375 kWh"]);
});

test("a block check that looks like the begin of a telegram is a block check", () => {
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  const body = letters.flatMap((letter) => ["C.1", "C.11", "1.1"].map((code) => withBcc(`${code}(${letter})`)));
  const slashed = body.filter((text) => text.endsWith("\x03/"));
  assert.ok(slashed.length > 0);
  for (const text of slashed) assert.is(decode(HEAD + text + HEAD + withBcc(DATA)).length, 2);
});

test("a push is given at once, a readout without BCC when the next begins", () => {
  const decoder = new Iec62056Decoder();
  assert.is(decoder.push(asciiBytes(`${HEAD}\r\n${DATA}!\r\n`)).length, 1);
  const unchecked = `${HEAD}\x02${DATA}!\r\n`;
  assert.is(decoder.push(asciiBytes(unchecked)).length, 0);
  const [telegram] = decoder.push(asciiBytes(`\r\n${HEAD}`));
  assert.equal([telegram?.problem, telegram?.lengthBytes], [undefined, unchecked.length]);
});

test("a push that ends with its end mark is whole, a readout that may still get its BCC is not", () => {
  assert.is(decode(`${HEAD}\r\n${DATA}!`)[0]?.problem, undefined);
  assert.is(decode(`${HEAD}\x02${DATA}!`)[0]?.problem?.code, "TELEGRAM_CUT_SHORT");
});

const REFUSED: readonly (readonly [string, string, TelegramProblemCode])[] = [
  ["a wrong BCC", `${HEAD}\x02${DATA}!\r\n\x03\x00`, "TELEGRAM_BAD_SUM"],
  ["a wrong BCC behind an empty line", `${HEAD}\r\n\x02${DATA}!\r\n\x03\x00`, "TELEGRAM_BAD_SUM"],
  ["a missing BCC", `${HEAD}\x02${DATA}!\r\n\x03`, "TELEGRAM_CUT_SHORT"],
  ["a missing end mark", `${HEAD}\x02${DATA}`, "TELEGRAM_CUT_SHORT"],
  ["an identification alone", "/ISk5MT174", "TELEGRAM_CUT_SHORT"],
  ["a lost STX", `${HEAD}${withBcc(DATA).slice(1)}`, "TELEGRAM_MALFORMED"],
  ["an STX that has become a line end", `${HEAD}\n${withBcc(DATA).slice(1)}`, "TELEGRAM_MALFORMED"],
  ["an ETX that has become something else", HEAD + withBcc(DATA).replace("\x03", "\x13"), "TELEGRAM_MALFORMED"],
  ["a right BCC over something else than data sets", HEAD + withBcc("hello\r\n"), "TELEGRAM_MALFORMED"],
  ["a right BCC over an address that is none", HEAD + withBcc("1-h:1.8.0(1*kWh)\r\n"), "TELEGRAM_MALFORMED"],
  ["a right BCC over a value with a control character", HEAD + withBcc("1.8.0(1\x04)\r\n"), "TELEGRAM_MALFORMED"],
  ["a push with a broken number", `${HEAD}\r\n1.8.0(00,48.375*kWh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a push with a broken address", `${HEAD}\r\n1.8\x0e0(48.375*kWh)\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a push with a broken bracket", `${HEAD}\r\n1.8.0(48.375*kWh!\r\n!\r\n`, "TELEGRAM_MALFORMED"],
  ["a push without data", `${HEAD}\r\n!\r\n`, "TELEGRAM_MALFORMED"],
];

for (const [what, text, code] of REFUSED) {
  test(`${what} is ${code}, without values`, () => {
    const [telegram] = decode(text);
    assert.is(telegram?.problem?.code, code);
    assert.equal(telegram?.values, []);
    assert.match(telegram?.problem?.reason ?? "", /^[ -~…]+$/);
  });
}

test("whoever knows that the meter sends a BCC gets nothing without one", () => {
  const make = (): Iec62056Decoder => new Iec62056Decoder({ requiresBlockCheck: true });
  assert.is(valueLines(decodeAll(make, asciiBytes(HEAD + withBcc(DATA)))).length, 1);
  for (const text of [`${HEAD}\x02${DATA}!\r\n`, `${HEAD}\r\n${DATA}!\r\n`]) {
    assert.is(decodeAll(make, asciiBytes(text))[0]?.problem?.code, "TELEGRAM_BAD_SUM");
  }
});

test("a readout without an end is given up at the limit, and a megabyte of noise hides nothing", () => {
  const [tooLong, next] = decode(HEAD + "\x02" + DATA.repeat(2000) + HEAD + withBcc(DATA));
  assert.equal([tooLong?.lengthBytes, tooLong?.problem?.code], [IEC62056_TELEGRAM_BYTES_MAX, "TELEGRAM_TOO_LONG"]);
  assert.is(next?.problem, undefined);
  const decoder = new Iec62056Decoder({ clearsParityBit: true });
  decoder.push(new SeededRandomness("D0 noise").bytes(1024 * 1024));
  assert.is(decoder.push(asciiBytes(HEAD + withBcc(DATA))).at(-1)?.values.length, 1);
});

test.run();

function decode(text: string): readonly DecodedTelegram[] {
  return decodeAll(() => new Iec62056Decoder(), asciiBytes(text));
}

/** STX, the data, end mark, ETX and the sum of all behind STX. */
function withBcc(data: string, endMark = "!\r\n"): string {
  const body = `${data}${endMark}\x03`;
  const sum = asciiBytes(body).reduce((total, byte) => total ^ byte, 0);
  return `\x02${body}${String.fromCharCode(sum)}`;
}
