/** The simulated car seen from its bus: transport protocol, addresses and traffic, without any adapter. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import { type CanTraffic, SimulatedCanBus } from "#hal/mock/obd/simulated-can-bus.ts";
import { type CarFaults, SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import { segment } from "#hal/mock/obd/simulated-ecu.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { CanFrame } from "#hal/ports/can-bus.ts";
import { TestBattery } from "../../builders/test-battery.ts";

const test = suite("simulated car on its bus");

interface Wire {
  readonly frames: { readonly id: number; readonly hex: string; readonly atMs: number }[];
  readonly car: SimulatedCar;
  readonly clock: SimulatedClock;
  readonly send: (id: number, hex: string, idBits?: 11 | 29) => Promise<void>;
}

function openWire(model: CarModel, traffic: CanTraffic = {}, faults: CarFaults = {}): Wire {
  const clock = new SimulatedClock();
  const car = new SimulatedCar({ clock, battery: new TestBattery(), random: new SeededRandom("wire") }, model, faults);
  const bus = new SimulatedCanBus({ clock, car }, traffic);
  const frames: Wire["frames"] = [];
  bus.onFrame((frame: CanFrame) => {
    frames.push({ id: frame.id, hex: toHex(frame.bytes), atMs: clock.monotonicMs() });
  });
  return {
    ...{ frames, car, clock },
    send: async (id, hex, idBits = 11) => {
      const bytes = Uint8Array.from(hex.padEnd(16, "0").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      await bus.send({ idBits, id, bytes });
      await clock.runFor(100);
    },
  };
}

test("a long answer waits for flow control, and gives up after a second", async () => {
  const { frames, send, clock } = openWire("hyundai-kona");
  await send(0x7e4, "03220101");
  assert.equal(
    frames.map(({ hex }) => hex.slice(0, 4)),
    ["103e"],
  );
  await send(0x7e4, "300000");
  assert.is(frames.length, 9);
  assert.is(frames.at(-1)?.hex.slice(0, 2), "28");
  await send(0x7e4, "03220101");
  await clock.runFor(1_000);
  await send(0x7e4, "300000");
  assert.is(frames.length, 10);
});

test("block size, waiting, overflow and separation are obeyed", async () => {
  const { frames, send, clock } = openWire("hyundai-kona");
  await send(0x7e4, "03220101");
  for (let turn = 0; turn < 12; turn += 1) await send(0x7e4, "310000");
  assert.is(frames.length, 1, "told to wait for more than a second");
  await send(0x7e4, "30020a");
  assert.is(frames.length, 3);
  assert.is((frames[2]?.atMs ?? 0) - (frames[1]?.atMs ?? 0), 10);
  await send(0x7e4, "3000f5");
  const [first, second] = frames.slice(4, 6).map(({ atMs }) => atMs);
  assert.ok(Math.abs((second ?? 0) - (first ?? 0) - 0.5) < 1e-9);
  await send(0x7e4, "03220101");
  await send(0x7e4, "320000");
  await send(0x7e4, "300000");
  await clock.runFor(100);
  assert.is(frames.length, 10, "an overflow ends the message");
});

test("a new request drops what the old one left over", async () => {
  const { frames, send } = openWire("hyundai-kona");
  await send(0x7e4, "03220101");
  await send(0x7e4, "0322ffff");
  await send(0x7e4, "300000");
  assert.equal(
    frames.map(({ hex }) => hex.slice(0, 8)),
    ["103e6201", "037f2231"],
  );
});

test("extended addresses: only the unit in the first byte answers, to the tester", async () => {
  const { frames, send } = openWire("bmw-i3");
  await send(0x6f1, "070322dd68");
  await send(0x6f1, "150322de85");
  await send(0x6f1, "120322dd68");
  await send(0x6f1, "0322dd68");
  assert.equal(
    frames.map(({ id, hex }) => `${id.toString(16)} ${hex}`),
    ["607 f10562dd6890b0ff", "615 f11007" + "62de855f5f"],
  );
  await send(0x6f1, "07300000");
  assert.is(frames.length, 2, "flow control for another unit");
  await send(0x6f1, "15300000");
  assert.is(frames[2]?.hex, "f1211c5effffffff");
});

test("widths of identifiers are not mixed up, and a broken request is no request", async () => {
  const { frames, send } = openWire("vw-meb");
  await send(0x17fc007b, "0322028c");
  await send(0x17fc007b, "0322028c", 29);
  await send(0x744, "0322103d", 29);
  await send(0x17fc007b, "0022028c", 29);
  await send(0x17fc007b, "0922028c", 29);
  await send(0x17fc007b, "2122028c", 29);
  assert.equal(
    frames.map(({ id }) => id),
    [0x17fe007b],
  );
});

test("refusals have their reasons (ISO 14229-1)", async () => {
  const { frames, send } = openWire("vw-e-up");
  for (const request of [
    "022201",
    "0422028c00",
    "022103",
    "03220000",
    "021003",
    "021001",
    "023e00",
    "023e80",
    "0111",
  ]) {
    await send(0x7e5, request);
  }
  assert.equal(
    frames.map(({ hex }) => hex.slice(0, 2 + 2 * Number.parseInt(hex.slice(0, 2), 16))),
    ["037f2213", "037f2213", "037f2111", "037f2231", "037f1012", "06500100" + "3201f4", "027e00", "037f1111"],
  );
});

test("a unit that needs time says so first; one that sleeps or is cut off says nothing", async () => {
  const { frames, send, car, clock } = openWire("hyundai-kona", {}, { pending: 1, pendingMs: 300 });
  await send(0x7e4, "0322ffff");
  assert.is(frames[0]?.hex.slice(0, 8), "037f2278");
  await clock.runFor(300);
  assert.is(frames[1]?.hex.slice(0, 8), "037f2231");
  car.fallAsleep();
  await send(0x7e4, "0322ffff");
  car.wakeUp();
  car.cutBus();
  await send(0x7e4, "0322ffff");
  assert.is(frames.length, 2);
});

test("the bus is full of frames that are none of the tester's business", async () => {
  const { frames, send } = openWire("hyundai-kona", { perSecond: 2_000 });
  await send(0x7e4, "03220105");
  assert.ok(frames.length > 150 && frames.length < 250, `${frames.length} in a tenth of a second`);
  assert.is(frames.filter(({ id }) => id === 0x7ec).length, 1);
  assert.ok(frames.every(({ id }) => id === 0x7ec || id < 0x600));
});

test("messages are cut as ISO 15765-2 cuts them, with an address in front or without", () => {
  const message = Uint8Array.from({ length: 130 }, (_, index) => index);
  const plain = segment(message, 0xaa);
  assert.is(plain.length, 1 + Math.ceil((130 - 6) / 7));
  assert.is(toHex(plain[0] ?? new Uint8Array()), "1082000102030405");
  assert.is(plain[16]?.[0], 0x20, "the sequence goes on from 0");
  const extended = segment(message, 0xff, 0xf1);
  assert.is(extended.length, 1 + Math.ceil((130 - 5) / 6));
  assert.is(toHex(extended[1] ?? new Uint8Array()), "f121050607080" + "90a");
  assert.is(toHex(segment(message.slice(0, 7), 0xaa)[0] ?? new Uint8Array()), "0700010203040506");
  assert.is(toHex(segment(message.slice(0, 7), 0xff, 0xf1)[1] ?? new Uint8Array()), "f1210506ffffffff");
});

test.run();
