/** Facts and whole blocks, read again from the records in which they were stored; no signature is verified. */
import { toHex } from "#base/bytes.ts";
import { assembleBlock, type Block } from "./block.ts";
import { decodeFact, type Fact, type FactContext } from "./fact.ts";
import { contentOf, readStoredBlock, RECORD_KIND } from "./journal-record.ts";
import type { RecordArchive } from "./record-archive.ts";

type Read = Pick<RecordArchive, "read">;

/** The fact with that id in hex; undefined when it is not here. */
export function factIn(context: FactContext, archive: Read, key: string): Fact | undefined {
  const record = archive.read(key);
  if (record?.[0] !== RECORD_KIND.fact) return undefined;
  const fact = decodeFact(context, contentOf(record));
  return fact.ok && fact.value.key === key ? fact.value : undefined;
}

/** The block with that id in hex, as if it had just come; undefined when it is not here whole. */
export function blockIn(context: FactContext, archive: Read, key: string): Block | undefined {
  const record = archive.read(key);
  const block = record && blockOf(context, archive, record);
  return block?.key === key ? block : undefined;
}

/** The block that a record is of, with its facts from the archive; undefined unless all of them are there. */
export function blockOf(context: FactContext, archive: Read, record: Uint8Array): Block | undefined {
  const stored = readStoredBlock(record);
  if (stored === undefined || stored.isPart) return undefined;
  const { headerBytes, ids, certificates, results } = stored;
  const facts = ids.map((id) => factIn(context, archive, toHex(id))).filter((fact) => fact !== undefined);
  if (facts.length !== ids.length) return undefined;
  const block = assembleBlock(context, headerBytes, { facts, results, certificates });
  return block.ok ? block.value : undefined;
}
