/**
 * What an office has issued, one JSON line each, for anybody to look through. Lines are only ever added, and each names
 * the hash of the one before: a line that was changed or taken away shows.
 */
import { hash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export type IssuedEntry = CertificateEntry | RevocationEntry | RecoveryEntry;

interface EntryBase {
  /** Unix seconds of the office's clock. */
  readonly at: number;
  readonly network: string;
  /** Device id, 64 hex digits. */
  readonly device: string;
}

export interface CertificateEntry extends EntryBase {
  readonly kind: "certificate";
  /** Of the signed object. */
  readonly id: string;
  readonly inception: string;
  readonly organisation: string;
  readonly rights: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  /** When another identity of the same car follows on this one; absent where none does. */
  readonly turnEnds?: number;
  /** Permissible error in ppm, and the measuring point. */
  readonly meter?: readonly [number, string];
}

export interface RevocationEntry extends EntryBase {
  readonly kind: "revocation";
  readonly reason: string;
  readonly from: number;
}

export interface RecoveryEntry extends EntryBase {
  readonly kind: "recovery";
  readonly number: number;
}

export interface IssuedLog {
  readonly entries: readonly IssuedEntry[];
  /** Hash of the last line; zeros before the first. */
  readonly head: string;
  /** Of the file, up to the end of its last whole line. */
  readonly wholeBytes: number;
}

/** Rejects with a CommandError that names the line when the list does not hold together. */
export async function readIssued(path: string): Promise<IssuedLog> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n");
  // A torn last line was never acknowledged, so nothing that it tells of has left the office.
  const torn = lines.pop() ?? "";
  let head = FIRST;
  const entries: IssuedEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line, head);
    if (entry === undefined) throw damaged(path, index + 1);
    entries.push(entry);
    head = hash("sha256", line);
  }
  return { entries, head, wholeBytes: Buffer.byteLength(text) - Buffer.byteLength(torn) };
}

/** Adds lines; they survive a power cut when the call resolves. Before anything that they tell of leaves the office. */
export async function appendIssued(path: string, entries: readonly IssuedEntry[]): Promise<void> {
  const { head: last, wholeBytes } = await readIssued(path);
  let head = last;
  let text = "";
  for (const entry of entries) {
    const line = JSON.stringify({ previous: head, ...entry });
    text += `${line}\n`;
    head = hash("sha256", line);
  }
  const file = await open(path, "a", 0o600);
  try {
    await file.truncate(wholeBytes);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The newest certificate of each device of each network, and whether it has been revoked since the first. */
export function newestCertificates(entries: readonly IssuedEntry[]): readonly CertificateEntry[] {
  const newest = new Map<string, CertificateEntry>();
  for (const entry of entries) {
    const key = `${entry.network} ${entry.device}`;
    const known = newest.get(key);
    if (entry.kind === "certificate" && (known === undefined || entry.notAfter >= known.notAfter))
      newest.set(key, entry);
  }
  return [...newest.values()];
}

export function isRevokedEntry(entries: readonly IssuedEntry[], { network, device }: EntryBase): boolean {
  return entries.some((entry) => entry.kind === "revocation" && entry.network === network && entry.device === device);
}

const FIRST = "0".repeat(64);
const KINDS: readonly unknown[] = ["certificate", "revocation", "recovery"];

function entryOf(line: string, previous: string): IssuedEntry | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null || !("previous" in parsed) || !("kind" in parsed))
      return undefined;
    if (parsed.previous !== previous || !KINDS.includes(parsed.kind)) return undefined;
    // The chain of hashes holds, so this line is one that this file has written.
    return parsed as unknown as IssuedEntry;
  } catch {
    return undefined;
  }
}

function damaged(path: string, line: number): CommandError {
  return new CommandError(EXIT.badData, `${path}: line ${line} was changed, or one before it is missing`);
}
