/** What a certificate lets a member do, and which role can be given which right. */
import { integer, where, type Shape } from "#core/wire/schema.ts";
import type { DeviceRole } from "./device-id.ts";

/** The bit of each right. `vote` is kept for finality and decides nothing yet. */
export const CAPABILITY = { charge: 1, seal: 2, vote: 4, arbiter: 8 } as const;
export type Capability = keyof typeof CAPABILITY;
export const CAPABILITIES = Object.keys(CAPABILITY) as readonly Capability[];

/** Whoever judges charges neither trades nor seals; and only what stands still can vote. */
export const CAPABILITIES_OF: Readonly<Record<DeviceRole, readonly Capability[]>> = {
  station: ["charge", "seal", "vote"],
  vehicle: ["charge", "seal"],
  arbiter: ["arbiter"],
};

const ALL = CAPABILITIES.reduce((sum, name) => sum | CAPABILITY[name], 0);

/** On the wire the sum of the bits; at least one right, since a certificate for nothing says nothing. */
export const capabilities: Shape<readonly Capability[]> = (() => {
  const bits = where(integer(1, ALL), (sum) => (sum & ~ALL) === 0, "a sum of known rights");
  return {
    write: (names) => bits.write(names.reduce((sum, name) => sum | CAPABILITY[name], 0)),
    read: (item) => {
      const sum = bits.read(item);
      return CAPABILITIES.filter((name) => (sum & CAPABILITY[name]) !== 0);
    },
  };
})();
