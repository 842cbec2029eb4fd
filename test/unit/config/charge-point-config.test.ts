/** `[charge_point]` as a person writes it, and what is said to what cannot be. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { contactorDuty } from "#firmware/configured-contactor.ts";
import { GatewayError } from "#firmware/gateway-error.ts";
import { configText } from "#firmware/commands/config-text.ts";
import { checkDevices } from "#firmware/commands/check-devices.ts";
import { parseGatewayConfig, type ChargerConfig } from "#config/gateway-config.ts";

const LINE = { kind: "tcp", host: "127.0.0.1", port: 502 } as const;
const TEXT = configText({
  ...{ role: "charger", name: "garage", organisation: "", site: "site-1", currency: "EUR", pricePerKwh: "0.35" },
  meter: { model: "eastron-sdm630", unit: 1, line: LINE },
  chargePoint: { driver: "simple-evse-wb", unit: 2, line: LINE },
  brokerPort: 1883,
});
const [BEFORE = "", AFTER = ""] = TEXT.split(/\[charge_point\][^[]*/);

function parse(body: string, more = ""): ReturnType<typeof parseGatewayConfig> {
  return parseGatewayConfig(`${BEFORE}[charge_point]\n${body}\n\n${AFTER}\n${more}`);
}

function charger(body: string, more = ""): ChargerConfig {
  const parsed = parse(body, more);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  if (parsed.value.role !== "charger") throw new Error("not a charger");
  return parsed.value;
}

const CONTACTOR = 'driver = "gpio-contactor"\nchip = "pinctrl-bcm2711"\ncontactor = "GPIO17"\nplug = "always"';

const test = suite("charge point configuration");

test("lines by name are wired as on our boards", () => {
  const config = charger(
    `${CONTACTOR}\nfeedback = "GPIO27"\nstop_button = "GPIO24"\nemergency_stop = "GPIO25"\ncircuit_a = 16`,
  );
  assert.equal(contactorDuty(config), {
    kind: "contactor",
    chip: "pinctrl-bcm2711",
    settings: {
      contactor: { line: "GPIO17" },
      feedback: { line: "GPIO27", activeLow: true, bias: "pull-up" },
      stopButton: { line: "GPIO24", activeLow: true, bias: "pull-up" },
      emergencyStop: { line: "GPIO25", bias: "pull-up" },
      plug: "always",
      circuitA: 16,
    },
  });
  assert.is(checkDevices(config), undefined);
});

test("a line can be a table, and a number", () => {
  const config = charger(
    `driver = "gpio-contactor"\nchip = "pinctrl-rp1"\ncontactor = { line = 17, active_low = true }\n` +
      `plug = { line = 5, active_low = false, bias = "pull-down" }`,
  );
  const { settings } = contactorDuty(config);
  assert.equal(settings.contactor, { line: 17, activeLow: true });
  assert.equal(settings.plug, { line: 5, bias: "pull-down" });
  assert.is(settings.circuitA, config.charger.current_max_a);
});

test("a board gives what the table leaves out", () => {
  const config = charger('driver = "gpio-contactor"\nplug = "always"', '[board]\nname = "rpi4b"');
  const duty = contactorDuty(config);
  assert.is(duty.chip, "pinctrl-bcm2711");
  assert.is(duty.settings.contactor.line, 17);
  assert.is(duty.settings.feedback?.line, 27);
  assert.is(duty.settings.emergencyStop?.activeLow, undefined);
});

const MISTAKES: readonly (readonly [string, string, string, RegExp])[] = [
  [`${CONTACTOR}\nunit = 1`, "charge_point.unit", '"a value"', /does not belong to driver = "gpio-contactor"/],
  [`${CONTACTOR}\nserial = "/dev/ttyUSB0"`, "charge_point.serial", '"a value"', /does not belong/],
  [
    `driver = "simple-evse-wb"\nunit = 1\nhost = "h"\ntcp_port = 1\nplug = "always"`,
    "charge_point.plug",
    '"a value"',
    /does not belong to driver = "simple-evse-wb"/,
  ],
  [
    `driver = "simple-evse-wb"\nhost = "h"\ntcp_port = 1`,
    "charge_point.unit",
    "nothing",
    /1 to 247; over TCP also 0 and 255/,
  ],
  [
    `${CONTACTOR}\nemergency_stop = { line = "GPIO25", active_low = true }`,
    "charge_point.emergency_stop",
    '"active_low = true with pull-up"',
    /a broken wire must be a stop/,
  ],
  [
    `${CONTACTOR}\nfeedback = { line = "GPIO27", bias = "up" }`,
    "charge_point.feedback.bias",
    '"up"',
    /"pull-up", "pull-down", "none"/,
  ],
  [`${CONTACTOR}\nfeedback = "two words"`, "charge_point.feedback", '"two words"', /0 to 1023/],
  [`${CONTACTOR}\ncircuit_a = 0`, "charge_point.circuit_a", "0", /from 1 to 500/],
];

for (const [body, path, found, expected] of MISTAKES) {
  test(`${path}: ${found} is answered with what is allowed`, () => {
    const parsed = parse(body);
    assert.not(parsed.ok);
    if (parsed.ok) return;
    assert.is(parsed.fault.path, path);
    assert.is(parsed.fault.found, found);
    assert.match(parsed.fault.expected, expected);
  });
}

for (const [what, body, advice] of [
  ["no chip", 'driver = "gpio-contactor"\ncontactor = "GPIO17"\nplug = "always"', /charge_point\.chip: give the label/],
  ["no line", 'driver = "gpio-contactor"\nchip = "pinctrl-bcm2711"\nplug = "always"', /charge_point\.contactor: give/],
  ["no plug", 'driver = "gpio-contactor"\nchip = "c"\ncontactor = "GPIO17"', /charge_point\.plug: give .* or "always"/],
  [
    "a bigger circuit than the outlet",
    `${CONTACTOR}\ncircuit_a = 63`,
    /charge_point\.circuit_a: 63 A is more than charger\.current_max_a/,
  ],
] as const) {
  test(`a contactor with ${what} says what to write`, () => {
    const config = charger(body);
    assert.throws(
      () => contactorDuty(config),
      (error: unknown) =>
        error instanceof GatewayError && error.code === "CONFIG_INVALID" && advice.test(error.message),
    );
  });
}

test("a driver that does not exist is answered with those that do", () => {
  const config = charger('driver = "wallbox"\nunit = 1\nhost = "h"\ntcp_port = 1');
  const fault = checkDevices(config);
  assert.is(fault?.path, "charge_point.driver");
  assert.match(fault?.expected ?? "", /simple-evse-wb, .*keba-p30, gpio-contactor/);
});

test.run();
