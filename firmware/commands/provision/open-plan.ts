/** What every verb of `provision` begins with: the list, judged, and the folder of its cards. */
import { basename, dirname, resolve } from "node:path";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { decodeCardText } from "../first-boot/decode-card-text.ts";
import { realDisk, type Disk } from "../first-boot/disk.ts";
import { faultText, LIST_BYTES_MAX, type ListFault } from "./gateway-list.ts";
import { judgeList, type PlannedCard } from "./judge-list.ts";
import { readList } from "./read-list.ts";

export interface OpenedPlan {
  readonly cards: readonly PlannedCard[];
  /** Folder of the card folders. */
  readonly out: string;
  /** Name of the list's file. */
  readonly list: string;
  readonly disk: Disk;
  readonly crypto: Cryptography;
  readonly nowSeconds: number;
}

/** Rejects with a CommandError that names every fault of the list by its line. */
export async function openPlan(given: CommandArguments, io: CommandIo): Promise<OpenedPlan> {
  const path = resolve(io.cwd, given.words[1] ?? "");
  const tools = { disk: realDisk, nowSeconds: Math.floor(new SystemClock().wallMs() / 1000) };
  const list = basename(path);
  const text = await readText(path, tools.disk);
  const read = readList(path, text);
  if (!read.ok) throw refusal(list, read.fault);
  const { cards, faults } = await judgeList(read.value, dirname(path), tools);
  if (faults.length > 0) throw refusal(list, faults);
  return { cards, out: resolve(io.cwd, given.required("out")), list, crypto: new NodeCryptography(), ...tools };
}

async function readText(path: string, disk: Disk): Promise<string> {
  const bytes = await disk.read(path, LIST_BYTES_MAX);
  if (bytes === undefined) throw new CommandError(EXIT.badData, `${path}: there is no such list`);
  const text = decodeCardText(bytes, basename(path), LIST_BYTES_MAX);
  if (text.ok) return text.value;
  const { found, expected } = text.fault;
  throw new CommandError(EXIT.badData, `${path}: found ${found}, expected ${expected}`);
}

/** So many are told; the rest looks the same. */
const FAULTS_TOLD_MAX = 50;

function refusal(list: string, faults: readonly ListFault[]): CommandError {
  const told = faults.slice(0, FAULTS_TOLD_MAX).map((fault) => faultText(list, fault));
  const more = faults.length - told.length;
  const last = more > 0 ? [`and ${more} more`] : [];
  return new CommandError(EXIT.badData, [...told, ...last, "nothing was written"].join("\n"));
}
