/** Facts from the mesh: what has been taken in is known by its bytes, and strangers come in a few at a time. */
import { toHex } from "#base/bytes.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { BoundedMap } from "#core/mesh/bounded-map.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { LedgerService } from "./ledger-service.ts";

/** New members that anybody on the mesh may bring: a whole site at once, then one each few seconds. */
const STRANGERS: Rate = { perSecond: 0.2, burst: 64 };
/** Facts wait for a block for a minute as a rule, and are said a few times until then. */
const TAKEN_MAX = 1_024;

export interface FactIntakeParts {
  readonly ledger: LedgerService;
  readonly clock: Pick<Clock, "monotonicMs">;
}

export class FactIntake {
  readonly #parts: FactIntakeParts;
  readonly #strangers: TokenBucket;
  /** Keys of facts that were taken in, by the hash of all their bytes: an id alone does not cover the signature. */
  readonly #taken = new BoundedMap<string>(TAKEN_MAX);

  constructor(parts: FactIntakeParts) {
    this.#parts = parts;
    this.#strangers = new TokenBucket(STRANGERS, parts.clock.monotonicMs());
  }

  /** The code of what was wrong with it. */
  async take(object: Uint8Array): Promise<string | undefined> {
    const { ledger, clock } = this.#parts;
    const { context, mempool } = ledger.chain;
    const name = toHex(context.crypto.sha256(object));
    const known = this.#taken.use(name);
    // Only while it waits: what a change of branch has brought back must find its place again.
    if (known !== undefined && mempool.get(known) !== undefined) return undefined;
    const fact = decodeFact(context, object);
    if (!fact.ok) return fact.fault.code;
    // A JOIN costs its sender nothing but a new key, and stays in everybody's chain for ever. An office's renews the
    // certificate of a member: strangers must not keep those of a whole region waiting.
    const { value } = fact;
    const isStranger = value.kind === "JOIN" && value.body.by === undefined && !ledger.holdsFact(value.key);
    if (isStranger && !this.#strangers.take(clock.monotonicMs())) return "SYNC_TOO_MANY_JOINS";
    const received = await ledger.receiveFact(fact.value);
    if (received.ok) this.#taken.set(name, fact.value.key);
    return received.ok || received.fault.code === "FACT_KNOWN" ? undefined : received.fault.code;
  }
}
