/** A station that offers a contract of its own, and vehicles that sign it or do not: whole gateways, one charge. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileContract } from "#authoring/compile-contract.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { ChargeFaults } from "./charge-world.ts";
import { simulateCharge } from "./simulate-charge.ts";

const test = suite("contracts of a station's own");

const source = readFileSync(new URL("../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");
/** Half price for everybody: what both measured alike is billed by half. */
const contract = compileContract(
  source
    .replace("energy-v1", "half")
    .replace('"billed": settledByBoth', '"billed": measured == "SETTLED" ? owed / 2 : settledByBoth'),
  ENERGY_SURFACE,
);
assert.ok(contract.ok);
const HALF = contract.value.bytes;

const QUIET: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 300_000 };

test("a vehicle that lists the contract is billed by it", async () => {
  const usual = await simulateCharge(7, QUIET);
  const outcome = await simulateCharge(7, { ...QUIET, codes: { offered: HALF, accepted: [ENERGY_V1_BYTES, HALF] } });
  assert.is(outcome.violation, undefined);
  const [result] = outcome.results;
  const [whole] = usual.results;
  assert.ok(result?.state === "SETTLED", "it settles");
  assert.ok(whole !== undefined && result.stationMilliWh > 100_000);
  assert.is(result.billedMilliWh, Math.floor(result.stationMilliWh / 2));
});

test("a vehicle that does not list it signs nothing, and nothing flows", async () => {
  const outcome = await simulateCharge(7, { ...QUIET, codes: { offered: HALF, accepted: [ENERGY_V1_BYTES] } });
  assert.is(outcome.results.length, 0);
  assert.ok(
    outcome.story.some((line) => line.includes('"code":"TERMS"')),
    "and says why",
  );
});

test("a contract that is on its way over a bad mesh is charged by in the end", async () => {
  const bus = { loss: 0.25, duplication: 0.2, delayMinMs: 1, delayMaxMs: 2_000, reordering: true };
  const outcome = await simulateCharge(11, { ...QUIET, bus, codes: { offered: HALF, accepted: [HALF] } });
  assert.is(outcome.violation, undefined);
  assert.is(outcome.results[0]?.state, "SETTLED");
});

test.run();
