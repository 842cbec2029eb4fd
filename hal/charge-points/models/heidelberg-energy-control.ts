/**
 * Heidelberg (Amperfied) Energy Control, over Modbus RTU, 19200 8E1, unit by DIP switches. Walther's basicEVO PRO has
 * the same table.
 *
 * Read: evcc's charger/heidelberg-ec.go and the table in Walther's manual: input 5 the charging state (2 A1, 3 A2, 4
 * B1, 5 B2, 6 C1, 7 C2, 8 derating, 9 E, 10 F, 11 error); holding 257 the watchdog in ms, 258 standby (4 switches it
 * off, else the device falls asleep and is silent), 259 remote lock (1 is unlocked), 261 the current in 0.1 A with 0
 * for none, 262 the current when the watchdog has run out; written with function 16. Recall: 262 = 0 means that nothing
 * flows then; 15 s is the factory's watchdog.
 */
import type { ChargePointMap, DeviceSetting } from "../charge-point-map.ts";

export const heidelbergEnergyControl = {
  model: "heidelberg-energy-control",
  reads: [
    { functionCode: 4, address: 5, count: 1 },
    { functionCode: 3, address: 261, count: 1 },
  ],
  plug: [
    {
      field: { read: 0, form: "u16" },
      states: {
        ...{ 2: "unplugged", 3: "unplugged", 4: "plugged", 5: "plugged", 6: "plugged", 7: "charging", 8: "charging" },
        ...{ 9: "fault", 10: "fault", 11: "fault" },
      },
    },
  ],
  off: { field: { read: 1, form: "u16" }, mask: 0xffff, value: 0 },
  limit: { read: 1, form: "u16" },
  current: { countsPerA: 10, form: "u16", minA: 6, maxA: 16 },
  variesLimit: true,
  // Less than the port's lease: a gateway that died does not go on delivering.
  settings: [setting(257, 15_000), setting(262, 0), setting(258, 4), setting(259, 1)],
  permit: [{ functionCode: 16, address: 261, words: "current" }],
  forbid: [{ functionCode: 16, address: 261, words: [0] }],
  pauseMs: 20,
} as const satisfies ChargePointMap;

function setting(address: number, value: number): DeviceSetting {
  return {
    read: { functionCode: 3, address, count: 1 },
    form: "u16",
    value,
    write: { functionCode: 16, address, words: [value] },
  };
}
