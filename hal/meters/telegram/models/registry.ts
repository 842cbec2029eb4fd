/** The models of meters that speak by themselves, by name. A new one is a table beside this file and a line here. */
import type { TelegramModel, TelegramProtocol } from "#hal/meters/telegram/telegram-model.ts";
import { dlmsAidon, dlmsGeneric, dlmsHourly, dlmsKaifa, dlmsKamstrup } from "./dlms.ts";
import { dsmrP1, dsmrV3 } from "./dsmr.ts";
import { iec62056EmhEhz, iec62056ModeC, iec62056ModeCUnchecked, iec62056Push } from "./iec62056.ts";
import { smlEmh, smlGeneric } from "./sml.ts";

const MODELS: readonly TelegramModel[] = [
  smlGeneric,
  smlEmh,
  dsmrP1,
  dsmrV3,
  iec62056Push,
  iec62056EmhEhz,
  iec62056ModeC,
  iec62056ModeCUnchecked,
  dlmsGeneric,
  dlmsAidon,
  dlmsKamstrup,
  dlmsKaifa,
  dlmsHourly,
];

export function telegramModelNames(): readonly string[] {
  return MODELS.map(({ model }) => model);
}

export function telegramModel(name: string): TelegramModel | undefined {
  return MODELS.find(({ model }) => model === name);
}

/** The models of a protocol, the most usual first. */
export function modelsOf(protocol: TelegramProtocol): readonly TelegramModel[] {
  return MODELS.filter((model) => model.protocol === protocol);
}
