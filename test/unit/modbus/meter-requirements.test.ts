/** What every driver of a meter has to do, as far as no other test says it: see hal/meters/README.md for the list. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { faultLines } from "#firmware/commands/meter-report.ts";
import { NumberedUnit, openRtuLine, readOf, told } from "./rtu-line.ts";
import { meterBench as bench } from "./watched-meter.ts";

const test = suite("requirements of a meter's driver");

test("a meter that always answers at once is not waited for as long as the slowest of its makers' meters", async () => {
  const { clock, meter, device, map } = bench("abb-b23");
  for (let count = 0; count < 3; count += 1) assert.ok((await clock.runUntilSettled(meter.read())).ok);
  device.faults.silent = true;
  const startMs = clock.monotonicMs();
  const silent = await clock.runUntilSettled(meter.read());
  assert.ok(!silent.ok && silent.fault.code === "METER_SILENT", JSON.stringify(silent));
  // Once briefly; then, since it may have become slow, once as long as the maker says; with the quiet after each.
  const tookMs = clock.monotonicMs() - startMs;
  assert.ok(tookMs < 250 + map.answerMs + 2 * 600, `${tookMs} ms`);
});

test("a meter that has become slow is given the maker's time once it was silent", async () => {
  const { clock, meter, device, map } = bench("abb-b23");
  for (let count = 0; count < 3; count += 1) assert.ok((await clock.runUntilSettled(meter.read())).ok);
  device.faults.delayMs = map.answerMs - 50;
  await clock.runUntilSettled(meter.read());
  const reading = await clock.runUntilSettled(meter.read());
  assert.ok(reading.ok, JSON.stringify(reading));
});

test("a gateway's 0x0A and 0x0B are the meter's silence, and the line is not thought to be down", async () => {
  for (const exception of [0x0a, 0x0b]) {
    const { clock, meter, device } = bench("abb-b23");
    device.faults.exception = exception;
    const silent = await clock.runUntilSettled(meter.read());
    assert.ok(!silent.ok && silent.fault.code === "METER_SILENT" && silent.fault.waitedMs === 0);
    device.faults.exception = undefined;
    assert.ok((await clock.runUntilSettled(meter.read())).ok);
  }
});

test("a write that nobody acknowledges is not repeated", async () => {
  const unit = new NumberedUnit(0);
  const { bus, clock } = openRtuLine(new Map([[1, unit]]));
  unit.faults.badCrc = true;
  const { unit: id, address, answerMs, deadlineMs, priority, pauseMs } = readOf(1, 10);
  const request = { unit: id, address, answerMs, deadlineMs, priority, pauseMs };
  const written = await clock.runUntilSettled(bus.write({ ...request, functionCode: 16, words: [7] }));
  assert.ok(!written.ok && written.fault.code === "BUS_BAD_FRAME");
  await clock.runFor(5000);
  assert.is(unit.written.length, 1);
  unit.faults.badCrc = false;
  assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 10)))), [10, 11]);
});

test("a serial device that is not there: the message says where those that are can be seen", () => {
  const endpoint = { kind: "serial", path: "/dev/ttyUSB7", baudRate: 9600 } as const;
  const reason = "Error: No such file or directory, cannot open /dev/ttyUSB7";
  const lines = faultLines(
    { code: "METER_UNREACHABLE", endpoint: "/dev/ttyUSB7", reason },
    { ...endpoint, dataBits: 8, parity: "none", stopBits: 1 },
  );
  assert.match(lines.join("\n"), /no such device: \/dev\/ttyUSB7[\s\S]*\/dev\/serial\/by-id/);
});

test.run();
