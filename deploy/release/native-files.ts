/** What is not JavaScript: Node itself, and the native parts of two packages, for one machine each. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NODE_ARCH, type Architecture } from "./architecture.ts";
import { KOFFI_NATIVE, SERIALPORT_NATIVE } from "./build-programs.ts";
import { fetchArchive } from "./npm-archive.ts";

export interface NativeFile {
  /** In usr/lib/tallystick. */
  readonly target: string;
  readonly source: string;
  readonly sha256: string;
  /** Who loads it: a package's name, or `tallystick`. */
  readonly usedBy: string;
  /** The package that it comes from, as the registry has it. */
  readonly package: { readonly name: string; readonly version: string; readonly integrity: string };
  /** Where its licence text lies. */
  readonly folder: string;
  readonly licence: string;
}

interface NodePins extends Readonly<Record<Architecture, NodePin>> {
  readonly version: string;
}

interface NodePin {
  readonly package: string;
  readonly integrity: string;
  readonly binarySha256: string;
}

const pins = JSON.parse(readFileSync(new URL("node-binaries.json", import.meta.url), "utf8")) as NodePins;

export const NODE_VERSION: string = pins.version;

/** Built for glibc; the registry's packages also bring what musl, Windows and others need, which is left out. */
const SERIALPORT_PREBUILD: Readonly<Record<Architecture, string>> = {
  arm64: "prebuilds/linux-arm64/@serialport+bindings-cpp.armv8.glibc.node",
  amd64: "prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node",
};

/** @throws RegistryError, or Error when something is not what was pinned. */
export async function nativeFiles(
  root: string,
  architecture: Architecture,
  cache: string,
): Promise<readonly NativeFile[]> {
  return [
    await nodeBinary(root, architecture, cache),
    await serialportPart(root, architecture),
    await koffiPart(root, architecture, cache),
  ];
}

async function nodeBinary(root: string, architecture: Architecture, cache: string): Promise<NativeFile> {
  const { version } = pins;
  const { package: name, integrity, binarySha256 } = pins[architecture];
  const wanted = manifestOf(root).devDependencies["node"];
  if (wanted !== version)
    throw new Error(`package.json develops with Node ${wanted ?? "?"}, node-binaries.json ships ${version}`);
  const folder = await fetchArchive({ name, version, integrity }, cache);
  const source = join(folder, "bin/node");
  const sha256 = await sha256Of(source);
  if (sha256 !== binarySha256) throw new Error(`${source} is not what was pinned: ${sha256}`);
  return {
    ...{ target: "node", source, sha256, usedBy: "tallystick", folder, licence: "MIT" },
    package: { name, version, integrity },
  };
}

async function serialportPart(root: string, architecture: Architecture): Promise<NativeFile> {
  const name = "@serialport/bindings-cpp";
  const folder = join(root, "node_modules", name);
  const source = join(folder, SERIALPORT_PREBUILD[architecture]);
  const locked = lockedPackage(root, `node_modules/${name}`);
  return {
    ...{ target: SERIALPORT_NATIVE, source, sha256: await sha256Of(source), usedBy: name, folder, licence: "MIT" },
    package: { name, ...locked },
  };
}

async function koffiPart(root: string, architecture: Architecture, cache: string): Promise<NativeFile> {
  const arch = NODE_ARCH[architecture];
  const name = `@koromix/koffi-linux-${arch}`;
  const locked = lockedPackage(root, `node_modules/${name}`);
  // Also the one of this machine comes from the archive: what npm installed here may have been changed since.
  const folder = await fetchArchive({ name, ...locked }, cache);
  const source = join(folder, `linux_${arch}/koffi.node`);
  return {
    ...{ target: KOFFI_NATIVE, source, sha256: await sha256Of(source), usedBy: "koffi", licence: "MIT" },
    // Its own archive has no licence text.
    folder: join(root, "node_modules/koffi"),
    package: { name, ...locked },
  };
}

async function sha256Of(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

function manifestOf(root: string): { readonly devDependencies: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as ReturnType<typeof manifestOf>;
}

function lockedPackage(root: string, path: string): { readonly version: string; readonly integrity: string } {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
  };
  const { version, integrity } = lock.packages[path] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json does not pin ${path}`);
  return { version, integrity };
}
