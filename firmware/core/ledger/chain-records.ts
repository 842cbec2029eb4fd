/** What a chain finds by an id: in its archive, or without one by looking through its blocks. */
import { toHex } from "#base/bytes.ts";
import type { Chain } from "./chain.ts";
import { decodeFact, type Fact } from "./fact.ts";
import { contentOf } from "./journal-record.ts";
import type { ChainLink } from "./link.ts";
import type { RecordArchive } from "./record-archive.ts";
import { joinedIn, recordKeys } from "./record-keys.ts";

/** A fact of the head's chain, or one that waits, by its id, or a JOIN by a key of `record-keys.ts`, in hex. */
export function factBytesIn(chain: Chain, key: string, archive: RecordArchive | undefined): Uint8Array | undefined {
  const record = archive?.read(key);
  if (record !== undefined) return contentOf(record);
  if (archive !== undefined) return undefined;
  const waiting = chain.mempool.facts().findLast((fact) => isUnder(chain, fact, key));
  if (waiting !== undefined) return waiting.bytes;
  for (let { serial } = chain.head; serial > chain.base.serial; serial -= 1) {
    const found = chain.at(serial)?.block?.facts.find((fact) => isUnder(chain, fact, key));
    if (found !== undefined) return found.bytes;
  }
  return undefined;
}

/** The same, read; undefined also for one that cannot be. */
export function factAt(chain: Chain, key: string): Fact | undefined {
  const encoded = chain.factBytes(key);
  const fact = encoded === undefined ? undefined : decodeFact(chain.context, encoded);
  return fact?.ok === true ? fact.value : undefined;
}

function isUnder({ context }: Chain, fact: Fact, key: string): boolean {
  return fact.key === key || (fact.kind === "JOIN" && joinedIn(context, fact.bytes).includes(key));
}

/** A block that has just come is found by its place: its record may not be on flash yet. */
const UNWRITTEN_MAX = 64;

/** The block with the newest result of a charge, whose address is in hex. */
export function sealingIn(chain: Chain, address: string, archive: RecordArchive | undefined): ChainLink | undefined {
  const recentFrom = Math.max(chain.base.serial, chain.head.serial - UNWRITTEN_MAX);
  const recent = findSealing(chain, address, { above: recentFrom, upTo: chain.head.serial });
  if (recent !== undefined) return recent;
  const record = archive?.read(address);
  const key = record === undefined ? undefined : recordKeys(chain.context, record)[0];
  const link = key === undefined ? undefined : chain.link(key);
  if (link !== undefined && chain.isOfHead(link)) return link;
  // The archive knows the newest of all branches: without it, or when that one was left, each block is looked at.
  return archive !== undefined && record === undefined
    ? undefined
    : findSealing(chain, address, { above: 0, upTo: recentFrom });
}

function findSealing(
  chain: Chain,
  address: string,
  { above, upTo }: { readonly above: number; readonly upTo: number },
): ChainLink | undefined {
  for (let serial = upTo; serial > above; serial -= 1) {
    const link = chain.at(serial);
    if (link?.results.some((result) => toHex(result.address) === address) === true) return link;
  }
  return undefined;
}
