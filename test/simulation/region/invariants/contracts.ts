/**
 * S3: money only by a contract that both have signed. S16: no two contracts of one handshake, and both hold the same.
 */
import { toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

export function signedByBoth(world: RegionWorld): Invariant {
  const { crypto } = world.cryptography;
  const keyOf = (did: Uint8Array): Uint8Array | undefined =>
    world.nodes.find(({ identity }) => identity.key === toHex(did))?.identity.signer.publicKey;
  const isSigned = (fact: Fact): boolean => {
    if (fact.kind !== "OPEN") return false;
    const message = toBeSigned(world.genesis.network, PURPOSE.OPEN, fact.payload);
    return [fact.body.vehicle, fact.body.station].every((did, place) => {
      const [key, signature] = [keyOf(did), fact.signatures[place]];
      return key !== undefined && signature !== undefined && crypto.verify(key, message, signature);
    });
  };
  /** By gateway: ids of the OPENs that stand in its blocks with both signatures, as it holds them. */
  const signedAt = new Map<string, Set<string>>();
  return {
    name: "S3",
    onHead: (node, change, report) => {
      const signed = signedAt.get(node.name) ?? new Set();
      signedAt.set(node.name, signed);
      if (change === undefined) for (const key of openIdsOf(node)) signed.add(key);
      for (const { block, state, results } of change?.added ?? []) {
        for (const fact of block?.facts ?? []) if (fact.kind === "OPEN" && isSigned(fact)) signed.add(fact.key);
        for (const { address, billedMilliWh } of results) {
          const openId = state.transactions.get(toHex(address))?.openId;
          if (billedMilliWh > 0 && (openId === undefined || !signed.has(toHex(openId)))) {
            report(
              `${node.name} holds a bill at ${toHex(address).slice(0, 8)} without a contract that both have signed`,
            );
          }
        }
      }
    },
  };
}

/** What it read back from its own card was looked at when it was taken in; an empty card begins anew. */
function openIdsOf(node: RegionNode): readonly string[] {
  const transactions = node.running?.ledger.chain.head.state.transactions.entries().values() ?? [];
  return [...transactions].map(({ openId }) => toHex(openId));
}

export function oneContract(): Invariant {
  const byTranscript = new Map<string, string>();
  return {
    name: "S16",
    onSaid: (said, report) => {
      if (said.kind !== "fact" || said.fact.kind !== "OPEN") return;
      const transcript = toHex(said.fact.body.transcript);
      const before = byTranscript.get(transcript);
      if (before !== undefined && before !== said.fact.key) {
        report(`two contracts of one handshake: ${before.slice(0, 8)} and ${said.fact.key.slice(0, 8)}`);
      }
      byTranscript.set(transcript, said.fact.key);
    },
  };
}
