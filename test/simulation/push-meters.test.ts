/**
 * Ten minutes of each kind of meter that speaks by itself, on a line that loses, cuts and damages its telegrams: every
 * reading is right for its own moment, or there is an error.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterReading } from "#hal/ports/energy-meter.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { ASKED_IMAGES, PUSHED_IMAGES } from "#hal/mock/telegram/telegram-images.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { openTelegramLine, type TelegramLine } from "#test/builders/telegram-line.ts";

/** More of them: `SEEDS=1,2,3`. */
const SEEDS = (process.env["SEEDS"] ?? "1").split(",").map(Number);
const MINUTES = 10;
const LOOK_MS = 1_000;
const READOUT_MS_MAX = 3_000;
const STARTS_AT_MILLI_WH = 98_765_432_100;
const POWER_W = 11_000;

/** Of telegrams with a sum over all bits nothing wrong passes; of others what the power would explain may. */
const EXACT = ["sml-generic", "sml-emh", "dsmr-p1", "dlms-aidon", "dlms-kamstrup", "dlms-kaifa"];
const LOOSE = ["dsmr-v3", "iec62056-push", "iec62056-emh-ehz", "iec62056-mode-c", "iec62056-mode-c-unchecked"];

const test = suite("push meters on bad lines");

for (const model of [...EXACT, ...LOOSE]) {
  test(`${model}: ten minutes with damage, and not one wrong reading`, async () => {
    for (const seed of SEEDS) {
      const { readings, faults } = await tenMinutes(model, seed);
      assert.ok(readings > 100, `seed ${seed}: ${readings} readings, faults ${JSON.stringify(faults)}`);
    }
  });
}

async function tenMinutes(model: string, seed: number): Promise<{ readings: number; faults: Record<string, number> }> {
  const random = new SeededRandom(`push meters/${model}/${seed}`);
  const line = await openTelegramLine({ device: model, seed, source: shownAt });
  const { clock, device, meter, cable } = line;
  const image = PUSHED_IMAGES[model] ?? ASKED_IMAGES[model];
  Object.assign(device.faults, { dropped: 0.05, cut: 0.05, flipped: 0.1, noisy: 0.1 });
  const faults: Record<string, number> = {};
  let readings = 0;
  let last: MeterReading | undefined;
  for (let second = 0; second < MINUTES * 60; second += 1) {
    device.faults.silent = second % 120 >= 100;
    if (second % 200 === 150) cable.cut("pulled");
    if (second % 200 === 160) await plugIn(line);
    const endMs = clock.monotonicMs() + LOOK_MS;
    const result = await line.settled(meter.read());
    if (result.ok) {
      readings += 1;
      check(result.value, last, image?.stepMilliWh ?? 0);
      last = result.value;
      const ageMs = clock.monotonicMs() - result.value.monotonicMs;
      // A readout that had to be asked for again takes longer than its period.
      const periodMs = line.model.mode === "asked" ? line.model.periodMs + READOUT_MS_MAX : line.model.periodMs;
      assert.ok(ageMs <= 3 * periodMs, `a reading that is ${ageMs} ms old`);
    } else {
      faults[result.fault.code] = (faults[result.fault.code] ?? 0) + 1;
    }
    await clock.runUntil(Math.max(clock.monotonicMs(), endMs - random.integer(0, 200)));
  }
  await meter.close();
  assert.ok(clock.pendingWakes < 100, `${clock.pendingWakes} wakes are left`);
  return { readings, faults };

  function check(reading: MeterReading, before: MeterReading | undefined, stepMilliWh: number): void {
    const truth = energyAt(reading.monotonicMs);
    // Sent a little before it had arrived, and cut to the step of the register.
    const longestSendMs = 4_000;
    const slack = (POWER_W * longestSendMs) / 3_600 + 2 * stepMilliWh;
    const loose = LOOSE.includes(model) ? (POWER_W * 2 * line.model.periodMs) / 3_600 : 0;
    const error = truth - reading.importedMilliWh;
    assert.ok(error >= -loose - stepMilliWh && error <= slack + loose, `${model} seed ${seed}: off by ${error} mWh`);
    if (before !== undefined) assert.ok(reading.monotonicMs >= before.monotonicMs, "time goes on");
  }
}

async function plugIn({ cable, device }: TelegramLine): Promise<void> {
  cable.mend();
  await cable.far.open({
    onData: (bytes) => {
      device.receive(bytes);
    },
    onClose: () => undefined,
  });
}

function shownAt(clock: SimulatedClock): MeterState {
  return {
    importedMilliWh: energyAt(clock.monotonicMs()),
    powerW: POWER_W,
    voltageV: [230, 231, 229],
    currentA: [16, 16, 16],
    frequencyHz: 50,
  };
}

function energyAt(monotonicMs: number): number {
  return STARTS_AT_MILLI_WH + (POWER_W * monotonicMs) / 3_600;
}

test.run();
