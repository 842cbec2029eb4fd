/** Votes of a committee whose members have the keys of their names, and the certificates that they make. */
import { committeesOf, findCheckpoint, seatsOf } from "#core/finality/finality-state.ts";
import { makeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { signVote, type Vote } from "#core/finality/vote.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { crypto, type Actor } from "./ledger-actors.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";

/** From one checkpoint of a branch to a later one. */
export type CheckpointPair = readonly [source: ChainLink, target: ChainLink];

/** The vote of a member for a link of the target's branch. */
export function voteOf(builder: LedgerBuilder, [source, target]: CheckpointPair, { did, signer }: Actor): Vote {
  const { network } = builder.genesis;
  const said = { epoch: epochOf(target), source: placeOf(source), target: placeOf(target), member: did };
  return signVote({ crypto, network }, said, signer);
}

/** The certificate with the votes of all seats, or of those who are given. */
export function certify(builder: LedgerBuilder, pair: CheckpointPair, voters?: readonly Actor[]): QuorumCertificate {
  const { finality } = pair[1].state;
  const committees = committeesOf(finality, epochOf(pair[1]));
  if (committees === undefined) throw new Error("bug of the test: nobody votes for this checkpoint");
  const voting = voters ?? seatsOf(committees).map((did) => builder.actorOf(did));
  const votes = voting.map((voter) => voteOf(builder, pair, voter));
  const certificate = makeCertificate(finality, votes);
  if (certificate === undefined) throw new Error("bug of the test: no quorum");
  return certificate;
}

/**
 * Seals so many empty blocks, or with what waits, and has every checkpoint certified from the one before.
 *
 * @param at unix seconds, no sooner than that; when they are due if not given
 */
export function sealAndCertify(builder: LedgerBuilder, blocks: number, at = 0): void {
  const { checkpointBlocks } = builder.genesis.body.rules;
  for (let count = 0; count < blocks; count += 1) {
    builder.seal({ at });
    const { head } = builder.chain;
    if (head.serial % checkpointBlocks === 0) hear(builder, certify(builder, [justifiedOf(builder), head]));
  }
}

export function hear(builder: LedgerBuilder, certificate: QuorumCertificate): void {
  const heard = builder.chain.addCertificate(certificate);
  if (!heard.ok) throw new Error(`bug of the test: ${JSON.stringify(heard.fault)}`);
}

export function linkAt({ chain }: LedgerBuilder, serial: number): ChainLink {
  const link = chain.at(serial);
  if (link === undefined) throw new Error("bug of the test: no such block");
  return link;
}

function justifiedOf({ chain }: LedgerBuilder): ChainLink {
  return chain.justified;
}

function epochOf(target: ChainLink): number {
  const found = findCheckpoint(target.state.finality, placeOf(target));
  if (found === undefined) throw new Error("bug of the test: no checkpoint");
  return found.epoch;
}

function placeOf({ serial, id }: ChainLink): { readonly serial: number; readonly id: Uint8Array } {
  return { serial, id };
}
