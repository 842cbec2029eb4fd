/**
 * Many signatures at once, on all cores of the machine: what a joining node and `verify` spend nearly all their time
 * with. A port, because threads are not the core's business.
 */

/** One question to `Cryptography.verify`. */
export interface SignatureJob {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** A batch that is being verified while its asker does something else. */
export interface VerificationRun {
  /** Does what is left with the asker's own thread; whether all signatures of the batch hold. */
  finish(): Promise<boolean>;
}

export interface SignatureVerifier {
  begin(jobs: readonly SignatureJob[]): VerificationRun;
  /** Gives the threads back; nothing may be begun afterwards. */
  close(): Promise<void>;
}
