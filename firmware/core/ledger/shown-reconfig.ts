/**
 * That governors have named a committee in a block of which only the header is at hand.
 *
 *     [RECONFIG, index, count of facts, [hash…]]        the path is that of RFC 6962 to the header's `factsRoot`
 *
 * Whether the block is final is shown apart: by those whom it names.
 */
import { toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { isDecided } from "#core/governance/governors.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { FACT_BYTES_MAX, FACTS_PER_BLOCK_MAX } from "#core/limits.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { bytes, integer, list, tuple, type ValueOf } from "#core/wire/schema.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { HeaderBody } from "./block.ts";
import { decodeFact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { provesInclusion } from "./merkle-tree.ts";
import { unproven, unreadable, type ProofFault } from "./vouched.ts";

/** Levels of a tree over the facts of a block. */
const PATH_MAX = 16;

export const shownReconfig = tuple(
  bytes(1, FACT_BYTES_MAX),
  integer(0, FACTS_PER_BLOCK_MAX),
  integer(1, FACTS_PER_BLOCK_MAX),
  list(bytes(HASH_BYTES), PATH_MAX),
);
export type ShownReconfig = ValueOf<typeof shownReconfig>;

interface Region {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
}

/** A RECONFIG with the header of the block that is said to hold it. */
export interface ReconfigClaim {
  readonly header: Pick<HeaderBody, "serial" | "factsRoot">;
  readonly reconfigured: ShownReconfig;
  /** Serial of the lowest checkpoint that it may name: those below were passed before its epoch could end. */
  readonly since: number;
}

/** The committee that enough governors have named in the block: dids in hex, in the order of its seats. */
export function checkReconfig(
  { crypto, genesis }: Region,
  { header: { serial, factsRoot }, reconfigured: [encoded, index, size, path], since }: ReconfigClaim,
): Result<readonly string[], ProofFault> {
  const { network } = genesis;
  const { governors } = genesis.body;
  const fact = decodeFact({ crypto, network }, encoded);
  if (!fact.ok || fact.value.kind !== "RECONFIG") return unreadable("reconfiguration: no RECONFIG");
  const { id, body, payload, signatures } = fact.value;
  const message = toBeSigned(network, PURPOSE.RECONFIG, payload);
  if (!isDecided(crypto, governors, message, signatures)) return unproven("governors have not signed it");
  const isIn = provesInclusion((each) => crypto.sha256(each), { leaf: id, index, size, path }, factsRoot);
  if (!isIn || body.checkpoint.serial >= serial) return unproven("the block does not hold the reconfiguration");
  // Else a committee of long ago could take over again by the decision that named it then.
  if (body.checkpoint.serial < since) return unproven("the reconfiguration is of an earlier epoch");
  return ok(body.committee.map(toHex));
}
