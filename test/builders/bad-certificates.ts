/** Certificates that no block may carry, each made from a good one. */
import { encodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { certify, linkAt } from "./committee-votes.ts";
import { named, type Actor } from "./ledger-actors.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";

/** What is wrong with the last of them, the fault that names it, and how they come of a good one. */
export type BadCertificate = readonly [
  what: string,
  fault: string,
  change: (builder: LedgerBuilder, good: QuorumCertificate) => readonly QuorumCertificate[],
];

/** Where blocks 4 and 8 are checkpoints of the builder's chain, and the good one leads from the genesis to block 4. */
export function badCertificates(quorum: readonly Actor[]): readonly BadCertificate[] {
  const other = (good: QuorumCertificate, changes: Partial<QuorumCertificate["body"]>): QuorumCertificate =>
    encodeCertificate({ ...good.body, ...changes });
  const nowhere = (serial: number): { serial: number; id: Uint8Array } => ({ serial, id: named("nowhere") });
  return [
    ["is of another network", "QUORUM_WRONG_NETWORK", (_, good) => [other(good, { network: new Uint8Array(8) })]],
    ["has a target of another branch", "QUORUM_UNKNOWN_TARGET", (_, good) => [other(good, { target: nowhere(4) })]],
    ["has a source of another branch", "QUORUM_UNKNOWN_SOURCE", (_, good) => [other(good, { source: nowhere(0) })]],
    [
      "has a source that is not justified",
      "QUORUM_SOURCE_NOT_JUSTIFIED",
      (builder) => [certify(builder, [linkAt(builder, 4), linkAt(builder, 8)], quorum)],
    ],
    ["is of another epoch", "QUORUM_WRONG_EPOCH", (_, good) => [other(good, { epoch: 1 })]],
    ["says nothing new", "QUORUM_NOTHING_NEW", (_, good) => [good, good]],
    [
      "has too few votes",
      "QUORUM_TOO_FEW",
      (_, good) => [other(good, { seats: firstTwo(good), signatures: good.body.signatures.slice(0, 2) })],
    ],
    [
      "has a signature of somebody else",
      "QUORUM_BAD_SIGNATURE",
      (_, good) => [other(good, { signatures: good.body.signatures.toReversed() })],
    ],
    [
      "has a seat too many",
      "QUORUM_WRONG_SEATS",
      (_, good) => [other(good, { seats: Uint8Array.of((good.body.seats[0] ?? 0) | 0x10) })],
    ],
  ];
}

/** The lowest two of its seats. */
function firstTwo({ body: { seats } }: QuorumCertificate): Uint8Array {
  const bits = [0, 1, 2, 3].filter((bit) => (((seats[0] ?? 0) >> bit) & 1) === 1).slice(0, 2);
  return Uint8Array.of(bits.reduce((sum, bit) => sum | (1 << bit), 0));
}
