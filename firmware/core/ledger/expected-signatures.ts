/**
 * Which signatures blocks are going to be asked for, before they are applied: so that all cores verify them at once.
 *
 * It is a guess by what the head's state and the blocks themselves say of the signers. Nothing follows from a guess but
 * that one question is answered early: who applies a block still asks for the keys that are right there, and verifies
 * itself what was not guessed.
 */
import type { SignatureJob } from "#core/identity/signature-verifier.ts";
import { decodeInception, deviceIdOf } from "#core/identity/device-id.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import { keyNumberIn, type OpenBody, type Role } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { toHex } from "#base/bytes.ts";
import type { LedgerContext } from "./apply-block.ts";
import type { Block } from "./block.ts";
import { keyNames } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import { knownHex } from "./known-hex.ts";
import type { LedgerState } from "./state.ts";

/** A fact or a block, and the keys that it should be signed with, in the order of its signatures. */
export interface ExpectedSignature {
  readonly of: Fact | Block;
  readonly keys: readonly Uint8Array[];
  readonly jobs: readonly SignatureJob[];
}

export function expectedSignatures(
  blocks: readonly Block[],
  state: LedgerState,
  context: LedgerContext,
): readonly ExpectedSignature[] {
  const guess = new Guess(state, context);
  return blocks.flatMap((block) => {
    const ofFacts = block.facts.map((fact) => guess.fact(fact));
    return [...ofFacts, guess.block(block)].filter((each) => each !== undefined);
  });
}

/** Once all of them have been found good. */
export function noteVerified(expected: readonly ExpectedSignature[], { verified }: LedgerContext): void {
  for (const { of, keys } of expected) verified.set(of, keyNames(keys));
}

class Guess {
  readonly #state: LedgerState;
  readonly #context: LedgerContext;
  /** Of the blocks themselves: first keys of those who join, contracts that begin. By id and by address, in hex. */
  readonly #joined = new Map<string, Uint8Array>();
  readonly #opened = new Map<string, OpenBody>();

  constructor(state: LedgerState, context: LedgerContext) {
    this.#state = state;
    this.#context = context;
  }

  block(block: Block): ExpectedSignature | undefined {
    const member = this.#state.members.get(toHex(block.header.miner));
    const key = member?.publicKey ?? this.#joined.get(toHex(block.header.miner));
    if (key === undefined) return undefined;
    const message = toBeSigned(this.#context.network, PURPOSE.HEADER, block.headerPayload);
    return { of: block, keys: [key], jobs: [{ publicKey: key, message, signature: block.signature }] };
  }

  fact(fact: Fact): ExpectedSignature | undefined {
    if (fact.kind === "JOIN") this.#noteJoin(fact.body.inception);
    if (fact.kind === "OPEN") return this.#signedBy(fact, this.#partiesOf(fact.body, fact.payload));
    if (fact.kind !== "REPORT" && fact.kind !== "COMPLETE" && fact.kind !== "CANCEL") return undefined;
    const address = toHex(fact.body.address);
    const open = this.#opened.get(address) ?? this.#state.transactions.get(address)?.open;
    return open && this.#signedBy(fact, [this.#keyOf(open, fact.body.role)]);
  }

  #partiesOf(open: OpenBody, openPayload: Uint8Array): readonly (Uint8Array | undefined)[] {
    const address = openedAddress(this.#context, { body: open, payload: openPayload });
    this.#opened.set(toHex(address), open);
    return [this.#keyOf(open, "vehicle"), this.#keyOf(open, "station")];
  }

  #keyOf(open: OpenBody, role: Role): Uint8Array | undefined {
    const did = knownHex(open[role]);
    const number = keyNumberIn(open, role);
    const key = this.#state.members.get(did)?.keys[number]?.publicKey;
    return key ?? (number === 0 ? this.#joined.get(did) : undefined);
  }

  #noteJoin(inceptionBytes: Uint8Array): void {
    const inception = decodeInception(inceptionBytes);
    const did = deviceIdOf(this.#context.crypto, inceptionBytes);
    if (inception.ok) this.#joined.set(toHex(did), inception.value.publicKey);
  }

  #signedBy(fact: Fact, keys: readonly (Uint8Array | undefined)[]): ExpectedSignature | undefined {
    const message = toBeSigned(this.#context.network, PURPOSE[fact.kind], fact.payload);
    const jobs: SignatureJob[] = [];
    for (const [place, publicKey] of keys.entries()) {
      const signature = fact.signatures[place];
      if (publicKey === undefined || signature === undefined) return undefined;
      jobs.push({ publicKey, message, signature });
    }
    return { of: fact, keys: jobs.map(({ publicKey }) => publicKey), jobs };
  }
}
