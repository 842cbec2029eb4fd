/**
 * `device.json`: what a device was made as. It is written last, so a device that has it is whole; without it, whatever
 * else is there was cut off half-way, told to nobody, and may be made again.
 */
import type { GatewayRole } from "../init.ts";

export interface DeviceRecord {
  readonly role: GatewayRole;
  /** Device id in hex. */
  readonly device: string;
  /** Of the region, in hex. */
  readonly network: string;
}

export const RECORD_NAME = "device.json";

export function recordText({ role, device, network }: DeviceRecord): string {
  return `${JSON.stringify({ version: 1, role, device, network }, undefined, 2)}\n`;
}

/** Undefined for anything that is no such record. */
export function parseRecord(text: string): DeviceRecord | undefined {
  const value = tryParse(text);
  if (typeof value !== "object" || value === null || !("version" in value) || value.version !== 1) return undefined;
  const { role, device, network } = value as Readonly<Record<string, unknown>>;
  const known = ROLES.find((each) => each === role);
  if (known === undefined || typeof device !== "string" || typeof network !== "string") return undefined;
  if (!/^[0-9a-f]{64}$/.test(device) || !/^[0-9a-f]{16}$/.test(network)) return undefined;
  return { role: known, device, network };
}

const ROLES: readonly GatewayRole[] = ["charger", "vehicle", "arbiter"];

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
