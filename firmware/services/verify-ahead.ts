/**
 * Verifies the signatures of blocks that are about to be applied with all cores. What comes of the blocks
 * is the same with and without it: it only answers questions early, and where one of its answers is no, all of them are
 * asked again one by one where they belong.
 */
import type { SignatureVerifier, VerificationRun } from "#core/identity/signature-verifier.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { expectedSignatures, noteVerified, type ExpectedSignature } from "#core/ledger/expected-signatures.ts";

/** Fewer are verified before another thread has heard of them; in daily life no thread is ever started. */
const WORTH_THREADS = 96;

export class VerifyAhead {
  #open: (() => SignatureVerifier) | undefined;
  #verifier: SignatureVerifier | undefined;
  #isBusy = false;

  /** @param open starts the threads; without it nothing is verified ahead */
  constructor(open: (() => SignatureVerifier) | undefined) {
    this.#open = open;
  }

  /**
   * Undefined where the blocks can be applied as they are, else it resolves when they can: one answer's at a time, so
   * that no more than that is ever waited for.
   */
  prepare(chain: Chain, blocks: readonly Block[]): Promise<void> | undefined {
    if (this.#open === undefined || this.#isBusy) return undefined;
    const unknown = blocks.filter(({ key }) => !chain.has(key));
    const expected = expectedSignatures(unknown, chain.head.state, chain.context);
    const jobs = expected.flatMap((each) => each.jobs);
    if (jobs.length < WORTH_THREADS) return undefined;
    this.#verifier ??= this.#open();
    return this.#verify(this.#verifier.begin(jobs), expected, chain);
  }

  /** Gives the threads back: there is nothing more to fetch. */
  async rest(): Promise<void> {
    const verifier = this.#isBusy ? undefined : this.#verifier;
    if (verifier === undefined) return;
    this.#verifier = undefined;
    await verifier.close();
  }

  async #verify(run: VerificationRun, expected: readonly ExpectedSignature[], chain: Chain): Promise<void> {
    this.#isBusy = true;
    try {
      if (await run.finish()) noteVerified(expected, chain.context);
    } catch {
      // A machine without a thread to spare: everything goes on as it does without this.
      this.#open = undefined;
    } finally {
      this.#isBusy = false;
    }
  }
}
