/**
 * How much of a serial line's time readings of meters waste: the time that their bytes and the silences between frames
 * need at the line's speed, over the time that they take. The meters' own time until they answer is measured at their
 * end and counted apart. In the same run, on the same line, a plain use of modbus-serial that asks value by value.
 *
 *   node test/bench/bus-efficiency.bench.ts [READINGS]
 *
 * More than 1 is a reader that does not keep the silence that the standard wants before each request.
 *
 * The line is test/interop/serial-line.py: two pseudo terminals, and each byte takes the time that it takes.
 */
import { setPriority } from "node:os";
import modbus from "modbus-serial";

import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { quantityRegisters } from "#hal/meters/map-registers.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { abbB23 } from "#hal/meters/models/abb-b2x.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import type { ByteLink, ByteLinkListener } from "#hal/ports/byte-link.ts";
import { registerSpan, type RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { openSerialWire, stopAll } from "#test/interop/modbus-line.ts";

const READINGS = Number(process.argv[2] ?? 24);
const SPEEDS = [9600, 19_200] as const;
const METERS = [1, 8] as const;
/** What a meter takes from the end of a request to its answer; makers give 5 to 100 ms. */
const OWN_MS = 20;
const CHARACTER_BITS = 10;
const REQUEST_BYTES = 8;
/** The mean of the model's three answers. */
const BARE_ANSWER_BYTES = 26;
/** Modbus over serial line 1.02, section 2.5.1.1. Between request and answer the meter keeps it, in its own time. */
const SILENT_CHARACTERS = 3.5;

try {
  // The line's own program inherits it. Without the right to it, other work on the machine shows in the numbers.
  setPriority(-20);
} catch (error) {
  console.log(`not at the highest priority: ${error instanceof Error ? error.message : String(error)}`);
}

const clock = new SystemClock();
const map: RegisterMap = abbB23;
const state = {
  ...{ importedMilliWh: 5_000_000_000, exportedMilliWh: 1_000_000, powerW: 6908, frequencyHz: 50 },
  voltageV: [230.1, 231.2, 229.3],
  currentA: [10, 10, 10],
} as const;

/** What the meters' end of the line has seen. */
class MeteredLink implements ByteLink {
  readonly #link: ByteLink;
  #lastByteMs = 0;
  bytes = 0;
  answers = 0;
  ownMs = 0;

  constructor(link: ByteLink) {
    this.#link = link;
  }

  get endpoint(): string {
    return this.#link.endpoint;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  open(listener: ByteLinkListener): ReturnType<ByteLink["open"]> {
    return this.#link.open({
      ...listener,
      onClose: (reason) => {
        listener.onClose(reason);
      },
      onData: (bytes) => {
        this.bytes += bytes.length;
        this.#lastByteMs = performance.now();
        listener.onData(bytes);
      },
    });
  }

  write(bytes: Uint8Array): ReturnType<ByteLink["write"]> {
    this.bytes += bytes.length;
    this.answers += 1;
    this.ownMs += performance.now() - this.#lastByteMs;
    return this.#link.write(bytes);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  reset(): void {
    [this.bytes, this.answers, this.ownMs] = [0, 0, 0];
  }
}

interface Measured {
  readonly readings: number;
  readonly bytes: number;
  readonly requests: number;
  readonly wireMs: number;
  readonly ownMs: number;
  readonly tookMs: number;
  readonly middleRatio: number;
  readonly bestRatio: number;
}

/** What each round has cost. A machine with other work makes some of them late: the middle and the best are told. */
interface Round {
  readonly ownMs: number;
  readonly tookMs: number;
}

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** `readOnce` reads each of the meters once. */
async function measure(
  link: MeteredLink,
  baudRate: number,
  meters: number,
  readOnce: () => Promise<void>,
): Promise<Measured> {
  await readOnce();
  link.reset();
  const count = Math.max(12, Math.ceil(READINGS / meters));
  const rounds: Round[] = [];
  for (let round = 0; round < count; round += 1) {
    const ownBeforeMs = link.ownMs;
    const startMs = performance.now();
    await readOnce();
    rounds.push({ ownMs: link.ownMs - ownBeforeMs, tookMs: performance.now() - startMs });
  }
  const readings = count * meters;
  const { bytes, answers } = link;
  const wireMs = ((bytes + answers * SILENT_CHARACTERS) * CHARACTER_BITS * 1000) / baudRate;
  const costsMs = rounds.map((round) => round.tookMs - round.ownMs);
  return {
    readings,
    bytes: bytes / readings,
    requests: answers / readings,
    wireMs: wireMs / readings,
    ownMs: middle(rounds.map((round) => round.ownMs)) / meters,
    tookMs: middle(rounds.map((round) => round.tookMs)) / meters,
    middleRatio: wireMs / count / middle(costsMs),
    bestRatio: wireMs / count / Math.min(...costsMs),
  };
}

async function measureOurs(link: MeteredLink, path: string, baudRate: number, meters: number): Promise<Measured> {
  const bus = openRegisterBus({ kind: "serial", path, baudRate, dataBits: 8, parity: "none", stopBits: 1 }, clock);
  const drivers = Array.from(
    { length: meters },
    (_, index) => new ModbusMeter({ bus, clock }, { map, unit: index + 1 }),
  );
  const measured = await measure(link, baudRate, meters, async () => {
    const readings = await Promise.all(drivers.map((meter) => meter.read()));
    for (const reading of readings) if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  });
  await bus.close();
  return measured;
}

async function measurePlain(link: MeteredLink, path: string, baudRate: number, meters: number): Promise<Measured> {
  const client = new modbus.default();
  await client.connectRTUBuffered(path, { baudRate, parity: "none", dataBits: 8, stopBits: 1 });
  client.setTimeout(1000);
  let lost = 0;
  const values = quantityRegisters(map).map(({ register }) => registerSpan(register));
  const measured = await measure(link, baudRate, meters, async () => {
    for (let unit = 1; unit <= meters; unit += 1) {
      client.setID(unit);
      for (const { address, count } of values) {
        await client.readHoldingRegisters(address, count).catch(() => {
          lost += 1;
        });
      }
    }
  });
  if (lost > 0) console.log(`modbus-serial: ${lost} values were not answered within a second`);
  await new Promise<void>((resolve) => {
    client.close(() => {
      resolve();
    });
  });
  return measured;
}

/**
 * The line and this machine without any Modbus: bytes as many as a request and an answer of ours have, one side after
 * the other, without silences. What is lost here nobody above can win back.
 */
async function measureBare(paths: readonly [string, string], baudRate: number, answerBytes: number): Promise<Measured> {
  const settings = { baudRate, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const [near, far] = paths.map((path) => new SerialLink({ ...settings, path }));
  if (near === undefined || far === undefined) throw new Error("bug: a line has two ends");
  const rounds: Round[] = [];
  let [asked, answered, ownMs] = [0, 0, 0];
  let arrived: () => void = () => undefined;
  const onClose = (): void => undefined;
  await far.open({
    onClose,
    onData: (bytes) => {
      asked += bytes.length;
      if (asked < REQUEST_BYTES) return;
      asked = 0;
      const heardMs = performance.now();
      clock.wakeAt(clock.monotonicMs() + OWN_MS, () => {
        ownMs = performance.now() - heardMs;
        void far.write(new Uint8Array(answerBytes));
      });
    },
  });
  await near.open({
    onClose,
    onData: (bytes) => {
      answered += bytes.length;
      if (answered >= answerBytes) arrived();
    },
  });
  for (let count = 0; count < 3 * READINGS; count += 1) {
    answered = 0;
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      arrived = resolve;
      void near.write(new Uint8Array(REQUEST_BYTES));
    });
    rounds.push({ ownMs, tookMs: performance.now() - startMs });
  }
  await near.close();
  await far.close();
  const bytes = REQUEST_BYTES + answerBytes;
  const wireMs = (bytes * CHARACTER_BITS * 1000) / baudRate;
  const costsMs = rounds.map((round) => round.tookMs - round.ownMs);
  return {
    ...{ readings: rounds.length, bytes, requests: 1, wireMs },
    ownMs: middle(rounds.map((round) => round.ownMs)),
    tookMs: middle(rounds.map((round) => round.tookMs)),
    middleRatio: wireMs / middle(costsMs),
    bestRatio: wireMs / Math.min(...costsMs),
  };
}

function row(name: string, baudRate: number, meters: number, measured: Measured): string {
  const { bytes, requests, wireMs, ownMs, tookMs, middleRatio, bestRatio } = measured;
  const numbers = [requests, bytes, wireMs, ownMs, tookMs].map((value) => value.toFixed(1).padStart(9));
  return [
    String(baudRate).padStart(6),
    String(meters).padStart(7),
    name.padEnd(14),
    ...numbers,
    middleRatio.toFixed(3),
    bestRatio.toFixed(3),
  ].join(" ");
}

console.log(
  `${map.model}, ${quantityRegisters(map).length} values a reading; per reading (bare line: per exchange), times in ms`,
);
console.log(
  "  baud  meters                requests     bytes      wire  meter's     took   wire/(took-meter's): middle, best",
);
for (const baudRate of SPEEDS) {
  for (const meters of METERS) {
    const wire = await openSerialWire();
    const units = new Map(
      Array.from({ length: meters }, (_, index) => {
        const unit = new SimulatedMeter({ model: map.model, serialNumber: 1000 + index, source: { now: () => state } });
        unit.faults.delayMs = OWN_MS;
        return [index + 1, unit] as const;
      }),
    );
    const settings = { baudRate, dataBits: 8, parity: "none", stopBits: 1 } as const;
    const bare = await measureBare([wire.ourPath, wire.meterPath], baudRate, BARE_ANSWER_BYTES);
    console.log(row("bare line", baudRate, meters, bare));
    const link = new MeteredLink(new SerialLink({ ...settings, path: wire.meterPath }));
    const slaves = new RtuSlaves({ link, clock, units });
    const started = await slaves.start();
    if (!started.ok) throw new Error(started.fault.reason);
    console.log(row("tallystick", baudRate, meters, await measureOurs(link, wire.ourPath, baudRate, meters)));
    console.log(row("modbus-serial", baudRate, meters, await measurePlain(link, wire.ourPath, baudRate, meters)));
    await slaves.stop();
    await wire.stop();
  }
}
await stopAll();
