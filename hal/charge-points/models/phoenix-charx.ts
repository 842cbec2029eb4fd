/**
 * Phoenix Contact CHARX SEC, the first charging point of a group (registers from 1000), over Modbus TCP, unit 1.
 *
 * Read: evcc's charger/phoenix-charx.go: 1299 the state by IEC 61851-1 as two characters, 1300 enables with 1, 1301 the
 * current in A, all holding registers written with function 16. It takes the first character only; that C1 is no
 * charging follows from the standard.
 * Recall: the range of 6 to 80 A. A watchdog is set in the controller's web pages, none over Modbus is known.
 */
import { PILOT_LETTERS, type ChargePointMap } from "../charge-point-map.ts";

export const phoenixCharx = {
  model: "phoenix-charx",
  reads: [{ functionCode: 3, address: 1299, count: 3 }],
  plug: [{ field: { read: 0, form: "letters" }, states: PILOT_LETTERS }],
  off: { field: { read: 0, at: 1, form: "u16" }, mask: 0xffff, value: 0 },
  limit: { read: 0, at: 2, form: "u16" },
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 80 },
  permit: [
    { functionCode: 16, address: 1301, words: "current" },
    { functionCode: 16, address: 1300, words: [1] },
  ],
  forbid: [{ functionCode: 16, address: 1300, words: [0] }],
  pauseMs: 0,
} as const satisfies ChargePointMap;
