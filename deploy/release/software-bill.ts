/**
 * The software bill of materials: a CycloneDX 1.6 document of what is really inside a release, down to the libraries
 * that Node itself brings, whose faults are ours, too. Its time is that of the commit and its serial number is made of
 * its contents: the same release has the same bill.
 */
import { createHash } from "node:crypto";
import type { Architecture } from "./architecture.ts";
import type { NativeFile } from "./native-files.ts";
import { packageKey, type Inside, type PackageInside } from "./packages-inside.ts";
import type { Release } from "./release-version.ts";

export interface BillOf {
  readonly release: Release;
  readonly architecture: Architecture;
  readonly inside: Inside;
  readonly natives: readonly NativeFile[];
  /** `process.versions` of the Node that is shipped. */
  readonly nodeVersions: Readonly<Record<string, string | undefined>>;
}

export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly cpe?: string;
  readonly licenses?: readonly [Licence];
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
  readonly components?: readonly Component[];
}

type Licence =
  { readonly license: { readonly id: string } | { readonly name: string } } | { readonly expression: string };

export interface SoftwareBill {
  readonly $schema: string;
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export function softwareBill({ release, architecture, inside, natives, nodeVersions }: BillOf): SoftwareBill {
  const own = `tallystick@${release.version}`;
  const nativesOf = (user: string): readonly string[] =>
    natives.filter(({ usedBy }) => usedBy === user).map(({ target }) => target);
  const bill = {
    metadata: {
      timestamp: new Date(release.epochSeconds * 1000).toISOString(),
      component: {
        ...({ type: "application", "bom-ref": own, name: "tallystick", version: release.version } as const),
        purl: `pkg:deb/tallystick@${encodeURIComponent(release.version)}?arch=${architecture}`,
      },
    },
    components: [
      ...inside.packages.map(packageComponent),
      ...natives.map((native) => nativeComponent(native, nodeVersions)),
    ],
    dependencies: [
      { ref: own, dependsOn: [...inside.usedByFirmware, ...nativesOf("tallystick")] },
      ...inside.packages.map((of) => ({ ref: packageKey(of), dependsOn: [...of.uses, ...nativesOf(of.name)] })),
      ...natives.map(({ target }) => ({ ref: target, dependsOn: [] })),
    ],
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(bill))}`,
    version: 1,
    ...bill,
  };
}

function packageComponent({ name, version, licence, integrity }: PackageInside): Component {
  return {
    type: "library",
    "bom-ref": packageKey({ name, version }),
    name,
    version,
    purl: npmPurl(name, version),
    ...licensesOf(licence),
    // Of the archive that the registry gives, not of the part that is inside.
    ...(integrity === undefined ? {} : { hashes: [{ alg: "SHA-512", content: hexOf(integrity) }] }),
  };
}

function nativeComponent(native: NativeFile, nodeVersions: BillOf["nodeVersions"]): Component {
  const { name, version } = native.package;
  const component: Component = {
    type: native.target === "node" ? "platform" : "library",
    "bom-ref": native.target,
    name,
    version,
    purl: npmPurl(name, version),
    ...licensesOf(native.licence),
    hashes: [{ alg: "SHA-256", content: native.sha256 }],
  };
  if (native.target !== "node") return component;
  return { ...component, cpe: cpeOf("nodejs", "node.js", version), components: insideNode(nodeVersions) };
}

/** Entries of `process.versions` that are no library: Node itself, interface numbers and editions of data. */
const NO_LIBRARY: readonly string[] = ["node", "modules", "napi", "cldr", "tz", "unicode"];

function insideNode(nodeVersions: BillOf["nodeVersions"]): readonly Component[] {
  return Object.entries(nodeVersions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, version]) => {
      // A library that this build was made without has an empty version.
      if (version === undefined || version === "" || NO_LIBRARY.includes(name)) return [];
      return {
        ...({ type: "library", "bom-ref": `node/${name}`, name, version } as const),
        purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
        ...(name === "openssl" ? { cpe: cpeOf("openssl", "openssl", version) } : {}),
      };
    });
}

function cpeOf(vendor: string, product: string, version: string): string {
  return `cpe:2.3:a:${vendor}:${product}:${version}:*:*:*:*:*:*:*`;
}

/** A scope is part of the path in a package URL, with its `@` escaped. */
function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function licensesOf(stated: string | undefined): { readonly licenses?: readonly [Licence] } {
  if (stated === undefined) return {};
  if (/^[A-Za-z0-9.+-]+$/.test(stated)) return { licenses: [{ license: { id: stated } }] };
  return { licenses: [/^[A-Za-z0-9.+() -]+$/.test(stated) ? { expression: stated } : { license: { name: stated } }] };
}

function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
}

/** Form of a UUID made of a name (RFC 9562, version 8: the maker's own hash). */
function uuidOf(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
