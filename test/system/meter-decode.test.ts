/**
 * `tallystick meter decode` as a program, on recordings of real meters. They lie beside the checkout, in shared/data;
 * without them only a telegram made here is decoded.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes, fromHex } from "#base/bytes.ts";
import { recordingsFolder } from "#test/builders/telegram-runs.ts";
import { tallystick, type Ended } from "#test/builders/tallystick-process.ts";

interface Line {
  readonly offset: number;
  readonly length: number;
  readonly intact: boolean;
  readonly values: readonly { readonly code: string; readonly value: string; readonly unit: string | null }[];
}

interface RecordedExchange {
  readonly request: string;
  readonly response: string;
  readonly crcOk: readonly boolean[];
  readonly address: number;
  readonly registers?: readonly number[];
}

const test = suite("meter decode, as a program");
const folder = mkdtempSync(join(tmpdir(), "tallystick-decode-"));
const modbus = recordingsFolder("modbus-rtu");
const dsmr = recordingsFolder("dsmr");
const sml = recordingsFolder("sml");

test.after(() => {
  rmSync(folder, { recursive: true });
});

test("a telegram is printed on standard output, and the exit code says that there was one", async () => {
  const file = join(folder, "push");
  writeFileSync(file, "/EMH5----eHZ-E0018E\r\n\r\n1-0:1.8.0*255(000001.5*kWh)\r\n!\r\n");
  const ended = await decode(file, "iec62056");
  assert.is(ended.exitCode, 0);
  assert.equal(
    linesOf(ended).map(({ values }) => values),
    [[{ code: "1-0:1.8.0*255", value: "000001.5", kind: "number", unit: "kWh" }]],
  );
  assert.is((await decode(file, "sml")).exitCode, 65);
});

if (modbus === undefined || dsmr === undefined || sml === undefined) {
  console.log("no recordings beside the checkout: the program decodes none");
  test.skip("recordings");
} else {
  test("recorded Modbus exchanges have their registers at their addresses, from JSON and from bare bytes", async () => {
    for (const file of globSync("*_{ev-charging,notation}.json", { cwd: modbus })) {
      const { exchanges } = JSON.parse(readFileSync(modbus + file, "utf8")) as {
        readonly exchanges: readonly RecordedExchange[];
      };
      const line = join(folder, file.replace(".json", ".bin"));
      writeFileSync(
        line,
        concatBytes(...exchanges.flatMap(({ request, response }) => [bytes(request), bytes(response)])),
      );
      const found = linesOf(await decode(modbus + file, "modbus"));
      assert.equal(found.map(registersOf), exchanges.map(expectedOf));
      assert.equal(linesOf(await decode(line, "modbus", "--chunks", "7")), found);
    }
  });

  test("a stream of hundreds of telegrams is printed alike, however the file is taken", async () => {
    const file = `${dsmr}stream_ISK5_2M550T.p1stream`;
    const whole = await decode(file, "dsmr");
    assert.ok(linesOf(whole).length > 250 && linesOf(whole).every(({ intact }) => intact));
    assert.equal(await decode(file, "dsmr", "--chunks", "1"), whole);
  });

  test("the SML frames of a recording are where a plain scan found them, intact or not", async () => {
    const { files } = JSON.parse(readFileSync(`${sml}expected.json`, "utf8")) as {
      readonly files: Readonly<Record<string, { readonly transport: readonly { offset: number; crc: string }[] }>>;
    };
    for (const file of ["dzg_dwsb20_2th_3byte.bin", "DZG_DVS-7420.2V.G2_mtr1.bin"]) {
      const intact = linesOf(await decode(sml + file, "sml", "--chunks", "3")).filter((line) => line.intact);
      const good = files[file]?.transport.filter(({ crc }) => crc !== "bad" && crc !== "truncated");
      assert.equal(
        intact.map(({ offset }) => offset),
        good?.map(({ offset }) => offset),
        file,
      );
    }
  });
}

function decode(file: string, protocol: string, ...options: readonly string[]): Promise<Ended> {
  return tallystick(["meter", "decode", file, "--protocol", protocol, "--json", ...options]);
}

function linesOf({ out }: Ended): readonly Line[] {
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function registersOf({ intact, values }: Line): unknown {
  return { intact, registers: values.map(({ code, value, unit }) => [code, value, unit]) };
}

function expectedOf({ crcOk, address, registers = [] }: RecordedExchange): unknown {
  const intact = crcOk.every((isOk) => isOk);
  return { intact, registers: registers.map((value, index) => [String(address + index), String(value), null]) };
}

function bytes(hex: string): Uint8Array {
  const parsed = fromHex(hex);
  assert.ok(parsed);
  return parsed;
}

test.run();
