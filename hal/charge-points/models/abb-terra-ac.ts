/**
 * ABB Terra AC, over Modbus TCP or RTU, unit 1. Charging has to be enabled once in the maker's app.
 *
 * Read: evcc's charger/abb.go: holding 400C the charging state in the high byte of its second word (bit 7 says whether
 * the rated current flows), 400E the limit in force and 4100 the limit to set, both in mA and two registers; 0 pauses.
 * An owner's report (peufeu2/GrugBus) agrees, and says what must not be touched: 4105 (stop) ends the permission of the
 * app, 4103 (socket lock) blocks the line for a second; the error register reads 0 always. State 5 stands for other
 * states: with the cable of 400A in the car it is a plugged one (bits 0x0100 of its low word).
 * A device that hears nothing for its "communication timeout" stops charging by itself; the timeout is set by the
 * installer's app (60 s is recalled as the factory's), so reading it now and then keeps it alive.
 */
import type { ChargePointMap } from "../charge-point-map.ts";

export const abbTerraAc = {
  model: "abb-terra-ac",
  reads: [
    { functionCode: 3, address: 0x400c, count: 2 },
    { functionCode: 3, address: 0x400a, count: 2 },
    { functionCode: 3, address: 0x400e, count: 2 },
  ],
  plug: [
    {
      field: { read: 0, at: 1, form: "high-byte" },
      mask: 0x7f,
      states: { 0: "unplugged", 1: "plugged", 2: "plugged", 3: "plugged", 4: "charging", 5: "next" },
    },
    { field: { read: 1, form: "u32" }, mask: 0x0100, states: { 0: "unplugged", 256: "plugged" } },
  ],
  off: { field: { read: 2, form: "u32" }, mask: 0xffff_ffff, value: 0 },
  limit: { read: 2, form: "u32" },
  current: { countsPerA: 1000, form: "u32", minA: 6, maxA: 32 },
  permit: [{ functionCode: 16, address: 0x4100, words: "current" }],
  forbid: [{ functionCode: 16, address: 0x4100, words: [0, 0] }],
  pauseMs: 50,
} as const satisfies ChargePointMap;
