/** A meter's table that a user wrote, as a configuration names it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { parseGatewayConfig, type ChargerConfig } from "#config/gateway-config.ts";
import { configText } from "#firmware/commands/config-text.ts";
import { configuredMeterModel } from "#firmware/load-meter-model.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

const TEXT = configText({
  ...{ role: "charger", name: "garage", organisation: "", site: "site-1", currency: "EUR", pricePerKwh: "0.35" },
  meter: { model: "abb-b23", unit: 1, line: { kind: "tcp", host: "127.0.0.1", port: 502 } },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: { kind: "tcp", host: "127.0.0.1", port: 502 } },
  brokerPort: 1883,
});
const MODEL_LINE = 'model = "abb-b23"';

const TABLE = {
  ...{ model: "garage-meter", functionCode: 3, wordOrder: "high-first", registersPerReadMax: 20 },
  quantities: {
    importedEnergy: { address: 0, type: "u32", scale: 1, unit: "Wh" },
    power: { address: 2, type: "i32", scale: 0.1 },
  },
};

function meterOf(text: string): ChargerConfig["meter"] {
  const parsed = parseGatewayConfig(text);
  if (!parsed.ok || parsed.value.role !== "charger") throw new Error(JSON.stringify(parsed));
  return parsed.value.meter;
}

async function configuredMap(meter: ChargerConfig["meter"], home: string): Promise<RegisterMap> {
  const model = await configuredMeterModel(meter, home);
  if (model.kind !== "registers") throw new Error(`${model.model.model} has no registers`);
  return model.map;
}

const test = suite<{ home: string }>("model files");

test.before.each((context) => {
  context.home = mkdtempSync(join(tmpdir(), "tallystick-model-"));
  mkdirSync(join(context.home, "meters"));
});
test.after.each(({ home }) => {
  rmSync(home, { recursive: true });
});

test("a configuration names a file relative to itself, in place of a model", async ({ home }) => {
  writeFileSync(join(home, "meters/mine.json"), JSON.stringify(TABLE));
  const meter = meterOf(TEXT.replace(MODEL_LINE, 'model_file = "meters/mine.json"'));
  const map = await configuredMap(meter, home);
  assert.is(map.model, "garage-meter");
  assert.is(map.answerMs, 1000);
});

test("a built-in model is still named as before", async ({ home }) => {
  assert.is((await configuredMap(meterOf(TEXT), home)).model, "abb-b23");
});

for (const [replacement, path, found, expected] of [
  [`${MODEL_LINE}\nmodel_file = "mine.toml"`, "meter", '"model and model_file"', /one of the two/],
  ["", "meter.model", "nothing", /the name of a model, or model_file/],
  ["model_file = 5", "meter.model_file", "5", /text/],
] as const) {
  test(`${JSON.stringify(replacement)} is answered at ${path}`, () => {
    const parsed = parseGatewayConfig(TEXT.replace(MODEL_LINE, replacement));
    assert.ok(!parsed.ok);
    assert.is(parsed.fault.path, path);
    assert.is(parsed.fault.found, found);
    assert.match(parsed.fault.expected, expected);
  });
}

test("a file that is missing or has mistakes is a fault of the configuration that says which", async ({ home }) => {
  const meter = meterOf(TEXT.replace(MODEL_LINE, 'model_file = "mine.json"'));
  const refusal = (): Promise<string> =>
    configuredMap(meter, home).then(
      () => "accepted",
      (error: unknown) => (error instanceof Error ? error.message : "no error"),
    );
  assert.match(await refusal(), /^CONFIG_INVALID: meter\.model_file: .*mine\.json: file: found ENOENT/);
  writeFileSync(join(home, "mine.json"), JSON.stringify({ ...TABLE, wordOrder: "big" }));
  assert.match(await refusal(), /wordOrder: found "big", expected one of "high-first", "low-first"$/);
});

test.run();
