/** The driver of CAN interfaces, against a stand-in for the optional package: no machine with CAN was at hand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import {
  CanDriverError,
  loadSocketCan,
  type RawChannel,
  type SocketCanPackage,
} from "#hal/linux/can/load-socket-can.ts";
import { openSocketCan } from "#hal/linux/can/socket-can.ts";
import type { CanBus, CanFrame } from "#hal/ports/can-bus.ts";

const test = suite("SocketCAN");

class StandInChannel implements RawChannel {
  readonly sent: { readonly id: number; readonly ext: boolean; readonly data: Uint8Array }[] = [];
  readonly calls: string[] = [];
  sendFails: Error | undefined;
  #onMessage: (message: unknown) => void = () => undefined;
  #onStopped: () => void = () => undefined;

  addListener(event: "onMessage" | "onStopped", listener: ((message: unknown) => void) | (() => void)): void {
    if (event === "onMessage") this.#onMessage = listener;
    else this.#onStopped = listener as () => void;
  }
  setErrorFilters(mask: number): void {
    this.calls.push(`errors ${mask.toString(16)}`);
  }
  start(): void {
    this.calls.push("start");
  }
  stop(): void {
    this.calls.push("stop");
    this.#onStopped();
  }
  send(message: { readonly id: number; readonly ext: boolean; readonly data: Uint8Array }): void {
    if (this.sendFails !== undefined) throw this.sendFails;
    this.sent.push(message);
  }
  receive(message: unknown): void {
    this.#onMessage(message);
  }
}

async function open(): Promise<{ readonly bus: CanBus; readonly channel: StandInChannel; readonly heard: CanFrame[] }> {
  const channel = new StandInChannel();
  const heard: CanFrame[] = [];
  const bus = await openSocketCan("can0", () => Promise.resolve({ createRawChannelWithOptions: () => channel }));
  bus.onFrame((frame) => heard.push(frame));
  return { bus, channel, heard };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "none",
    (error: unknown) => (error instanceof CanDriverError ? `${error.code}: ${error.message}` : String(error)),
  );
}

test("without the package it is said how to install it", async () => {
  assert.match(await codeOf(loadSocketCan()), /^CAN_PACKAGE_MISSING: .*npm install socketcan@4/);
  const broken = loadSocketCan(() => Promise.reject(new Error("wrong ELF class")));
  assert.match(await codeOf(broken), /^CAN_PACKAGE_MISSING/);
  assert.match(await codeOf(loadSocketCan(() => Promise.resolve({ createRawChannel: 1 }))), /another version/);
});

test("the package is taken as it comes, with its exports below `default` or not", async () => {
  const found: SocketCanPackage = { createRawChannelWithOptions: () => new StandInChannel() };
  assert.is(await loadSocketCan(() => Promise.resolve(found)), found);
  assert.is(await loadSocketCan(() => Promise.resolve({ default: found })), found);
});

test("an interface that is not there is told with its name", async () => {
  const failing = (): Promise<SocketCanPackage> =>
    Promise.resolve({
      createRawChannelWithOptions: () => {
        throw new Error("No such device");
      },
    });
  assert.match(
    await codeOf(openSocketCan("can7", failing)),
    /^CAN_INTERFACE_UNAVAILABLE: cannot open can7: No such device/,
  );
});

test("frames go out with the width of their identifier, and come in as copies", async () => {
  const { bus, channel, heard } = await open();
  await bus.send({ idBits: 29, id: 0x17fc007b, bytes: Uint8Array.of(3, 0x22, 0x1e, 0x3b) });
  await bus.send({ idBits: 11, id: 0x7e4, bytes: Uint8Array.of(1) });
  assert.equal(
    channel.sent.map(({ id, ext }) => [id, ext]),
    [
      [0x17fc007b, true],
      [0x7e4, false],
    ],
  );
  const data = Buffer.from([4, 0x62]);
  channel.receive({ id: 0x7ec, ext: false, rtr: false, err: false, data });
  data[0] = 99;
  assert.equal(heard, [{ idBits: 11, id: 0x7ec, bytes: Uint8Array.of(4, 0x62) }]);
});

test("remote requests, longer frames and nonsense are not passed on", async () => {
  const { channel, heard } = await open();
  for (const message of [
    undefined,
    7,
    {},
    { id: "1" },
    { id: 1 },
    { id: 1, data: Buffer.alloc(64) },
    { id: 1, data: Buffer.alloc(1), rtr: true },
  ])
    channel.receive(message);
  assert.equal(heard, []);
});

test("bus off is answered until the controller is well again, and nobody is forgotten meanwhile", async () => {
  const { bus, channel, heard } = await open();
  const frame: CanFrame = { idBits: 11, id: 1, bytes: new Uint8Array() };
  channel.receive({ id: 0x40, err: true, data: Buffer.alloc(8) });
  assert.equal(await bus.send(frame), {
    ok: false,
    fault: { code: "CAN_BUS_OFF", reason: "too many errors on the bus" },
  });
  channel.receive({ id: 0x100, err: true, data: Buffer.alloc(8) });
  assert.ok((await bus.send(frame)).ok);
  channel.receive({ id: 2, data: Buffer.alloc(1) });
  assert.is(heard.length, 1);
});

test("a full queue is told from a dead bus", async () => {
  const { bus, channel } = await open();
  const frame: CanFrame = { idBits: 11, id: 1, bytes: new Uint8Array() };
  channel.sendFails = new Error("ENOBUFS: no buffer space available");
  const full = await bus.send(frame);
  assert.ok(!full.ok && full.fault.code === "CAN_QUEUE_FULL");
  channel.sendFails = new Error("Network is down");
  const dead = await bus.send(frame);
  assert.ok(!dead.ok && dead.fault.code === "CAN_BUS_OFF");
});

test("after a close nothing is heard or sent, and a second one does nothing", async () => {
  const { bus, channel, heard } = await open();
  await bus.close();
  await bus.close();
  channel.receive({ id: 2, data: Buffer.alloc(1) });
  assert.equal(heard, []);
  assert.equal(await bus.send({ idBits: 11, id: 1, bytes: new Uint8Array() }), {
    ok: false,
    fault: { code: "CAN_CLOSED" },
  });
  assert.is(channel.calls.filter((call) => call === "stop").length, 1);
});

test.run();
