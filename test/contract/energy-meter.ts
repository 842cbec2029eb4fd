/** What every energy meter must do. Each kind of meter gives its own driver and a hand on what it shows. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { EnergyMeter } from "#hal/ports/energy-meter.ts";

export interface ShownValues {
  readonly importedMilliWh: number;
  readonly powerW: number;
  readonly voltageV: readonly [number, number, number];
  readonly currentA: readonly [number, number, number];
  readonly frequencyHz: number;
}

export interface EnergyMeterFixture {
  readonly meter: EnergyMeter;
  /** As the meter's own plate says. */
  readonly serialNumber: string | null;
  readonly phases: 1 | 3;
  /** What the model does not tell. */
  readonly lacks?: readonly ("power" | "voltage" | "current" | "frequency")[];
  /** Half a step of what it shows, where that is coarser than 0.1 V and 1 W. */
  readonly coarse?: { readonly voltageV?: number; readonly powerW?: number };
  show(values: ShownValues): void;
  /** Of a meter that speaks by itself: resolves when what it shows, or that it is silent, is what is known of it. */
  settle?(): Promise<void>;
  /** It hears and does not answer, until it is told to speak again. */
  fallSilent(): void;
  speakAgain(): void;
  /** The wire itself is gone until `plugIn`. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  dispose(): Promise<void>;
}

const VALUES: ShownValues = {
  importedMilliWh: 1_234_500_000,
  powerW: 6900.9,
  voltageV: [230.1, 228.4, 231.6],
  currentA: [9.9, 10, 10.1],
  frequencyHz: 50.1,
};

/** A meter with one phase sees no more than that. */
const ONE_PHASE_VALUES: ShownValues = { ...VALUES, powerW: 2278 };

/** Between two asks of a meter that is not back yet. */
const ASK_AGAIN_MS = 100;
const BACK_WITHIN_MS = 5_000;

export function energyMeterContract(name: string, make: () => Promise<EnergyMeterFixture>): void {
  const test = suite<{ fixture: EnergyMeterFixture }>(`energy meter: ${name}`);

  test.before.each(async (context) => {
    context.fixture = await make();
    context.fixture.show(context.fixture.phases === 3 ? VALUES : ONE_PHASE_VALUES);
  });
  test.after.each(async ({ fixture }) => {
    await fixture.meter.close();
    await fixture.dispose();
  });

  test("it gives the values that the meter shows, in the port's units", async ({ fixture }) => {
    const reading = await fixture.meter.read();
    assert.ok(reading.ok, JSON.stringify(reading));
    const { importedMilliWh, resolutionMilliWh, powerW, voltageV, currentA, frequencyHz } = reading.value;
    assert.ok(Number.isSafeInteger(importedMilliWh) && Number.isSafeInteger(resolutionMilliWh));
    near(importedMilliWh, VALUES.importedMilliWh, resolutionMilliWh, "imported energy");
    const { lacks = [], coarse = {} } = fixture;
    const shownW = (fixture.phases === 3 ? VALUES : ONE_PHASE_VALUES).powerW;
    if (lacks.includes("power")) assert.is(powerW, null);
    else near(powerW, shownW, coarse.powerW ?? 1, "power");
    if (lacks.includes("frequency")) assert.is(frequencyHz, null);
    else near(frequencyHz, VALUES.frequencyHz, 0.05, "frequency");
    assert.is(voltageV.length, lacks.includes("voltage") ? 0 : fixture.phases);
    assert.is(currentA.length, lacks.includes("current") ? 0 : fixture.phases);
    voltageV.forEach((value, phase) => {
      near(value, VALUES.voltageV[phase] ?? 0, coarse.voltageV ?? 0.05, `voltage ${phase}`);
    });
    currentA.forEach((value, phase) => {
      near(value, VALUES.currentA[phase] ?? 0, 0.01, `current ${phase}`);
    });
  });

  test("it says who it is", async ({ fixture }) => {
    const identity = await fixture.meter.identify();
    assert.ok(identity.ok, JSON.stringify(identity));
    assert.is(identity.value.serialNumber, fixture.serialNumber);
  });

  test("energy that was counted is seen by the next reading, and its time goes on", async ({ fixture }) => {
    const before = await fixture.meter.read();
    const shown = fixture.phases === 3 ? VALUES : ONE_PHASE_VALUES;
    fixture.show({ ...shown, importedMilliWh: VALUES.importedMilliWh + 700_000 });
    await fixture.settle?.();
    const after = await fixture.meter.read();
    assert.ok(before.ok && after.ok);
    const countedMilliWh = after.value.importedMilliWh - before.value.importedMilliWh;
    near(countedMilliWh, 700_000, 2 * after.value.resolutionMilliWh, "counted energy");
    assert.ok(after.value.monotonicMs >= before.value.monotonicMs);
  });

  test("calls that overlap all settle, each with a true reading", async ({ fixture }) => {
    const readings = await Promise.all(Array.from({ length: 12 }, () => fixture.meter.read()));
    for (const reading of readings) {
      assert.ok(reading.ok);
      near(reading.value.importedMilliWh, VALUES.importedMilliWh, reading.value.resolutionMilliWh, "imported energy");
    }
  });

  test("a meter that falls silent is a fault and no old value, and it is heard when it speaks again", async ({
    fixture,
  }) => {
    assert.ok((await fixture.meter.read()).ok);
    fixture.fallSilent();
    await fixture.settle?.();
    const silent = await fixture.meter.read();
    assert.ok(!silent.ok && silent.fault.code === "METER_SILENT", JSON.stringify(silent));
    fixture.speakAgain();
    await readUntilGood(fixture.meter);
  });

  test("a wire that is pulled is a fault with a reason, and the meter is read again when it is back", async ({
    fixture,
  }) => {
    assert.ok((await fixture.meter.read()).ok);
    await fixture.unplug();
    const lost = await fixture.meter.read();
    assert.ok(!lost.ok && lost.fault.code === "METER_UNREACHABLE" && lost.fault.reason.length > 0);
    await fixture.plugIn();
    await readUntilGood(fixture.meter);
  });

  test("after the close every pending and later call says so", async ({ fixture }) => {
    fixture.fallSilent();
    const pending = [fixture.meter.read(), fixture.meter.identify()];
    await fixture.meter.close();
    for (const result of [...(await Promise.all(pending)), await fixture.meter.read()]) {
      assert.ok(!result.ok && result.fault.code === "METER_CLOSED");
    }
  });

  test.run();
}

async function readUntilGood(meter: EnergyMeter): Promise<void> {
  for (let waitedMs = 0; waitedMs < BACK_WITHIN_MS; waitedMs += ASK_AGAIN_MS) {
    const reading = await meter.read();
    if (reading.ok) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  assert.unreachable(`not read again within ${BACK_WITHIN_MS} ms`);
}

function near(value: number | null, expected: number, tolerance: number, what: string): void {
  const isNear = value !== null && Math.abs(value - expected) <= tolerance;
  assert.ok(isNear, `${what}: ${String(value)}, expected ${expected} within ${tolerance}`);
}
