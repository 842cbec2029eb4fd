/**
 * `image-bill.ts LOCK CONTENTS ROOT STAGE-BILL-OR-"" OUT NAME VERSION`: the software bill of an image (CycloneDX 1.6):
 * every Debian package of which a file is in the root, by what is really left there, and the bill of the gateway.
 *
 * CONTENTS has a line "name path" for each file that a package brought. Packages that only make the initrd or the boot
 * partition are in the bill, too, with their place. The same image has the same bill.
 */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [lockPath = "", contentsPath = "", root = "", stageBillPath = "", outPath = "", name = "", version = ""] =
  process.argv.slice(2);

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
}

type Place = "root" | "initrd" | "boot partition";

/** What is taken out of the root and stands elsewhere (make-initrd.sh, boards/…/files.list). */
const ELSEWHERE: Readonly<Record<string, Place>> = {
  "busybox-static": "initrd",
  "raspi-firmware": "boot partition",
  "u-boot-rpi": "boot partition",
};

const seconds = Number(process.env["SOURCE_DATE_EPOCH"]);
const inRoot = namesInRoot();
const parts = lockedPackages().flatMap((locked) => {
  const place = ELSEWHERE[locked.name] ?? (inRoot.has(locked.name) ? "root" : undefined);
  return place === undefined ? [] : [debianComponent(locked, place)];
});
const gateway = stageBillPath === "" ? [] : [stageComponent(stageBillPath)];
const components = [...gateway, ...parts];
const digest = createHash("sha256").update(JSON.stringify(components)).digest("hex");
const bill = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  // RFC 9562, version 8: made of the contents.
  serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
  version: 1,
  metadata: {
    timestamp: new Date(seconds * 1000).toISOString(),
    component: { type: "operating-system", "bom-ref": name, name, version },
  },
  components,
};
writeFileSync(outPath, `${JSON.stringify(bill, undefined, 1)}\n`);
process.stdout.write(`${parts.length} Debian packages\n`);

function lockedPackages(): readonly LockedPackage[] {
  const lines = readFileSync(lockPath, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [packageName = "", packageVersion = "", architecture = "", sha256 = ""] = line.split(" ");
    return { name: packageName, version: packageVersion, architecture, sha256 };
  });
}

/** Of which more than the documentation is left. */
function namesInRoot(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of readFileSync(contentsPath, "utf8").split("\n")) {
    const space = line.indexOf(" ");
    const owner = line.slice(0, space);
    const path = line.slice(space + 1);
    if (space < 0 || names.has(owner) || path.endsWith("/") || path.startsWith("./usr/share/doc/")) continue;
    if (lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined) names.add(owner);
  }
  return names;
}

function debianComponent(
  { name: packageName, version: packageVersion, architecture, sha256 }: LockedPackage,
  place: Place,
): object {
  return {
    type: "library",
    "bom-ref": `deb:${packageName}@${packageVersion}`,
    name: packageName,
    version: packageVersion,
    purl: `pkg:deb/debian/${encodeURIComponent(packageName)}@${encodeURIComponent(packageVersion)}?arch=${architecture}&distro=trixie`,
    hashes: [{ alg: "SHA-256", content: sha256 }],
    properties: [{ name: "tallystick:place", value: place }],
  };
}

/** The gateway as one component with its own parts inside. */
function stageComponent(path: string): object {
  const stage: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof stage !== "object" || stage === null || !("metadata" in stage) || !("components" in stage))
    throw new Error(`${path} is no bill`);
  const { metadata } = stage;
  if (
    typeof metadata !== "object" ||
    metadata === null ||
    !("component" in metadata) ||
    typeof metadata.component !== "object"
  )
    throw new Error(`${path} names nothing`);
  return { ...metadata.component, components: stage.components };
}
