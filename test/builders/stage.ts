/** A release for this machine in a folder of the test's own, made from the build's cache. */
import { fileURLToPath } from "node:url";
import { buildRelease, type BuiltRelease } from "#deploy/release/build-release.ts";
import { RegistryError } from "#deploy/release/npm-archive.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** @returns undefined, and says why, where the registry cannot be reached and the cache is empty */
export async function buildStage(outFolder: string): Promise<BuiltRelease | undefined> {
  try {
    const cacheFolder = `${root}deploy/out/cache/npm`;
    const architectures = [process.arch === "arm64" ? "arm64" : "amd64"] as const;
    return await buildRelease({ root, outFolder, cacheFolder, architectures });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    console.log(`skipped: ${error.message}`);
    return undefined;
  }
}
