/** One line, many readers: order, manners, and never a wrong value. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { WAITING_REQUESTS_MAX } from "#hal/linux/modbus/modbus-bus.ts";
import type { MemoryLink } from "#hal/mock/memory-link.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { NumberedUnit, openRtuLine, readOf, told } from "./rtu-line.ts";

function units(...numbered: readonly (readonly [number, NumberedUnit])[]): ReadonlyMap<number, SimulatedUnit> {
  return new Map<number, SimulatedUnit>(numbered);
}

const test = suite("modbus bus");

test("a read gives the registers that were asked for, of the unit that was asked", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)], [2, new NumberedUnit(2000)]));
  assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 7)))), [1007, 1008]);
  assert.equal(
    told(await clock.runUntilSettled(bus.read(readOf(2, 7, { functionCode: 4, count: 3 })))),
    [2007, 2008, 2009],
  );
});

test("forty overlapping readers of two units never swap values", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)], [2, new NumberedUnit(2000)]));
  const asked = Array.from({ length: 40 }, (_, index) => ({ unit: 1 + (index % 2), address: 3 * index }));
  const answers = await clock.runUntilSettled(
    Promise.all(asked.map(({ unit, address }) => bus.read(readOf(unit, address)))),
  );
  answers.forEach((answer, index) => {
    const { unit, address } = asked[index] ?? { unit: 0, address: 0 };
    assert.equal(told(answer), [1000 * unit + address, 1000 * unit + address + 1]);
  });
});

test("a unit that is not there is silence within the time for its answer, and the next reader is served", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)]));
  const [missing, present] = [bus.read(readOf(9, 0)), bus.read(readOf(1, 0))];
  const fault = await clock.runUntilSettled(missing);
  assert.ok(!fault.ok && fault.fault.code === "BUS_SILENT" && fault.fault.unit === 9 && fault.fault.waitedMs === 200);
  assert.ok(clock.monotonicMs() < 400);
  assert.equal(told(await clock.runUntilSettled(present)), [1000, 1001]);
});

for (const delayMs of [210, 350, 520, 700, 1100, 1900]) {
  test(`a late answer (${delayMs} ms in place of 200) is never taken for the next one`, async () => {
    const slow = new NumberedUnit(1000);
    const { clock, bus } = openRtuLine(units([1, slow]));
    slow.faults.delayMs = delayMs;
    const late = [await clock.runUntilSettled(bus.read(readOf(1, 100)))];
    late.push(await clock.runUntilSettled(bus.read(readOf(1, 200))));
    slow.faults.delayMs = 0;
    late.push(await clock.runUntilSettled(bus.read(readOf(1, 300))));
    for (const [index, answer] of late.entries()) {
      const first = 1100 + 100 * index;
      assert.ok(!answer.ok || answer.value.words[0] === first, `${first} became ${JSON.stringify(told(answer))}`);
    }
    await clock.runFor(2500);
    assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 400)))), [1400, 1401]);
  });
}

test("after a silence the line stays quiet, so that a late answer collides with nobody", async () => {
  const slow = new NumberedUnit(1000);
  const other = new NumberedUnit(2000);
  const { clock, bus } = openRtuLine(units([1, slow], [2, other]));
  slow.faults.delayMs = 300;
  const late = bus.read(readOf(1, 0));
  const next = bus.read(readOf(2, 0));
  assert.is(told(await clock.runUntilSettled(late)), "BUS_SILENT");
  const silentAtMs = clock.monotonicMs();
  assert.equal(told(await clock.runUntilSettled(next)), [2000, 2001]);
  assert.ok(clock.monotonicMs() - silentAtMs >= 300);
});

test("a damaged answer is a fault of its own and costs only itself", async () => {
  const unit = new NumberedUnit(1000);
  const { clock, bus } = openRtuLine(units([1, unit]));
  unit.faults.badCrc = true;
  const damaged = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  assert.ok(!damaged.ok && damaged.fault.code === "BUS_BAD_FRAME" && damaged.fault.problem.kind === "crc");
  unit.faults.badCrc = false;
  assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 50)))), [1050, 1051]);
});

test("a lost byte costs only its own answer", async () => {
  const { clock, bus, cable } = openRtuLine(units([1, new NumberedUnit(1000)]));
  loseByte(cable.left, 4);
  const cut = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  assert.ok(!cut.ok && cut.fault.code === "BUS_BAD_FRAME" && cut.fault.problem.kind === "length");
  assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 0)))), [1000, 1001]);
});

test("an answer of another unit is told as such", async () => {
  const unit = new NumberedUnit(1000);
  const { clock, bus } = openRtuLine(units([1, unit]));
  unit.faults.answersAsUnit = 5;
  const answer = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  assert.ok(!answer.ok && answer.fault.code === "BUS_BAD_FRAME");
  assert.equal(answer.fault.problem, { kind: "wrong-unit", unit: 5 });
});

test("an exception is told with its code and costs the next reader nothing", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)]));
  const refused = await clock.runUntilSettled(bus.read(readOf(1, 9000)));
  assert.equal(refused.ok ? undefined : refused.fault, {
    code: "BUS_EXCEPTION",
    unit: 1,
    functionCode: 3,
    address: 9000,
    exception: 2,
  });
  assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 0)))), [1000, 1001]);
});

test("an echoing adapter is no obstacle when it is known, and named when it is not", async () => {
  for (const [echoes, expected] of [
    [true, [1000, 1001]],
    [false, [1000, 1001]],
  ] as const) {
    const { clock, bus, cable } = openRtuLine(units([1, new NumberedUnit(1000)]), { echoes });
    echo(cable.left);
    assert.equal(told(await clock.runUntilSettled(bus.read(readOf(1, 0)))), expected);
  }
  const { clock, bus, cable } = openRtuLine(units());
  echo(cable.left);
  const alone = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  assert.ok(!alone.ok && alone.fault.code === "BUS_BAD_FRAME" && alone.fault.problem.kind === "echo");
});

test("a write is acknowledged by the device, with either function", async () => {
  const unit = new NumberedUnit(0);
  const { clock, bus } = openRtuLine(units([1, unit]));
  const pace = { unit: 1, answerMs: 200, deadlineMs: 5000, priority: "normal", pauseMs: 0 } as const;
  const one = bus.write({ ...pace, functionCode: 6, address: 10, words: [7] });
  const two = bus.write({ ...pace, functionCode: 16, address: 20, words: [8, 9] });
  assert.ok((await clock.runUntilSettled(one)).ok && (await clock.runUntilSettled(two)).ok);
  assert.equal(unit.written, [
    [10, [7]],
    [20, [8, 9]],
  ]);
});

test("the urgent goes before the normal, that before the background; equals take turns by unit", async () => {
  const [one, two] = [new NumberedUnit(1000), new NumberedUnit(2000)];
  const { clock, bus } = openRtuLine(units([1, one], [2, two]));
  const order: string[] = [];
  const reads = [
    readOf(1, 0),
    readOf(1, 1, { priority: "background" }),
    readOf(1, 2),
    readOf(1, 3),
    readOf(2, 4),
    readOf(2, 5, { priority: "urgent" }),
  ].map(async (request) => {
    await bus.read(request);
    order.push(`${request.unit}:${request.address}`);
  });
  await clock.runUntilSettled(Promise.all(reads));
  assert.equal(order, ["1:0", "2:5", "1:2", "2:4", "1:3", "1:1"]);
});

test("what can wait is not kept waiting for ever", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)], [2, new NumberedUnit(2000)]));
  let served = 0;
  const background = bus.read(readOf(2, 0, { priority: "background" })).then(() => served);
  for (let index = 0; index < 30; index += 1) {
    void bus.read(readOf(1, index, { priority: "urgent" })).then(() => (served += 1));
  }
  assert.ok((await clock.runUntilSettled(background)) < 15);
});

test("a device gets its rest between two requests, and others use it", async () => {
  const { clock, bus } = openRtuLine(units([1, new NumberedUnit(1000)], [2, new NumberedUnit(2000)]));
  const ends: Record<string, number> = {};
  const timed = async (unit: number, address: number): Promise<void> => {
    await bus.read(readOf(unit, address, { pauseMs: unit === 1 ? 500 : 0 }));
    ends[`${unit}:${address}`] = clock.monotonicMs();
  };
  await clock.runUntilSettled(Promise.all([timed(1, 0), timed(1, 1), timed(2, 0)]));
  assert.ok((ends["1:1"] ?? 0) - (ends["1:0"] ?? 0) >= 500);
  assert.ok((ends["2:0"] ?? 0) < 100);
});

test("a full queue refuses at once", async () => {
  const { clock, bus } = openRtuLine(units());
  const waiting = Array.from({ length: WAITING_REQUESTS_MAX + 1 }, () => bus.read(readOf(1, 0, { deadlineMs: 1000 })));
  const refused = await bus.read(readOf(1, 0));
  assert.is(told(refused), "BUS_BUSY");
  await clock.runUntilSettled(Promise.all(waiting));
  assert.ok(clock.monotonicMs() <= 1001, "every call settles within its own deadline");
});

test("closing settles what is under way and what waits, and refuses what comes later", async () => {
  const { clock, bus } = openRtuLine(units());
  const pending = [bus.read(readOf(1, 0)), bus.read(readOf(2, 0))];
  await clock.runFor(20);
  await bus.close();
  assert.equal((await Promise.all(pending)).map(told), ["BUS_CLOSED", "BUS_CLOSED"]);
  assert.is(told(await bus.read(readOf(1, 0))), "BUS_CLOSED");
});

test("a line that vanishes fails what is under way with the reason, and is opened again when it is back", async () => {
  const unit = new NumberedUnit(1000);
  const { clock, bus, cable, slaves } = openRtuLine(units([1, unit]));
  const first = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  unit.faults.silent = true;
  const cut = bus.read(readOf(1, 0));
  await clock.runFor(50);
  cable.cut("unplugged");
  const lost = await clock.runUntilSettled(cut);
  assert.ok(!lost.ok && lost.fault.code === "BUS_UNREACHABLE" && lost.fault.reason === "unplugged");
  assert.is(told(await clock.runUntilSettled(bus.read(readOf(1, 0)))), "BUS_UNREACHABLE");
  cable.mend();
  unit.faults.silent = false;
  await slaves.start();
  assert.is(told(await clock.runUntilSettled(bus.read(readOf(1, 0)))), "BUS_UNREACHABLE", "not hammered: back-off");
  await clock.runFor(300);
  const again = await clock.runUntilSettled(bus.read(readOf(1, 0)));
  assert.equal(told(again), [1000, 1001]);
  assert.ok(first.ok && again.ok && again.value.connection === first.value.connection + 1);
});

/** Makes a link lose one of the bytes that it hears. */
function loseByte(link: MemoryLink, lostIndex: number): void {
  const open = link.open.bind(link);
  let heard = 0;
  link.open = (listener) =>
    open({
      onData: (bytes) => {
        const kept = bytes.filter((_, index) => heard + index !== lostIndex);
        heard += bytes.length;
        listener.onData(kept);
      },
      onClose: (reason) => {
        listener.onClose(reason);
      },
    });
}

/** Makes a link hear what it sends. */
function echo(link: MemoryLink): void {
  const open = link.open.bind(link);
  const write = link.write.bind(link);
  let hear: (bytes: Uint8Array) => void = () => undefined;
  link.open = (listener) => {
    hear = (bytes) => {
      listener.onData(bytes);
    };
    return open(listener);
  };
  link.write = (bytes) => {
    hear(bytes);
    return write(bytes);
  };
}

test.run();
