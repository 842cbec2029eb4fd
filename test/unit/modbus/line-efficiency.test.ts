/**
 * Readings waste no time of a serial line: what is neither bytes nor the silence that must be, nor the meters' own time,
 * is nothing. How near a real machine comes to it, test/bench/bus-efficiency.bench.ts measures.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { registerBusOver } from "#hal/linux/modbus/open-register-bus.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { pacedWire } from "#test/builders/paced-wire.ts";
import { STATE } from "./watched-meter.ts";

const OWN_MS = 20;

const test = suite("line efficiency");

for (const baudRate of [9600, 19_200]) {
  for (const meters of [1, 8]) {
    test(`${meters} meters at ${baudRate} baud: at least 99 % of what the line can do, and every silence is kept`, async () => {
      const clock = new SimulatedClock();
      const characterMs = 10_000 / baudRate;
      const { ours, theirs } = pacedWire(clock, characterMs);
      const map = meterModel("abb-b23");
      assert.ok(map !== undefined);
      const units = new Map(
        Array.from({ length: meters }, (_, index) => {
          const unit = new SimulatedMeter({ model: map.model, serialNumber: index, source: { now: () => STATE } });
          unit.faults.delayMs = OWN_MS;
          return [index + 1, unit] as const;
        }),
      );
      await new RtuSlaves({ link: theirs, clock, units }).start();
      const endpoint = { kind: "serial", path: "", baudRate, dataBits: 8, parity: "none", stopBits: 1 } as const;
      const bus = registerBusOver(ours, endpoint, clock, new SeededRandomness("line"));
      const drivers = [...units.keys()].map((unit) => new ModbusMeter({ bus, clock }, { map, unit }));
      const readAll = async (): Promise<void> => {
        const readings = await clock.runUntilSettled(Promise.all(drivers.map((meter) => meter.read())));
        for (const reading of readings) assert.ok(reading.ok, JSON.stringify(reading));
      };
      await readAll();
      const before = { ms: clock.monotonicMs(), bytes: ours.bytes + theirs.bytes, answers: theirs.writes.length };
      for (let round = 0; round < 5; round += 1) await readAll();
      const answers = theirs.writes.length - before.answers;
      const bytes = ours.bytes + theirs.bytes - before.bytes;
      const tookMs = clock.monotonicMs() - before.ms - answers * OWN_MS;
      const neededMs = (bytes + 3.5 * answers) * characterMs;
      assert.ok(neededMs / tookMs >= 0.99 && neededMs / tookMs <= 1.01, `${neededMs} ms needed, ${tookMs} ms taken`);
      for (const [index, [fromMs]] of ours.writes.entries()) {
        const answeredMs = theirs.writes[index - 1]?.[1] ?? -1000;
        assert.ok(
          fromMs - answeredMs >= 3.5 * characterMs - 1e-6,
          `a request ${fromMs - answeredMs} ms after an answer`,
        );
      }
    });
  }
}

test.run();
