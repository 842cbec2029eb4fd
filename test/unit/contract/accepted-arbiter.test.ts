/** Who may judge a charge: named by the station's configuration, accepted by the vehicle's, by nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { agreeWithin, type AcceptedArbiters } from "#core/contract/acceptable-terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { Terms } from "#core/contract/terms.ts";
import { configText, type ChargerText, type VehicleText } from "#firmware/commands/config-text.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";

const ARBITER = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const DIGITS = "07".repeat(32);
const base = { organisation: "", site: "site-1" } as const;
const line = { kind: "tcp", host: "127.0.0.1", port: 502 } as const;
const CHARGER: ChargerText = {
  ...{ ...base, role: "charger", name: "garage", currency: "EUR", pricePerKwh: "0.35", brokerPort: 1883 },
  meter: { model: "eastron-sdm630", unit: 1, line },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line },
};
const VEHICLE: VehicleText = { ...base, role: "vehicle", name: "car", profile: "hyundai-kona", start: "asked", line };

const test = suite("accepted arbiters");

test("an offer without an arbiter is accepted whatever the vehicle says about arbiters", () => {
  for (const arbiters of ["any", [], [ARBITER]] as const) assert.is(answerTo(null, arbiters), "agreed");
});

test("an offer with one is accepted only when the vehicle has named it, or takes any", () => {
  assert.is(answerTo(ARBITER, "any"), "agreed");
  assert.is(answerTo(ARBITER, [OTHER, ARBITER]), "agreed");
  assert.is(answerTo(ARBITER, [OTHER]), `arbiter ${DIGITS}: one of 1 that are accepted`);
  assert.is(answerTo(ARBITER, []), `arbiter ${DIGITS}: none`);
  assert.is(answerTo(ARBITER), `arbiter ${DIGITS}: none`, "as long as nothing is said about it");
});

test("a charger names its arbiter by the whole device id", () => {
  const named = (id: string): string =>
    configText(CHARGER).replace("grace_hours = 72", `grace_hours = 72\narbiter = "${id}"`);
  assert.is(arbiterOf(configText(CHARGER)), undefined);
  assert.is(arbiterOf(named(DIGITS)), DIGITS);
  for (const bad of [DIGITS.slice(2), DIGITS.toUpperCase().replace("07", "AB"), "32BK054GST897", ""]) {
    assert.is(faultOf(named(bad)), "tariff.arbiter");
  }
});

test("a vehicle lists whom it accepts, or says any; by default it accepts nobody", () => {
  const listed = (value: string): string =>
    configText(VEHICLE).replace("energy_max_kwh = 100", `energy_max_kwh = 100\narbiters = ${value}`);
  assert.equal(arbitersOf(configText(VEHICLE)), []);
  assert.equal(arbitersOf(listed('"any"')), "any");
  assert.equal(arbitersOf(listed(`["${DIGITS}"]`)), [DIGITS]);
  assert.is(faultOf(listed('"all"')), "vehicle.arbiters");
  assert.is(faultOf(listed('["any"]')), "vehicle.arbiters[0]");
  assert.is(faultOf(listed(`[${Array.from({ length: 17 }, () => `"${DIGITS}"`).join()}]`)), "vehicle.arbiters");
});

test("an arbiter's own configuration has a region and a broker, and no devices", () => {
  const text = configText({ ...base, role: "arbiter", name: "court" });
  const config = parseGatewayConfig(text);
  assert.ok(config.ok && config.value.role === "arbiter");
  for (const table of ["[tariff]\ncurrency = 'EUR'\nprice_per_kwh = '0.35'", "[board]\nname = 'rpi4b'"]) {
    const path = table.slice(1, table.indexOf("]"));
    assert.is(faultOf(`${text}\n${table}\n`), path);
  }
  assert.is(faultOf(text.replace('url = "mqtt://192.168.1.10:1883"', "[broker.embedded]")), "broker.embedded");
});

test.run();

function answerTo(arbiter: Terms["arbiter"], arbiters?: AcceptedArbiters): string {
  const want: Want = {
    ...{ energyMaxMilliWh: 50_000_000, durationMaxSeconds: 86_400, vehicleMpePpm: 20_000, lossModel: null },
    ...{ vehicleMeasuringPoint: "vehicle-inlet", vehicleResolutionMilliWh: 1000, lossPpm: [0, 30_000] },
  };
  const agreed = agreeWithin(undefined, arbiters)(inletTerms({ arbiter }), want);
  if (agreed.ok) return "agreed";
  const { fault } = agreed;
  return fault.code === "TERMS_UNACCEPTABLE" ? `${fault.field} ${fault.offered}: ${fault.limit}` : fault.code;
}

function faultOf(text: string): string | undefined {
  const config = parseGatewayConfig(text);
  return config.ok ? undefined : config.fault.path;
}

function arbiterOf(text: string): string | undefined {
  const config = parseGatewayConfig(text);
  assert.ok(config.ok && config.value.role === "charger");
  return config.value.tariff.arbiter;
}

function arbitersOf(text: string): unknown {
  const config = parseGatewayConfig(text);
  assert.ok(config.ok && config.value.role === "vehicle");
  return config.value.vehicle.arbiters;
}
