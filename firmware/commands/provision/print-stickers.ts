/** `provision stickers`: a sheet of labels for the gateways that have told who they are. */
import { join } from "node:path";
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { replaceFile } from "../first-boot/disk.ts";
import { collectCards } from "./back-cards.ts";
import type { BackCard } from "./card-folders.ts";
import { openPlan } from "./open-plan.ts";
import { stickerSheet, type Sticker } from "./sticker-sheet.ts";

const SHEET_NAME = "stickers.html";

export async function printStickers(given: CommandArguments, io: CommandIo): Promise<number> {
  const plan = await openPlan(given, io);
  const { back, out } = await collectCards(plan);
  if (back.length === 0) throw new CommandError(EXIT.badData, "no card has come back yet: there is no id to print");
  const path = join(plan.out, SHEET_NAME);
  const bytes = new TextEncoder().encode(stickerSheet(back.map(stickerOf)));
  await replaceFile(plan.disk, { path, bytes, mode: 0o644 });
  if (given.flag("json"))
    io.out(JSON.stringify({ file: path, stickers: back.length, missing: out.map(({ name }) => name) }));
  else io.out(`${path}: ${back.length} labels of 63.5 x 38.1 mm, 21 on A4; print without scaling`);
  if (!given.flag("json")) for (const { name } of out) io.out(`  ${name}: not back yet, no label`);
  return EXIT.ok;
}

function stickerOf({ card, request }: BackCard): Sticker {
  const { role, organisation, region } = card.judged.config;
  return {
    ...{ name: card.name, role, organisation, site: region.site },
    ...{ shortId: shortDeviceId(request.deviceId), deviceId: toHex(request.deviceId), network: toHex(request.network) },
  };
}
