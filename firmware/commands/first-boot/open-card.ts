/** The text of the card's configuration; where the file is lost, the last one that was good. */
import { join } from "node:path";
import { messageOf } from "#base/message-of.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { CARD_NAME, type CardFault } from "./card-fault.ts";
import { CARD_FILE_BYTES_MAX, decodeCardText } from "./decode-card-text.ts";
import { replaceFile, type Disk } from "./disk.ts";
import { findCardFile } from "./find-card-file.ts";

export interface OpenedCard {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** For whoever reads the report. */
  readonly notices: readonly string[];
  /** What is to be put back onto the card. */
  readonly restored?: { readonly name: string; readonly bytes: Uint8Array };
}

/** It may hold the password of a Wi-Fi: the gateway itself need not read it. */
const LAST_GOOD = "card-last-good.toml";

export async function openCard(
  { card, state }: { readonly card: string; readonly state: string },
  disks: { readonly card: Disk; readonly state: Disk },
): Promise<Result<OpenedCard, CardFault>> {
  const disk = disks.card;
  const names = await disk.list(card).catch((error: unknown) => messageOf(error));
  if (typeof names === "string") return fail({ path: CARD_NAME, found: names, expected: "a card that can be read" });
  const found = findCardFile(names);
  if (!found.ok) return found;
  const { name, ignored } = found.value;
  if (name === undefined) return await lastGood(state, disks.state);
  const bytes = await disk.read(join(card, name), CARD_FILE_BYTES_MAX).catch((error: unknown) => messageOf(error));
  if (bytes === undefined) return await lastGood(state, disks.state);
  if (typeof bytes === "string") {
    return fail({ path: CARD_NAME, found: bytes, expected: "a file that can be read", advice: WORN });
  }
  const text = decodeCardText(bytes, CARD_NAME);
  if (!text.ok) return text;
  const notices = ignored.map((stray) => `The file ${stray} is not read: only ${CARD_NAME} is. Delete one of the two.`);
  return ok({ text: text.value, bytes, notices });
}

const WORN = "The card may be worn out: copy what is on it, and take a new one";

/** A card's file system can lose a file when the power goes; a gateway that ran yesterday goes on with what it had. */
async function lastGood(state: string, disk: Disk): Promise<Result<OpenedCard, CardFault>> {
  const bytes = await disk.read(join(state, LAST_GOOD), CARD_FILE_BYTES_MAX);
  const text = bytes === undefined ? undefined : decodeCardText(bytes, CARD_NAME);
  if (bytes === undefined || text?.ok !== true) {
    const advice = "`tallystick first-boot --print-card charger` (or vehicle) writes one to begin with";
    return fail({
      path: CARD_NAME,
      found: "no such file on the card",
      expected: "the gateway's configuration",
      advice,
    });
  }
  const notice = `There was no ${CARD_NAME} on the card: the last good one was put back and used.`;
  return ok({ text: text.value, bytes, notices: [notice], restored: { name: CARD_NAME, bytes } });
}

export async function storeLastGood({ bytes }: OpenedCard, state: string, disk: Disk): Promise<void> {
  await replaceFile(disk, { path: join(state, LAST_GOOD), bytes, mode: 0o600 });
}
