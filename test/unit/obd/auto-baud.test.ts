/** Finding the speed of a line, with adapters that hear and say garbage at any other. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import { joinMemoryLinks, type MemoryCable } from "#hal/mock/memory-link.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";
import { ADAPTER_BAUD_RATES, AutoBaudLink, PROBE_TIMEOUT_MS } from "#hal/vehicles/auto-baud-link.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { QuirkyAdapter, type Quirks } from "../../builders/quirky-adapter.ts";

const test = suite("auto-baud link");

interface Line {
  readonly clock: SimulatedClock;
  readonly cable: MemoryCable;
  readonly link: AutoBaudLink;
  readonly far: QuirkyAdapter;
  /** Speeds at which the line was opened, in order. */
  readonly opened: number[];
  readonly heard: string[];
  readonly open: () => Promise<Result<void, ByteLinkFault>>;
  /** Bytes that the listener got, and how the link ended. */
  readonly listener: ByteLinkListener;
}

async function wire(adapterBaud: number | null, quirks: Quirks = {}): Promise<Line> {
  const clock = new SimulatedClock();
  const cable = joinMemoryLinks({ clock, seed: "baud" });
  const far = new QuirkyAdapter(
    { link: cable.right, clock, ecu: { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } },
    quirks,
    () => "62010512",
  );
  await far.plugIn();
  const opened: number[] = [];
  const heard: string[] = [];
  const link = new AutoBaudLink({
    clock,
    linkAt: (baudRate) =>
      atBaud(cable.left, { isRight: adapterBaud === baudRate, onOpen: () => opened.push(baudRate) }),
  });
  const listener: ByteLinkListener = {
    onData: (bytes) => heard.push(String.fromCharCode(...bytes)),
    onClose: (reason) => heard.push(`closed: ${reason}`),
  };
  return { clock, cable, link, far, opened, heard, listener, open: () => clock.runUntilSettled(link.open(listener)) };
}

/** At the wrong speed every byte is another one, both ways. */
function atBaud(link: ByteLink, settings: { readonly isRight: boolean; readonly onOpen: () => void }): ByteLink {
  const garble = (bytes: Uint8Array): Uint8Array =>
    settings.isRight ? bytes : bytes.map((byte) => ((byte * 7) ^ 0x95) & 0xff);
  return {
    endpoint: link.endpoint,
    get isOpen() {
      return link.isOpen;
    },
    open: (listener) => {
      settings.onOpen();
      return link.open({
        onData: (bytes) => {
          listener.onData(garble(bytes));
        },
        onClose: (reason) => {
          listener.onClose(reason);
        },
      });
    },
    write: (bytes) => link.write(garble(bytes)),
    close: () => link.close(),
  };
}

for (const baudRate of ADAPTER_BAUD_RATES) {
  test(`an adapter at ${baudRate} baud is found`, async () => {
    const { open, link, far, clock, opened } = await wire(baudRate);
    assert.ok((await open()).ok);
    assert.is(link.baudRate, baudRate);
    assert.is(opened.at(-1), baudRate);
    assert.ok(link.isOpen);
    far.say("7EC");
    await clock.runFor(100);
  });
}

test("the usual speed costs a few milliseconds, the last one a few seconds", async () => {
  const usual = await wire(38_400);
  await usual.open();
  assert.ok(usual.clock.monotonicMs() < 50, `${usual.clock.monotonicMs()} ms`);
  const last = await wire(57_600);
  await last.open();
  assert.ok(last.clock.monotonicMs() < 5_000, `${last.clock.monotonicMs()} ms`);
});

test("what comes after the probe is the listener's, and nothing of the probe is", async () => {
  const { open, link, far, heard, clock } = await wire(9_600);
  await open();
  assert.equal(heard, []);
  await link.write(new TextEncoder().encode("ATE0\r"));
  await clock.runFor(100);
  assert.is(heard.join(""), "OK\r\r>");
  assert.is(far.commands.at(-1), "ATE0");
});

test("the speed that answered last is tried first at the next opening", async () => {
  const { open, link, opened } = await wire(115_200);
  await open();
  await link.close();
  opened.length = 0;
  assert.ok((await open()).ok);
  assert.equal(opened, [115_200]);
});

test("where nobody answers it says at which speeds it was tried, and leaves the line closed", async () => {
  const { open, cable, opened } = await wire(300);
  const result = await open();
  assert.ok(!result.ok && /38400, 9600, 115200, 500000, 230400, 57600/.test(result.fault.reason));
  assert.equal(opened, ADAPTER_BAUD_RATES);
  assert.not.ok(cable.left.isOpen);
});

test("a line that is not there is not tried at every speed", async () => {
  const { open, cable, opened } = await wire(38_400);
  cable.cut("no such device");
  assert.equal(await open(), { ok: false, fault: { code: "LINK_UNREACHABLE", reason: "no such device" } });
  assert.is(opened.length, 1);
});

test("an operation that the probe interrupts does not hide the adapter", async () => {
  const { open, link } = await wire(38_400, { replies: { "\u007f\u007f": "STOPPED\r\r>" } });
  assert.not.ok((await open()).ok);
  const other = await wire(38_400);
  let isFirst = true;
  const say = other.far.say.bind(other.far);
  other.far.say = (text) => {
    say(isFirst ? "STOPPED\r\r>" : text);
    isFirst = false;
  };
  assert.ok((await other.open()).ok);
  assert.is(link.baudRate, undefined);
});

test("closing while it searches ends the search", async () => {
  const { link, listener, clock, opened, cable } = await wire(57_600);
  const opening = link.open(listener);
  await clock.runFor(PROBE_TIMEOUT_MS * 3);
  await link.close();
  const result = await clock.runUntilSettled(opening);
  assert.ok(!result.ok && result.fault.code === "LINK_CLOSED");
  assert.ok(opened.length <= 3);
  assert.not.ok(cable.left.isOpen);
});

test("a plug that is pulled later is told to the listener, once", async () => {
  const { open, cable, heard } = await wire(38_400);
  await open();
  cable.cut("unplugged");
  assert.equal(heard, ["closed: unplugged"]);
});

test("the driver works over it, also when the adapter is plugged in later at another speed", async () => {
  const { link, clock } = await wire(230_400);
  const adapter = new ObdAdapter({ link, clock });
  const ecu = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;
  const outcome = await clock.runUntilSettled(adapter.ask({ ecu, bytes: Uint8Array.of(0x22, 1, 5) }));
  assert.is(outcome.kind, "payload");
  await clock.runUntilSettled(adapter.close());
});

test.run();
