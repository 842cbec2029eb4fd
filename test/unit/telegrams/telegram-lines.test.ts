/** The lines of meters that speak by themselves: what lies in them, hangs, changes speed, is encrypted. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, fromHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { decipherGcm } from "#hal/linux/decipher-gcm.ts";
import { EvenParityLink } from "#hal/meters/telegram/even-parity-link.ts";
import { dlmsAidon } from "#hal/meters/telegram/models/dlms.ts";
import { iec62056ModeC } from "#hal/meters/telegram/models/iec62056.ts";
import { smlGeneric } from "#hal/meters/telegram/models/sml.ts";
import { TelegramMeter } from "#hal/meters/telegram/telegram-meter.ts";
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { smlImage } from "#hal/mock/telegram/sml-image.ts";
import type { ByteLink, ByteLinkListener, SpeedLink } from "#hal/ports/byte-link.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import { data, inHdlc, notification, sealed } from "#test/builders/dlms-bytes.ts";
import { DEAF, faultOf, openTelegramLine, SERIAL_NUMBER, SHOWN } from "#test/builders/telegram-line.ts";

const test = suite("lines of meters that speak by themselves");

test("what a serial server had kept while nobody was there is not taken for new", async () => {
  const clock = new SimulatedClock();
  const { left, right } = joinMemoryLinks({ clock, seed: 1, delayMs: 0, pieceBytesMax: 4096 });
  const plate = { serialNumber: SERIAL_NUMBER, wallMs: clock.wallMs() };
  const old = smlImage({ registers: "total" }).encode({ ...SHOWN, importedMilliWh: 1_000_000 }, plate);
  const kept: ByteLink = {
    ...linkLike(left),
    open: async (listener) => {
      const opened = await left.open(listener);
      await right.write(old);
      return opened;
    },
  };
  await right.open(DEAF);
  const meter = new TelegramMeter({ link: kept, clock }, { model: smlGeneric });
  assert.is(faultOf(await clock.runUntilSettled(meter.read())).code, "METER_SILENT");
});

test("an adapter that hangs is opened again by itself", async () => {
  const line = await openTelegramLine({ device: "sml-generic", periodMs: 1_000 });
  const { clock, settled } = line;
  const hanging = new HangingLink(line.cable.near);
  const meter = new TelegramMeter({ link: hanging, clock }, { model: smlGeneric });
  assert.ok((await settled(meter.read())).ok);
  hanging.isHanging = true;
  await clock.runFor(8_000);
  assert.is(hanging.openings, 1);
  await clock.runFor(4_000);
  assert.is(hanging.openings, 2);
  assert.ok((await settled(meter.read())).ok);
  await meter.close();
});

test("an encrypted telegram asks for the key, and with the key it is read", async () => {
  const key = fromHex("000102030405060708090a0b0c0d0e0f") ?? new Uint8Array(0);
  const energy = data.structure(data.octets("0100010800ff"), data.u32(1_234_567), data.scalerUnit(0, 30));
  const frame = inHdlc(sealed(notification(data.array(energy)), { key, control: 0x20 }));
  const read = async (keys?: {
    key: Uint8Array;
    decipher: typeof decipherGcm;
  }): Promise<Result<unknown, MeterFault>> => {
    const clock = new SimulatedClock();
    const { left, right } = joinMemoryLinks({ clock, seed: 1 });
    await right.open(DEAF);
    const meter = new TelegramMeter({ link: left, clock }, { model: dlmsAidon, keys });
    const reading = meter.read();
    await clock.runFor(500);
    await right.write(frame);
    return clock.runUntilSettled(reading);
  };
  const fault = faultOf(await read());
  assert.ok(fault.code === "METER_BAD_FRAME" && /are encrypted: .* system title 4b464d67/.test(fault.reason));
  const reading = await read({ key, decipher: decipherGcm });
  assert.ok(reading.ok, JSON.stringify(reading));
});

test("an asked meter is asked at 300 baud, and read at the speed that it proposes", async () => {
  const { cable, clock, meter, settled } = await openTelegramLine({ device: "iec62056-mode-c" });
  const speeds = new Set<number>();
  const reading = meter.read();
  for (let ms = 0; ms < 3_000; ms += 20) {
    await clock.runFor(20);
    speeds.add(cable.near.baudRate);
  }
  assert.equal(
    [...speeds],
    [300, 9600, 300].filter((speed, place, all) => all.indexOf(speed) === place),
  );
  assert.ok((await settled(reading)).ok);
});

test("an asked meter over a line without a speed stays at 300 baud", async () => {
  const { clock, cable, settled } = await openTelegramLine({ device: "iec62056-mode-c" });
  const link: ByteLink = linkLike(cable.near);
  const meter = new TelegramMeter({ link, clock }, { model: iec62056ModeC });
  await settled(meter.read());
  assert.is(cable.far.baudRate, 300);
  // 373 bytes at 300 baud take 12 s, longer than one call waits.
  const second = await settled(meter.read());
  assert.ok(second.ok, JSON.stringify(second));
});

test("a meter answers to its own address and not to another's", async () => {
  const settings = { device: "iec62056-mode-c", deviceAddress: "00001234" };
  const own = await openTelegramLine({ ...settings, options: { deviceAddress: "00001234" } });
  assert.ok((await own.settled(own.meter.read())).ok);
  const others = await openTelegramLine({ ...settings, options: { deviceAddress: "00009999" } });
  assert.is(faultOf(await others.settled(others.meter.read())).code, "METER_SILENT");
});

test("parity that is looked after here finds every single damaged bit", async () => {
  const clock = new SimulatedClock();
  const { left, right } = joinMemoryLinks({ clock, seed: 1, pieceBytesMax: 4096 });
  const sent: Uint8Array[] = [];
  const received: Uint8Array[] = [];
  await right.open({ ...DEAF, onData: (bytes) => sent.push(bytes) });
  const link = new EvenParityLink({ ...linkLike(left), setBaudRate: () => Promise.resolve(ok(undefined)) });
  await link.open({ ...DEAF, onData: (bytes) => received.push(bytes) });
  const all = Uint8Array.from({ length: 128 }, (_, byte) => byte);
  await link.write(all);
  await clock.runFor(10);
  const wire = concatBytes(...sent);
  assert.is(wire[0x2f], 0xaf, "a slash has five ones");
  await right.write(wire);
  for (let bit = 0; bit < 8; bit += 1) await right.write(wire.map((byte) => byte ^ (1 << bit)));
  await clock.runFor(50);
  const heard = concatBytes(...received);
  assert.equal([...heard.subarray(0, 128)], [...all]);
  assert.ok(heard.subarray(128).every((byte) => byte === 0));
});

/** The link without whatever else it can do. */
function linkLike(link: ByteLink): ByteLink {
  return {
    endpoint: link.endpoint,
    get isOpen() {
      return link.isOpen;
    },
    open: (listener) => link.open(listener),
    write: (bytes) => link.write(bytes),
    close: () => link.close(),
  };
}

/** Open, but nothing comes any more until it is opened anew. */
class HangingLink implements SpeedLink {
  isHanging = false;
  openings = 0;
  readonly endpoint = "hanging";
  readonly #link: SpeedLink;

  constructor(link: SpeedLink) {
    this.#link = link;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  open(listener: ByteLinkListener): ReturnType<SpeedLink["open"]> {
    this.openings += 1;
    this.isHanging = false;
    return this.#link.open({
      onClose: listener.onClose.bind(listener),
      onData: (bytes) => {
        if (!this.isHanging) listener.onData(bytes);
      },
    });
  }

  write(bytes: Uint8Array): ReturnType<SpeedLink["write"]> {
    return this.#link.write(bytes);
  }

  setBaudRate(baudRate: number): ReturnType<SpeedLink["setBaudRate"]> {
    return this.#link.setBaudRate(baudRate);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

test.run();
