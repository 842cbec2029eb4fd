/**
 * German meters that push SML at their optical interface (D0) about every second or two. IR heads of vzlogger and
 * Hichi type give 9600 8N1.
 *
 * Codes, units and digits as recorded from EMH, DZG, Iskra, Holley, eBZ, ITRON, EasyMeter and Dr. Neuhaus meters. Until
 * the PIN of the meter is entered, the energy comes in whole kWh and the power not at all; some leave out the register
 * then. The sender of a telegram is the meter's number by DIN 43863-5, which is printed on it.
 *
 * 15.7.0 is the power without its sign (EMH eHZ and ED300L with a blocked return): consumption only where nothing is
 * fed in.
 */
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";

const line = { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;

const identity = {
  serialNumber: ["1-0:96.1.0", "1-0:0.0.9", "1-0:0.0.0", "0-0:96.1.255"],
  firmware: ["1-0:0.2.0*0"],
} as const;

const measured = {
  voltage: ["32.7.0", "52.7.0", "72.7.0"],
  current: ["31.7.0", "51.7.0", "71.7.0"],
  frequency: "14.7.0",
} as const;

const power = [
  { plus: ["16.7.0"] },
  { plus: ["1.7.0"], minus: ["2.7.0"] },
  { plus: ["15.7.0"], unless: ["2.8.0", "2.8.1"] },
] as const;

export const smlGeneric = {
  model: "sml-generic",
  protocol: "sml",
  mode: "pushed",
  line,
  periodMs: 3_000,
  check: "crc",
  identity,
  quantities: {
    importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2"]],
    exportedEnergy: [["2.8.0"], ["2.8.1", "2.8.2"]],
    power,
    ...measured,
  },
} as const satisfies TelegramModel;

/** EMH eHZ, ED300L, mMe4.0. A meter of one tariff may send it as 1.8.1 alone. */
export const smlEmh = {
  ...smlGeneric,
  model: "sml-emh",
  quantities: {
    importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2"], ["1.8.1"]],
    exportedEnergy: [["2.8.0"], ["2.8.1", "2.8.2"], ["2.8.1"]],
    power,
    ...measured,
  },
} as const satisfies TelegramModel;
