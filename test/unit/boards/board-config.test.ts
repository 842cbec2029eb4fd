/** `[board]` of a configuration: what it moves, and what is refused with what there is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig, type GatewayConfig } from "#config/gateway-config.ts";
import { configText } from "#firmware/commands/config-text.ts";
import { checkDevices } from "#firmware/commands/check-devices.ts";
import { configuredBoard } from "#firmware/configured-board.ts";

const BASE = configText({
  ...{ role: "charger", name: "c", organisation: "", site: "s", currency: "EUR", pricePerKwh: "0.35" },
  ...{ brokerPort: 1883, meter: { model: "eastron-sdm630", unit: 1, line: serial() } },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: serial() },
});

function serial(): { readonly kind: "serial"; readonly path: string; readonly baud: number } {
  return { kind: "serial", path: "/dev/ttyAMA0", baud: 9600 };
}

function configOf(...board: readonly string[]): GatewayConfig {
  const parsed = parseGatewayConfig([BASE, ...board].join("\n"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value;
}

function refusalOf(...board: readonly string[]): string {
  const parsed = parseGatewayConfig([BASE, ...board].join("\n"));
  const fault = parsed.ok ? checkDevices(parsed.value) : parsed.fault;
  return fault === undefined ? "not refused" : `${fault.path}: found ${fault.found}, expected ${fault.expected}`;
}

const test = suite("[board]");

test("without the table no line is touched", () => {
  assert.is(configOf().board, undefined);
  assert.equal(configuredBoard(configOf()), { ok: true, value: undefined });
});

test("a name alone is the board's own table", () => {
  const served = configuredBoard(configOf("[board]", 'name = "rpi4b"'));
  assert.ok(served.ok && served.value !== undefined);
  assert.is(served.value.lines.length, 6);
  assert.is(served.value.board.gpioChip, "pinctrl-bcm2711");
});

test("a purpose is moved to another line, with its offset and its pull, and another is left out", () => {
  const served = configuredBoard(configOf("[board]", 'name = "rpi5"', 'status_lamp = "GPIO5"', 'stop_button = "off"'));
  assert.ok(served.ok && served.value !== undefined);
  const lamp = served.value.lines.find(({ purpose }) => purpose === "status-lamp");
  assert.equal([lamp?.line, lamp?.offset, lamp?.atPowerUp], ["GPIO5", 5, "pull-up"]);
  assert.not.ok(served.value.lines.some(({ purpose }) => purpose === "stop-button"));
});

test("two purposes may change places", () => {
  const swapped = configOf("[board]", 'name = "rpi4b"', 'status_lamp = "GPIO23"', 'attention_lamp = "GPIO22"');
  assert.ok(configuredBoard(swapped).ok);
});

const REFUSED: readonly (readonly [what: string, lines: readonly string[], said: RegExp])[] = [
  ["an unknown board", ['name = "rpi7"'], /^board\.name: found "rpi7", expected one of rpi3b-plus, rpi4b, .*bench$/],
  ["a board without a name", ['stop_button = "off"'], /^board\.name: found nothing/],
  ["an unknown purpose", ['name = "rpi4b"', 'siren = "GPIO5"'], /^board\.siren: .*no such key; known here: name, con/],
  [
    "a line that no header has",
    ['name = "rpi4b"', 'status_lamp = "GPIO33"'],
    /^board\.status_lamp: .*off or one of GPIO2,/,
  ],
  ["a number", ['name = "rpi4b"', "status_lamp = 5"], /^board\.status_lamp: found 5, expected the name of a line/],
  [
    "a line that is another's",
    ['name = "rpi4b"', 'status_lamp = "GPIO17"'],
    /^board\.status_lamp: .*GPIO17 is the contactor/,
  ],
  ["a line of the meter's port", ['name = "rpi4b"', 'stop_button = "GPIO14"'], /GPIO14 is the \/dev\/ttyAMA0/],
  [
    "a contactor that closes by itself",
    ['name = "rpi4b"', 'contactor = "GPIO5"'],
    /^board\.contactor: .*close by itself/,
  ],
  [
    "a purpose that the board has no line for",
    ['name = "rpi4b"', 'plug_detection = "GPIO26"'],
    /^board\.plug_detection: found "GPIO26", expected off: rpi4b has lines for contactor,/,
  ],
];

for (const [what, lines, said] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.match(refusalOf("[board]", ...lines), said);
  });
}

test.run();
