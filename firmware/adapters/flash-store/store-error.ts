export type StoreErrorCode =
  /** The log or the register was closed by its own service. */
  | "STORE_CLOSED"
  /** More waits for the flash than there is room for: the flash stands still. */
  | "STORE_OVERLOADED";

/** What the store itself refuses; the flash's own failures come as FlashError. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode) {
    super(code);
    this.code = code;
  }
}
