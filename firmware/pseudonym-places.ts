/**
 * Where the identities of a vehicle gateway are. The first is where every gateway's is; each further one has a folder
 * for its keys beside the first's, and one for its flash in the first's:
 *
 *     gateway.key  certificate.tally  flash/ledger  flash/energy …        1
 *     pseudonyms/0002/gateway.key …   flash/pseudonym-0002/ledger …       2, and so on
 *     flash/turns/turn-0002-1790000000                                    whose turn it is, and since when
 *
 * A turn is a file of which only the name counts. The one with the highest number is in use, so that there is always
 * exactly one; all that a gateway opens follows from that number.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolders } from "#adapters/files/make-folders.ts";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import type { Turn } from "#core/identity/pseudonym-turn.ts";
import { gatewayPlaces, type GatewayPlaces } from "./gateway-places.ts";

/** Folder of the turns, in that of the flash. */
export const TURNS_NAME = "turns";
/** Of 90 days each, more than two thousand years. */
export const PSEUDONYM_NUMBER_MAX = 9_999;

/** The folder of the keys of all further identities. */
function pseudonymsFolder({ key }: Pick<GatewayPlaces, "key">): string {
  return join(dirname(key), "pseudonyms");
}

/** With key and flash of the identity with that number. `places` are those of the first. */
export function placesOfPseudonym(places: GatewayPlaces, number: number): GatewayPlaces {
  if (number === 1) return places;
  return {
    ...places,
    key: join(pseudonymsFolder(places), folderName(number), basename(places.key)),
    flash: flashOf(places.flash, number),
  };
}

/** Folders in a flash that are no stores of the identity whose flash it is. */
export function isPseudonymFolder(name: string): boolean {
  return name === TURNS_NAME || name.startsWith(FLASH_PREFIX);
}

/** Numbers of the further identities with a file of keys, ascending; whether it can be read is not looked at. */
export async function pseudonymNumbers(places: Pick<GatewayPlaces, "key">): Promise<readonly number[]> {
  const folder = pseudonymsFolder(places);
  const found: number[] = [];
  for (const name of await namesIn(folder)) {
    if (!NUMBER.test(name) || Number(name) < 2) continue;
    if ((await namesIn(join(folder, name))).includes(basename(places.key))) found.push(Number(name));
  }
  return found.sort((left, right) => left - right);
}

export function turnName({ number, since }: Turn): string {
  return `turn-${folderName(number)}-${since}`;
}

/** The turn with the highest number among names of files; undefined where no turn has been begun. */
export function newestTurn(names: readonly string[]): Turn | undefined {
  const turns = names.flatMap((name): Turn[] => {
    const [, number, since] = TURN.exec(name) ?? [];
    return number === undefined || Number(number) < 1 ? [] : [{ number: Number(number), since: Number(since) }];
  });
  return turns.sort((left, right) => right.number - left.number)[0];
}

/** The turn that has been begun on a flash, without owning its folder. */
export async function turnOnFlash({ flash }: Pick<GatewayPlaces, "flash">): Promise<Turn | undefined> {
  return newestTurn(await namesIn(join(flash, TURNS_NAME)));
}

/** The flash of the identity in use, from that of the first. */
export async function flashInUse(flash: string): Promise<string> {
  return flashOf(flash, (await turnOnFlash({ flash }))?.number ?? 1);
}

/** Where the files of the identity are that is in use. */
export async function placesInUse(config: GatewayConfig, home: string): Promise<GatewayPlaces> {
  const places = gatewayPlaces(config, home);
  if (config.role !== "vehicle") return places;
  return placesOfPseudonym(places, (await turnOnFlash(places))?.number ?? 1);
}

/** Makes a folder that survives a power cut, and those above it; one that is there stays as it is. */
export async function makeFolder(path: string): Promise<void> {
  for (const made of await makeFolders(path)) await syncFolder(dirname(made));
}

const MISSING: readonly unknown[] = ["ENOENT", "ENOTDIR"];
const FLASH_PREFIX = "pseudonym-";
const NUMBER = /^[0-9]{4}$/;
const TURN = /^turn-([0-9]{4})-([0-9]{1,12})$/;

function flashOf(first: string, number: number): string {
  return number === 1 ? first : join(first, `${FLASH_PREFIX}${folderName(number)}`);
}

function folderName(number: number): string {
  return String(number).padStart(4, "0");
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && MISSING.includes(error.code)) return [];
    throw error;
  });
}
