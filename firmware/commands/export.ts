/**
 * `export`: a chain, a charge or the charges of a period as files for people and other systems. Never replaces a file;
 * what an interrupted export has written already stays, and the next one goes on behind it.
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { exportChain } from "#records/chain-export.ts";
import { civilOfUnixMs } from "#records/civil-time.ts";
import { chargeTable } from "#records/csv/charge-table.ts";
import { chargeRevisions, endedAtMs, type ChargeRevision } from "#records/period/charge-revisions.ts";
import { highestLevel } from "#records/sealed-finality.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { readSettings, type ExportSettings } from "./export/export-settings.ts";
import { CHARGE_FORMATS, type ChargeFormat, type ExportedFile, type ExportSource } from "./export/formats.ts";
import { OwnRecords } from "./export/own-records.ts";
import { ProgressBar } from "./export/progress-bar.ts";
import { resumeNew, writeNew, type Written } from "./export/write-new.ts";
import { findAddress } from "./find-address.ts";
import { keptFrom, keptFromText } from "./joined-store.ts";
import { loadChain } from "./load-chain.ts";

export async function runExport(given: CommandArguments, io: CommandIo): Promise<number> {
  const settings = await readSettings(given, io);
  const out = given.required("out");
  const chain = await loadChain(given, io, settings.source);
  const report = new Report(io, given.flag("json"));
  if (settings.format === "chain") {
    const kept = keptFrom(chain);
    if (kept !== undefined) {
      const who = "only whoever has all blocks makes a file of them that can be checked";
      throw new CommandError(EXIT.badData, `the chain is ${keptFromText(kept)} on; ${who}`);
    }
    await report.write(resolve(io.cwd, out), exportChain(chain));
    return report.end();
  }
  const wanted = wantedRevisions(chain, settings);
  const level = settings.level ?? (settings.format === "ocpi" ? highestLevel(chain) : "C1");
  const revisions = wanted.filter((each) => level === "C1" || each.level === "C2");
  const early = wanted.filter((each) => !revisions.includes(each));
  if (settings.which !== undefined && revisions.length === 0) {
    throw new CommandError(EXIT.temporary, `${settings.which}: ${notFinal(chain)}; --level C1 takes it all the same`);
  }
  for (const revision of early) report.missing(revision, notFinal(chain));
  const format = CHARGE_FORMATS[settings.format];
  if (format === undefined) return writeTable(revisions, { given, settings, out, report, io });
  const others = given.text("ocmf");
  const { language, timeZone: localTime, ocpi } = settings;
  const own = await OwnRecords.open(chain, { cwd: io.cwd, path: settings.source, others });
  const source: ExportSource = { chain, own, language, localTime, ocpi };
  return writeCharges(revisions, { format, source, out, report, io, settings });
}

/** One charge, or those that ended in the period; each with all its revisions. */
function wantedRevisions(chain: Chain, { which, period }: ExportSettings): readonly ChargeRevision[] {
  const all = chargeRevisions(chain);
  if (which !== undefined) {
    const key = toHex(findAddress(chain, which));
    const found = all.filter((each) => each.key === key);
    if (found.length > 0) return found;
    throw new CommandError(EXIT.temporary, `no block holds a result of ${which} yet; see tallystick show tx ${which}`);
  }
  const { fromMs, toMs } = period ?? { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
  return all.filter((each) => endedAtMs(each) >= fromMs && endedAtMs(each) < toMs);
}

function notFinal({ genesis }: Chain): string {
  const isVotedFor = genesis.body.rules.finality !== "off";
  return isVotedFor ? "sealed (C1) and not final yet (C2)" : "sealed (C1); nobody votes here, so nothing is final (C2)";
}

interface ExportParts {
  readonly settings: ExportSettings;
  readonly out: string;
  readonly report: Report;
  readonly io: CommandIo;
}

interface TableParts extends ExportParts {
  readonly given: CommandArguments;
}

async function writeTable(revisions: readonly ChargeRevision[], parts: TableParts): Promise<number> {
  const { given, settings, out, report, io } = parts;
  const decimal = given.oneOf("decimal", ["point", "comma"]) ?? "point";
  const form = { decimal, byteOrderMark: given.flag("excel"), localTime: settings.timeZone } as const;
  const newest = revisions.filter(({ isSuperseded }) => !isSuperseded);
  const table = chargeTable(newest, form);
  await report.write(await filePlace(io.cwd, out, "charges.csv"), new TextEncoder().encode(table));
  return report.end();
}

interface ChargeParts extends ExportParts {
  readonly format: ChargeFormat;
  readonly source: ExportSource;
}

async function writeCharges(revisions: readonly ChargeRevision[], parts: ChargeParts): Promise<number> {
  const { format, source, report, io, settings } = parts;
  const wanted = revisions.filter(({ isSuperseded }) => format.withSuperseded || !isSuperseded);
  const bar = new ProgressBar(io, wanted.length, !report.isJson);
  const place = await placeFor(parts, wanted);
  const asked = { toStop: false };
  io.onStop(() => {
    asked.toStop = true;
  });
  try {
    for (const [done, revision] of wanted.entries()) {
      bar.show(done);
      if (asked.toStop)
        throw new CommandError(EXIT.temporary, `stopped after ${done} of ${wanted.length}; it can go on`);
      const files = await format.write(revision, source);
      if (files.length === 0) report.missing(revision, format.nothing);
      // What says how far it is confirmed will say more later, in a file beside this one.
      const isEarly = format.tellsLevel && revision.level === "C1" && highestLevel(source.chain) === "C2";
      const named = (file: ExportedFile): ExportedFile => (isEarly ? { ...file, ending: `-c1${file.ending}` } : file);
      for (const file of files) await report.write(place(revision, named(file)), file.bytes, revision);
    }
  } finally {
    bar.end();
  }
  return settings.which !== undefined && report.isEmpty
    ? refuse(`${format.nothing} of ${settings.which}`)
    : report.end();
}

type Place = (revision: ChargeRevision, file: ExportedFile) => string;

/** One charge goes into the file that is named, several, or a charge of several files, into a folder. */
async function placeFor({ io, out, report, settings }: ChargeParts, wanted: readonly ChargeRevision[]): Promise<Place> {
  const path = resolve(io.cwd, out);
  const isFolder = out.endsWith("/") || (await kindOf(path)) === "folder";
  if (!isFolder && settings.which !== undefined && wanted.length === 1) return () => path;
  if ((await kindOf(path)) === "file") {
    throw new CommandError(EXIT.cannotCreate, `${out} is a file; expected a folder for ${wanted.length} charges`);
  }
  await mkdir(path, { recursive: true });
  report.resumes = true;
  return (revision, { ending }) => join(path, `${nameOf(revision)}${ending}`);
}

/** Day of the start, address and revision: sorted by time, and no two of one name. */
function nameOf({ charge, key, result }: ChargeRevision): string {
  const { date } = civilOfUnixMs(charge.open.startedAt * 1000);
  const day = date.map((part) => part.toString().padStart(2, "0")).join("");
  return `${day}-${key.slice(0, 12)}-r${result.revision}`;
}

async function filePlace(cwd: string, out: string, name: string): Promise<string> {
  const path = resolve(cwd, out);
  if (!out.endsWith("/") && (await kindOf(path)) !== "folder") return path;
  await mkdir(path, { recursive: true });
  return join(path, name);
}

async function kindOf(path: string): Promise<"file" | "folder" | "nothing"> {
  return stat(path).then(
    (found) => (found.isDirectory() ? "folder" : "file"),
    () => "nothing" as const,
  );
}

function refuse(message: string): never {
  throw new CommandError(EXIT.unavailable, message);
}

/** What is said of each file. */
class Report {
  readonly isJson: boolean;
  /** Into a folder: what an export before has written is not written again, and no reason to stop. */
  resumes = false;
  readonly #io: CommandIo;
  readonly #counts: Record<Written | "missing", number> = { written: 0, there: 0, missing: 0 };
  readonly #lines: string[] = [];
  #folder = "";

  constructor(io: CommandIo, isJson: boolean) {
    this.#io = io;
    this.isJson = isJson;
  }

  get isEmpty(): boolean {
    return this.#counts.written + this.#counts.there === 0;
  }

  async write(path: string, bytes: Uint8Array, revision?: ChargeRevision): Promise<void> {
    const state = await (revision === undefined || !this.resumes ? writeNew : resumeNew)(path, bytes);
    this.#counts[state] += 1;
    this.#folder = dirname(path);
    const about =
      revision === undefined
        ? {}
        : { address: revision.key, revision: revision.result.revision, confirmation: revision.level };
    if (this.isJson) this.#io.out(JSON.stringify({ file: path, bytes: bytes.length, state, ...about }));
    else this.#lines.push(`${path}: ${bytes.length} bytes${state === "there" ? ", was there already" : ""}`);
  }

  missing({ key, result }: ChargeRevision, what: string): void {
    this.#counts.missing += 1;
    if (this.isJson) this.#io.out(JSON.stringify({ missing: what, address: key, revision: result.revision }));
    else this.#lines.push(`${key.slice(0, 12)} revision ${result.revision}: ${what}`);
  }

  end(): number {
    if (this.isJson) return EXIT.ok;
    const { written, there, missing } = this.#counts;
    if (this.#lines.length <= LINES_MAX) for (const line of this.#lines) this.#io.out(line);
    const total = written + there;
    if (total !== 1 || missing > 0) {
      const rest = `${there > 0 ? `, ${there} were there already` : ""}${missing > 0 ? `, ${missing} without` : ""}`;
      this.#io.out(
        `${written} ${written === 1 ? "file" : "files"} written${total > 0 ? ` to ${this.#folder}` : ""}${rest}`,
      );
    }
    return EXIT.ok;
  }
}

const LINES_MAX = 20;
