/** One frame on the simulated bus. */
export interface CanFrame {
  readonly idBits: 11 | 29;
  readonly id: number;
  /** At most 8. */
  readonly bytes: Uint8Array;
}
