/**
 * Recorded telegrams through the models' tables: the reading is what an independent decoder has found in them. The
 * recordings lie beside the checkout, in shared/data.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeTelegram, type TelegramContents } from "#hal/meters/telegram/decode-telegram.ts";
import { makeMeterDecoder } from "#hal/meters/telegram/meter-decoder.ts";
import { telegramModel } from "#hal/meters/telegram/models/registry.ts";
import { readExpected, readRecording, recordingsFolder } from "#test/builders/telegram-runs.ts";

const test = suite("readings of recorded telegrams");

interface SmlExpected {
  readonly decoded: readonly {
    readonly ok: boolean;
    readonly lists?: readonly {
      readonly serverId: string;
      readonly values: readonly { readonly obis: string; readonly value?: string; readonly unit: string }[];
    }[];
  }[];
}

const sml = recordingsFolder("sml");
if (sml === undefined) {
  console.log("no recordings beside the checkout: their readings are not compared");
  test.skip("readings of recorded telegrams");
} else {
  test("SML: register and power of each meter are those that another decoder has found", () => {
    let compared = 0;
    for (const [file, expected] of Object.entries(readExpected(sml))) {
      const values = (expected as SmlExpected).decoded.find((each) => each.ok)?.lists?.[0]?.values ?? [];
      const valueOf = (code: string): number | undefined => {
        const found = values.find(({ obis }) => obis === `1-0:${code}*255`);
        return found?.value === undefined ? undefined : Number(found.value);
      };
      const total = valueOf("1.8.0") ?? sumOf(valueOf("1.8.1"), valueOf("1.8.2"));
      const reading = firstReading("sml-generic", readRecording(sml, file));
      if (total === undefined) {
        assert.is(reading, undefined, file);
        continue;
      }
      assert.ok(reading?.ok, file);
      assert.is(reading.value.importedMilliWh, Math.round(total * 1000), file);
      const powerW = valueOf("16.7.0");
      // The one meter that sends its power as another number than it means.
      if (powerW !== undefined && file !== "DZG_DVS-7412.2_jmberg.bin") assert.is(reading.value.powerW, powerW, file);
      compared += 1;
    }
    console.log(`SML: ${compared} meters with the expected register`);
    assert.ok(compared >= 14);
  });

  test("a meter whose PIN was not entered tells whole kWh, and no power", () => {
    const reading = firstReading("sml-generic", readRecording(sml, "ISKRA_MT631-D2A51-V22-K0z_without_PIN.bin"));
    assert.ok(reading?.ok);
    const { importedMilliWh, resolutionMilliWh, powerW } = reading.value;
    assert.equal([importedMilliWh, resolutionMilliWh, powerW], [16_786_000_000, 1_000_000, null]);
  });
}

interface P1Expected {
  readonly telegram?: {
    readonly crc: { readonly ok: boolean | null };
    readonly objects: readonly { readonly obis: string; readonly values: readonly { readonly value?: string }[] }[];
  };
}

const dsmr = recordingsFolder("dsmr");
if (dsmr !== undefined) {
  test("P1: the two tariffs of each meter add up to its reading", () => {
    let compared = 0;
    for (const [file, expected] of Object.entries(readExpected(dsmr))) {
      const { telegram } = expected as P1Expected;
      const reading = telegram?.crc.ok === false ? undefined : firstReading("dsmr-p1", readRecording(dsmr, file));
      if (telegram === undefined || reading?.ok !== true) continue;
      const valueOf = (code: string): number | undefined => {
        const raw = telegram.objects.find(({ obis }) => obis.replace("*255", "") === `1-0:${code}`)?.values[0]?.value;
        return raw === undefined ? undefined : Number(raw);
      };
      const total = valueOf("1.8.0") ?? sumOf(valueOf("1.8.1"), valueOf("1.8.2"));
      const { importedMilliWh } = reading.value;
      const isOne = [1e3, 1e6].some((factor) => Math.round((total ?? -1) * factor) === importedMilliWh);
      assert.ok(isOne, `${file}: ${importedMilliWh} of ${String(total)}`);
      compared += 1;
    }
    console.log(`P1: ${compared} meters with the expected register`);
    assert.ok(compared >= 15);
  });
}

const d0 = recordingsFolder("iec62056-21");
if (d0 !== undefined) {
  test("D0: register, rollover and number of meters of four makers", () => {
    const expected: readonly (readonly [
      file: string,
      model: string,
      milliWh: number,
      rollover: number | null,
      serial: string,
    ])[] = [
      ["iskra_mt174_full.d0", "iec62056-mode-c", 8_048_375_000, 1e13, "63355730"],
      ["itron_em214.d0", "iec62056-mode-c-unchecked", 22_108_700_000, null, "53965555"],
      ["esy5q3da1004_v304.d0", "iec62056-push", 32_549_506_166, 1e14, "1336001560"],
      ["emh_ehz_push.d0", "iec62056-emh-ehz", 32_942_023_100, 1e12, "0000680476"],
    ];
    for (const [file, model, milliWh, rollover, serial] of expected) {
      const contents = firstContents(model, readRecording(d0, file));
      assert.ok(contents?.reading?.ok, file);
      const { importedMilliWh, rolloverMilliWh } = contents.reading.value;
      assert.equal([importedMilliWh, rolloverMilliWh, contents.serialNumber], [milliWh, rollover, serial], file);
    }
  });
}

const dlms = recordingsFolder("dlms-hdlc");
if (dlms !== undefined) {
  test("DLMS: a list with the energy is a reading, one without it is none", () => {
    const reading = firstReading("dlms-aidon", readRecording(dlms, "aidon-example-2.bin"));
    assert.ok(reading?.ok);
    const { importedMilliWh, powerW, voltageV, currentA } = reading.value;
    assert.equal([importedMilliWh, powerW], [10_049_926_000, 1122]);
    assert.equal(
      [voltageV, currentA],
      [
        [230.7, 249.9, 230.8],
        [0, 7.5, 0],
      ],
    );
    assert.is(firstReading("dlms-aidon", readRecording(dlms, "aidon-example-1.bin")), undefined);
  });
}

function firstContents(name: string, bytes: Uint8Array): TelegramContents | undefined {
  const model = telegramModel(name);
  if (model === undefined) throw new Error(`bug: no model ${name}`);
  const decoder = makeMeterDecoder(model);
  const first = [...decoder.push(bytes), ...decoder.end()].find(({ problem }) => problem === undefined);
  return first === undefined ? undefined : decodeTelegram(model, first, undefined);
}

function firstReading(name: string, bytes: Uint8Array): TelegramContents["reading"] {
  return firstContents(name, bytes)?.reading;
}

function sumOf(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}

test.run();
