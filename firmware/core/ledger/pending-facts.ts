/** The facts that wait for a block, applied on the head: what the state would be if a block were sealed now. */
import { fail, ok, type Result } from "#base/result.ts";
import type { LedgerContext } from "./apply-block.ts";
import { applyFact, type FactFault } from "./apply-fact.ts";
import { compareFacts } from "./block-order.ts";
import { mayComeToStand } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import { Mempool } from "./mempool.ts";
import { nextLayer, type LedgerState } from "./state.ts";

export class PendingFacts {
  readonly mempool = new Mempool();
  readonly #context: LedgerContext;
  #state: LedgerState;

  constructor(head: LedgerState, context: LedgerContext) {
    this.#context = context;
    this.#state = nextLayer(head);
  }

  get state(): LedgerState {
    return this.#state;
  }

  /** Puts a fact among those that wait, if it may stand after them. `now` is unix seconds. */
  add(fact: Fact, now: number): Result<void, FactFault> {
    if (this.mempool.get(fact.key) !== undefined) return fail({ code: "FACT_KNOWN" });
    // Before it is applied: what stands in `state` must be in the pool, or nobody would ever seal it.
    if (this.mempool.isFull) return fail({ code: "FACT_NO_ROOM", waiting: this.mempool.size });
    const applied = applyFact(this.#state, fact, { ...this.#context, now });
    if (!applied.ok) {
      if (mayComeToStand(applied.fault)) this.mempool.park(fact);
      return applied;
    }
    this.mempool.add(fact);
    this.#retryParked(now);
    return ok(undefined);
  }

  /** Facts of the abandoned branch wait again; what the new head holds already waits no more (protocol 2.12). */
  rebuild(head: LedgerState, returned: readonly Fact[], now: number): void {
    const waiting = new Map([...returned, ...this.mempool.facts()].map((fact) => [fact.key, fact]));
    this.#state = nextLayer(head);
    for (const fact of waiting.values()) this.mempool.remove(fact);
    for (const fact of [...waiting.values()].sort(compareFacts)) {
      if (this.mempool.isFull) break;
      const applied = applyFact(this.#state, fact, { ...this.#context, now });
      if (applied.ok) this.mempool.add(fact);
      else if (mayComeToStand(applied.fault)) this.mempool.park(fact);
    }
    this.#retryParked(now);
  }

  #retryParked(now: number): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const fact of [...this.mempool.parked()].sort(compareFacts)) {
        if (this.mempool.isFull) return;
        const applied = applyFact(this.#state, fact, { ...this.#context, now });
        if (!applied.ok && mayComeToStand(applied.fault)) continue;
        this.mempool.unpark(fact);
        if (applied.ok) progress = this.mempool.add(fact) || progress;
      }
    }
  }
}
