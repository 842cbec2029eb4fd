/** `meter decode`: what it takes, what it prints, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createCipheriv } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { PROTOCOLS } from "#firmware/commands/decode/protocols.ts";
import { asciiBytes } from "#hal/protocols/ascii.ts";
import { withCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const PUSH = "/EMH5----eHZ-E0018E\r\n\r\n1-0:1.8.1*255(032942.0231)\r\n1-0:16.7.0*255(000557.29*W)\r\n!\r\n";
const READ = withCrc(Uint8Array.of(1, 4, 0x9c, 0x44, 0, 2));
const ANSWER = withCrc(Uint8Array.of(1, 4, 4, 0x43, 0x66, 0x33, 0x34));

const test = suite("meter decode");

test("with --json a telegram is one object a line: where, how long, whether intact, and all values", async () => {
  const { exitCode, out } = await decode("iec62056", asciiBytes(PUSH), ["--json"]);
  assert.is(exitCode, 0);
  assert.equal(out.map(parse), [
    {
      offset: 0,
      length: PUSH.length,
      intact: true,
      values: [
        { code: "1-0:1.8.1*255", value: "032942.0231", kind: "number", unit: null },
        { code: "1-0:16.7.0*255", value: "000557.29", kind: "number", unit: "W" },
      ],
    },
  ]);
});

test("a damaged telegram is a line, too, with what is wrong and without values", async () => {
  const cut = PUSH.slice(0, 40);
  const { exitCode, out, err } = await decode("dsmr", asciiBytes(cut + PUSH), ["--json"]);
  assert.is(exitCode, 0);
  assert.equal(parse(out[0] ?? ""), {
    offset: 0,
    length: 40,
    intact: false,
    problem: { code: "TELEGRAM_CUT_SHORT", reason: 'another telegram began before the end mark "!"' },
    values: [],
  });
  assert.equal(err, []);
});

test("without --json it is a table for people, with the totals", async () => {
  const { out, err } = await decode("iec62056", asciiBytes(PUSH), []);
  assert.equal(out, [
    `at 0, ${PUSH.length} bytes: intact`,
    "  1-0:1.8.1*255   032942.0231",
    "  1-0:16.7.0*255    000557.29 W",
  ]);
  assert.match(err.join(), /1 telegrams of iec62056, 1 intact/);
});

test("parity bits in a recording change nothing", async () => {
  const withParity = asciiBytes(PUSH).map((byte) => byte | 0x80);
  const { out } = await decode("iec62056", withParity, ["--json"]);
  assert.equal(out, (await decode("iec62056", asciiBytes(PUSH), ["--json"])).out);
});

test("a file without an intact telegram ends with 65, whatever the protocol", async () => {
  for (const protocol of PROTOCOLS) {
    for (const bytes of [new Uint8Array(0), asciiBytes("nothing of the kind"), asciiBytes(PUSH.slice(0, 60))]) {
      const { exitCode, err } = await decode(protocol, bytes, ["--json"]);
      assert.is(exitCode, 65);
      assert.match(err.join(), /0 intact/);
    }
  }
});

test("the pieces in which the file is taken change nothing", async () => {
  const stream = asciiBytes(`noise${PUSH}${PUSH.slice(0, 30)}${PUSH}`);
  const whole = await decode("iec62056", stream, ["--json"]);
  assert.is(whole.out.length, 3);
  for (const seed of ["1", "2", "three"]) {
    assert.equal(await decode("iec62056", stream, ["--json", "--chunks", seed]), whole);
  }
});

test("on a recorded Modbus line requests give the answers' registers their addresses", async () => {
  const line = concatBytes(Uint8Array.of(0, 7), READ, ANSWER, READ, READ, ANSWER.with(4, 0));
  const { exitCode, out } = await decode("modbus", line, ["--json"]);
  assert.is(exitCode, 0);
  const exchange = { unit: 1, function: 4, address: 40_004, quantity: 2 };
  assert.equal(out.map(parse), [
    {
      offset: 2,
      length: 17,
      intact: true,
      exchange,
      values: [
        { code: "40004", value: "17254", kind: "number", unit: null },
        { code: "40005", value: "13108", kind: "number", unit: null },
      ],
    },
    {
      offset: 19,
      length: 8,
      intact: false,
      problem: { code: "TELEGRAM_CUT_SHORT", reason: "no answer" },
      exchange,
      values: [],
    },
    {
      offset: 27,
      length: 17,
      intact: false,
      problem: { code: "TELEGRAM_BAD_SUM", reason: "the CRC of the answer does not fit" },
      exchange,
      values: [],
    },
  ]);
  for (const seed of ["1", "2", "3", "4", "5"]) {
    assert.equal((await decode("modbus", line, ["--json", "--chunks", seed])).out, out);
  }
});

const EXCHANGES: readonly (readonly [string, unknown, string | undefined, number])[] = [
  ["a read", { request: toHex(READ), response: toHex(ANSWER) }, undefined, 2],
  ["spaces and capitals", { request: toHex(READ).toUpperCase(), response: ` ${toHex(ANSWER)}` }, undefined, 2],
  ["an acknowledged write", write("011000010001020005", "011000010001"), undefined, 0],
  [
    "an exception",
    { request: toHex(READ), response: toHex(withCrc(Uint8Array.of(1, 0x84, 2))) },
    "MODBUS_EXCEPTION",
    0,
  ],
  ["a cut answer", { request: toHex(READ), response: toHex(ANSWER.slice(0, 7)) }, "TELEGRAM_CUT_SHORT", 0],
  ["a damaged answer", { request: toHex(READ), response: toHex(ANSWER.with(3, 0)) }, "TELEGRAM_BAD_SUM", 0],
  ["an answer with a byte more", { request: toHex(READ), response: `${toHex(ANSWER)}00` }, "TELEGRAM_BAD_SUM", 0],
  ["a damaged request", { request: toHex(READ.with(3, 0)), response: toHex(ANSWER) }, "TELEGRAM_BAD_SUM", 0],
  ["no answer", { request: toHex(READ) }, "TELEGRAM_CUT_SHORT", 0],
  ["another unit's answer", { request: toHex(READ), response: toHex(otherUnit()) }, "TELEGRAM_MALFORMED", 0],
  ["no hexadecimal", { request: "0x01", response: "" }, "TELEGRAM_MALFORMED", 0],
  ["no object", 7, "TELEGRAM_MALFORMED", 0],
];

for (const [what, exchange, problem, values] of EXCHANGES) {
  test(`in a recording as JSON, ${what} is ${problem ?? "intact"}`, async () => {
    const file = asciiBytes(JSON.stringify({ meter: "any", exchanges: [exchange] }));
    const { exitCode, out } = await decode("modbus", file, ["--json"]);
    const [finding] = out.map(parse);
    assert.equal(
      [finding?.problem?.code, finding?.intact, finding?.values.length],
      [problem, problem === undefined, values],
    );
    assert.is(exitCode, problem === undefined ? 0 : 65);
  });
}

test("an encrypted telegram tells so, and is read with the meter's key", async () => {
  const key = "000102030405060708090a0b0c0d0e0f";
  const frame = encryptedFrame(bytesOf(key));
  const closed = await decode("dlms", frame, ["--json"]);
  assert.equal([closed.exitCode, parse(closed.out[0] ?? "").problem?.code], [65, "TELEGRAM_ENCRYPTED"]);
  const opened = await decode("dlms", frame, ["--json", "--key", key]);
  assert.is(opened.exitCode, 0);
  assert.equal(parse(opened.out[0] ?? "").values, [{ code: "1-0:1.7.0", value: "1362", kind: "number", unit: "W" }]);
});

test("a tag that does not fit the authentication key is not taken", async () => {
  const key = "000102030405060708090a0b0c0d0e0f";
  const authenticationKey = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf";
  const frame = encryptedFrame(bytesOf(key), bytesOf(authenticationKey));
  const words = ["--json", "--key", key, "--authentication-key"];
  assert.is((await decode("dlms", frame, [...words, authenticationKey])).exitCode, 0);
  assert.is((await decode("dlms", frame, [...words, key])).exitCode, 65);
  assert.is((await decode("dlms", frame, ["--key", key])).exitCode, 0);
});

const MISUSES: readonly (readonly [readonly string[], RegExp])[] = [
  [["meter", "decode", "x"], /--protocol is missing: one of sml, dsmr, iec62056, dlms, modbus/],
  [["meter", "decode", "x", "--protocol", "dsrm"], /found "dsrm".*did you mean "dsmr"/],
  [["meter", "decode", "--protocol", "sml"], /decode which file/],
  [["meter", "decode", "x", "y", "--protocol", "sml"], /too much: "y"/],
  [["meter", "decode", "x", "--protocol", "dlms", "--key", "abc"], /--key: expected 32 hexadecimal digits/],
  [["meter", "decode", "x", "--protocol", "sml", "--key", "0".repeat(32)], /only dlms/],
  [["meter", "decode", "x", "--protocol", "dlms", "--authentication-key", "0".repeat(32)], /--key is missing/],
  [["meter", "read", "x"], /too much: "x"/],
  [["meter", "deocde", "x"], /did you mean "decode"/],
];

for (const [words, expected] of MISUSES) {
  test(`\`${words.join(" ")}\` is refused with what there is`, async () => {
    const io = recordIo();
    assert.is(await runCommandLine(words, commands, io), 64);
    assert.match(io.errLines.join("\n"), expected);
    assert.not.match(io.errLines.join("\n"), /00000000/);
  });
}

test("a file that cannot be read is named, with the reason", async () => {
  for (const protocol of PROTOCOLS) {
    const missing = recordIo({ cwd: "/" });
    const words = ["meter", "decode", "no-such-file", "--protocol", protocol];
    assert.is(await runCommandLine(words, commands, missing), 65);
    assert.match(missing.errLines.join(), /cannot read no-such-file: ENOENT/);
    const folder = recordIo({ cwd: "/" });
    assert.is(await runCommandLine(["meter", "decode", "/", "--protocol", protocol], commands, folder), 65);
    assert.match(folder.errLines.join(), /cannot read \/: EISDIR/);
  }
});

test.run();

interface Printed {
  readonly intact: boolean;
  readonly problem?: { readonly code: string };
  readonly values: readonly unknown[];
}

interface Outcome {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function decode(protocol: string, bytes: Uint8Array, options: readonly string[]): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), "tallystick-decode-"));
  try {
    writeFileSync(join(cwd, "recorded"), bytes);
    const io = recordIo({ cwd });
    const exitCode = await runCommandLine(
      ["meter", "decode", "recorded", "--protocol", protocol, ...options],
      commands,
      io,
    );
    return { exitCode, out: io.outLines, err: io.errLines };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function parse(line: string): Printed {
  return JSON.parse(line) as Printed;
}

/** An M-Bus frame with a general-glo-ciphering APDU around one value; with a tag when there is a key for it. */
function encryptedFrame(key: Uint8Array, authenticationKey?: Uint8Array): Uint8Array {
  const plain = bytesOf("0f40000000000101020309060100010700ff060000055202020f00161b");
  const title = bytesOf("4b464d6750000009");
  const counter = bytesOf("00000001");
  const control = Uint8Array.of(authenticationKey === undefined ? 0x20 : 0x30);
  const cipher = createCipheriv("aes-128-gcm", key, concatBytes(title, counter), { authTagLength: 12 });
  cipher.setAAD(concatBytes(control, authenticationKey ?? new Uint8Array(0)));
  const sealed = concatBytes(cipher.update(plain), cipher.final());
  const tag = authenticationKey === undefined ? new Uint8Array(0) : cipher.getAuthTag();
  const service = concatBytes(control, counter, sealed, tag);
  const apdu = concatBytes(Uint8Array.of(0xdb, 8), title, Uint8Array.of(service.length), service);
  const contents = concatBytes(bytesOf("5300100167"), apdu);
  const sum = contents.reduce((total, byte) => (total + byte) & 0xff, 0);
  const length = contents.length;
  return concatBytes(Uint8Array.of(0x68, length, length, 0x68), contents, Uint8Array.of(sum, 0x16));
}

function write(request: string, response: string): unknown {
  return { request: toHex(withCrc(bytesOf(request))), response: toHex(withCrc(bytesOf(response))) };
}

function otherUnit(): Uint8Array {
  return withCrc(ANSWER.slice(0, -2).with(0, 9));
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text);
  assert.ok(bytes, text);
  return bytes;
}
