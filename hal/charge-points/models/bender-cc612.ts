/**
 * Bender CC612 and CC613 (also in Mennekes, Ebee and other stations), over Modbus TCP, unit 255. In its settings the
 * Modbus server for energy management has to be on, with the register set of Bender, not Phoenix or TQ-DM100.
 *
 * Read: evcc's charger/bender.go: holding 122 the state of the pilot (1 A, 2 B, 3 C, 4 D), 140 the relay (0 off, 1
 * three phases, 5 one phase; missing on old firmware), 1000 the limit of the energy manager in A with 0 for none,
 * written with function 16. The maker's page says high word first, any unit from 1 to 255, and that the signalled
 * current may be lower than 1000. Recall: 5 of register 122 is state E; 131 the current in A without communication, 132
 * the timeout in s. These two are written where they are there.
 */
import type { ChargePointMap, DeviceSetting } from "../charge-point-map.ts";

export const benderCc612 = {
  model: "bender-cc612",
  reads: [
    { functionCode: 3, address: 122, count: 1 },
    { functionCode: 3, address: 1000, count: 1 },
    { functionCode: 3, address: 140, count: 1, optional: true },
  ],
  plug: [
    {
      field: { read: 0, form: "u16" },
      states: { 1: "unplugged", 2: "plugged", 3: "charging", 4: "charging", 5: "fault" },
    },
  ],
  contactor: { field: { read: 2, form: "u16" }, states: { 0: "open", 1: "closed", 5: "closed" } },
  off: { field: { read: 1, form: "u16" }, mask: 0xffff, value: 0 },
  limit: { read: 1, form: "u16" },
  current: { countsPerA: 1, form: "u16", minA: 6, maxA: 80 },
  variesLimit: true,
  settings: [ifThere(131, 0), ifThere(132, 20)],
  permit: [{ functionCode: 16, address: 1000, words: "current" }],
  forbid: [{ functionCode: 16, address: 1000, words: [0] }],
  pauseMs: 0,
} as const satisfies ChargePointMap;

function ifThere(address: number, value: number): DeviceSetting {
  return {
    read: { functionCode: 3, address, count: 1, optional: true },
    form: "u16",
    value,
    write: { functionCode: 16, address, words: [value] },
  };
}
