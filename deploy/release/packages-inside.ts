/** Which packages really are inside of the programs, as the bundler saw it: names, versions, and who uses whom. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

export interface PackageInside {
  readonly name: string;
  readonly version: string;
  /** As the package states it, or undefined where it states none. */
  readonly licence: string | undefined;
  /** Relative to the checkout; the first one, where the same version is installed twice. */
  readonly folder: string;
  /** Of the package's archive, as the lock file pins it: `sha512-…`. */
  readonly integrity: string | undefined;
  /** In the programs together. */
  readonly bytes: number;
  /** Keys (see `packageKey`) of what it imports. */
  readonly uses: readonly string[];
}

export interface Inside {
  readonly packages: readonly PackageInside[];
  /** Keys of what the firmware's own files import. */
  readonly usedByFirmware: readonly string[];
  /** The firmware's own part of the programs. */
  readonly firmwareBytes: number;
}

/** Sorted by key: the same inputs give the same list. */
export function packagesInside(root: string, metafile: Metafile): Inside {
  const bytesOf = new Map<string, number>();
  let firmwareBytes = 0;
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = packageFolder(path);
      if (folder === undefined) firmwareBytes += bytesInOutput;
      else if (bytesInOutput > 0) bytesOf.set(folder, (bytesOf.get(folder) ?? 0) + bytesInOutput);
    }
  }
  const lock = readLock(root);
  const keys = new Map([...bytesOf.keys()].map((folder) => [folder, packageKey(readManifest(root, folder))]));
  const uses = usesOf(metafile, keys);
  const found = new Map<string, PackageInside>();
  for (const folder of [...bytesOf.keys()].sort()) {
    const manifest = readManifest(root, folder);
    const key = packageKey(manifest);
    const earlier = found.get(key);
    found.set(key, {
      ...manifest,
      folder: earlier?.folder ?? folder,
      integrity: lock.get(folder),
      bytes: (earlier?.bytes ?? 0) + (bytesOf.get(folder) ?? 0),
      uses: [...new Set([...(earlier?.uses ?? []), ...(uses.get(folder) ?? [])])].filter((used) => used !== key).sort(),
    });
  }
  const packages = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, inside]) => inside);
  return { packages, usedByFirmware: [...(uses.get("") ?? [])].sort(), firmwareBytes };
}

export function packageKey({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`;
}

/** Which package folders (and "", the firmware) import which packages. */
function usesOf(metafile: Metafile, keys: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const uses = new Map<string, Set<string>>();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    const from = packageFolder(path) ?? "";
    const known = uses.get(from) ?? new Set<string>();
    uses.set(from, known);
    for (const { path: imported } of imports) {
      const key = keys.get(packageFolder(imported) ?? "");
      if (key !== undefined && packageFolder(imported) !== from) known.add(key);
    }
  }
  return uses;
}

/** `node_modules/a/node_modules/@b/c/lib/x.js` belongs to `node_modules/a/node_modules/@b/c`. */
export function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function readManifest(root: string, folder: string): Pick<PackageInside, "name" | "version" | "licence"> {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<string, unknown>;
  const { name, version, license, licenses } = manifest;
  if (typeof name !== "string" || typeof version !== "string") throw new Error(`${folder}: no name or no version`);
  return { name, version, licence: licenceOf(license) ?? licenceOf(licenses) };
}

/** Old packages write an object or a list of them. */
function licenceOf(stated: unknown): string | undefined {
  if (typeof stated === "string") return stated;
  if (Array.isArray(stated)) {
    const all = stated.map(licenceOf).filter((name) => name !== undefined);
    return all.length > 0 ? all.join(" OR ") : undefined;
  }
  return typeof stated === "object" && stated !== null && "type" in stated ? licenceOf(stated.type) : undefined;
}

function readLock(root: string): ReadonlyMap<string, string> {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return new Map(
    Object.entries(lock.packages).flatMap(([folder, { integrity }]): [string, string][] =>
      integrity === undefined ? [] : [[folder, integrity]],
    ),
  );
}
