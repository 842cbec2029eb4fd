/**
 * This gateway's own votes: which one it casts, what must be durable before, and what it does when it cannot be sure of
 * having known all that it has cast.
 *
 * A vote goes the way register, signature, mesh. The register holds the vote itself, so that a gateway that loses its
 * power in between says the same vote after its next start, and never another one in its place.
 */
import { assert } from "#base/assert.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import { committeesOf, findCheckpoint, seatsOf } from "#core/finality/finality-state.ts";
import { nextVote, registerOf, type Link, type VoteView } from "#core/finality/vote-rule.ts";
import { signVote, voteBody, type Vote, type VoteBody } from "#core/finality/vote.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";

/** For so long a gateway in doubt listens to others before it votes. */
export const DOUBT_MS = 120_000;

export interface OwnVotesParts {
  readonly chain: Chain;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly signerOf?: ((publicKey: Uint8Array) => Signer | undefined) | undefined;
  readonly did: Uint8Array;
  readonly isConnected: () => boolean;
  /**
   * Whether others had the time to say what this gateway has signed and does not know: its card may be an old copy,
   * with a register that looks whole (S9).
   */
  readonly isSettled: () => boolean;
  /** Publishes a vote and counts it; called for a new one, and for the last one again after a start. */
  readonly say: (vote: Vote) => Promise<void>;
  /** Resolves when all that the chain has taken in so far is durable. */
  readonly stored: () => Promise<unknown>;
  readonly emit: EmitEvent;
}

export class OwnVotes {
  readonly #parts: OwnVotesParts;
  /** Since when the mesh has been there without a break, in monotonic ms. */
  #connectedAtMs: number | undefined;
  #isBusy = false;
  /** It was to look while it was busy. */
  #mustLookAgain = false;

  constructor(parts: OwnVotesParts) {
    this.#parts = parts;
  }

  /** Says the last vote again. A gateway that may have cast others first finds out how far they can have gone. */
  async start(): Promise<void> {
    const { boot, chain, say } = this.#parts;
    if (boot.voteDoubt === null) {
      // Its own votes were for blocks that it had stored, from checkpoints whose certificates it had stored.
      await this.#doubt({ lastSource: chain.justified.serial, lastTarget: chain.tallest });
    }
    if (boot.voteDoubt !== undefined || boot.vote === undefined) return;
    const body = decodeShape(voteBody, boot.vote);
    const signer = this.#signer();
    if (body.ok && signer !== undefined) await say(signVote(chain.context, body.value, signer));
  }

  /** Time alone may let it vote: it is to look every second meanwhile. */
  get isWaiting(): boolean {
    return !this.#parts.isSettled() || this.#parts.boot.voteDoubt !== undefined;
  }

  /** Casts the vote that is due, if any. To be called whenever head or justified checkpoint may have moved. */
  async look(): Promise<void> {
    this.#mustLookAgain = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#mustLookAgain) {
        this.#mustLookAgain = false;
        if (this.#parts.isSettled() && (await this.#isSure())) await this.#castNext();
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** A vote of this gateway's own has been heard, or stands in a certificate. */
  async hear({ source, target, member }: Omit<VoteBody, "network" | "epoch">, payload?: Uint8Array): Promise<void> {
    const { boot, did } = this.#parts;
    if (!equalBytes(member, did)) return;
    const { lastTarget } = boot.voted;
    const isOther = target.serial === lastTarget && payload !== undefined && !isSame(boot.vote, payload);
    if (target.serial <= lastTarget && !(isOther && boot.vote !== undefined)) return;
    // The card has been replaced by an older copy, or somebody else has this key.
    await this.#doubt({ lastSource: source.serial, lastTarget: target.serial });
  }

  async #doubt(heard: { readonly lastSource: number; readonly lastTarget: number }): Promise<void> {
    const { boot, chain, clock, emit } = this.#parts;
    this.#connectedAtMs = clock.monotonicMs();
    const { checkpointBlocks } = chain.genesis.body.rules;
    const untilSerial = Math.max(heard.lastTarget, chain.head.serial) + 2 * checkpointBlocks;
    await boot.doubtVotes(heard, untilSerial);
    emit("votesDoubted", { untilSerial });
  }

  async #isSure(): Promise<boolean> {
    const { boot, chain, clock, isConnected } = this.#parts;
    if (boot.voteDoubt === undefined) return true;
    if (!isConnected()) this.#connectedAtMs = undefined;
    else this.#connectedAtMs ??= clock.monotonicMs();
    const heardMs = clock.monotonicMs() - (this.#connectedAtMs ?? Infinity);
    if (boot.voteDoubt === null || chain.head.serial < boot.voteDoubt || heardMs < DOUBT_MS) return false;
    await boot.trustVotes();
    return true;
  }

  async #castNext(): Promise<void> {
    const { boot, chain, did, say, stored, emit } = this.#parts;
    // What others build by rules that are not known here is not vouched for.
    if (chain.newerCode !== undefined) return;
    const link = nextVote(boot.voted, viewOf(chain));
    const epoch = link === undefined ? undefined : seatedEpoch(chain, link.target, did);
    const signer = this.#signer();
    if (link === undefined || epoch === undefined || signer === undefined) return;
    const body = { network: chain.context.network, epoch, ...linkOf(link), member: did };
    // Target and what makes the source justified must be known after a power cut, too.
    await stored();
    const { lastTarget } = boot.voted;
    if (link.target.serial <= lastTarget) return;
    await boot.useVote(registerOf(link), encodeShape(voteBody, body));
    await say(signVote(chain.context, body, signer));
    emit("voteCast", { source: link.source.serial, target: link.target.serial });
  }

  /** With the key that the chain knows. */
  #signer(): Signer | undefined {
    const { chain, did, signer, signerOf } = this.#parts;
    const inForce = chain.head.state.members.get(toHex(did))?.publicKey;
    return inForce === undefined || signerOf === undefined ? signer : signerOf(inForce);
  }
}

/** The last checkpoint of the head's chain, and the highest justified one below it. */
function viewOf(chain: Chain): VoteView {
  const { checkpointBlocks } = chain.genesis.body.rules;
  const target = chain.at(chain.head.serial - (chain.head.serial % checkpointBlocks));
  const { justified } = chain;
  const isBelow = target !== undefined && justified.serial < target.serial && chain.isOfHead(justified);
  return { target, source: isBelow ? justified : undefined };
}

/** The epoch of a checkpoint of the head's chain, where this member has a seat in it. */
function seatedEpoch(chain: Chain, target: Checkpoint, did: Uint8Array): number | undefined {
  const { finality } = chain.head.state;
  const epoch = findCheckpoint(finality, target)?.epoch;
  const committees = epoch === undefined ? undefined : committeesOf(finality, epoch);
  return committees !== undefined && seatsOf(committees).includes(toHex(did)) ? epoch : undefined;
}

function linkOf({ source, target }: Link): Link {
  return {
    source: { serial: source.serial, id: source.id },
    target: { serial: target.serial, id: target.id },
  };
}

function isSame(left: Uint8Array | undefined, right: Uint8Array): boolean {
  assert(right.length > 0, "a vote has bytes");
  return left !== undefined && equalBytes(left, right);
}
