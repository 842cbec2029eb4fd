/**
 * Meters that push DLMS lists at their customer interface (HAN), over M-Bus or HDLC: the Nordic countries, Austria,
 * Slovenia, Switzerland.
 *
 * Codes and scales as recorded from Aidon, Kamstrup, Kaifa, Iskraemeco and ECE lists; speeds, parities and intervals
 * are RECALL. In Norway the energy comes once an hour, which is no measure of a charge; Swedish and Austrian meters
 * tell it every 5 to 10 s. Lists of some makers say who sends them, others do not.
 */
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";

const quantities = {
  importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2"]],
  exportedEnergy: [["2.8.0"], ["2.8.1", "2.8.2"]],
  power: [{ plus: ["16.7.0"] }, { plus: ["1.7.0"], minus: ["2.7.0"] }],
  voltage: ["32.7.0", "52.7.0", "72.7.0"],
  current: ["31.7.0", "51.7.0", "71.7.0"],
  frequency: "14.7.0",
} as const satisfies TelegramModel["quantities"];

const identity = { serialNumber: ["0-0:96.1.0", "0-0:96.1.1", "1-1:0.0.5", "0-0:96.1.2", "0-0:42.0.0"] } as const;

export const dlmsGeneric = {
  model: "dlms-generic",
  protocol: "dlms",
  mode: "pushed",
  line: { baudRate: 2400, dataBits: 8, parity: "even", stopBits: 1 },
  periodMs: 10_000,
  check: "crc",
  identity,
  quantities,
} as const satisfies TelegramModel;

/** Aidon 6000 series with a list each 10 s that has the energy. */
export const dlmsAidon = { ...dlmsGeneric, model: "dlms-aidon" } as const satisfies TelegramModel;

/** Kamstrup Omnipower: the number that is printed on the meter is its GS1 code, 1-1:0.0.5. */
export const dlmsKamstrup = {
  ...dlmsGeneric,
  model: "dlms-kamstrup",
  line: { baudRate: 2400, dataBits: 8, parity: "none", stopBits: 1 },
  identity: { serialNumber: ["1-1:0.0.5", "1-1:96.1.1"] },
} as const satisfies TelegramModel;

/** Kaifa MA110 and MA304. */
export const dlmsKaifa = { ...dlmsGeneric, model: "dlms-kaifa" } as const satisfies TelegramModel;

/** Lists of any maker that have the energy once an hour only, as the Norwegian ones: for watching, not for a charge. */
export const dlmsHourly = {
  ...dlmsGeneric,
  model: "dlms-hourly",
  periodMs: 3_600_000,
  anyPeriodMs: 10_000,
} as const satisfies TelegramModel;
