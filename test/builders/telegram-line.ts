/** A meter that speaks by itself at one end of a simulated line, and its driver at the other. */
import { assert } from "#base/assert.ts";
import type { Result } from "#base/result.ts";
import { TelegramMeter, type TelegramMeterOptions } from "#hal/meters/telegram/telegram-meter.ts";
import { telegramModel } from "#hal/meters/telegram/models/registry.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { joinSpeedLinks, type SpeedCable } from "#hal/mock/telegram/speed-cable.ts";
import type { ByteLinkListener } from "#hal/ports/byte-link.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import { attachTelegramMeter, type SimulatedTelegramMeter } from "#hal/mock/telegram/serve-telegram-meter.ts";

export const SERIAL_NUMBER = 4_711_815;

export const SHOWN: MeterState = {
  importedMilliWh: 1_234_500_000,
  exportedMilliWh: 5_000_000,
  powerW: 6900,
  voltageV: [230.1, 228.4, 231.6],
  currentA: [9.9, 10, 10.1],
  frequencyHz: 50,
};

export interface TelegramLine {
  readonly clock: SimulatedClock;
  readonly cable: SpeedCable;
  readonly device: SimulatedTelegramMeter;
  readonly meter: TelegramMeter;
  readonly model: TelegramModel;
  /** What it shows from now on. */
  readonly show: (state: Partial<MeterState>) => void;
  /** Lets time pass until it has settled. */
  readonly settled: <Value>(promise: Promise<Value>) => Promise<Value>;
}

export interface TelegramLineSettings {
  /** Of the simulated meter, by the name of its model. */
  readonly device: string;
  /** Where the driver believes it to be another. */
  readonly model?: TelegramModel;
  readonly options?: Omit<TelegramMeterOptions, "model">;
  readonly seed?: string | number;
  readonly periodMs?: number;
  /** What the meter shows at each moment, in place of what `show` says. */
  readonly source?: (clock: SimulatedClock) => MeterState;
  readonly deviceAddress?: string;
}

export async function openTelegramLine(settings: TelegramLineSettings): Promise<TelegramLine> {
  const { device: name, seed = 1, periodMs, source, options = {} } = settings;
  const own = telegramModel(name);
  assert(own !== undefined, `there is a model ${name}`);
  const model = settings.model ?? own;
  const clock = new SimulatedClock();
  const cable = joinSpeedLinks({ clock, seed }, own.line.baudRate);
  let state = SHOWN;
  const attached = await attachTelegramMeter(
    cable.far,
    { source: { now: () => source?.(clock) ?? state }, clock, followsSpeed: true },
    {
      ...{ model: name, serialNumber: SERIAL_NUMBER, seed, periodMs: periodMs ?? own.periodMs / 2 },
      ...(settings.deviceAddress === undefined ? {} : { deviceAddress: settings.deviceAddress }),
    },
  );
  assert(attached.ok, "the far end of a new cable opens");
  const meter = new TelegramMeter({ link: cable.near, clock }, { model, ...options });
  return {
    ...{ clock, cable, device: attached.value, meter, model },
    show: (changed) => {
      state = { ...state, ...changed };
    },
    settled: (promise) => clock.runUntilSettled(promise),
  };
}

/** Of something that must have failed. */
export function faultOf(result: Result<unknown, MeterFault>): MeterFault {
  if (result.ok) throw new Error(`there was no fault: ${JSON.stringify(result.value)}`);
  return result.fault;
}

/** Hears nothing. */
export const DEAF: ByteLinkListener = { onData: () => undefined, onClose: () => undefined };
