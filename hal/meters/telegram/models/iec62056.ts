/**
 * Meters with a D0 interface by IEC 62056-21: asked for readouts (modes A to C), or pushing them (mode D).
 *
 * Codes as recorded from Iskra MT174, Itron EM214, EMH eHZ, EasyMeter Q3D and ACE 3K260. The line has 7 bits and even
 * parity; where an adapter cannot do that, 8 bits and no parity can be configured, and the parity is checked here.
 * Registers come with all digits of the display, so that their number says when they start again from 0.
 *
 * EasyMeter Q3D pushes every 2 s, others every 1 to 4 s (RECALL). A readout of a mode C meter takes 1 to 60 s.
 */
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";

const identity = {
  serialNumber: ["0-0:C.1.0", "C.1", "0-0:96.1.0", "1-0:0.0.0", "0-0:96.1.255"],
  firmware: ["1-0:0.2.0"],
} as const;

const quantities = {
  importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2", "1.8.3", "1.8.4"], ["1.8.1", "1.8.2"]],
  exportedEnergy: [["2.8.0"], ["2.8.1", "2.8.2", "2.8.3", "2.8.4"], ["2.8.1", "2.8.2"]],
  power: [{ plus: ["16.7.0"] }, { plus: ["1.7.0"], minus: ["2.7.0"] }],
  voltage: ["32.7.0", "52.7.0", "72.7.0"],
  current: ["31.7.0", "51.7.0", "71.7.0"],
  frequency: "14.7.0",
} as const satisfies TelegramModel["quantities"];

export const iec62056Push = {
  model: "iec62056-push",
  protocol: "iec62056",
  mode: "pushed",
  line: { baudRate: 9600, dataBits: 7, parity: "even", stopBits: 1 },
  periodMs: 4_000,
  check: "none",
  rollsOverByDigits: true,
  identity,
  quantities,
} as const satisfies TelegramModel;

/** EMH eHZ of 2009 and before: kWh without saying so, one tariff as 1.8.1 alone. */
export const iec62056EmhEhz = {
  ...iec62056Push,
  model: "iec62056-emh-ehz",
  energyUnit: "kWh",
  identity: { serialNumber: ["0-0:96.1.255", "1-0:0.0.0"] },
  quantities: {
    ...quantities,
    importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2"], ["1.8.1"]],
  },
} as const satisfies TelegramModel;

export const iec62056ModeC = {
  ...iec62056Push,
  model: "iec62056-mode-c",
  mode: "asked",
  line: { baudRate: 300, dataBits: 7, parity: "even", stopBits: 1 },
  periodMs: 5_000,
  check: "bcc",
} as const satisfies TelegramModel;

/** For those that end their readout without a BCC. */
export const iec62056ModeCUnchecked = {
  ...iec62056ModeC,
  model: "iec62056-mode-c-unchecked",
  check: "none",
} as const satisfies TelegramModel;
