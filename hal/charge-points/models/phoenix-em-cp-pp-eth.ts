/**
 * Phoenix Contact EM-CP-PP-ETH, over Modbus TCP, unit 180.
 *
 * Read: evcc's charger/phoenix-em-eth.go: input 100 the state of the pilot as a letter in the low byte, holding 300 the
 * current in A, coil 400 enables. Bender's controllers that imitate Phoenix list the same input registers.
 * Recall: that holding 300 is kept without power, so it is written when it changes and not at each renewal; that the
 * coil counts only while the device is set to be enabled over the network (DIP switch 10); the range of 6 to 80 A.
 * No watchdog and no read-back of the contactor are known: without a guard it stays on when its gateway dies.
 */
import { PILOT_LETTERS, type ChargePointMap } from "../charge-point-map.ts";
import { COIL_ON } from "#hal/ports/register-bus.ts";

export const phoenixEmCpPpEth = {
  model: "phoenix-em-cp-pp-eth",
  reads: [
    { functionCode: 4, address: 100, count: 1 },
    { functionCode: 1, address: 400, count: 1 },
    { functionCode: 3, address: 300, count: 1 },
  ],
  plug: [{ field: { read: 0, form: "low-letter" }, states: PILOT_LETTERS }],
  off: { field: { read: 1, form: "u16" }, mask: 1, value: 0 },
  limit: { read: 2, form: "u16" },
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 80 },
  permit: [
    { functionCode: 6, address: 300, words: "current" },
    { functionCode: 5, address: 400, words: [COIL_ON] },
  ],
  forbid: [{ functionCode: 5, address: 400, words: [0] }],
  pauseMs: 0,
} as const satisfies ChargePointMap;
