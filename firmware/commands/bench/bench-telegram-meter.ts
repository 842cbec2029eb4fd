/** A meter of the bench that speaks by itself, on a line of its own. */
import { assert } from "#base/assert.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import type { MeterSource } from "#hal/mock/modbus/meter-source.ts";
import { attachTelegramMeter, TelegramMeterServer } from "#hal/mock/telegram/serve-telegram-meter.ts";
import type { TelegramFaults } from "#hal/mock/telegram/telegram-faults.ts";
import { ASKED_IMAGES } from "#hal/mock/telegram/telegram-images.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { BenchLine } from "./bench-config.ts";
import { openSerialCable } from "./serial-cable.ts";

export interface BenchTelegramMeter {
  readonly line: BenchLine;
  readonly faults: TelegramFaults;
  /** For the gateway's configuration, in milliseconds of the machine. */
  readonly periodMs: number;
  close(): Promise<void>;
}

export interface BenchTelegramSettings {
  readonly model: string;
  readonly serialNumber: number;
  readonly serial: boolean;
  /** Seconds of the world in each second. */
  readonly speed: number;
  readonly seed: number;
}

/** A meter tells each second of the world. Faster than this the machine has nothing else to do. */
const PUSH_MS_MIN = 20;
/** In which a gateway on a loaded machine gets a telegram for certain. */
const PERIOD_MS = 100;
/** A sign-on takes some tenths of a second, however fast the world runs. */
const ASKED_PERIOD_MS = 300;
const REACTION_MS = 20;
/** A pseudo-terminal carries no speed; any will do. */
const BAUD = 9600;

export async function startBenchTelegramMeter(
  parts: { readonly source: MeterSource; readonly clock: Clock },
  { model, serialNumber, serial, speed, seed }: BenchTelegramSettings,
): Promise<BenchTelegramMeter> {
  const pushMs = Math.max(PUSH_MS_MIN, Math.round(1000 / speed));
  const settings = { model, serialNumber, seed, periodMs: pushMs, reactionMs: REACTION_MS };
  const periodMs = model in ASKED_IMAGES ? ASKED_PERIOD_MS : Math.max(PERIOD_MS, pushMs);
  if (!serial) {
    const server = new TelegramMeterServer(parts, settings);
    const port = await server.start(0);
    return { line: { kind: "tcp", port }, faults: server.meter.faults, periodMs, close: () => server.stop() };
  }
  const cable = await openSerialCable();
  const link = new SerialLink({ path: cable.farPath, baudRate: BAUD, dataBits: 8, parity: "none", stopBits: 1 });
  const attached = await attachTelegramMeter(link, parts, settings);
  assert(attached.ok, "a pseudo-terminal that was just made can be opened");
  const meter = attached.value;
  return {
    line: { kind: "serial", path: cable.nearPath, baudRate: BAUD },
    ...{ faults: meter.faults, periodMs },
    close: async () => {
      meter.stop();
      await link.close();
      await cable.dispose();
    },
  };
}
