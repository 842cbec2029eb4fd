/** Requests and answers on a recorded RTU line, found without the silences between them. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import type { Finding } from "#firmware/commands/decode/finding.ts";
import { ModbusLine } from "#firmware/commands/decode/modbus-line.ts";
import { withCrc } from "#hal/protocols/modbus/rtu-checksum.ts";

const READ = frame(1, 3, 0, 72, 0, 2);
const ANSWER = frame(1, 3, 4, 0x43, 0x66, 0x33, 0x34);
const EXCEPTION = frame(1, 0x83, 2);

const test = suite("recorded Modbus lines");

const LINES: readonly (readonly [string, readonly Uint8Array[], readonly string[]])[] = [
  ["an exchange", [READ, ANSWER], ["0+17 2"]],
  ["two exchanges", [READ, ANSWER, READ, ANSWER], ["0+17 2", "17+17 2"]],
  ["noise around an exchange", [bytes(9, 9), READ, bytes(7), ANSWER, bytes(1, 3)], ["2+18 2"]],
  ["an exception", [READ, EXCEPTION], ["0+13 MODBUS_EXCEPTION"]],
  ["a request without an answer", [READ, READ, ANSWER], ["0+8 TELEGRAM_CUT_SHORT", "8+17 2"]],
  [
    "an answer cut by the next request",
    [READ, ANSWER.slice(0, 6), READ, ANSWER],
    ["0+14 TELEGRAM_CUT_SHORT", "14+17 2"],
  ],
  ["a damaged answer", [READ, ANSWER.with(4, 0), READ, ANSWER], ["0+17 TELEGRAM_BAD_SUM", "17+17 2"]],
  ["an answer without a request", [ANSWER, READ, ANSWER], ["0+9 TELEGRAM_CUT_SHORT", "9+17 2"]],
  ["another unit's answer", [READ, frame(2, 3, 2, 0, 1)], ["0+8 TELEGRAM_CUT_SHORT", "8+7 TELEGRAM_CUT_SHORT"]],
  ["a write", [frame(1, 6, 0, 1, 0, 5), frame(1, 6, 0, 1, 0, 5)], ["0+16 0"]],
  ["writes of several", [frame(1, 16, 0, 1, 0, 1, 2, 0, 5), frame(1, 16, 0, 1, 0, 1)], ["0+19 0"]],
  ["coils", [frame(1, 1, 0, 0, 0, 9), frame(1, 1, 2, 0xff, 1)], ["0+15 0"]],
  ["coils whose answer is as long as a request", [frame(1, 1, 0, 0, 0, 24), frame(1, 1, 3, 1, 2, 3)], ["0+16 0"]],
  ["a line that ends in a request", [READ], ["0+8 TELEGRAM_CUT_SHORT"]],
  ["a line that ends in an answer", [READ, ANSWER.slice(0, 8)], ["0+16 TELEGRAM_CUT_SHORT"]],
];

for (const [what, parts, expected] of LINES) {
  test(`${what}, whole and byte by byte`, () => {
    const line = concatBytes(...parts);
    assert.equal(found(line, [line.length]).map(summary), expected);
    assert.equal(found(line, [1]), found(line, [line.length]));
  });
}

test("any line gives the same in any pieces, and nothing overlaps", () => {
  const part = fc.oneof(fc.constantFrom(READ, ANSWER, EXCEPTION, ANSWER.slice(0, 5)), fc.uint8Array({ maxLength: 12 }));
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), sizes, (parts, pieceBytes) => {
      const line = concatBytes(...parts);
      const whole = found(line, [Math.max(1, line.length)]);
      assert.equal(found(line, pieceBytes), whole);
      let end = 0;
      for (const { offset, lengthBytes } of whole) {
        assert.ok(offset >= end);
        end = offset + lengthBytes;
      }
      assert.ok(end <= line.length);
    }),
    { seed: 20_261_122, numRuns: 1000 },
  );
});

test.run();

function found(line: Uint8Array, pieceBytes: readonly number[]): readonly Finding[] {
  const decoder = new ModbusLine();
  const findings: Finding[] = [];
  for (let start = 0, piece = 0; start < line.length; piece += 1) {
    const end = start + (pieceBytes[piece % pieceBytes.length] ?? 1);
    findings.push(...decoder.push(line.subarray(start, end)));
    start = end;
  }
  return [...findings, ...decoder.end()];
}

function summary({ offset, lengthBytes, problem, values }: Finding): string {
  return `${offset}+${lengthBytes} ${problem?.code ?? values.length}`;
}

function frame(...content: readonly number[]): Uint8Array {
  return withCrc(Uint8Array.from(content));
}

function bytes(...content: readonly number[]): Uint8Array {
  return Uint8Array.from(content);
}
