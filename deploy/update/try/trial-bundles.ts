/** The bundles of the trial: releases made of the one that is in the image, and such as no machine may take. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const UPDATE = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const TOOLBOX = join(UPDATE, "../image/toolbox.sh");

export const VERSIONS = {
  newer: "900.0.1",
  broken: "900.0.2",
  older: "0.0.1",
} as const;

export interface TrialSource {
  /** File system of the slot that the image runs, and what it calls itself. */
  readonly slot: string;
  readonly version: string;
  readonly authority: string;
  /** Where the bundles go. */
  readonly folder: string;
}

/**
 * Makes newer, broken, older, same, stranger and foreign.raucb in the folder, unless they are there since the slot is.
 */
export function makeTrialBundles({ slot, version, authority, folder }: TrialSource): void {
  const made = statSync(join(folder, "foreign.raucb"), { throwIfNoEntry: false });
  if (made !== undefined && made.mtimeMs > statSync(slot).mtimeMs) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = (name: string, of: string, words: Readonly<Record<string, string>>): void => {
    const options = {
      slot: of,
      role: "charger",
      board: "virt",
      sign: `${authority}/release.key`,
      cert: `${authority}/release.pem`,
    };
    const all = { ...options, out: join(folder, `${name}.raucb`), ...words };
    execFileSync(
      join(UPDATE, "update-bundle.sh"),
      Object.entries(all).flatMap(([key, value]) => [`--${key}`, value]),
    );
  };
  for (const name of ["newer", "broken"] as const) {
    const changed = join(folder, `${name}.ext4`);
    changeSlot({ from: slot, to: changed, version: VERSIONS[name], isBroken: name === "broken" });
    bundle(name, changed, { version: VERSIONS[name], authority: `${authority}/authority.pem` });
    rmSync(changed);
  }
  // What is refused before anything is written needs no content.
  const small = join(folder, "small.ext4");
  writeFileSync(`${small}.content`, Buffer.from(Array.from({ length: 100_000 }, (_, place) => (place * 7919) % 251)));
  inToolbox(
    `mkdir '${small}.folder' && mv '${small}.content' '${small}.folder/x' && mke2fs -q -F -t ext4 -d '${small}.folder' '${small}' 16M`,
  );
  bundle("older", small, { version: VERSIONS.older });
  bundle("same", small, { version });
  bundle("stranger", small, {
    version: VERSIONS.newer,
    sign: `${authority}/stranger.key`,
    cert: `${authority}/stranger.pem`,
  });
  bundle("foreign", small, { version: VERSIONS.newer, role: "vehicle" });
}

interface SlotChange {
  readonly from: string;
  readonly to: string;
  readonly version: string;
  readonly isBroken: boolean;
}

/**
 * The same system under another version; broken, its gateway ends at once with exit code 3, and everything else works.
 */
function changeSlot({ from, to, version, isBroken }: SlotChange): void {
  const work = `${to}.work`;
  const edits = ["rm /usr/lib/os-release", `write ${work}/os-release /usr/lib/os-release`];
  if (isBroken) {
    edits.push("rm /usr/lib/tallystick/tallystick.mjs", `write ${work}/real.mjs /usr/lib/tallystick/real.mjs`);
    edits.push(`write ${work}/shim.mjs /usr/lib/tallystick/tallystick.mjs`);
  }
  mkdirSync(work);
  writeFileSync(
    join(work, "shim.mjs"),
    'if (process.argv[2] === "run") process.exit(3);\nawait import("./real.mjs");\n',
  );
  writeFileSync(join(work, "edits"), `${edits.join("\n")}\n`);
  inToolbox(
    [
      `cp --sparse=always '${from}' '${to}'`,
      `debugfs -R 'dump /usr/lib/os-release ${work}/old' '${to}' 2>/dev/null`,
      `debugfs -R 'dump /usr/lib/tallystick/tallystick.mjs ${work}/real.mjs' '${to}' 2>/dev/null`,
      `sed 's/^VERSION_ID=.*/VERSION_ID="${version}"/' '${work}/old' >'${work}/os-release'`,
      `debugfs -w -f '${work}/edits' '${to}' >/dev/null 2>&1`,
      `e2fsck -fn '${to}' >/dev/null 2>&1`,
    ].join(" && "),
  );
  rmSync(work, { recursive: true });
}

export function inToolbox(script: string): void {
  execFileSync(TOOLBOX, ["run", "sh", "-c", script], { stdio: ["ignore", "ignore", "inherit"] });
}
