/**
 * What a release is called: the version of package.json, and the place of its commit in the history, so that a later
 * one also sorts later for Debian's tools: `0.1.0+git412.57a33c1`. Uncommitted changes are confessed at the end.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Release {
  readonly version: string;
  /** Undefined outside of a git checkout. */
  readonly commit: string | undefined;
  /** The only time that may appear in what is built, in seconds: that of the commit, or SOURCE_DATE_EPOCH. */
  readonly epochSeconds: number;
}

/** @throws Error where the history is cut off (`git clone --depth`): the count of its commits would go backwards. */
export function releaseVersion(root: string, env: NodeJS.ProcessEnv = process.env): Release {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const base = versionOf(manifest);
  const given = env["SOURCE_DATE_EPOCH"];
  const git = (...words: readonly string[]): string =>
    execFileSync("git", ["-C", root, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  try {
    git("rev-parse", "--git-dir");
  } catch {
    return { version: base, commit: undefined, epochSeconds: Number(given ?? 0) };
  }
  if (git("rev-parse", "--is-shallow-repository") === "true")
    throw new Error("the history is cut off, so its commits cannot be counted: git fetch --unshallow");
  const commit = git("rev-parse", "--short=7", "HEAD");
  const isChanged = git("status", "--porcelain") !== "";
  return {
    version: `${base}+git${git("rev-list", "--count", "HEAD")}.${commit}${isChanged ? ".changed" : ""}`,
    commit,
    epochSeconds: Number(given ?? git("log", "-1", "--format=%ct")),
  };
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("package.json names no version");
}
