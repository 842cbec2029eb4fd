import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decipherGcm } from "#hal/linux/decipher-gcm.ts";
import { concatBytes } from "#base/bytes.ts";
import { DlmsDecoder, type DlmsDecoderOptions } from "#hal/protocols/dlms/dlms-decoder.ts";
import {
  data,
  hdlcFrame,
  hex,
  inBlocks,
  inHdlc,
  inHdlcSegments,
  inMBus,
  notification,
  sealed,
  SENT_AT,
} from "#test/builders/dlms-bytes.ts";

const test = suite("DLMS push");

const body = (watts: number): Uint8Array =>
  data.structure(data.octets("0100010700ff"), data.u32(watts), data.scalerUnit(0, 27));
const push = (watts: number): Uint8Array => notification(body(watts));
const long = (watts: number): Uint8Array =>
  notification(data.structure(data.octets("0100010700ff"), data.u32(watts), data.octets("00".repeat(100))));

function decode(parts: readonly Uint8Array[], options: DlmsDecoderOptions = {}): readonly string[] {
  const decoder = new DlmsDecoder(options);
  return [...decoder.push(concatBytes(...parts)), ...decoder.end()].map(
    ({ offset, lengthBytes, problem, values }) =>
      `${offset}+${lengthBytes} ${problem?.code ?? values.map(({ code, value }) => `${code}=${value}`).join(" ")}`,
  );
}

function codes(parts: readonly Uint8Array[], options: DlmsDecoderOptions = {}): readonly string[] {
  return decode(parts, options).map((line) => line.slice(line.indexOf(" ") + 1));
}

test("HDLC addresses have one to four bytes, and any control byte is taken", () => {
  for (const addresses of [
    "4183",
    "410883",
    "08830883",
    "02022302040223",
    "41020223",
    "020102020223",
    "0204022302040223",
  ]) {
    const frame = inHdlc(push(7), { addresses, control: 0x10 });
    assert.equal(decode([frame]), [`0+${frame.length} 1-0:1.7.0=7`], addresses);
  }
  assert.equal(codes([inHdlc(push(7), { addresses: "0202020202" })]), [], "an address that does not end");
});

test("frames may share the flag between them, or have more than one, or noise", () => {
  const one = inHdlc(push(1));
  const two = inHdlc(push(2));
  assert.equal(codes([one, two.subarray(1)]), ["1-0:1.7.0=1", "1-0:1.7.0=2"]);
  assert.equal(codes([hex("7e7e7e"), one, hex("7e7e"), two, hex("7e")]), ["1-0:1.7.0=1", "1-0:1.7.0=2"]);
  assert.equal(codes([hex("00a07e00"), one, hex("68682016"), two]), ["1-0:1.7.0=1", "1-0:1.7.0=2"]);
});

test("a frame with a wrong sum gives no values and does not cost the next, which may have begun inside of it", () => {
  const one = inHdlc(push(1));
  const two = inHdlc(push(2));
  assert.equal(codes([one.with(30, 0xee), two]), ["TELEGRAM_BAD_SUM", "1-0:1.7.0=2"]);
  assert.equal(codes([one.with(4, 0xee), two]), ["TELEGRAM_BAD_SUM", "1-0:1.7.0=2"]);
  for (let length = 10; length < one.length - 1; length += 1) {
    const given = codes([one.subarray(0, length), two]);
    assert.equal(given, ["TELEGRAM_BAD_SUM", "1-0:1.7.0=2"], `cut after ${length}`);
  }
  assert.equal(codes([two, one.subarray(0, 20)]), ["1-0:1.7.0=2", "TELEGRAM_CUT_SHORT"]);
});

test("frames of other kinds, without information or without a notification, give no values", () => {
  assert.equal(codes([hex("7ea0074183537f7b7e")]), []);
  assert.equal(codes([hdlcFrame(hex("0102"))]), ["TELEGRAM_CUT_SHORT"]);
  assert.equal(codes([inHdlc(hex("c401c100"))]), ["TELEGRAM_MALFORMED"]);
});

test("a notification says when it was sent, with the type's tag or without, or does not say", () => {
  const sentAt = (time: string): string | null | undefined =>
    new DlmsDecoder().push(inHdlc(notification(body(1), hex(time))))[0]?.sentAt;
  assert.is(sentAt(`0c${SENT_AT}`), SENT_AT);
  assert.is(sentAt(`090c${SENT_AT}`), SENT_AT);
  assert.is(sentAt("00"), null);
  assert.is(sentAt("0a00000000000000000000"), undefined);
});

test("an APDU over several HDLC frames is one telegram", () => {
  const frames = inHdlcSegments(long(5), 30);
  assert.ok(frames.length > 3);
  const lengthBytes = frames.reduce((total, frame) => total + frame.length, 0);
  assert.equal(decode(frames), [`0+${lengthBytes} 1-0:1.7.0=5`]);
});

test("a lost part costs its telegram and no other", () => {
  const one = inHdlcSegments(long(1), 40);
  const two = inHdlcSegments(long(2), 40);
  assert.equal(codes([...one.slice(0, 2), ...two]), ["TELEGRAM_CUT_SHORT", "1-0:1.7.0=2"]);
  assert.equal(codes([...one.slice(0, 1), ...one.slice(2), ...two]), ["TELEGRAM_MALFORMED", "1-0:1.7.0=2"]);
  const [first = new Uint8Array(0)] = one;
  const foreign = hdlcFrame(hex("0102"), { addresses: "2183" });
  assert.equal(codes([first, foreign]), ["TELEGRAM_CUT_SHORT", "TELEGRAM_CUT_SHORT"]);
  assert.equal(codes([first]), ["TELEGRAM_CUT_SHORT"]);
});

test("M-Bus frames are joined by their numbers", () => {
  const frames = inMBus(long(5), 50);
  assert.is(frames.length, 3);
  assert.equal(codes(frames), ["1-0:1.7.0=5"]);
  const [first, second, third] = frames;
  assert.ok(first && second && third);
  assert.equal(codes([first, third, ...frames]), ["TELEGRAM_CUT_SHORT", "TELEGRAM_CUT_SHORT", "1-0:1.7.0=5"]);
  assert.equal(codes([second, third, ...frames]), ["TELEGRAM_CUT_SHORT", "TELEGRAM_CUT_SHORT", "1-0:1.7.0=5"]);
  assert.equal(codes([first.with(20, 0xee), ...frames]), ["TELEGRAM_BAD_SUM", "1-0:1.7.0=5"]);
  assert.equal(codes([...inMBus(push(3)), inHdlc(push(4)), ...inMBus(push(5))]), [
    ...["1-0:1.7.0=3", "1-0:1.7.0=4", "1-0:1.7.0=5"],
  ]);
});

test("an APDU in transfer blocks is one telegram", () => {
  const blocks = inBlocks(long(6), 40).map((block) => inHdlc(block));
  assert.ok(blocks.length > 2);
  assert.equal(codes(blocks), ["1-0:1.7.0=6"]);
  assert.equal(codes(blocks.slice(0, 2)), ["TELEGRAM_CUT_SHORT"]);
  assert.equal(codes([...blocks.slice(0, 1), ...blocks.slice(2, 3), ...blocks]), [
    ...["TELEGRAM_CUT_SHORT", "TELEGRAM_CUT_SHORT", "1-0:1.7.0=6"],
  ]);
  const [block = new Uint8Array(0)] = inBlocks(push(1), 200);
  assert.equal(codes([inHdlc(concatBytes(block, hex("00")))]), ["TELEGRAM_MALFORMED"]);
});

test("an APDU that does not end is given up at the greatest length", () => {
  const part = hdlcFrame(new Uint8Array(1900), { isSegmented: true });
  const first = inHdlc(new Uint8Array(1900), { isSegmented: true });
  const given = codes([first, part, part, part, part]);
  assert.equal(given, ["TELEGRAM_TOO_LONG"]);
});

const key = hex("36c66639e48a8ca4d6bc8b282a793bbb");
const authenticationKey = hex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf");
const decipher = decipherGcm;

test("without the key an encrypted telegram says so, and who sent it", () => {
  for (const control of [0x20, 0x30]) {
    const frame = inHdlc(sealed(push(8), { key, control }));
    const [telegram] = new DlmsDecoder().push(frame);
    assert.is(telegram?.problem?.code, "TELEGRAM_ENCRYPTED");
    assert.match(telegram?.problem?.reason ?? "", "4b464d6750000009");
    assert.equal(telegram?.values, []);
  }
});

test("with the key it is read, authenticated or not", () => {
  for (const control of [0x20, 0x30]) {
    for (const isGeneral of [false, true]) {
      const frame = inHdlc(sealed(push(8), { key, authenticationKey, control, isGeneral }));
      assert.equal(codes([frame], { key, decipher }), ["1-0:1.7.0=8"]);
    }
  }
  const large = inMBus(sealed(long(8), { key, control: 0x20 }), 50);
  assert.equal(codes(large, { key, decipher }), ["1-0:1.7.0=8"]);
});

test("with the authentication key, only what carries a fitting tag gives values", () => {
  const options = { key, authenticationKey, decipher };
  for (const control of [0x10, 0x30]) {
    for (const isGeneral of [false, true]) {
      const apdu = sealed(push(8), { key, authenticationKey, control, isGeneral });
      assert.equal(codes([inHdlc(apdu)], options), ["1-0:1.7.0=8"]);
      for (let at = apdu.length - 40; at < apdu.length; at += 1) {
        const [code] = codes([inHdlc(apdu.with(at, (apdu[at] ?? 0) ^ 1))], options);
        assert.is(code, "TELEGRAM_BAD_SUM", `byte ${at}`);
      }
    }
    const other = sealed(push(8), { key, authenticationKey: key, control });
    assert.equal(codes([inHdlc(other)], options), ["TELEGRAM_BAD_SUM"]);
  }
  assert.equal(codes([inHdlc(sealed(push(8), { key, control: 0x20 }))], options), ["TELEGRAM_MALFORMED"]);
  assert.equal(codes([inHdlc(push(8))], options), ["TELEGRAM_MALFORMED"]);
});

test("a telegram that is authenticated and not encrypted is read without keys", () => {
  assert.equal(codes([inHdlc(sealed(push(8), { key, control: 0x10 }))]), ["1-0:1.7.0=8"]);
});

test("a wrong key gives no values, and the reason hints at it", () => {
  const frame = inHdlc(sealed(push(8), { key, control: 0x20 }));
  const [telegram] = new DlmsDecoder({ key: authenticationKey, decipher }).push(frame);
  assert.is(telegram?.problem?.code, "TELEGRAM_MALFORMED");
  assert.match(telegram?.problem?.reason ?? "", "is the key that of this meter?");
});

test("ciphered APDUs that are cut, compressed or of another suite are refused", () => {
  const apdu = sealed(push(8), { key, control: 0x20 });
  for (const length of [1, 5, 10, 11, 14, apdu.length - 1]) {
    assert.equal(codes([inHdlc(apdu.subarray(0, length))], { key, decipher }), ["TELEGRAM_MALFORMED"], `${length}`);
  }
  const controlAt = apdu.indexOf(0x20, 10);
  assert.equal(codes([inHdlc(apdu.with(controlAt, 0xa0))], { key, decipher }), ["TELEGRAM_MALFORMED"]);
  assert.equal(codes([inHdlc(apdu.with(controlAt, 0x21))], { key, decipher }), ["TELEGRAM_MALFORMED"]);
});

test("keys of a wrong length, or without a decipher, are a bug of the caller", () => {
  assert.throws(() => new DlmsDecoder({ key }), "bug:");
  assert.throws(() => new DlmsDecoder({ key: key.subarray(1), decipher }), "bug:");
  assert.throws(() => new DlmsDecoder({ authenticationKey }), "bug:");
});

test.run();
