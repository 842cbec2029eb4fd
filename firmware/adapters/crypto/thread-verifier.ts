/**
 * Verifies with all cores: a thread for each but one, and the asker's own for the rest. Threads are started with the
 * first batch and cost some ten megabytes each, so whoever has verified what it wanted closes this again.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { assert } from "#base/assert.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { SignatureJob, SignatureVerifier, VerificationRun } from "#core/identity/signature-verifier.ts";
import { allHeld, packBatch, verifyPieces, type VerificationBatch } from "./verification-batch.ts";

/** Beside the sources its source, in a release the program that was made of it. */
const isAsWritten = import.meta.url.endsWith(".ts");
const THREAD = fileURLToPath(new URL(isAsWritten ? "verify-thread.ts" : "verify-thread.mjs", import.meta.url));

export class ThreadVerifier implements SignatureVerifier {
  readonly #crypto: Cryptography;
  readonly #threads: number;
  #workers: Thread[] | undefined;

  /** @param threads beside the asker's own; by default one for each further core */
  constructor(crypto: Cryptography, threads: number = availableParallelism() - 1) {
    this.#crypto = crypto;
    this.#threads = threads;
  }

  begin(jobs: readonly SignatureJob[]): VerificationRun {
    const batch = packBatch(jobs);
    if (batch === undefined) return { finish: () => Promise.resolve(false) };
    this.#workers ??= Array.from({ length: this.#threads }, () => new Thread());
    const others = this.#workers.map((worker) => worker.verify(batch));
    return { finish: () => this.#finish(batch, others) };
  }

  async close(): Promise<void> {
    const workers = this.#workers ?? [];
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.close()));
  }

  async #finish(batch: VerificationBatch, others: readonly Promise<void>[]): Promise<boolean> {
    verifyPieces(this.#crypto, batch);
    await Promise.all(others);
    return allHeld(batch);
  }
}

/** Answers batches in the order in which it was given them. */
class Thread {
  readonly #worker = new Worker(THREAD);
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor() {
    this.#worker.on("message", () => {
      const first = this.#waiting.shift();
      assert(first !== undefined, "an answer has its question");
      first.resolve();
    });
    this.#worker.on("error", (error) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(error instanceof Error ? error : new Error("a verifying thread failed", { cause: error }));
      }
    });
    // A process that has nothing else to do may end.
    this.#worker.unref();
  }

  verify(batch: VerificationBatch): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(batch);
    });
    return answered.finally(() => {
      if (this.#waiting.length === 0) this.#worker.unref();
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
