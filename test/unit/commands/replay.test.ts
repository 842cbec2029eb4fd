/** `vehicle replay`: what is printed for which line, and what a bad line costs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { toHex } from "#base/bytes.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { readLines } from "#firmware/commands/vehicle/read-lines.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const LAUNCHER = fileURLToPath(new URL("../../../firmware/launch.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tallystick-replay-"));

const test = suite("vehicle replay");

test.after(() => {
  rmSync(folder, { recursive: true });
});

const BATTERY = { service: "22", did: "0101", tx: "7E4", rx: "7EC", ext: null, tester: null, priority: null };

function recordOf(
  id: string,
  response: readonly string[],
  request: Readonly<Record<string, unknown>> = BATTERY,
): string {
  return JSON.stringify({ id, request, response, payload: "ignored", kind: "ignored" });
}

/** The main reply of a Kona at rest: 98 cells of 3.68 V. */
function konaReply(volts: number): readonly string[] {
  const data = new Uint8Array(59);
  const fields: readonly (readonly [number, number])[] = [
    [4, 99],
    [12, Math.round(volts * 10) >> 8],
    [13, Math.round(volts * 10) & 0xff],
    [23, 184],
    [25, 184],
    [29, 128],
    [50, 1],
  ];
  for (const [offset, value] of fields) data[offset] = value;
  const message = Uint8Array.of(0x62, 0x01, 0x01, ...data);
  const lines = [`7EC10${toHex(Uint8Array.of(message.length, ...message.subarray(0, 6)))}`];
  for (let start = 6; start < message.length; start += 7) {
    lines.push(`7EC2${lines.length.toString(16)}${toHex(message.subarray(start, start + 7))}`);
  }
  return lines.map((line) => line.toUpperCase());
}

const KONA = konaReply(360.9);

async function replay(
  text: string | Uint8Array,
  ...options: readonly string[]
): Promise<{ readonly exitCode: number; readonly out: readonly string[]; readonly err: readonly string[] }> {
  const file = join(folder, "records.jsonl");
  writeFileSync(file, text);
  const io = recordIo({ cwd: folder });
  const exitCode = await runCommandLine(["vehicle", "replay", "records.jsonl", ...options], commands, io);
  return { exitCode, out: io.outLines, err: io.errLines };
}

async function first(text: string): Promise<Readonly<Record<string, unknown>>> {
  const { out } = await replay(text, "--json");
  return JSON.parse(out[0] ?? "null") as Readonly<Record<string, unknown>>;
}

test("an intact reply gives its payload, and the values of the profiles that believe it", async () => {
  const result = await first(recordOf("a", KONA));
  assert.is(result["id"], "a");
  assert.is(result["outcome"], "payload");
  assert.match(String(result["payload"]), /^620101[0-9A-F]{118}$/);
  const values = result["values"] as Readonly<Record<string, number>>;
  assert.is(values["batteryVoltageV"], 360.9);
  assert.is(values["batteryCurrentA"], 0);
  assert.ok((result["profiles"] as readonly string[]).includes("hyundai-kona"));
  assert.not.ok((result["profiles"] as readonly string[]).includes("hyundai-ioniq-5"), "twice as many cells");
});

test("what no profile believes is a payload all the same, with the reason", async () => {
  const result = await first(recordOf("a", konaReply(6_000)));
  assert.is(result["outcome"], "payload");
  assert.is(result["values"], null);
  assert.match(String(result["reason"]), /batteryVoltageV 6000, expected/);
});

test("a damaged reply is asked for again, with the reason and no payload", async () => {
  const result = await first(recordOf("a", KONA.slice(0, 5)));
  assert.equal(result, { id: "a", outcome: "ask-again", reason: "the answer is incomplete" });
});

test("a request that no profile has gives a payload and no values", async () => {
  const request = { ...BATTERY, service: "09", did: "02", tx: "7E0", rx: "7E8" };
  const result = await first(recordOf("a", ["7E80749020131323334"], request));
  assert.equal(result, { id: "a", outcome: "payload", payload: "49020131323334" });
});

test("29-bit and extended addresses are read as they are recorded, or whole", async () => {
  const meb = { service: "22", did: "1E3B", tx: "FC00", rx: "FE007B", ext: null, tester: "7B", priority: "17" };
  assert.is((await first(recordOf("a", ["17FE007B05621E3B0578AAAA"], meb)))["payload"], "621E3B0578");
  const whole = { ...meb, tx: "17FC007B", rx: "17FE007B" };
  assert.is((await first(recordOf("a", ["17FE007B05621E3B0578AAAA"], whole)))["payload"], "621E3B0578");
  const i3 = { service: "22", did: "DD68", tx: "6F1", rx: "607", ext: "07" };
  assert.is((await first(recordOf("a", ["607F10562DD681234"], i3)))["payload"], "62DD681234");
});

test("of several units only the asked one's frames count", async () => {
  const request = { ...BATTERY, did: "1739", tx: "745", rx: "74D" };
  const result = await first(recordOf("a", ["7EA03410D11", "74D0462173955"], request));
  assert.is(result["payload"], "62173955");
});

test("a refusal is the unit's answer, and says so", async () => {
  const result = await first(recordOf("a", ["7EC037F2231AAAAAAAA"]));
  assert.equal(result, { id: "a", outcome: "payload", payload: "7F2231", reason: "the control unit refuses: 31" });
  assert.is((await first(recordOf("a", ["7EC037F2278AAAAAAAA"])))["outcome"], "ask-again");
});

const BAD: readonly (readonly [string, RegExp])[] = [
  ["{", /line 2: is no JSON/],
  ["[1]", /line 2: a list in place of an object/],
  ['{"id":1,"request":{},"response":[]}', /line 2: id: found a number/],
  ['{"id":"x","response":[]}', /line 2: request: found nothing/],
  [recordOf("x", KONA, { ...BATTERY, rx: 7 }), /line 2: request.rx: found a number, expected hex digits/],
  [recordOf("x", KONA, { ...BATTERY, ext: false }), /line 2: request.ext: found a boolean/],
  [recordOf("x", KONA, { ...BATTERY, did: "01X1" }), /line 2: request "2201X1" is no hex/],
  [recordOf("x", KONA, { ...BATTERY, rx: "7ECC" }), /line 2: address "7E4", "7ECC" is neither 11 nor 29 bit/],
  [recordOf("x", KONA, { ...BATTERY, rx: "17FE007B" }), /line 2: address/],
  [JSON.stringify({ id: "x", request: BATTERY, response: "7EC" }), /line 2: response: found "7EC"/],
  [JSON.stringify({ id: "x", request: BATTERY, response: [1] }), /line 2: response: found a list/],
];

for (const [line, expected] of BAD) {
  test(`a bad line is told and the others are done: ${line.slice(0, 60)}`, async () => {
    const good = recordOf("good", KONA);
    const { exitCode, out, err } = await replay([good, line, "", good].join("\n"), "--json");
    assert.is(exitCode, 65);
    assert.is(out.length, 2);
    assert.is(err.length, 1);
    assert.match(err[0] ?? "", expected);
  });
}

test("bytes that are no text, and a line without end, are bad lines too", async () => {
  const good = Buffer.from(`\n${recordOf("good", KONA)}\n`);
  const { exitCode, out, err } = await replay(Buffer.concat([Buffer.from([0xff, 0xfe]), good]), "--json");
  assert.is(exitCode, 65);
  assert.is(out.length, 1);
  assert.match(err[0] ?? "", /line 1: is no UTF-8 text/);
  const long = await replay(`"${"x".repeat(3_000_000)}"\n${recordOf("good", KONA)}`, "--json");
  assert.is(long.out.length, 1);
  assert.match(long.err[0] ?? "", /line 1: longer than 1048576 bytes/);
});

test("of a file that is no recording the first hundred bad lines are told, and how many more there are", async () => {
  const { exitCode, err } = await replay(`${"no record\n".repeat(250)}${recordOf("a", KONA)}\n`, "--json");
  assert.is(exitCode, 65);
  assert.is(err.length, 101);
  assert.is(err.at(-1), "150 further lines are no records either");
});

test("lines come out whole however the stream is cut", async () => {
  const text = Buffer.from("one\r\n\ntwo\u00e9\nthree");
  for (let size = 1; size < 8; size += 1) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.subarray(index * size, (index + 1) * size),
    );
    const lines: string[] = [];
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield* chunks;
    })();
    for await (const { number, text: line } of readLines(stream)) lines.push(`${number} ${line ?? ""}`);
    assert.equal(lines, ["1 one\r", "2 ", "3 two\u00e9", "4 three"]);
  }
});

test("without --json there is a table", async () => {
  const lines = [recordOf("a", KONA), recordOf("b", KONA.slice(1)), recordOf("c", KONA.slice(0, 3)), "{"];
  const { out, exitCode } = await replay(lines.join("\n"));
  assert.is(exitCode, 65);
  assert.equal(
    out.map((line) => line.replace(/ {2,}(?=\d)/, ": ")),
    [
      "records: 3",
      "payload: 1",
      "  with values: 1",
      "  that no profile believes: 0",
      "  that no profile asks for: 0",
      "ask again: 2",
      "  no answer to this request: 1",
      "  the answer is incomplete: 1",
      "bad lines: 1",
    ],
  );
});

test("an empty file is no fault", async () => {
  assert.is((await replay("")).exitCode, 0);
});

test("a file that is not there, no file, and an action that is none are said", async () => {
  const io = recordIo({ cwd: folder });
  assert.is(await runCommandLine(["vehicle", "replay", "nowhere.jsonl"], commands, io), 65);
  assert.match(io.errLines.join("\n"), /ENOENT/);
  assert.is(await runCommandLine(["vehicle", "replay"], commands, io), 64);
  assert.match(io.errLines.join("\n"), /something is missing; use it as: tallystick vehicle replay FILE/);
  assert.is(await runCommandLine(["vehicle", "replya", "x"], commands, io), 64);
  assert.match(io.errLines.join("\n"), /did you mean "replay"/);
});

test("`-` is standard input", () => {
  const ended = spawnSync(process.execPath, [LAUNCHER, "vehicle", "replay", "-", "--json"], {
    input: `${recordOf("piped", KONA)}\n`,
    encoding: "utf8",
  });
  assert.is(ended.status, 0, ended.stderr);
  assert.is((JSON.parse(ended.stdout) as { readonly id: string }).id, "piped");
});

test.run();
