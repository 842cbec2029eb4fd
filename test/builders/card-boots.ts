/** A board that starts with a card, in folders of its own: in memory but for the keys, and able to lose its power. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { bootCard, type BootOutcome, type BootPlaces } from "#firmware/commands/first-boot/boot-card.ts";
import { realDisk, type Disk } from "#firmware/commands/first-boot/disk.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";

export class CardBoard {
  readonly root: string;
  readonly places: Required<BootPlaces>;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), "first-boot-test-"));
    const at = (name: string): string => join(this.root, name);
    this.places = {
      ...{ card: at("card"), state: at("state"), files: at("state/card") },
      ...{ config: at("etc/tallystick.toml"), network: at("network") },
    };
    mkdirSync(this.places.card);
  }

  put(name: string, content: string | Uint8Array): this {
    writeFileSync(join(this.places.card, name), content);
    return this;
  }

  boot(disk: Disk = realDisk): Promise<BootOutcome> {
    return bootCard(this.places, {
      disk,
      crypto: new NodeCryptography(),
      randomness: new SystemRandomness(),
      nowSeconds: 1_795_392_000,
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Makes boards for the tests of a suite, and removes them behind the last one. */
export function boardsOf(test: { after(remove: () => void): void }): () => CardBoard {
  const boards: CardBoard[] = [];
  test.after(() => {
    for (const board of boards) board.remove();
  });
  return () => {
    const board = new CardBoard();
    boards.push(board);
    return board;
  };
}

export class PowerCut extends Error {}

/** Does so many steps that change something, and then none any more: also none that would clean up. */
export function cutAfter(steps: number): { readonly disk: Disk; readonly writes: () => number } {
  let left = steps;
  let writes = 0;
  const look = <Made>(work: () => Promise<Made>): Promise<Made> => {
    return left === 0 ? Promise.reject(new PowerCut()) : work();
  };
  const step = async (work: () => Promise<void>): Promise<void> => {
    await look(work);
    left -= 1;
  };
  const change = async (work: () => Promise<void>): Promise<void> => {
    await step(work);
    writes += 1;
  };
  const disk: Disk = {
    list: (folder) => look(() => realDisk.list(folder)),
    read: (path, bytesMax) => look(() => realDisk.read(path, bytesMax)),
    makeFolder: (path) => step(() => realDisk.makeFolder(path)),
    // The steps count; that the medium took them is the business of the real one.
    sync: () => step(() => Promise.resolve()),
    write: (path, bytes, mode) => change(() => realDisk.write(path, bytes, mode)),
    rename: (from, to) => change(() => realDisk.rename(from, to)),
    remove: (path) => change(() => realDisk.remove(path)),
  };
  return { disk, writes: () => writes };
}

export const CHARGER = 'role = "charger"\nname = "post-7"\n';
export const VEHICLE = 'role = "vehicle"\n[broker]\nurl = "mqtt://10.0.0.2:1883"\n';

export const textOf = (path: string): string => readFileSync(path, "utf8");
export const reportOf = (board: CardBoard): string => textOf(join(board.places.card, "REPORT.txt"));

export function ready(outcome: BootOutcome): Extract<BootOutcome, { isReady: true }> {
  if (!outcome.isReady) throw new Error(`not ready: ${JSON.stringify(outcome.faults)}`);
  return outcome;
}

export function faultsOf(outcome: BootOutcome): Extract<BootOutcome, { isReady: false }>["faults"] {
  if (outcome.isReady) throw new Error("ready in spite of all");
  return outcome.faults;
}

/** Of a region that this board founds. */
export async function genesisOf(founder: CardBoard): Promise<Uint8Array> {
  ready(await founder.put("tallystick.toml", CHARGER).boot());
  return readFileSync(join(founder.places.card, "genesis.tally"));
}
