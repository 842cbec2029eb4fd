/**
 * Damage that was really recorded, as shapes without the recorded values: which lines came in which order, where they
 * were cut, and what was glued to what. A shape can be laid over any other reply. The records themselves are read from
 * a folder that the caller names, and nothing of them is kept here.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SeededRandom } from "../seeded-random.ts";
import type { ReplyInPrint } from "./reply-damage.ts";

/** Part of an intact line: of this reply or of the one before, or the command. */
interface Slice {
  readonly of: "reply" | "previous" | "command";
  /** 0 is the first frame. */
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** Each printed line as the slices that were glued together in it. */
export type DamageShape = readonly (readonly Slice[])[];

interface DamagedRecord {
  readonly response: readonly string[];
  readonly request: { readonly rx: string };
}

export class RecordedDamage {
  readonly shapes: readonly DamageShape[];

  constructor(shapes: readonly DamageShape[]) {
    this.shapes = shapes;
  }

  /** Reads the `.jsonl` files of the folders (`recoverable`, `reject`); undefined when there is none of them. */
  static fromFolder(folder: string, kinds: readonly string[] = ["recoverable", "reject"]): RecordedDamage | undefined {
    const folders = kinds.map((kind) => join(folder, kind)).filter((path) => existsSync(path));
    if (folders.length === 0) return undefined;
    const shapes = folders.flatMap((path) =>
      readdirSync(path)
        .filter((file) => file.endsWith(".jsonl"))
        .flatMap((file) => readShapes(readFileSync(join(path, file), "utf8"))),
    );
    return new RecordedDamage(shapes);
  }

  /** Undefined for replies of one line, which none of the shapes fits, and where one needs a reply before. */
  apply({ lines, previous, command }: ReplyInPrint, random: SeededRandom): readonly string[] | undefined {
    if (lines.length < 2 || this.shapes.length === 0) return undefined;
    const shape = random.pick(this.shapes);
    const sources = { reply: lines, previous, command: [command] };
    if (previous.length < 2 && shape.some((line) => line.some((slice) => slice.of === "previous"))) return undefined;
    return shape.map((line) => line.map((slice) => cut(sources[slice.of], slice)).join(""));
  }
}

/** A reply with fewer lines than the recorded one has the last for those it lacks. */
function cut(lines: readonly string[], { line, from, to }: Slice): string {
  const text = lines[Math.min(line, lines.length - 1)] ?? "";
  return text.slice(from, to);
}

function readShapes(file: string): readonly DamageShape[] {
  return file
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line))
    .filter(isDamagedRecord)
    .map(shapeOf);
}

function isDamagedRecord(value: unknown): value is DamagedRecord {
  return typeof value === "object" && value !== null && "response" in value && "request" in value;
}

/** Consecutive frames before the first first frame belong to the reply before. */
function shapeOf({ response, request }: DamagedRecord): DamageShape {
  const lines = response.map((line) => line.replace(/\s/g, ""));
  const firstAt = lines.findIndex((line) => line.startsWith(`${request.rx}1`));
  return lines.map((line, at) => slicesOf(line, request.rx, at < firstAt ? "previous" : "reply"));
}

const WHOLE_LINE = 64;

function slicesOf(line: string, header: string, source: "reply" | "previous"): readonly Slice[] {
  if (!line.startsWith(header)) {
    // Digits from inside a line that has lost its beginning, or else the command itself.
    const of = line.length < 6 ? source : "command";
    return [{ of, line: 1, from: of === "command" ? 0 : 5, to: of === "command" ? WHOLE_LINE : 5 + line.length }];
  }
  const nextAt = line.indexOf(header, header.length + 2);
  const isMerged = nextAt > 0 && line.length - nextAt > header.length + 2;
  const own = isMerged ? line.slice(0, nextAt) : line;
  const slice = { of: source, line: lineNumber(own, header), from: 0, to: endOf(own, header) };
  return isMerged ? [slice, ...slicesOf(line.slice(nextAt), header, source)] : [slice];
}

/** A whole line is taken whole however long it is in the other reply. */
function endOf(line: string, header: string): number {
  return line.length === header.length + 16 ? WHOLE_LINE : line.length;
}

/** By the sequence number of a consecutive frame; longer replies than fifteen of them are not among the records. */
function lineNumber(line: string, header: string): number {
  const control = line.slice(header.length, header.length + 2);
  return control.startsWith("2") && control.length === 2 ? Number.parseInt(control.slice(1), 16) : 0;
}
