/** The checksum behind an RTU frame, low byte first. Modbus over serial line 1.02, section 2.5.1.2. */
import { crc16Modbus } from "../crc16.ts";

/** The bytes with their checksum behind them. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 2);
  frame.set(bytes);
  const crc = crc16Modbus(bytes);
  frame[bytes.length] = crc & 0xff;
  frame[bytes.length + 1] = crc >> 8;
  return frame;
}

/** Whether the last two bytes are the checksum of those before them. */
export function hasGoodCrc(frame: Uint8Array): boolean {
  if (frame.length < 4) return false;
  const crc = crc16Modbus(frame.subarray(0, -2));
  return frame[frame.length - 2] === (crc & 0xff) && frame[frame.length - 1] === crc >> 8;
}
