/** Fetches how one comes from a committee that one trusts to a checkpoint that is final: handoffs, then its votes. */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { SnapshotReply } from "#core/mesh/snapshot-messages.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { afterHandoff, checkFinal, finalWord, type TrustContext, type TrustedCommittee } from "./trusted-committee.ts";
import type { ProofFault, ProvenBlock } from "./vouched.ts";

export type WayFault =
  | ProofFault
  /** It offers nothing, or nothing that is newer than what is final here. */
  | { readonly code: "SNAPSHOT_NOT_OFFERED" };

export class WayFetch {
  readonly #context: TrustContext;
  readonly #above: number;
  /** From the committee on that was trusted at first. */
  readonly handoffs: Uint8Array[] = [];
  #trust: TrustedCommittee;
  #target: ProvenBlock | undefined;

  /** @param above serial of what is final here already */
  constructor(context: TrustContext, trust: TrustedCommittee, above: number) {
    this.#context = context;
    this.#trust = trust;
    this.#above = above;
  }

  /** The epoch whose handoff is wanted next. */
  get epoch(): number {
    return this.#trust.epoch;
  }

  /** What has been proven to be final. */
  get target(): ProvenBlock | undefined {
    return this.#target;
  }

  take({ checkpoint, items, last }: SnapshotReply): Result<void, WayFault> {
    if (checkpoint === null || checkpoint[0] <= this.#above) return fail({ code: "SNAPSHOT_NOT_OFFERED" });
    if (items.length === 0 && last === undefined) return fail({ code: "SNAPSHOT_NOT_OFFERED" });
    for (const item of items) {
      const next = afterHandoff(this.#context, this.#trust, item);
      if (!next.ok) return next;
      assert(next.value.epoch === this.#trust.epoch + 1, "a handoff leads to the next epoch");
      this.#trust = next.value;
      this.handoffs.push(item);
    }
    if (last === undefined) return ok(undefined);
    const word = decodeShape(finalWord, last);
    if (!word.ok) return fail({ code: "FINALITY_UNREADABLE", reason: word.fault.code });
    const [serial, id] = checkpoint;
    const final = checkFinal(this.#context, this.#trust, { block: { serial, id }, ...word.value });
    if (!final.ok) return final;
    this.#target = { serial, id };
    return ok(undefined);
  }
}
