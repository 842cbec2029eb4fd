/** What `verify` finds in a store that has no blocks from before a state that was fetched from others. */
import type { FolderInspection } from "#adapters/flash-store/index.ts";
import type { Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { readJoinedJournal, type JoinedJournal } from "#core/ledger/joined-journal.ts";

/** Undefined when it is no such store, or does not hold as one: then what was found first is told. */
export async function joinedStore(
  crypto: Cryptography,
  { snapshot }: FolderInspection,
  records: readonly Uint8Array[],
): Promise<Extract<Result<JoinedJournal, never>, { readonly ok: true }> | undefined> {
  const frames = (await snapshot?.()) ?? [];
  const joined = frames.length === 0 ? undefined : readJoinedJournal(crypto, records, frames);
  return joined?.ok === true ? joined : undefined;
}

/** From where on everything was checked, and by whose word. */
export function joinedNotes(joined: { readonly value: JoinedJournal } | undefined): readonly string[] {
  if (joined === undefined) return [];
  const { from, handoffs } = joined.value;
  const how = handoffs === 0 ? "by the voters of the genesis" : `by the votes that ${handoffs} handoffs lead to`;
  return [
    `this gateway took the state before block ${from} from others and has not all blocks before it`,
    `the state is the one whose root is in block ${from}, which is final ${how}, from the genesis on`,
    `every block from ${from} on was checked; what is stored from before was not`,
  ];
}
