/** The way to the car in a configuration: adapter with its speed found or given, network, CAN. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { describeFailure } from "#firmware/commands/describe-failure.ts";
import { EXIT } from "#firmware/commands/exit-code.ts";
import { openVehicleLine } from "#firmware/open-vehicle-line.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

const test = suite("vehicle line in the configuration");

function lineOf(keys: string): unknown {
  const text = `role = "vehicle"\nname = "car"\n[region]\nsite = "s"\n[broker]\nurl = "mqtt://h:1"\n[vehicle]\nprofile = "kona"\n${keys}\n`;
  const parsed = parseGatewayConfig(text);
  if (!parsed.ok) return `${parsed.fault.path}: ${parsed.fault.expected}`;
  return parsed.value.role === "vehicle" ? parsed.value.vehicle.line : "charger";
}

function refusalOf(keys: string): string {
  const line = lineOf(keys);
  return typeof line === "string" ? line : "accepted";
}

test("a serial line without a speed finds it, as does one that says so", () => {
  const serial = { kind: "serial", path: "/dev/a", parity: "none", stopBits: 1, echo: false };
  assert.equal(lineOf('serial = "/dev/a"'), { ...serial, baudRate: "auto" });
  assert.equal(lineOf('serial = "/dev/a"\nbaud = "auto"'), { ...serial, baudRate: "auto" });
  assert.equal(lineOf('serial = "/dev/a"\nbaud = 500000'), { ...serial, baudRate: 500_000 });
});

test("a wrong speed, two ways at once, and none are refused with what is allowed", () => {
  assert.match(refusalOf('serial = "/dev/a"\nbaud = 12345'), /^vehicle\.baud: "auto" or one of 9600/);
  assert.match(refusalOf('serial = "/dev/a"\ncan = "can0"'), /^vehicle: one of them/);
  assert.match(refusalOf('host = "h"\ntcp_port = 1\ncan = "can0"'), /^vehicle: one of them/);
  assert.match(refusalOf(""), /^vehicle: serial = a device path, host = an address, or can = an interface/);
  assert.match(refusalOf('can = "../x"'), /^vehicle\.can: a CAN interface such as can0/);
});

test("a CAN bus is a line of its own, and without the package it is said what to install", async () => {
  assert.equal(lineOf('can = "can0"'), { kind: "can", interfaceName: "can0" });
  const opened = openVehicleLine({ kind: "can", interfaceName: "can0" }, new SimulatedClock());
  const failure = describeFailure(await opened.catch((error: unknown) => error));
  // Where somebody has installed the package, there is still no such interface.
  assert.is(failure.exitCode, EXIT.unavailable);
  assert.match(failure.message, /CAN_PACKAGE_MISSING.*npm install socketcan|CAN_INTERFACE_UNAVAILABLE/);
});

test.run();
