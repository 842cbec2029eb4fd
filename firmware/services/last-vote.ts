/**
 * The vote that this gateway has cast last, said again and ever more rarely until its target is justified: the mesh may
 * have lost it.
 */
import { toHex } from "#base/bytes.ts";
import type { Vote } from "#core/finality/vote.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { MeshService } from "./mesh-service.ts";

const AGAIN_FIRST_MS = 10_000;
const AGAIN_LAST_MS = 300_000;

export interface LastVoteParts {
  readonly chain: Chain;
  readonly mesh: Pick<MeshService, "publish">;
  readonly clock: Clock;
}

export class LastVote {
  readonly #parts: LastVoteParts;
  #said: { readonly vote: Vote; readonly againMs: number; readonly waitMs: number } | undefined;

  constructor(parts: LastVoteParts) {
    this.#parts = parts;
  }

  say(vote: Vote): void {
    this.#publish(vote, AGAIN_FIRST_MS);
  }

  /** When `sayWhenDue` is to be called next, in monotonic ms; endless while nothing is to be said again. */
  get dueMs(): number {
    return this.#said?.againMs ?? Infinity;
  }

  sayWhenDue(): void {
    this.#forgetUseless();
    if (this.#said === undefined || this.#said.againMs > this.#parts.clock.monotonicMs()) return;
    this.#publish(this.#said.vote, Math.min(AGAIN_LAST_MS, 2 * this.#said.waitMs));
  }

  /** The bus is back: what was published into the void is published again at once. */
  sayNow(): void {
    this.#forgetUseless();
    if (this.#said !== undefined) this.#parts.mesh.publish({ kind: "vote" }, this.#said.vote.bytes);
  }

  #publish(vote: Vote, waitMs: number): void {
    const { mesh, clock } = this.#parts;
    this.#said = { vote, waitMs, againMs: clock.monotonicMs() + waitMs };
    mesh.publish({ kind: "vote" }, vote.bytes);
  }

  #forgetUseless(): void {
    if (this.#said === undefined) return;
    const { chain } = this.#parts;
    const target = chain.link(toHex(this.#said.vote.body.target.id));
    const isUseless = target === undefined || chain.isJustified(target) || target.serial <= chain.final.serial;
    if (isUseless) this.#said = undefined;
  }
}
