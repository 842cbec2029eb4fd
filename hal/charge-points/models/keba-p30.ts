/**
 * KEBA KeContact P30 c-series and x-series, over Modbus TCP, unit 255. DIP switch 1.3 has to be on.
 *
 * Read: the maker's programmer's guide 1.02: 5004 the current in mA, 6000 to 63000, until the next restart; 5014
 * enables with 1; and by evcc's charger/keba-modbus.go: holding 1000 the charging state and 1004 the cable (5 and 7
 * with a car), each of two registers that are not read across; 1602 the failsafe timeout in s, written to 5018 in one
 * register with function 6 again and again as a sign of life. The guide for UDP says that a failsafe leaves the station
 * disabled until it is enabled anew. Recall: 1600 reads and 5016 writes the failsafe current in mA, 0 for none; 10 s is
 * the shortest timeout. The enable register cannot be read: a state that charges although it was forbidden is answered
 * with a forbid.
 */
import type { ChargePointMap } from "../charge-point-map.ts";

const FAILSAFE_S = 20;

export const kebaP30 = {
  model: "keba-p30",
  reads: [
    { functionCode: 3, address: 1004, count: 2 },
    { functionCode: 3, address: 1000, count: 2 },
  ],
  plug: [
    {
      field: { read: 0, form: "u32" },
      states: { 0: "unplugged", 1: "unplugged", 3: "unplugged", 5: "next", 7: "next" },
    },
    {
      field: { read: 1, form: "u32" },
      states: { 0: "plugged", 1: "plugged", 2: "plugged", 3: "charging", 4: "fault", 5: "plugged" },
    },
  ],
  current: { countsPerA: 1000, form: "u16", minA: 6, maxA: 63 },
  variesLimit: true,
  settings: [
    {
      read: { functionCode: 3, address: 1600, count: 2, optional: true },
      form: "u32",
      value: 0,
      write: { functionCode: 6, address: 5016, words: [0] },
    },
    {
      read: { functionCode: 3, address: 1602, count: 2 },
      form: "u32",
      value: FAILSAFE_S,
      write: { functionCode: 6, address: 5018, words: [FAILSAFE_S] },
    },
  ],
  heartbeat: { write: { functionCode: 6, address: 5018, words: [FAILSAFE_S] }, everyMs: 5_000 },
  permit: [
    { functionCode: 6, address: 5004, words: "current" },
    { functionCode: 6, address: 5014, words: [1] },
  ],
  forbid: [{ functionCode: 6, address: 5014, words: [0] }],
  pauseMs: 0,
} as const satisfies ChargePointMap;
