/**
 * Alfen Eve NG9xx, over Modbus TCP, unit 1 for the first socket. Needs the licence and the setting for active load
 * balancing by an energy management system.
 *
 * Read: evcc's charger/alfen.go: holding 1201 the mode 3 state in letters over five registers, 1210 the setpoint in A
 * as a float of two registers, written with function 16 and again every 25 s, for it is valid for 60 s; E is shown by a
 * socket without a cable. The maker's document 2.3 of 2020-10-30 names two masters at most and 60 s until an idle
 * connection is closed. Recall: when the setpoint has run out, the safe current of the installer's app holds, which may
 * be more than 0: set it to 0 there. So a forbid is written again as often as a permit.
 */
import { PILOT_LETTERS, type ChargePointMap } from "../charge-point-map.ts";

export const alfenNg9xx = {
  model: "alfen-ng9xx",
  reads: [
    { functionCode: 3, address: 1201, count: 5 },
    { functionCode: 3, address: 1210, count: 2 },
  ],
  plug: [{ field: { read: 0, form: "letters" }, states: { ...PILOT_LETTERS, E: "unplugged" } }],
  limit: { read: 1, form: "f32" },
  current: { countsPerA: 1, form: "f32", minA: 6, maxA: 63 },
  variesLimit: true,
  permit: [{ functionCode: 16, address: 1210, words: "current" }],
  forbid: [{ functionCode: 16, address: 1210, words: [0, 0] }],
  refreshMs: 25_000,
  pauseMs: 0,
} as const satisfies ChargePointMap;
