/**
 * The block that OPEN refers to: certificates and revocations are judged there, so both sides must hold it. It is the
 * higher of the two that the sides named if the other holds it, else the lower, else the genesis.
 */
import { equalBytes } from "#base/bytes.ts";
import type { BlockReference } from "#core/session/facts.ts";
import type { HandshakeContext } from "./handshake-context.ts";

export interface NamedBlocks {
  /** Of the OFFER. */
  readonly station: BlockReference;
  /** Of M1. */
  readonly vehicle: BlockReference;
  /** What the station says in M2 about the vehicle's block. */
  readonly isVehicleBlockHeld: boolean;
}

/** The vehicle's choice. */
export function chooseBlock(named: NamedBlocks, context: HandshakeContext): BlockReference {
  const shared: readonly BlockReference[] = [
    ...(context.holds(named.station) ? [named.station] : []),
    ...(named.isVehicleBlockHeld ? [named.vehicle] : []),
  ];
  return shared.reduce((best, block) => (block[0] > best[0] ? block : best), context.genesis);
}

/** Whether the station may take the vehicle's choice. What the vehicle holds, the station cannot know. */
export function isBlockChoosable(block: BlockReference, named: NamedBlocks, context: HandshakeContext): boolean {
  const shared = [named.station, context.genesis, ...(named.isVehicleBlockHeld ? [named.vehicle] : [])];
  return shared.some(([serial, id]) => serial === block[0] && equalBytes(id, block[1]));
}
