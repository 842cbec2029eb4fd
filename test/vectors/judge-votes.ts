/** Judges the vectors of finality by the code: a vote by itself, or a chain of blocks with certificates. */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { afterBlock, afterCertificate } from "#core/finality/advance.ts";
import { finalityOfGenesis, highestJustified, type FinalityState } from "#core/finality/finality-state.ts";
import { checkCertificate, decodeCertificate, type QuorumContext } from "#core/finality/quorum-certificate.ts";
import { decodeVote, isSignedBy } from "#core/finality/vote.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeCbor, isList, type CborValue } from "#core/wire/cbor.ts";

export interface FinalityGiven {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  /** CBOR list of [did, public key]. */
  readonly members: Uint8Array;
}

type Judged = Result<Readonly<Record<string, string>>, { readonly code: string }>;

export function judgeVote({ crypto, network, members }: FinalityGiven, input: Uint8Array): Judged {
  const vote = decodeVote(crypto, network, input);
  if (!vote.ok) return vote;
  const { body, key } = vote.value;
  const { keysOf } = contextOf({ crypto, network, members });
  if (!isSignedBy(crypto, vote.value, keysOf(toHex(body.member)))) return fail({ code: "VOTE_BAD_SIGNATURE" });
  const { epoch, source, target, member } = body;
  return ok({
    id: key,
    epoch: `${epoch}`,
    source: `${source.serial} ${toHex(source.id)}`,
    target: `${target.serial} ${toHex(target.id)}`,
    member: toHex(member),
  });
}

/**
 * `[C, E, genesis id, [did…], [[block id, [certificate…], [did…] or null]…]]`, the last list being the next committee.
 */
export function judgeChain(given: FinalityGiven, input: Uint8Array): Judged {
  const [checkpointBlocks, epochCheckpoints, genesisId, committee, blocks] = listOf(decoded(input));
  assert(typeof checkpointBlocks === "number" && typeof epochCheckpoints === "number", "two rules");
  assert(genesisId instanceof Uint8Array, "an id");
  const rules = { checkpointBlocks, epochCheckpoints };
  const context = { ...contextOf(given), checkpointBlocks };
  let finality = finalityOfGenesis(rules, genesisId, didsOf(committee));
  for (const [place, block] of listOf(blocks).entries()) {
    const [id, encoded, next] = listOf(block);
    assert(id instanceof Uint8Array, "an id");
    let reached: FinalityState = finality;
    const certificates = [];
    for (const bytes of listOf(encoded)) {
      assert(bytes instanceof Uint8Array, "a certificate as bytes");
      const certificate = decodeCertificate(bytes);
      if (!certificate.ok) return certificate;
      const checked = checkCertificate(context, reached, certificate.value);
      if (!checked.ok) return checked;
      reached = afterCertificate(reached, rules, certificate.value);
      certificates.push(certificate.value);
    }
    const chosen = next === null ? undefined : didsOf(next);
    finality = afterBlock(finality, rules, { serial: place + 1, id, certificates, chosen });
  }
  return ok({
    epoch: `${finality.epoch}`,
    final: `${finality.final.serial}`,
    justified: finality.justified.map(({ serial }) => serial).join(" "),
    highest: toHex(highestJustified(finality).id),
    boundary: `${finality.boundary}`,
  });
}

function contextOf({ crypto, network, members }: FinalityGiven): QuorumContext {
  const keys = new Map<string, Uint8Array>();
  for (const member of listOf(decoded(members))) {
    const [did, key] = listOf(member);
    assert(did instanceof Uint8Array && key instanceof Uint8Array, "a did and a key");
    keys.set(toHex(did), key);
  }
  const keysOf = (did: string): readonly Uint8Array[] => {
    const key = keys.get(did);
    return key === undefined ? [] : [key];
  };
  return { crypto, network, keysOf };
}

function didsOf(item: CborValue | undefined): readonly string[] {
  return listOf(item).map((did) => {
    assert(did instanceof Uint8Array && fromHex(toHex(did)) !== undefined, "a did");
    return toHex(did);
  });
}

function decoded(bytes: Uint8Array): CborValue {
  const item = decodeCbor(bytes);
  assert(item.ok, "an input is CBOR");
  return item.value;
}

function listOf(item: CborValue | undefined): readonly CborValue[] {
  assert(item !== undefined && isList(item), "a list");
  return item;
}
