/** A table that somebody wrote: a meter's registers, a car's profile. What stands in the file, not yet judged. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parse as parseToml, TomlError } from "smol-toml";
import { messageOf } from "#base/message-of.ts";
import { fail, ok, type Result } from "#base/result.ts";

/** What is there in place of a table. */
export interface NoTable {
  readonly found: string;
  readonly expected: string;
}

/** JSON when the name ends so, TOML otherwise. */
export async function readTableFile(path: string): Promise<Result<unknown, NoTable>> {
  const bytes = await readFile(path).catch((error: unknown) => messageOf(error));
  if (typeof bytes === "string") return fail({ found: bytes, expected: "a file that can be read" });
  if (bytes.length > TABLE_BYTES_MAX)
    return fail({ found: `${bytes.length} bytes`, expected: `at most ${TABLE_BYTES_MAX}` });
  const isJson = extname(path).toLowerCase() === ".json";
  try {
    const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
    return ok(isJson ? JSON.parse(text) : parseToml(text, { integersAsBigInt: "asNeeded" }));
  } catch (error) {
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}: ` : "";
    const found = `${place}${messageOf(error).trim().split("\n")[0] ?? ""}`;
    return fail({ found, expected: isJson ? "JSON" : "TOML" });
  }
}

/** More is no table, whatever it is. */
const TABLE_BYTES_MAX = 256 * 1024;
