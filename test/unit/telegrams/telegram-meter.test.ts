/** The driver of meters that speak by themselves: what it answers, on simulated lines. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { smlGeneric } from "#hal/meters/telegram/models/sml.ts";
import { telegramModel } from "#hal/meters/telegram/models/registry.ts";
import {
  DEAF,
  faultOf,
  openTelegramLine,
  SERIAL_NUMBER,
  SHOWN,
  type TelegramLine,
} from "#test/builders/telegram-line.ts";

const test = suite("meters that speak by themselves");

test("the first question waits for a telegram, and its time is that of the telegram's last byte", async () => {
  const { clock, meter, settled } = await openTelegramLine({ device: "sml-generic", periodMs: 1_000 });
  const reading = await settled(meter.read());
  assert.ok(reading.ok, JSON.stringify(reading));
  assert.is(reading.value.importedMilliWh, SHOWN.importedMilliWh);
  assert.is(reading.value.register, "1-0:1.8.0*255");
  // The telegram of 0 ms is over before the line is listened to; that of 1000 ms has 376 bytes at 9600 baud.
  assert.ok(Math.abs(reading.value.monotonicMs - 1_391.7) < 1, String(reading.value.monotonicMs));
  await clock.runFor(300);
  const later = await settled(meter.read());
  assert.ok(later.ok);
  assert.is(
    later.value.monotonicMs,
    reading.value.monotonicMs,
    "no newer telegram has come, so it is the same reading",
  );
});

test("a telegram older than three periods answers nothing: the meter is silent, and for how long", async () => {
  const { clock, device, meter, settled } = await openTelegramLine({ device: "sml-generic", periodMs: 1_000 });
  const reading = await settled(meter.read());
  assert.ok(reading.ok);
  device.faults.silent = true;
  await clock.runUntil(reading.value.monotonicMs + 3 * smlGeneric.periodMs - 1);
  assert.ok((await settled(meter.read())).ok);
  await clock.runFor(1_000);
  const silent = faultOf(await settled(meter.read()));
  assert.is(silent.code, "METER_SILENT");
  assert.ok(silent.code === "METER_SILENT" && silent.waitedMs >= 9_000 && silent.unit === null);
  device.faults.silent = false;
  await clock.runFor(1_500);
  assert.ok((await settled(meter.read())).ok);
});

test("a line on which nothing comes is silent, after three periods and no earlier", async () => {
  const { clock, device, meter, settled } = await openTelegramLine({ device: "sml-generic" });
  device.faults.silent = true;
  const fault = faultOf(await settled(meter.read()));
  assert.is(fault.code, "METER_SILENT");
  assert.ok(clock.monotonicMs() >= 9_000 && clock.monotonicMs() <= 9_200);
});

for (const model of ["sml-generic", "iec62056-push", "iec62056-mode-c", "dlms-kamstrup"]) {
  test(`${model}: another number is refused until somebody asks who it is`, async () => {
    const line = await openTelegramLine({ device: model });
    const { clock, device, meter, settled } = line;
    const before = await settled(meter.identify());
    assert.ok(before.ok && before.value.serialNumber === device.shownSerialNumber, JSON.stringify(before));
    device.swap(SERIAL_NUMBER + 1);
    await clock.runFor(4 * line.model.periodMs);
    const refused = faultOf(await settled(meter.read()));
    assert.ok(refused.code === "METER_SWAPPED" && refused.expectedSerialNumber === device.shownSerialNumber);
    const after = await settled(meter.identify());
    assert.ok(after.ok && after.value.serialNumber === refused.foundSerialNumber);
    assert.ok((await settled(meter.read())).ok);
  });
}

test("a meter that was swapped while the line was cut is noticed as well", async () => {
  const line = await openTelegramLine({ device: "sml-generic" });
  const { clock, device, meter, settled } = line;
  assert.ok((await settled(meter.identify())).ok);
  await replug(line, () => {
    device.swap(1);
  });
  await clock.runFor(3_000);
  assert.is(faultOf(await settled(meter.read())).code, "METER_SWAPPED");
});

test("a pulled cable is told at once, nothing of before is given, and the line is opened again", async () => {
  const line = await openTelegramLine({ device: "sml-generic", periodMs: 1_000 });
  const { clock, cable, meter, settled } = line;
  assert.ok((await settled(meter.read())).ok);
  cable.cut("no such device");
  const lost = faultOf(await settled(meter.read()));
  assert.ok(lost.code === "METER_UNREACHABLE" && lost.reason === "no such device");
  await clock.runFor(60_000);
  await replug(line);
  await clock.runFor(6_500);
  assert.ok((await settled(meter.read())).ok);
});

test("intact telegrams without the import register are named as that, with the codes that are missing", async () => {
  const quantities = { ...smlGeneric.quantities, importedEnergy: [["1.8.3"], ["1.8.4", "1.8.5"]] };
  const { meter, settled } = await openTelegramLine({ device: "sml-generic", model: { ...smlGeneric, quantities } });
  const fault = faultOf(await settled(meter.read()));
  assert.ok(fault.code === "METER_IMPLAUSIBLE" && fault.value === "no value", JSON.stringify(fault));
  assert.match(fault.expected, /1\.8\.3, or 1\.8\.4 \+ 1\.8\.5/);
});

test("telegrams of another protocol are recognised", async () => {
  const pairs = [
    ["sml-generic", "dsmr-p1", /looks like SML$/],
    ["dsmr-p1", "sml-generic", /looks like P1 \(DSMR\)$/],
    ["iec62056-push", "dlms-generic", /looks like IEC 62056-21 \(D0\)$/],
    ["dlms-kamstrup", "sml-generic", /looks like DLMS$/],
  ] as const;
  for (const [device, believed, expected] of pairs) {
    const model = telegramModel(believed);
    assert.ok(model !== undefined);
    const { meter, settled } = await openTelegramLine({
      device,
      model: { ...model, periodMs: 10_000 },
      periodMs: 2_000,
    });
    const fault = faultOf(await settled(meter.read()));
    assert.is(fault.code, "METER_BAD_FRAME", `${device} read as ${believed}`);
    assert.match(fault.code === "METER_BAD_FRAME" ? fault.reason : "", expected);
  }
});

test("a register that jumps in a readout with a weak sum is given when the next goes on from it", async () => {
  const { clock, meter, show, settled } = await openTelegramLine({ device: "iec62056-mode-c" });
  const first = await settled(meter.read());
  assert.ok(first.ok);
  show({ importedMilliWh: SHOWN.importedMilliWh + 1_000_000 });
  await clock.runUntil(first.value.monotonicMs + 5_500);
  const unconfirmed = await settled(meter.read());
  assert.ok(unconfirmed.ok && unconfirmed.value.monotonicMs === first.value.monotonicMs);
  await clock.runFor(5_000);
  const confirmed = await settled(meter.read());
  assert.ok(confirmed.ok);
  assert.is(confirmed.value.importedMilliWh, SHOWN.importedMilliWh + 1_000_000);
});

test("after the close nothing is pending and nobody waits for a time", async () => {
  for (const device of ["sml-generic", "iec62056-mode-c"]) {
    const line = await openTelegramLine({ device });
    const pending = [line.meter.read(), line.meter.identify()];
    await line.clock.runFor(10);
    await line.meter.close();
    for (const result of pending) assert.is(faultOf(await result).code, "METER_CLOSED");
    assert.is(faultOf(await line.meter.read()).code, "METER_CLOSED");
    line.device.stop();
    // What was on the line still arrives.
    await line.clock.runFor(1_000);
    assert.is(line.clock.pendingWakes, 0, device);
  }
});

/** The cable is cut and mended; meanwhile somebody does something to the meter. */
async function replug({ cable, device }: TelegramLine, meanwhile: () => void = () => undefined): Promise<void> {
  cable.cut("pulled");
  meanwhile();
  cable.mend();
  await cable.far.open({
    ...DEAF,
    onData: (bytes) => {
      device.receive(bytes);
    },
  });
}

test.run();
