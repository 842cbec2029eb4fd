/**
 * What each car's units answer, as bytes worked out by hand from the vehicle study's tables. All cars hold the same
 * battery: 360.5 V, 20 A into it, 62 % in the management and 65 % on the display, 97.5 % health.
 */
import type { BatteryState } from "#hal/mock/obd/battery-source.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";

/** Changes to the test battery. */
export const GOLDEN_STATE: Partial<BatteryState> = {
  ...{ packVoltageV: 360.5, packCurrentA: 20, stateOfChargePercent: 62, displayPercent: 65, healthPercent: 97.5 },
  ...{ cellVoltageMaxV: 3.7, cellVoltageMinV: 3.66, auxiliaryVoltageV: 14.2 },
};

/** Request, where in the data behind the identifier, and the bytes there. */
export type Golden = readonly [request: string, at: number, bytes: string];

const HYUNDAI_BATTERY: readonly (readonly [at: number, bytes: string])[] = [
  // 62 % / 0.5; -20 A / 0.1 as a negative number; 360.5 V / 0.1.
  [4, "7C"],
  [10, "FF38"],
  [12, "0E15"],
  // 3.7 V and 3.66 V / 0.02; 14.2 V / 0.1.
  [23, "B9"],
  [25, "B7"],
  [29, "8E"],
  // 34,293.5 and 33,950.2 Ah / 0.1; 12,345.678 and 11,222.333 kWh / 0.1, complete steps; 7,654,321 s.
  [30, "00053B97"],
  [34, "00052E2E"],
  [38, "0001E240"],
  [42, "0001B65F"],
  [46, "0074CBB1"],
  // No revolutions.
  [53, "0000"],
];
const VW_COUNTERS: readonly Golden[] = [
  // 34,293.5 and 33,950.2 Ah x 549.316; 12,345.678 and 11,222.333 kWh x 8583.07; out is negative.
  ["221E32", 0, "011F71D0"],
  ["221E32", 4, "FEE36ED4"],
  ["221E32", 8, "0650E12A"],
  ["221E32", 12, "FA423DEB"],
];

export const GOLDEN_ANSWERS: Readonly<Record<CarModel, readonly Golden[]>> = {
  "hyundai-kona": [
    ...HYUNDAI_BATTERY.map(([at, bytes]): Golden => ["220101", at, bytes]),
    ["220101", 9, "03"],
    ["220101", 50, "09"],
    // 97.5 % / 0.1; 65 % / 0.5.
    ["220105", 25, "03CF"],
    ["220105", 31, "82"],
  ],
  "kia-niro-sg2": [
    ...HYUNDAI_BATTERY.map(([at, bytes]): Golden => ["220101", at, bytes]),
    // The charging bits of older cars are gone.
    ["220101", 9, "00"],
    ["220101", 50, "00"],
    ["220105", 31, "82"],
  ],
  "hyundai-ioniq-5": [
    ...HYUNDAI_BATTERY.map(([at, bytes]): Golden => ["220101", at, bytes]),
    ["220101", 50, "00"],
    // 556 and 100 charges, 8345.678 and 2499.5 kWh in whole ones.
    ["220111", 4, "0000022C00000064"],
    ["220111", 12, "00002099000009C3"],
    // 231 V and 230 V / 0.1; 50 Hz; 33.2 A in all and 16.6 A a converter / 0.01; 370.5 V / 0.1, 19.6 A / 0.01.
    ["22E002", 4, "090608FC"],
    ["22E002", 10, "32"],
    ["22E002", 11, "0CF8067C067C"],
    ["22E002", 19, "0E7907A8"],
    // Alternating current; 33.2 A / 0.1.
    ["22E001", 17, "05"],
    ["22E001", 23, "014C"],
  ],
  "hyundai-ioniq-28": [
    ...HYUNDAI_BATTERY.map(([at, bytes]): Golden => ["2101", at, bytes]),
    // Bit 7 charging, bit 5 alternating current, bits 0 and 1 the relay.
    ["2101", 9, "A3"],
    ["2105", 25, "03CF"],
    ["2105", 31, "82"],
  ],
  "vw-e-up": [
    // 360.5 V / 0.25; (20 A + 511 A) / 0.25; 62 % / 0.4; 65 % / 0.5; alternating current.
    ["221E3B", 0, "05A2"],
    ["221E3D", 0, "084C"],
    ["22028C", 0, "9B"],
    ...VW_COUNTERS,
    ["221DD0", 0, "82"],
    ["221DD6", 0, "01"],
    // Plugged and locked; 231 and 230 V; 16.6 A / 0.1 twice; 371 V (370.5 rounded up); (19.6 A + 102 A) / 0.2.
    ["221DDA", 0, "03"],
    ["2241FC", 0, "00E700E6"],
    ["2241FB", 0, "A6A6"],
    ["221DA7", 0, "0173"],
    ["224237", 0, "0260"],
    // 370.5 V x 19.6 A of 7640 W are 95.05 %: 200 tenths above 75 %.
    ["2215D6", 0, "C8"],
  ],
  "vw-meb": [
    ["221E3B", 0, "05A2"],
    // (20 A + 1500 A) / 0.01.
    ["221E3D", 0, "000251C0"],
    ["221E3E", 0, "000251C0"],
    ["22028C", 0, "9B"],
    ...VW_COUNTERS,
    ["227448", 0, "04"],
    // 19.6 A / 0.1; 1234 Wh / 10; a third of 8345.678 kWh / 0.1 three times; 370.5 V / 0.1.
    ["22103D", 0, "00C4"],
    ["22103E", 0, "007B"],
    ["221507", 0, "006CAA006CAA006CAA"],
    ["221DA7", 0, "0E79"],
    ["2215D6", 0, "C8"],
  ],
  "renault-zoe-ph1": [
    // 360.5 V / 0.5; (20 A + 8192 A) / 0.25; 65 % / 0.02; 7640 W + 20,000 W; two phases.
    ["223203", 0, "02D1"],
    ["223204", 0, "8050"],
    ["222002", 0, "0CB2"],
    ["22504A", 0, "6BF8"],
    ["225017", 0, "04"],
  ],
  "renault-zoe-ph2": [
    // 360.5 V / 0.1; (20 A + 1020 A) / 0.03125; 62 % and 65 % / 0.01; 97.5 % / 0.01.
    ["229005", 0, "0E15"],
    ["22925D", 0, "8200"],
    ["229001", 0, "1838"],
    ["229002", 0, "1964"],
    ["229003", 0, "2616"],
    // 12,345.678 kWh without the 1500.5 kWh of braking; 11,222.333; 1500.5 kWh; all / 0.001.
    ["229243", 0, "00A57BFA"],
    ["229245", 0, "00AB3D3D"],
    ["229247", 0, "0016E554"],
    // Charging; 16.6 A / 0.1; 231 V / 0.5; two phases.
    ["222B6D", 0, "03"],
    ["22300D", 0, "00A6"],
    ["222B8A", 0, "01CE"],
    ["22300B", 0, "01"],
  ],
  "bmw-i3": [
    // 360.5 V / 0.01; 20 A / 0.01; 62 % / 0.1; 12,345.678 and 11,222.333 kWh / 1e-5.
    ["22DD68", 0, "8CD2"],
    ["22DD69", 0, "000007D0"],
    ["22DDBC", 0, "026C"],
    ["22DD7C", 77, "4996027842E3EBD4"],
    // Charging; 7261.8 W out; 231, 230 and 0 V and 370.5 V / 0.1; 16.6 A / 0.1 and (19.6 A + 204.7 A) / 0.1.
    ["22DE84", 9, "02"],
    ["22DE85", 2, "1C5E"],
    ["22DE86", 0, "00E7"],
    ["22DE86", 4, "0E79"],
    ["22DE86", 8, "00E60000"],
    ["22DE87", 0, "00A6"],
    ["22DE87", 4, "08C3"],
    ["22DE87", 10, "00A60000"],
  ],
  "chevrolet-bolt": [
    // 360.5 V / 0.01; -20 A / 0.05; 360.5 V / 0.52; 62 % of 65,535; 65 % of 255.
    ["222885", 0, "8CD2"],
    ["222414", 0, "FE70"],
    ["22432D", 0, "02B5"],
    ["2243AF", 0, "9EB8"],
    ["228334", 0, "A6"],
    // 231 V / 2 rounded up; 16.6 A / 0.2; 370.5 V / 0.5; 19.6 A / 0.05; 240 V class; charging.
    ["224368", 0, "74"],
    ["224369", 0, "53"],
    ["22436B", 0, "02E5"],
    ["22436C", 0, "0188"],
    ["224531", 0, "02"],
    ["224373", 0, "FFFF"],
  ],
  "mg-zs-ev": [
    // 360.5 V / 0.25; (1000 A - 20 A) / 0.025; 62 % / 0.1; alternating current.
    ["22B042", 0, "05A2"],
    ["22B043", 0, "9920"],
    ["22B046", 0, "026C"],
    ["22B048", 0, "06"],
  ],
  "nissan-leaf": [
    // 20 A x 1024; 360.5 V / 0.01; 62 % / 0.0001.
    ["2101", 0, "00005000"],
    ["2101", 18, "8CD2"],
    ["2101", 30, "000975E0"],
    ["22114E", 0, "02"],
    ["221234", 0, "02"],
    // 7261.8 W / 100.
    ["221236", 0, "0049"],
  ],
  "jaguar-i-pace": [
    // 360.5 V / 0.01; (819.2 A - 20 A) / 0.025; 62 % / 0.01.
    ["22490F", 0, "8CD2"],
    ["22490C", 0, "7CE0"],
    ["224910", 0, "1838"],
  ],
  "ford-mach-e": [
    // 360.5 V / 0.01; 62 % / 0.002; 65 % / 0.5; 360.5 V; 231 V / 0.01; 16.6 A in whole ones; 19.6 A / 0.01.
    ["22480D", 0, "8CD2"],
    ["224801", 0, "7918"],
    ["224845", 0, "82"],
    ["22484A", 0, "8CD2"],
    ["22485E", 0, "5A3C"],
    ["22485F", 0, "11"],
    ["224850", 0, "07A8"],
    ["2248F9", 0, "FF00"],
  ],
};
