/** The form of our own vector files, for this language and every other: see README.md beside it. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";

export interface Vector {
  /** Unique within its file and never used again. */
  readonly id: string;
  readonly comment: string;
  /** Hex. */
  readonly input: string;
  readonly result: "valid" | "invalid";
  /** The code of the fault, of an invalid one. */
  readonly fault?: string;
  /** What stands where in a valid one; the reason or path of an invalid one. */
  readonly detail: string | Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

export interface VectorFile {
  readonly about: string;
  /** What a reader needs besides the input, hex. */
  readonly given: Readonly<Record<string, string>>;
  readonly vectors: readonly Vector[];
}

export function readVectors(name: string): VectorFile {
  return JSON.parse(readFileSync(pathOf(name), "utf8")) as VectorFile;
}

export async function writeVectors(name: string, file: VectorFile): Promise<void> {
  writeFileSync(pathOf(name), await format(JSON.stringify(file), { parser: "json", printWidth: 120 }));
}

/** Numbers the cases of a section: `map-01`, `map-02` … */
export function numbered(section: string, cases: readonly Omit<Vector, "id">[]): readonly Vector[] {
  return cases.map((each, index) => ({ id: `${section}-${String(index + 1).padStart(2, "0")}`, ...each }));
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`${name}.json`, import.meta.url));
}
