/**
 * Fetches the facts that a state names by their ids: the reports of charges that are not over, and rotations. And the
 * newest JOIN of each member, by its did, and the one with its first certificate, by the id of that: an office may have
 * made all later ones, and these stand only behind a word of the member's own. So a receipt says who somebody is. No
 * state depends on a JOIN, and not everybody has them all.
 */
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SNAPSHOT_RECORDS_MAX, SNAPSHOT_WANTED_MAX } from "#core/limits.ts";
import type { ReportBody } from "#core/session/facts.ts";
import { decodeFact, type Fact, type FactContext } from "./fact.ts";
import { isGenuine } from "./fact-signers.ts";
import type { LedgerContext } from "./apply-block.ts";
import { joinedIn } from "./record-keys.ts";
import type { LedgerState } from "./state.ts";

export type RecordFault =
  | { readonly code: "SNAPSHOT_WRONG_RECORD"; readonly reason: string }
  | { readonly code: "SNAPSHOT_TOO_MANY_RECORDS"; readonly records: number };

interface Needed {
  readonly kind: "REPORT" | "ROTATE" | "JOIN";
  /** What the first report of the log builds on. */
  readonly openId: Uint8Array | undefined;
  /** By what a JOIN was asked for. */
  readonly wish?: string;
}

interface Fetched {
  readonly fact: Fact;
  readonly needed: Needed;
  readonly from: string;
}

export class RecordFetch {
  readonly #context: FactContext;
  readonly #needed = new Map<string, Needed>();
  readonly #fetched = new Map<string, Fetched>();
  /** Dids, and ids of certificates, whose JOIN nobody has been asked for. */
  readonly #joins = new Set<string>();

  constructor(context: FactContext) {
    this.#context = context;
  }

  /** In an order in which they may be stored: of the JOINs of a member the last one is found by its did. */
  get facts(): readonly Fact[] {
    const fetched = [...this.#fetched.values()];
    const firsts = new Set(fetched.filter((each) => this.#isFirst(each)));
    return [...firsts, ...fetched.filter((each) => !firsts.has(each))].map(({ fact }) => fact);
  }

  /** @param certificates of the member, the first one first */
  wishJoins(did: string, certificates: readonly { readonly id: Uint8Array }[]): void {
    const [first, second] = certificates;
    if (first !== undefined && second !== undefined) this.#joins.add(toHex(first.id));
    this.#joins.add(did);
  }

  needRotation(id: Uint8Array): void {
    this.#need(toHex(id), { kind: "ROTATE", openId: undefined });
  }

  /** All reports of a log, by the id of its last one. */
  needLog(head: Uint8Array, openId: Uint8Array): void {
    if (!equalBytes(head, openId)) this.#need(toHex(head), { kind: "REPORT", openId });
  }

  /** Ids, as many as may be asked for at once; empty when all are there. */
  next(): readonly Uint8Array[] {
    const wanted = this.#needed.size > 0 ? this.#needed.keys() : this.#joins;
    return [...wanted].slice(0, SNAPSHOT_WANTED_MAX).map((key) => fromHex(key) ?? new Uint8Array());
  }

  take(items: readonly Uint8Array[], from: string): Result<void, RecordFault> {
    if (this.#needed.size === 0) return this.#takeJoins(items, from);
    if (items.length === 0) return wrong("nothing");
    for (const item of items) {
      const fact = decodeFact(this.#context, item);
      const needed = fact.ok ? this.#needed.get(fact.value.key) : undefined;
      // Behind a report those before it come as well; here some of them may be already.
      if (fact.ok && this.#fetched.has(fact.value.key)) continue;
      if (!fact.ok || needed === undefined || fact.value.kind !== needed.kind) return wrong("not asked for");
      this.#needed.delete(fact.value.key);
      this.#fetched.set(fact.value.key, { fact: fact.value, needed, from });
      const { openId } = needed;
      if (fact.value.kind === "REPORT" && openId !== undefined) this.needLog(fact.value.body.previous, openId);
    }
    const records = this.#needed.size + this.#fetched.size;
    return records > SNAPSHOT_RECORDS_MAX ? fail({ code: "SNAPSHOT_TOO_MANY_RECORDS", records }) : ok(undefined);
  }

  /** The others of those that were asked for are not there, up to the last that has come. */
  #takeJoins(items: readonly Uint8Array[], from: string): Result<void, RecordFault> {
    const asked = this.next().map(toHex);
    let reached = items.length === 0 ? asked.length : 0;
    for (const item of items) {
      const fact = decodeFact(this.#context, item);
      if (!fact.ok || fact.value.kind !== "JOIN") return wrong("not asked for");
      const names = joinedIn(this.#context, item);
      const place = asked.findIndex((wish, at) => at >= reached && names.includes(wish));
      const wish = asked[place];
      if (wish === undefined) return wrong("not asked for");
      reached = place + 1;
      this.#fetched.set(fact.value.key, { fact: fact.value, needed: { kind: "JOIN", openId: undefined, wish }, from });
    }
    for (const wish of asked.slice(0, reached)) this.#joins.delete(wish);
    return ok(undefined);
  }

  /** The reports of a log in their order; undefined when one is missing. */
  reportsUpTo(head: Uint8Array, openId: Uint8Array): readonly ReportBody[] | undefined {
    const reports: ReportBody[] = [];
    for (let id = head; !equalBytes(id, openId);) {
      const fact = this.#fetched.get(toHex(id))?.fact;
      if (fact?.kind !== "REPORT") return undefined;
      reports.push(fact.body);
      id = fact.body.previous;
    }
    return reports.reverse();
  }

  /**
   * An id says what a fact says and not who has signed it. Facts that their signers have not signed are needed again;
   * the names of those who have sent them.
   */
  dropUnsigned(state: LedgerState, context: Pick<LedgerContext, "crypto" | "network">): readonly string[] {
    const liars: string[] = [];
    for (const [key, { fact, needed, from }] of this.#fetched) {
      if (isGenuine(state, fact, context)) continue;
      this.#fetched.delete(key);
      if (needed.wish === undefined) this.#needed.set(key, needed);
      else this.#joins.add(needed.wish);
      liars.push(from);
    }
    return liars;
  }

  /** Whether it is the JOIN with a member's first certificate. */
  #isFirst({ fact, needed: { wish } }: Fetched): boolean {
    return wish !== undefined && joinedIn(this.#context, fact.bytes)[0] !== wish;
  }

  #need(key: string, needed: Needed): void {
    assert(needed.openId !== undefined || needed.kind === "ROTATE", "a log begins with its OPEN");
    if (!this.#fetched.has(key)) this.#needed.set(key, needed);
  }
}

function wrong(reason: string): { readonly ok: false; readonly fault: RecordFault } {
  return fail({ code: "SNAPSHOT_WRONG_RECORD", reason });
}
