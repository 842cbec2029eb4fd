/**
 * SimpleEVSE-WB, also sold as EVSE WB and EVSE DIN.
 *
 * Read: two public programs that talk to the device (an installer's read-out of registers 1000 to 1007 and 2000 to
 * 2017, and an ESPHome component); evcc's charger/simpleevse.go agrees on 1000, 1002, 9600 8N1, unit 1, function 16 and
 * a rest of 200 ms.
 *
 * | holding | meaning |
 * |---|---|
 * | 1000 | configured current, A; the controller starts with the value of 2000 |
 * | 1001 | current offered to the car by the pilot signal, A |
 * | 1002 | vehicle state: 1 ready, 2 present, 3 charging, 4 charging with ventilation, 5 failure |
 * | 1003 | limit of the cable, A; the controller keeps it by itself |
 * | 1004 | commands: bit 0 turn off charging now, bit 1 test of the residual current device, bit 2 clear its error |
 *
 * Not confirmed by the maker's own document: whether bit 0 of 1004 survives a change of the plug, and the firmware
 * revisions that show currents in hundredths of an ampere (a setting, off by default). Bits 1 and 2 are never written.
 * It has no watchdog that these sources know.
 */
import type { ChargePointMap } from "../charge-point-map.ts";

export const simpleEvseWb = {
  model: "simple-evse-wb",
  reads: [{ functionCode: 3, address: 1000, count: 5 }],
  plug: [
    {
      field: { read: 0, at: 2, form: "u16" },
      states: { 1: "unplugged", 2: "plugged", 3: "charging", 4: "charging", 5: "fault" },
    },
  ],
  off: { field: { read: 0, at: 4, form: "u16" }, mask: 1, value: 1 },
  limit: { read: 0, form: "u16" },
  // 80 A is the most that the pilot signal can say (IEC 61851-1, table A.8).
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 80 },
  variesLimit: true,
  permit: [
    { functionCode: 16, address: 1000, words: "current" },
    { functionCode: 16, address: 1004, words: [0] },
  ],
  forbid: [{ functionCode: 16, address: 1004, words: [1] }],
  pauseMs: 200,
} as const satisfies ChargePointMap;
