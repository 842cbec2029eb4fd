/** One release for the given machines: programs, Node, native parts, bill of materials and licences, each checked. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Architecture } from "./architecture.ts";
import { buildPrograms } from "./build-programs.ts";
import { isLicenceAllowed } from "./licence-policy.ts";
import { licenceTexts } from "./licence-texts.ts";
import { nativeFiles, NODE_VERSION, type NativeFile } from "./native-files.ts";
import { packagesInside, type Inside } from "./packages-inside.ts";
import { releaseVersion, type Release } from "./release-version.ts";
import { overweight, readSizeBudget, type Weights } from "./size-budget.ts";
import { softwareBill } from "./software-bill.ts";
import { LIBRARY, WRAPPER, writeStage, type StageFile } from "./write-stage.ts";

export interface ReleaseRequest {
  /** Of the checkout, with a slash at its end. */
  readonly root: string;
  /** `stage-<architecture>` is written in it. */
  readonly outFolder: string;
  readonly cacheFolder: string;
  readonly architectures: readonly Architecture[];
}

export interface BuiltRelease {
  readonly release: Release;
  readonly inside: Inside;
  readonly stages: readonly BuiltStage[];
}

export interface BuiltStage {
  readonly folder: string;
  readonly weights: Weights;
}

/** @throws RegistryError, or Error with what is wrong: a licence, a weight, a hash. Nothing half is left behind. */
export async function buildRelease(request: ReleaseRequest): Promise<BuiltRelease> {
  const { root, outFolder, cacheFolder, architectures } = request;
  if (process.versions.node !== NODE_VERSION)
    throw new Error(`run by Node ${process.versions.node}, but Node ${NODE_VERSION} is shipped: use npm run bundle`);
  const release = releaseVersion(root);
  const programs = await buildPrograms(root);
  const inside = packagesInside(root, programs.metafile);
  refuseLicences(inside);
  const stages: BuiltStage[] = [];
  for (const architecture of architectures) {
    const natives = await nativeFiles(root, architecture, cacheFolder);
    const bill = softwareBill({ release, architecture, inside, natives, nodeVersions: process.versions });
    const files = new Map<string, StageFile>([
      ...[...programs.files].map(([name, bytes]): [string, StageFile] => [join(LIBRARY, name), { bytes }]),
      ...natives.map(nativeStageFile),
      [join(LIBRARY, "sbom.cdx.json"), { bytes: `${JSON.stringify(bill, undefined, 1)}\n` }],
      [join(LIBRARY, "LICENSES.txt"), { bytes: allLicences(root, inside, natives) }],
      [join(LIBRARY, "VERSION"), { bytes: `${release.version}\n` }],
      ["usr/bin/tallystick", { bytes: WRAPPER, isProgram: true }],
    ]);
    const weights = weigh(files);
    refuseWeights(weights, architecture);
    const folder = join(outFolder, `stage-${architecture}`);
    await writeStage(folder, files, release.epochSeconds);
    stages.push({ folder, weights });
  }
  return { release, inside, stages };
}

function nativeStageFile({ target, source }: NativeFile): [string, StageFile] {
  return [join(LIBRARY, target), { copyOf: source, isProgram: target === "node" }];
}

function allLicences(root: string, inside: Inside, natives: readonly NativeFile[]): string {
  return licenceTexts([
    ...inside.packages.map((of) => ({ ...of, folder: join(root, of.folder) })),
    ...natives.map(({ package: of, licence, folder }) => ({ ...of, licence, folder })),
  ]);
}

/** What has a budget of its own, and all that is not Node together. */
function weigh(files: ReadonlyMap<string, StageFile>): Weights {
  const weights: Record<string, number> = {};
  const add = (what: string, bytes: number): void => {
    weights[what] = (weights[what] ?? 0) + bytes;
  };
  for (const [path, { bytes, copyOf }] of files) {
    const size = copyOf === undefined ? Buffer.byteLength(bytes ?? "") : statSync(copyOf).size;
    if (path.endsWith(".mjs")) add("programs", size);
    else if (path.endsWith(".map")) add("maps", size);
    else if (/\.node$|\/node$/.test(path)) add(basename(path), size);
    if (!path.endsWith("/node")) add("everything but node", size);
  }
  return weights;
}

function refuseWeights(weights: Weights, architecture: Architecture): void {
  const over = overweight(weights, readSizeBudget());
  if (over.length === 0) return;
  const lines = over.map(({ what, bytes, bytesMax }) => `  ${what}: ${bytes} bytes, at most ${bytesMax}`);
  throw new Error(`over the size budget (deploy/release/size-budget.json, ${architecture}):\n${lines.join("\n")}`);
}

function refuseLicences({ packages }: Inside): void {
  const refused = packages.filter(({ licence }) => !isLicenceAllowed(licence));
  if (refused.length === 0) return;
  const list = refused.map(({ name, licence }) => `${name} (${licence ?? "states none"})`).join(", ");
  throw new Error(`under licences that are not allowed (deploy/release/licence-policy.ts): ${list}`);
}
