/**
 * Requests and answers of a real meter (Bauer BSM-WS36A), as somebody recorded them: the RTU framing takes each answer
 * for the answer to its request, and none for another's. The recordings lie beside the checkout, in shared/data.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { hasGoodCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import { RtuFraming } from "#hal/protocols/modbus/rtu-framing.ts";

const folder = fileURLToPath(new URL("../../../shared/data/modbus-rtu", import.meta.url));

interface Exchange {
  readonly request: string;
  readonly response: string;
  readonly crcOk: readonly boolean[];
}

const test = suite("recorded modbus exchanges");

if (!existsSync(folder)) {
  console.log("no recordings beside the checkout: the recorded Modbus exchanges are not replayed");
  test.skip("each answer is found, cut anywhere");
} else {
  const exchanges = globSync("*_*.json", { cwd: folder }).flatMap(exchangesIn);

  test("there are recordings", () => {
    assert.ok(exchanges.length >= 20, `only ${exchanges.length}`);
  });

  test("each answer with a good checksum is found, cut anywhere, and no damaged one", () => {
    for (const { request, response, crcOk } of exchanges) {
      for (const pieceBytes of [1, 7, 256]) {
        assert.is(replay(request, response, pieceBytes), crcOk[1] === true ? response : undefined);
      }
    }
  });

  test("an answer to a request of another form is nobody's", () => {
    const [first] = exchanges;
    const other = exchanges.find(({ response }) => response.length !== first?.response.length);
    assert.ok(first !== undefined && other !== undefined);
    assert.is(replay(first.request, other.response, 256), undefined);
  });
}

function replay(request: string, response: string, pieceBytes: number): string | undefined {
  const framing = new RtuFraming({ echoes: false });
  const sent = bytes(request);
  assert.ok(hasGoodCrc(sent));
  framing.begin(sent);
  const received = bytes(response);
  for (let start = 0; start < received.length; start += pieceBytes) {
    const frame = framing.receive(received.subarray(start, start + pieceBytes));
    if (frame !== undefined) return toHex(frame);
  }
  return undefined;
}

function exchangesIn(file: string): readonly Exchange[] {
  const recording = JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as {
    readonly exchanges: readonly Exchange[];
  };
  return recording.exchanges;
}

function bytes(hex: string): Uint8Array {
  const parsed = fromHex(hex);
  assert.ok(parsed !== undefined);
  return parsed;
}

test.run();
