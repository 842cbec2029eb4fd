/**
 * Phoenix Contact EV-CC-AC1-M3-… with Modbus RTU (EV Charge Control Basic): 9600 or 19200 baud, unit by DIP switches.
 *
 * Read: the maker's manual 106377_en_04, table 9-2: input 24000 the state by IEC 61851-1 as two characters; coil 20000
 * enables, lost without power, and only where retentive holding 4000 is 3 (the factory's 1 is the input EN); holding
 * 22000 the greatest current, 6 to 63 A, lost without power. evcc's charger/phoenix-ev-ser.go agrees, and writes 22000
 * with function 6. The table names no watchdog and no read-back of the contactor.
 * Recall: function 6 for 4000.
 */
import { PILOT_LETTERS, type ChargePointMap } from "../charge-point-map.ts";
import { COIL_ON } from "#hal/ports/register-bus.ts";

export const phoenixEvCcBasic = {
  model: "phoenix-ev-cc-basic",
  reads: [
    { functionCode: 4, address: 24_000, count: 1 },
    { functionCode: 1, address: 20_000, count: 1 },
    { functionCode: 3, address: 22_000, count: 1 },
  ],
  plug: [{ field: { read: 0, form: "letters" }, states: PILOT_LETTERS }],
  off: { field: { read: 1, form: "u16" }, mask: 1, value: 0 },
  limit: { read: 2, form: "u16" },
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 63 },
  variesLimit: true,
  settings: [
    {
      read: { functionCode: 3, address: 4000, count: 1 },
      form: "u16",
      value: 3,
      write: { functionCode: 6, address: 4000, words: [3] },
    },
  ],
  permit: [
    { functionCode: 6, address: 22_000, words: "current" },
    { functionCode: 5, address: 20_000, words: [COIL_ON] },
  ],
  forbid: [{ functionCode: 5, address: 20_000, words: [0] }],
  pauseMs: 20,
} as const satisfies ChargePointMap;
