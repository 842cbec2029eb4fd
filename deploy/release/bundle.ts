/**
 * `npm run bundle -- [--arch arm64|amd64|all] [--out FOLDER]`: the trees that packages and images are made of, in
 * `deploy/out/stage-<arch>`. Needs tar, and the npm registry for what is not in `deploy/out/cache` yet.
 */
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ARCHITECTURES, type Architecture } from "./architecture.ts";
import { buildRelease } from "./build-release.ts";
import { NODE_VERSION } from "./native-files.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({ options: { arch: { type: "string" }, out: { type: "string" } } });
const architectures = chosen(values.arch ?? "all");
if (architectures === undefined) {
  process.stderr.write(`--arch is one of ${ARCHITECTURES.join(", ")}, all\n`);
  process.exit(64);
}

try {
  const { release, inside, stages } = await buildRelease({
    root,
    architectures,
    outFolder: values.out === undefined ? `${root}deploy/out` : resolve(values.out),
    cacheFolder: `${root}deploy/out/cache/npm`,
  });
  say(`tallystick ${release.version}: ${inside.packages.length} packages inside, Node ${NODE_VERSION}`);
  for (const { folder, weights } of stages) {
    say(relative(process.cwd(), folder));
    for (const [what, bytes] of Object.entries(weights)) say(`  ${(bytes / 1000).toFixed(0).padStart(7)} kB  ${what}`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

function chosen(word: string): readonly Architecture[] | undefined {
  if (word === "all") return ARCHITECTURES;
  const found = ARCHITECTURES.filter((architecture) => architecture === word);
  return found.length > 0 ? found : undefined;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
