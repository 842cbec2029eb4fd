/** What `verify` finds in a store that has no blocks from before a state that was fetched from others. */
import type { FolderInspection } from "#adapters/flash-store/index.ts";
import type { Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { readJoinedJournal, type JoinedFault, type JoinedJournal } from "#core/ledger/joined-journal.ts";
import { hasBeginning, horizonOf } from "#core/ledger/stored-blocks.ts";
import { utcText } from "#records/quantity-text.ts";

/** Undefined when it is no such store, or may be one that has all blocks and does not hold. */
export async function joinedStore(
  crypto: Cryptography,
  { snapshot, dropped }: FolderInspection,
  records: readonly Uint8Array[],
): Promise<Result<JoinedJournal, JoinedFault> | undefined> {
  const frames = (await snapshot?.()) ?? [];
  const joined = frames.length === 0 && dropped === undefined ? undefined : readJoinedJournal(crypto, records, frames);
  // Of a store from which blocks were dropped nothing else can be said.
  return joined?.ok === true || dropped !== undefined ? joined : undefined;
}

/** From which block and day on everything is kept; undefined for a chain with all of its blocks. */
export function keptFrom(chain: Chain): { readonly serial: number; readonly sealedAt: number } | undefined {
  if (hasBeginning(chain) || chain.head.serial === 0) return undefined;
  const serial = horizonOf(chain);
  const sealedAt = chain.at(serial)?.sealedAt;
  return sealedAt === undefined ? undefined : { serial, sealedAt };
}

export function keptFromText({ serial, sealedAt }: { readonly serial: number; readonly sealedAt: number }): string {
  return `kept from block ${serial}, ${utcText(sealedAt).slice(0, DAY_LENGTH)}`;
}

/** Of a date in front of a time. */
const DAY_LENGTH = 10;

/** From where on everything was checked, and by whose word. */
export function joinedNotes(
  joined: { readonly value: JoinedJournal } | undefined,
  isDropped: boolean,
): readonly string[] {
  if (joined === undefined) return [];
  const { chain, from, handoffs, old } = joined.value;
  const how = handoffs === 0 ? "by the voters of the genesis" : `by the votes that ${handoffs} handoffs lead to`;
  const kept = keptFrom(chain);
  return [
    isDropped
      ? "this gateway has dropped old blocks; of them it keeps its own charges, evidence and who is a member"
      : `this gateway took the state before block ${from} from others and has not all blocks before it`,
    ...(kept === undefined ? [] : [keptFromText(kept)]),
    `the state is the one whose root is in block ${from}, which is final ${how}, from the genesis on`,
    `every block from ${from} on was checked; of those before it ${old.whole} are stored whole and ${old.part} in part`,
    "they are the blocks of that chain by their ids and roots; what is signed in them was not checked again",
  ];
}
