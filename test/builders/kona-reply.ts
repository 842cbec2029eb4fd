/**
 * The reply of a Hyundai Kona's battery management as an adapter sends it, and back: by the table of the vehicle study
 * (2.1), for tests that need raw replies and no adapter.
 */
import { decodeReply } from "#hal/protocols/obd/decode-reply.ts";

export interface KonaReading {
  readonly batteryVoltageV: number;
  /** Into the battery is positive; the car's own sign is the other one. */
  readonly batteryCurrentA: number;
  readonly chargedMilliWh: number;
  readonly stateOfChargePercent: number;
}

const REQUEST = {
  ecu: { idBits: 11, requestId: 0x7e4, responseId: 0x7ec },
  bytes: Uint8Array.of(0x22, 1, 1),
} as const;
const DATA_START = 3;
const DATA_BYTES = 59;

export function konaReply(reading: KonaReading): Uint8Array {
  const message = new Uint8Array(DATA_START + DATA_BYTES);
  message.set([0x62, 1, 1]);
  const view = new DataView(message.buffer, DATA_START);
  view.setUint8(4, Math.round(reading.stateOfChargePercent * 2));
  view.setInt16(10, -Math.round(reading.batteryCurrentA * 10));
  view.setUint16(12, Math.round(reading.batteryVoltageV * 10));
  view.setUint32(38, Math.floor(reading.chargedMilliWh / 100_000));
  const lines = [[0x10, message.length, ...message.subarray(0, 6)]];
  for (let at = 6; at < message.length; at += 7) {
    const rest = [...message.subarray(at, at + 7)];
    lines.push([0x20 + (lines.length % 16), ...rest, ...Array<number>(7 - rest.length).fill(0xaa)]);
  }
  const text = lines.map((line) => `7EC${line.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  return new TextEncoder().encode(`${text.join("\r").toUpperCase()}\r\r`);
}

/** Undefined for what is not one whole reply. */
export function readKonaReply(reply: Uint8Array): KonaReading | undefined {
  const decoded = decodeReply(REQUEST, "220101", new TextDecoder().decode(reply));
  if (decoded.kind !== "payload") return undefined;
  const { buffer, byteOffset } = decoded.payload;
  const view = new DataView(buffer, byteOffset + DATA_START);
  return {
    batteryVoltageV: view.getUint16(12) / 10,
    batteryCurrentA: -view.getInt16(10) / 10,
    chargedMilliWh: view.getUint32(38) * 100_000,
    stateOfChargePercent: view.getUint8(4) / 2,
  };
}
