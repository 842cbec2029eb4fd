/** `provision cards`: a folder for each gateway of the list, with all that belongs onto its card. */
import { join, resolve } from "node:path";
import { stringify } from "smol-toml";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { PUBLIC_NAME, readAuthorityKey } from "../ca/office.ts";
import { GENESIS_NAME } from "../config-text.ts";
import { EXIT } from "../exit-code.ts";
import { CARD_NAME, README_NAME } from "../first-boot/card-fault.ts";
import { cardReadme } from "../first-boot/card-readme.ts";
import { replaceFile, type FileWish } from "../first-boot/disk.ts";
import { cardFolder } from "./card-folders.ts";
import { findRegion, type PlannedRegion } from "./find-region.ts";
import type { PlannedCard } from "./judge-list.ts";
import { openPlan, type OpenedPlan } from "./open-plan.ts";

export async function writeCards(given: CommandArguments, io: CommandIo): Promise<number> {
  const plan = await openPlan(given, io);
  const region = await findRegion(plan, given, io);
  const office = await officeFile(given, io, plan);
  for (const card of plan.cards) {
    const state = await writeCard(card, { plan, region, office });
    const folder = cardFolder(plan.out, card.name);
    if (given.flag("json")) io.out(JSON.stringify({ name: card.name, folder, state, waits: waits(card, region) }));
    else io.out(`${folder}: ${waits(card, region) ? `${state}, waits for its region` : state}`);
  }
  if (!given.flag("json")) for (const line of advice(plan, region)) io.out(line);
  return EXIT.ok;
}

/** The public key of the office, checked before it goes onto a card that founds a region with it for good. */
async function officeFile(
  given: CommandArguments,
  io: CommandIo,
  { disk }: OpenedPlan,
): Promise<Uint8Array | undefined> {
  const file = given.text("ca");
  if (file === undefined) return undefined;
  const path = resolve(io.cwd, file);
  await readAuthorityKey(path);
  return await disk.read(path, 1024);
}

interface Writing {
  readonly plan: OpenedPlan;
  readonly region: PlannedRegion;
  readonly office: Uint8Array | undefined;
}

async function writeCard(card: PlannedCard, writing: Writing): Promise<"new" | "changed" | "as before"> {
  const { disk, out } = writing.plan;
  const folder = cardFolder(out, card.name);
  const isNew = !(await disk.list(folder)).includes(CARD_NAME);
  await disk.makeFolder(folder);
  let hasChanged = false;
  for (const wish of filesOf(card, folder, writing)) hasChanged = (await replaceFile(disk, wish)) || hasChanged;
  return isNew ? "new" : hasChanged ? "changed" : "as before";
}

function filesOf(card: PlannedCard, folder: string, { plan, region, office }: Writing): readonly FileWish[] {
  const { judged, listed } = card;
  const { role } = judged.config;
  const head = `# Made by tallystick provision from ${plan.list}, line ${listed.line}: change it there.\n`;
  const file = (name: string, bytes: Uint8Array | string, mode = 0o644): FileWish => {
    const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    return { path: join(folder, name), bytes: content, mode };
  };
  return [
    // It may hold the password of a Wi-Fi.
    file(CARD_NAME, `${head}${stringify(listed.card)}\n`, 0o600),
    ...(role === "arbiter" ? [] : [file(README_NAME, cardReadme(role).replaceAll("\n", "\r\n"))]),
    ...(region.genesis === undefined ? [] : [file(GENESIS_NAME, region.genesis.bytes)]),
    ...(office === undefined || card !== region.founder ? [] : [file(PUBLIC_NAME, office)]),
    ...judged.files.map(({ name, bytes, isSecret }) => file(name, bytes, isSecret ? 0o600 : 0o644)),
  ];
}

function waits(card: PlannedCard, { genesis, founder }: PlannedRegion): boolean {
  return genesis === undefined && card !== founder;
}

function advice({ cards, out, list }: OpenedPlan, { genesis, founder }: PlannedRegion): readonly string[] {
  if (genesis !== undefined || founder === undefined || cards.length === 1) return [];
  return [
    "",
    `The region begins with ${founder.name}: start it with its card, bring ${GENESIS_NAME} back to`,
    `${cardFolder(out, founder.name)}, and run this again with ${list}: every other card then gets it.`,
  ];
}
