/** Contracts that a configuration names: which program it comes to, and what is said to a file with mistakes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { decodeProgram } from "#core/script/encode-program.ts";
import { configText } from "#firmware/commands/config-text.ts";
import { configuredCode } from "#firmware/contract-source.ts";
import { GatewayError } from "#firmware/gateway-error.ts";

const test = suite("contract source");
const home = mkdtempSync(join(tmpdir(), "tallystick-contract-source-"));
const source = readFileSync(new URL("../../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");

test.after(() => {
  rmSync(home, { recursive: true });
});

async function refused(name: string): Promise<string> {
  try {
    await configuredCode(name, home, "tariff.contract_file");
    return "";
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    assert.is(error.code, "CONFIG_INVALID");
    return error.message;
  }
}

test("energy-v1 is the one that is shipped, whatever files there are", async () => {
  assert.is(await configuredCode("energy-v1", home, "vehicle.contracts"), ENERGY_V1_BYTES);
});

test("a file is compiled, from the folder of the configuration", async () => {
  writeFileSync(join(home, "own.cel"), source.replace("energy-v1", "own"));
  const program = decodeProgram(await configuredCode("own.cel", home, "tariff.contract_file"));
  assert.ok(program.ok);
  assert.is(program.value.name, "own");
});

test("a file with mistakes stops the start, with line and column", async () => {
  writeFileSync(join(home, "bad.cel"), source.replace('"open": open,', '"open": opened, "owed": 0.5,'));
  const said = await refused("bad.cel");
  assert.match(said, /tariff\.contract_file: bad\.cel:\d+:\d+: nothing is called "opened"/);
  assert.match(await refused("none.cel"), /tariff\.contract_file: none\.cel: ENOENT/);
});

const LINE = { kind: "tcp", host: "127.0.0.1", port: 502 } as const;
const BASE = { name: "garage", organisation: "", site: "site-1" } as const;

test("a charger names one contract, a vehicle lists those that it signs", () => {
  const charger = configText({
    ...{ ...BASE, role: "charger", currency: "EUR", pricePerKwh: "0.35", brokerPort: 1883 },
    meter: { model: "eastron-sdm630", unit: 1, line: LINE },
    chargePoint: { driver: "simple-evse-wb", unit: 2, line: LINE },
  });
  const vehicle = configText({ ...BASE, role: "vehicle", profile: "hyundai-kona", start: "automatic", line: LINE });
  const own = parseGatewayConfig(charger.replace("[tariff]", '[tariff]\ncontract_file = "own.cel"'));
  assert.is(own.ok && own.value.role === "charger" ? own.value.tariff.contractFile : "", "own.cel");
  const usual = parseGatewayConfig(vehicle);
  assert.equal(usual.ok && usual.value.role === "vehicle" ? usual.value.vehicle.contracts : [], ["energy-v1"]);
  const lists = parseGatewayConfig(vehicle.replace("[vehicle]", '[vehicle]\ncontracts = ["energy-v1", "own.cel"]'));
  assert.equal(lists.ok && lists.value.role === "vehicle" ? lists.value.vehicle.contracts : [], [
    "energy-v1",
    "own.cel",
  ]);
  const wrong = parseGatewayConfig(vehicle.replace("[vehicle]", '[vehicle]\ncontracts = "own.cel"'));
  assert.is(wrong.ok ? "" : wrong.fault.path, "vehicle.contracts");
});

test.run();
