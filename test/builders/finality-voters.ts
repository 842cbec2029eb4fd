/**
 * Members with keys drawn from their names, chains of checkpoints that they vote for, and the votes. Nothing is random.
 */
import { toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { afterBlock } from "#core/finality/advance.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import { finalityOfGenesis, type FinalityRules, type FinalityState } from "#core/finality/finality-state.ts";
import { makeCertificate, type QuorumCertificate, type QuorumContext } from "#core/finality/quorum-certificate.ts";
import type { Link } from "#core/finality/vote-rule.ts";
import { signVote, type Vote } from "#core/finality/vote.ts";
import { crypto, named } from "./ledger-actors.ts";

export interface Voter {
  readonly did: string;
  readonly signer: NobleSigner;
}

export const NETWORK = named("a region of voters").subarray(0, 8);
/** Every second block is a checkpoint, and an epoch has at least two of them. */
export const FEW_BLOCKS: FinalityRules = { checkpointBlocks: 2, epochCheckpoints: 2 };

const votersByDid = new Map<string, Voter>();

export function voterOf(name: string): Voter {
  const did = toHex(named(`${name} did`));
  const voter = votersByDid.get(did) ?? { did, signer: new NobleSigner(named(`${name} key`)) };
  votersByDid.set(did, voter);
  return voter;
}

export function votersOf(...names: readonly string[]): readonly Voter[] {
  return names.map(voterOf);
}

export function didsOf(voters: readonly Voter[]): readonly string[] {
  return voters.map(({ did }) => did);
}

export const QUORUM_CONTEXT: QuorumContext = {
  crypto,
  network: NETWORK,
  keysOf: (did) => {
    const voter = votersByDid.get(did);
    return voter === undefined ? [] : [voter.signer.publicKey];
  },
};

export function voteFor(link: Link, voter: Voter, epoch = 0): Vote {
  return signVote(QUORUM_CONTEXT, { epoch, ...link, member: bytesOf(voter.did) }, voter.signer);
}

/** Of all the given votes; throws when they are no quorum. */
export function certify(
  finality: FinalityState,
  link: Link,
  voters: readonly Voter[],
  epoch = finality.epoch,
): QuorumCertificate {
  const votes = voters.map((voter) => voteFor(link, voter, epoch));
  const certificate = makeCertificate(finality, votes);
  if (certificate === undefined) throw new Error("bug of the test: no quorum");
  return certificate;
}

/** A chain whose blocks are named by a letter and their serial, each with what finality it has. */
export class VotedChain {
  readonly rules: FinalityRules;
  finality: FinalityState;
  serial = 0;
  readonly #name: string;
  readonly #nextCommittee: readonly string[];

  constructor(committee: readonly string[], next: readonly string[] = committee, rules = FEW_BLOCKS, name = "a") {
    this.rules = rules;
    this.finality = finalityOfGenesis(rules, named("genesis of voters"), committee);
    this.#name = name;
    this.#nextCommittee = next;
  }

  /** Grows to the serial; only its last block carries the certificates. */
  growTo(serial: number, certificates: readonly QuorumCertificate[] = []): FinalityState {
    while (this.serial < serial) {
      this.serial += 1;
      this.finality = afterBlock(this.finality, this.rules, {
        ...this.at(this.serial),
        certificates: this.serial === serial ? certificates : [],
        chosen: this.finality.boundary === this.serial ? this.#nextCommittee : undefined,
      });
    }
    return this.finality;
  }

  at(serial: number): Checkpoint {
    return { serial, id: serial === 0 ? named("genesis of voters") : named(`block ${this.#name}${serial}`) };
  }

  link(source: number, target: number): Link {
    return { source: this.at(source), target: this.at(target) };
  }
}

function bytesOf(did: string): Uint8Array {
  return Uint8Array.from(did.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
