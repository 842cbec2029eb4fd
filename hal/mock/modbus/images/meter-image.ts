/**
 * The registers of a real meter, filled from a simulated state. Written from what the makers and others say about it,
 * on its own and not from the driver's tables: a number that is wrong on one side only must show.
 */
import type { MeterState } from "../meter-source.ts";

export interface MeterImage {
  /** A longer read is refused. */
  readonly readMax: number;
  /** Reads of odd length or from an odd address are refused. */
  readonly evenOnly?: true;
  /**
   * Readable addresses, first and last, per function; a read that leaves one is refused. What is not written inside one
   * reads as 0.
   */
  readonly ranges: readonly AddressRange[];
  /** Of these, a read that is not of exactly one whole range is refused. */
  readonly wholeRanges?: readonly AddressRange[];
  /** What a read of this one register gives, where a longer read across it gives something else. */
  readonly singleWords?: ReadonlyMap<number, number>;
  words(state: MeterState, identity: MeterIdentityWords): RegisterWords;
}

export type AddressRange = readonly [functionCodes: "3" | "4" | "34", first: number, last: number];

export type RegisterWords = ReadonlyMap<number, readonly number[]>;

export interface MeterIdentityWords {
  readonly serialNumber: number;
}
