/** The contracts that every gateway carries, by the names that a configuration gives them. */
import { fromHex } from "#base/bytes.ts";
import { ENERGY_V1_BYTES } from "./energy-v1.ts";
import { PAPER_V1_HEX } from "./paper-v1-program.ts";

/**
 * A ledger knows energy-v1 without being told. The other one, which does what the paper says and nothing beyond, comes
 * onto it as CODE like anybody's own.
 */
export const SHIPPED_CONTRACTS: ReadonlyMap<string, Uint8Array> = new Map([
  ["energy-v1", ENERGY_V1_BYTES],
  ["paper-v1", fromHex(PAPER_V1_HEX) ?? new Uint8Array(0)],
]);
