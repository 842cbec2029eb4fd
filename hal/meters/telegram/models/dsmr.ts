/**
 * Meters with a P1 port: the Netherlands (DSMR, ESMR), Belgium (eMUCS), Luxembourg, Sweden, Hungary, Ireland. The port
 * speaks only while its request line is high, and its signal is inverted: the usual P1 cables do both.
 *
 * P1 Companion Standard 5.0.2, sections 5 and 6; codes and units as recorded. DSMR 4 and later push every 10 or every
 * second, at 115200 8N1 and with a CRC. DSMR 2.2 and 3 push every 10 s, at 9600 7E1 and without any sum. Dutch meters
 * send their two tariffs and no total; Belgian, Luxembourg and Swedish ones have the total where there is one. Serial
 * numbers are sent as hex digits of their characters.
 */
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";

const quantities = {
  importedEnergy: [["1.8.0"], ["1.8.1", "1.8.2", "1.8.3", "1.8.4"], ["1.8.1", "1.8.2"]],
  exportedEnergy: [["2.8.0"], ["2.8.1", "2.8.2", "2.8.3", "2.8.4"], ["2.8.1", "2.8.2"]],
  power: [{ plus: ["1.7.0"], minus: ["2.7.0"] }],
  voltage: ["32.7.0", "52.7.0", "72.7.0"],
  current: ["31.7.0", "51.7.0", "71.7.0"],
  frequency: "14.7.0",
} as const satisfies TelegramModel["quantities"];

const identity = { serialNumber: ["0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0"], isHexText: true } as const;

export const dsmrP1 = {
  model: "dsmr-p1",
  protocol: "dsmr",
  mode: "pushed",
  line: { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 },
  periodMs: 10_000,
  check: "crc",
  identity,
  quantities,
} as const satisfies TelegramModel;

/** DSMR 2.2 and 3.0. */
export const dsmrV3 = {
  ...dsmrP1,
  model: "dsmr-v3",
  line: { baudRate: 9600, dataBits: 7, parity: "even", stopBits: 1 },
  check: "none",
} as const satisfies TelegramModel;
