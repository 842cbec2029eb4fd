/**
 * Blocks and certificates that are whole on flash and could not be taken at the start, because something that they
 * build on has rotted. When that comes from others, they follow: nobody else may have them.
 */
import { toHex } from "#base/bytes.ts";
import { blockIn } from "#core/ledger/archived-block.ts";
import { readStoredHeader } from "#core/ledger/journal-record.ts";
import type { RecordArchive } from "#core/ledger/record-archive.ts";
import type { LeftRecords } from "#core/ledger/resumed-journal.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface LeftRecordsParts {
  readonly ledger: Pick<LedgerService, "chain" | "listen" | "receiveBlock" | "receiveCertificate">;
  readonly archive: RecordArchive;
  readonly left: LeftRecords;
}

/** From this call on. */
export function followWithLeft({ ledger, archive, left }: LeftRecordsParts): void {
  if (left.blocks.length === 0 && left.certificates.length === 0) return;
  const { context } = ledger.chain;
  const children = groupBy(left.blocks, (key) => {
    const record = archive.read(key);
    const read = record && readStoredHeader(context, record);
    return read && toHex(read.header.header.previous);
  });
  const certificates = groupBy(left.certificates, ({ body }) => toHex(body.target.id));
  const follow = async (parent: string): Promise<void> => {
    for (const certificate of certificates.get(parent) ?? []) await ledger.receiveCertificate(certificate);
    certificates.delete(parent);
    const next = children.get(parent) ?? [];
    children.delete(parent);
    for (const key of next) {
      const block = blockIn(context, archive, key);
      // That it has come is told as of any other, and so it goes on with the next.
      if (block !== undefined) await ledger.receiveBlock(block);
    }
  };
  ledger.listen({
    onFact: () => undefined,
    onBlock: ({ key }) => void follow(key),
    onHead: () => undefined,
  });
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
): Map<string, readonly Item[]> {
  const groups = new Map<string, readonly Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
