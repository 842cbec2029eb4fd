/**
 * Inepro PRO380-Mod; PRO1-Mod, KDK PRO20 and Klefr 693x share the map. Three phases, floats, power in kW, energy in kWh
 * with steps of 0.01.
 *
 * Sources: volkszaehler/mbmd meters/rs485/inepro.go; EVerest GenericPowermeter/models/Klefr_693x-694x.yaml; a plugin
 * for Victron's dbus-modbus-client. 60 registers a read are cautious, no source states a maximum. From memory, not
 * checked: 9600 baud with even parity when new (the plugin looks at 9600). The total at 0x6000 is the sum or the
 * difference of both directions, as the "combined code" is set: not used. Its RS485 has no ground: without an isolated
 * adapter bytes go missing or arrive as zeros.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const ineproPro380 = {
  model: "inepro-pro380",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 60,
  pauseMs: 0,
  answerMs: 1000,
  factory: { baudRate: 9600, parity: "even", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { address: 0x4000, type: "u32", scale: 1, shownAs: "hex", optional: true },
    firmware: { address: 0x4007, type: "u32", scale: 1, shownAs: "hex", optional: true },
  },
  quantities: {
    importedEnergy: { address: 0x600c, type: "f32", scale: 1, unit: "kWh", step: 0.01 },
    exportedEnergy: { address: 0x6018, type: "f32", scale: 1, unit: "kWh", step: 0.01 },
    power: { address: 0x5012, type: "f32", scale: 1000 },
    voltage: [
      { address: 0x5002, type: "f32", scale: 1 },
      { address: 0x5004, type: "f32", scale: 1 },
      { address: 0x5006, type: "f32", scale: 1 },
    ],
    current: [
      { address: 0x500c, type: "f32", scale: 1 },
      { address: 0x500e, type: "f32", scale: 1 },
      { address: 0x5010, type: "f32", scale: 1 },
    ],
    frequency: { address: 0x5008, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
