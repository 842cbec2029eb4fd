/**
 * Phoenix Contact EV-CC-AC1-M3-CBC-RCM-ETH, -ETH-3G, -RCM-ETH-XP and -RCM-ETH-3G-XP with Phoenix Contact's own
 * firmware, over Modbus TCP, unit 255. DIP switch 10 has to be on.
 *
 * Read: evcc's charger/phoenix-ev-eth.go: input 100 the state of the pilot as a letter in the low byte, holding 528 the
 * current in A, coil 400 enables. A box with Wallbe's firmware takes tenths of an ampere in 528, and would be told a
 * tenth of what is permitted by this table: less than 6 A, so it does not charge.
 * Recall: that 528 is lost without power; the range of 6 to 80 A. No watchdog and no read-back of the contactor are
 * known.
 */
import { PILOT_LETTERS, type ChargePointMap } from "../charge-point-map.ts";
import { COIL_ON } from "#hal/ports/register-bus.ts";

export const phoenixEvCcEth = {
  model: "phoenix-ev-cc-eth",
  reads: [
    { functionCode: 4, address: 100, count: 1 },
    { functionCode: 1, address: 400, count: 1 },
    { functionCode: 3, address: 528, count: 1 },
  ],
  plug: [{ field: { read: 0, form: "low-letter" }, states: PILOT_LETTERS }],
  off: { field: { read: 1, form: "u16" }, mask: 1, value: 0 },
  limit: { read: 2, form: "u16" },
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 80 },
  permit: [
    { functionCode: 6, address: 528, words: "current" },
    { functionCode: 5, address: 400, words: [COIL_ON] },
  ],
  forbid: [{ functionCode: 5, address: 400, words: [0] }],
  pauseMs: 0,
} as const satisfies ChargePointMap;
