/** What a charger offers when: one compilation for an hour of offers, none out of the tariff's time. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { TariffConfig, TariffFileConfig } from "#config/tariff-config.ts";
import { isResolvedFor } from "#core/tariff/check-tariff.ts";
import { GatewayError } from "#firmware/gateway-error.ts";
import { checkPlugIsSeen, configuredTariff, type TariffSource, type TariffTerms } from "#firmware/tariff-source.ts";
import { OFFER_SECONDS } from "#services/station-handshake-service.ts";
import { perKwh, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("tariff source");
const home = mkdtempSync(join(tmpdir(), "tallystick-source-"));
const DAY = 86_400;
const utc = (text: string): number => Date.parse(text) / 1000;
const NOON = utc("2026-03-28T12:00:00Z");

const energy = (price: number): object => ({ type: "ENERGY", price, step_size: 1 });
const OCPI = {
  ...{ country_code: "NL", party_id: "TLY", id: "night", currency: "EUR", last_updated: "2026-01-01T00:00:00Z" },
  elements: [
    { price_components: [energy(0.2)], restrictions: { start_time: "22:00", end_time: "06:00" } },
    { price_components: [energy(0.4)] },
  ],
};
const COMMON = { graceSeconds: 3600 };

async function sourceOf(changes: object, config: Partial<TariffFileConfig> = {}): Promise<TariffSource> {
  writeFileSync(join(home, "tariff.json"), JSON.stringify({ ...OCPI, ...changes }));
  const file = { kind: "file", file: "tariff.json", timeZone: "Europe/Amsterdam" } as const;
  const all: TariffConfig = { ...COMMON, ...file, voltageV: undefined, rounding: undefined, ...config };
  return await configuredTariff(all, { home, durationMaxSeconds: DAY, nowSeconds: NOON });
}

function offered(source: TariffSource, nowSeconds: number): TariffTerms {
  const terms = source(nowSeconds);
  if (!terms.ok) throw new Error(JSON.stringify(terms.fault));
  return terms.value;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "CONFIG_INVALID") return error.message;
    throw error;
  }
  throw new Error("taken");
}

test("the same terms are offered for an hour, and hold for every charge that can come of them", async () => {
  const source = await sourceOf({});
  for (let hour = 0; hour < 26; hour += 1) {
    const terms = offered(source, NOON + 3600 * hour);
    for (const second of [0, 1, 1800, 3599]) {
      const now = NOON + 3600 * hour + second;
      assert.is(offered(source, now), terms, "no new offer each second");
      assert.ok(isResolvedFor(terms.tariff, now, now + OFFER_SECONDS + DAY));
    }
  }
});

test("the hours are those of the place, also in the night when its clocks change", async () => {
  const { tariff } = offered(await sourceOf({}), NOON);
  const windows = tariff.rules[0]?.windows ?? [];
  assert.ok(windows.some(([from, to]) => from === utc("2026-03-28T21:00:00Z") && to === utc("2026-03-29T04:00:00Z")));
});

test("out of its time nothing is offered, and what it says names the time", async () => {
  const source = await sourceOf({ start_date_time: "2026-03-28T12:30:00Z", end_date_time: "2026-03-29T12:00:00Z" });
  for (const [now, words] of [
    ["2026-03-28T12:29:59Z", "not valid before 2026-03-28T12:30:00Z"],
    ["2026-03-29T11:50:01Z", "valid until 2026-03-29T12:00:00Z"],
    ["2026-04-01T00:00:00Z", "valid until 2026-03-29T12:00:00Z"],
  ] as const) {
    const terms = source(utc(now));
    assert.ok(!terms.ok && terms.fault.code === "TARIFF_NOT_VALID" && terms.fault.detail.includes(words), now);
  }
  // The last offer expires when the tariff does.
  for (const now of ["2026-03-28T12:30:00Z", "2026-03-29T11:49:59Z"]) assert.ok(source(utc(now)).ok, now);
});

test("a tariff that is over does not keep a gateway from starting; one that is wrong does, with path and reason", async () => {
  assert.is((await sourceOf({ end_date_time: "2020-01-01T00:00:00Z" }))(NOON).ok, false);
  const current = [{ price_components: [energy(1)], restrictions: { max_current: 16 } }];
  for (const [changes, config, words] of [
    [{ elements: [] }, {}, "elements is empty"],
    [{ elements: current }, {}, "elements[0].price_components[0] is restricted by current"],
    [{}, { timeZone: "Mars/Olympus" }, 'tariff.time_zone: found "Mars/Olympus"'],
    [{}, { file: "none.json" }, "none.json: cannot be read"],
  ] as const) {
    const message = await refusal(sourceOf(changes, config));
    assert.ok(message.includes(words), `${message}: ${words}`);
  }
  assert.is((await sourceOf({ elements: current }, { voltageV: 230 }))(NOON).ok, true);
});

test("a rounding of one's own is what is signed", async () => {
  const { tariff } = offered(await sourceOf({}, { rounding: { mode: "half-even", per: "component" } }), NOON);
  assert.equal([tariff.roundingMode, tariff.roundingPer], ["half-even", "component"]);
});

test("prices of the configuration hold at any time, in the currency's own digits", async () => {
  const prices = { kind: "prices", currency: "JPY", prices: { bands: [[0, DAY, 45_000_000]] } } as const;
  const source = await configuredTariff({ ...COMMON, ...prices }, { home, durationMaxSeconds: DAY, nowSeconds: NOON });
  assert.equal(offered(source, 0), offered(source, 4_000_000_000));
  assert.is(offered(source, NOON).currencyDigits, 0);
});

test("who cannot see a car leave must not ask for the time that it stands", () => {
  const lines = { chip: undefined, contactor: undefined, feedback: undefined, stopButton: undefined };
  const others = { emergencyStop: undefined, circuitA: undefined };
  const blind = { kind: "contactor", driver: "gpio-contactor", ...lines, ...others } as const;
  const priced = (tariff: TariffTerms["tariff"]): ReturnType<TariffSource> => {
    return { ok: true, value: { currency: "EUR", currencyDigits: 2, tariff } };
  };
  const standing = priced(tariffOf([ruleOf("PARKING_TIME", 1_000_000)]));
  checkPlugIsSeen({ ...blind, plug: "always" }, priced(perKwh(350_000)));
  checkPlugIsSeen({ ...blind, plug: undefined }, standing);
  try {
    checkPlugIsSeen({ ...blind, plug: "always" }, standing);
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.message.includes("charge_point.plug"), String(error));
  }
});

test.after(() => {
  rmSync(home, { recursive: true });
});

test.run();
