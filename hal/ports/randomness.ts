/** Unpredictable bytes. */
export interface Randomness {
  /** `length` fresh bytes, fit for keys. */
  bytes(length: number): Uint8Array;
}
