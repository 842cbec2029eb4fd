/** The card and the bundles of the trial, from an image that takes updates of an authority made for it. */
import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTrialBundles } from "./trial-bundles.ts";

const UPDATE = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = join(process.env["TALLYSTICK_DEPLOY_OUT"] ?? join(UPDATE, "../out"), "update-trial");
const CARD_BYTES = 3 * 1024 ** 3;

export const TRIAL_CARD = join(OUT, "card.img");
/** As it was after the update, for a trial that goes on from there. */
const UPDATED_CARD = join(OUT, "card-updated.img");
/** Of the MBR: four entries of 16 bytes; a partition's first sector and its number of sectors are 8 bytes into its own. */
const PARTITION_TABLE = { at: 446, entryBytes: 16, firstSectorAt: 8 } as const;
const SECTOR_BYTES = 512;
export const TRIAL_BUNDLES = join(OUT, "bundles");

/** Which image; all three, or none for one that is built now. `authority` is a folder of `make-test-ca`. */
export interface TrialImage {
  readonly image?: string;
  readonly slot?: string;
  readonly authority?: string;
}

/** @returns what the release on the card calls itself */
export function makeTrialCard(given: TrialImage): string {
  mkdirSync(OUT, { recursive: true });
  const { image, slot, authority } = resolved(given) ?? built();
  const version = readVersion(slot);
  makeTrialBundles({ slot, version, authority, folder: TRIAL_BUNDLES });
  copyFileSync(image, TRIAL_CARD);
  // As on a card that is larger than the image: the data partition takes the rest at the first start.
  truncateSync(TRIAL_CARD, CARD_BYTES);
  return version;
}

/** The machine must be off. */
export function keepUpdatedCard(): void {
  copyFileSync(TRIAL_CARD, UPDATED_CARD);
}

export function takeUpdatedCard(): void {
  if (!existsSync(UPDATED_CARD)) throw new Error(`no trial has come to the update: there is no ${UPDATED_CARD}`);
  copyFileSync(UPDATED_CARD, TRIAL_CARD);
}

/**
 * Random bytes into a partition (2 is slot A) of the card of a machine that is off. An installer does not write what is
 * in a slot already, and the releases of this trial are nearly the same: only a slot that holds something else is
 * really written.
 */
export function overwritePartition(number: number): void {
  const card = openSync(TRIAL_CARD, "r+");
  try {
    const entry = Buffer.alloc(PARTITION_TABLE.entryBytes);
    readSync(card, entry, 0, entry.length, PARTITION_TABLE.at + (number - 1) * entry.length);
    const first = entry.readUInt32LE(PARTITION_TABLE.firstSectorAt) * SECTOR_BYTES;
    const bytes = entry.readUInt32LE(PARTITION_TABLE.firstSectorAt + 4) * SECTOR_BYTES;
    const chunk = Buffer.alloc(1024 ** 2);
    for (let at = 0; at < bytes; at += chunk.length)
      writeSync(card, randomFillSync(chunk), 0, Math.min(chunk.length, bytes - at), first + at);
  } finally {
    closeSync(card);
  }
}

function resolved({ image, slot, authority }: TrialImage): Required<TrialImage> | undefined {
  if (image === undefined || slot === undefined || authority === undefined) return undefined;
  return { image: resolve(image), slot: resolve(slot), authority: resolve(authority) };
}

function built(): Required<TrialImage> {
  const authority = join(OUT, "ca");
  const images = join(OUT, "image");
  rmSync(images, { recursive: true, force: true });
  execFileSync(join(UPDATE, "make-test-ca"), [authority], { stdio: "inherit" });
  const words = [
    "--role",
    "charger",
    "--board",
    "virt",
    "--keyring",
    join(authority, "authority.pem"),
    "--out",
    images,
  ];
  execFileSync(join(UPDATE, "../image/build-image.sh"), words, { stdio: "inherit" });
  return { image: only(join(images, "*.img")), slot: only(join(images, "*.slot.ext4")), authority };
}

function only(pattern: string): string {
  const [found, ...more] = globSync(pattern);
  if (found === undefined || more.length > 0) throw new Error(`expected one ${pattern}`);
  return found;
}

/** From the file's name, as the build gave it. */
function readVersion(path: string): string {
  const found = /^tallystick-charger-virt-(.+?)(-TEST)?\.slot\.ext4$/.exec(path.split("/").at(-1) ?? "");
  if (found?.[1] === undefined) throw new Error(`found ${path}, expected tallystick-charger-virt-VERSION.slot.ext4`);
  return found[1];
}
