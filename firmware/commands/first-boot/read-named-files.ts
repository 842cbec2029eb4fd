/** The other files of the card that its configuration names, read before anything is judged or stored. */
import { join } from "node:path";
import { messageOf } from "#base/message-of.ts";
import type { ConfigFault } from "#config/shape.ts";
import { namedFiles } from "./card-file-keys.ts";
import { CARD_FILE_BYTES_MAX } from "./decode-card-text.ts";
import type { Disk } from "./disk.ts";
import type { Table } from "./read-card.ts";

export interface StoredFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isSecret: boolean;
}

export async function readNamedFiles(
  disk: Disk,
  card: string,
  config: Table,
): Promise<{ readonly files: readonly StoredFile[]; readonly faults: readonly ConfigFault[] }> {
  const files: StoredFile[] = [];
  const faults: ConfigFault[] = [];
  for (const { path, name, isSecret } of namedFiles(config)) {
    const read = await readOne(disk, card, name);
    if (typeof read === "string") {
      faults.push({ code: "CONFIG_INVALID", path, found: `${JSON.stringify(name)}: ${read}`, expected: EXPECTED });
    } else files.push({ name, bytes: read, isSecret });
  }
  return { files, faults };
}

const EXPECTED = "the name of a file that lies on the card beside tallystick.toml";

/** No folders: whatever the name is, it leads nowhere but to the card. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9 ._()-]{0,99}$/;

async function readOne(disk: Disk, card: string, name: string): Promise<Uint8Array | string> {
  if (!NAME.test(name)) return "no plain name of a file";
  const read = await disk.read(join(card, name), CARD_FILE_BYTES_MAX).catch((error: unknown) => messageOf(error));
  if (read === undefined) return "there is no such file on the card";
  if (typeof read === "string") return `cannot be read (${read})`;
  return read.length > CARD_FILE_BYTES_MAX ? "more than 256 KiB" : read;
}
