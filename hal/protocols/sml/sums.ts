/**
 * Checksums of SML. The standard has one, CRC-16/X.25 with the low byte first, over telegrams and over messages.
 * Firmware of Holley's DTZ541 is known to send CRC-16/KERMIT instead; of memory, and so is the order of its bytes, of
 * which both are taken. What is not the standard's is believed of a meter of that maker only.
 */
import { equalBytes } from "#base/bytes.ts";
import { crc16Kermit, crc16X25 } from "../crc16.ts";

export interface Sum {
  readonly name: string;
  /** How the server ids of the meters begin that use it, in hex; empty for all. */
  readonly serverIdBegins: string;
  readonly bytesOf: (covered: Uint8Array) => Uint8Array;
}

const HOLLEY = "0a01484c59";

const SUMS: readonly Sum[] = [
  { name: "CRC-16/X.25", serverIdBegins: "", bytesOf: (covered) => lowFirst(crc16X25(covered)) },
  { name: "CRC-16/KERMIT", serverIdBegins: HOLLEY, bytesOf: (covered) => highFirst(crc16Kermit(covered)) },
  { name: "CRC-16/KERMIT reversed", serverIdBegins: HOLLEY, bytesOf: (covered) => lowFirst(crc16Kermit(covered)) },
];

/** The first sum that gives these two bytes. */
export function findSum(covered: Uint8Array, sent: Uint8Array): Sum | undefined {
  return SUMS.find((sum) => equalBytes(sum.bytesOf(covered), sent));
}

/** Whether a meter with this server id (hex) is known to use the sum. */
export function isSumOf(sum: Sum, serverId: string): boolean {
  return serverId.startsWith(sum.serverIdBegins);
}

function lowFirst(crc: number): Uint8Array {
  return Uint8Array.of(crc & 0xff, crc >> 8);
}

function highFirst(crc: number): Uint8Array {
  return Uint8Array.of(crc >> 8, crc & 0xff);
}
