/**
 * The contract on the driver of meters that speak by themselves, over TCP, against a simulated one of each kind. Their
 * time runs ten times as fast as the machine's, so that nobody waits for their periods.
 */
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { telegramModel } from "#hal/meters/telegram/models/registry.ts";
import { TelegramMeter } from "#hal/meters/telegram/telegram-meter.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { TelegramMeterServer } from "#hal/mock/telegram/serve-telegram-meter.ts";
import { energyMeterContract, type EnergyMeterFixture } from "./energy-meter.ts";

const SERIAL_NUMBER = 4_711_815;
const SPEED = 10;
/** Of the faster world. */
const PUSH_MS = 300;
const PERIOD_MS = 1_500;
const REACTION_MS = 20;

type Kind = Pick<EnergyMeterFixture, "lacks" | "coarse"> & { readonly model: string };

const KINDS: readonly Kind[] = [
  { model: "sml-generic" },
  { model: "dsmr-p1", lacks: ["frequency"] },
  { model: "iec62056-push" },
  { model: "iec62056-mode-c" },
  { model: "dlms-kamstrup", lacks: ["frequency"], coarse: { voltageV: 0.5 } },
];

for (const kind of KINDS) energyMeterContract(`${kind.model} over TCP`, () => openFixture(kind));

async function openFixture({ model, ...told }: Kind): Promise<EnergyMeterFixture> {
  const now = Math.round(performance.timeOrigin);
  const clock = new ScaledClock({ realEpochMs: now, worldEpochMs: now, speed: SPEED });
  let state: MeterState = NOTHING;
  const settings = { model, serialNumber: SERIAL_NUMBER, periodMs: PUSH_MS, reactionMs: REACTION_MS, seed: 1 };
  const parts = { source: { now: () => state }, clock };
  let server = new TelegramMeterServer(parts, settings);
  const port = await server.start(0);
  const known = telegramModel(model);
  if (known === undefined) throw new Error(`bug: no model ${model}`);
  const link = new TcpLink({ host: "127.0.0.1", port });
  const meter = new TelegramMeter({ link, clock }, { model: { ...known, periodMs: PERIOD_MS } });
  const passes = (worldMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.wakeAt(clock.monotonicMs() + worldMs, resolve);
    });
  return {
    ...{ meter, phases: 3, serialNumber: server.meter.shownSerialNumber, ...told },
    show: (values) => {
      state = values;
    },
    fallSilent: () => {
      server.meter.faults.silent = true;
    },
    speakAgain: () => {
      server.meter.faults.silent = false;
    },
    settle: () =>
      passes(
        server.meter.faults.silent ? 3 * PERIOD_MS + 1_000 : known.mode === "asked" ? 5 * PERIOD_MS : 2 * PERIOD_MS,
      ),
    unplug: async () => {
      await server.stop();
      while (link.isOpen) await passes(PUSH_MS);
    },
    plugIn: async () => {
      server = new TelegramMeterServer(parts, settings);
      await server.start(port);
    },
    dispose: () => server.stop(),
  };
}

const NOTHING: MeterState = {
  importedMilliWh: 0,
  powerW: 0,
  voltageV: [230, 230, 230],
  currentA: [0, 0, 0],
  frequencyHz: 50,
};
