/** The card and the bundles of the trial, from an image that takes updates of an authority made for it. */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, rmSync, truncateSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTrialBundles } from "./trial-bundles.ts";

const UPDATE = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = join(process.env["TALLYSTICK_DEPLOY_OUT"] ?? join(UPDATE, "../out"), "update-trial");
const CARD_BYTES = 3 * 1024 ** 3;

export const TRIAL_CARD = join(OUT, "card.img");
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
