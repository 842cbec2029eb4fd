/**
 * What is wrong with a software bill by the rules of CycloneDX 1.6 (ECMA-424) that one like ours can break: required
 * fields, forms, and references that lead somewhere. Not the schema of the standard, but judged from its text.
 */

type Json = Readonly<Record<string, unknown>>;

export function billFaults(bill: Json): readonly string[] {
  const faults: string[] = [];
  const expect = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(what);
  };
  expect(bill["bomFormat"] === "CycloneDX", "bomFormat");
  expect(bill["specVersion"] === "1.6", "specVersion");
  expect(matches(bill["serialNumber"], SERIAL_NUMBER), "serialNumber");
  expect(bill["version"] === 1, "version");
  expect(matches(field(bill, "metadata", "timestamp"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/), "timestamp");
  const main = field(bill, "metadata", "component");
  const components = [...(isObject(main) ? [main] : []), ...nested(bill["components"])];
  expect(components.length > 1, "components");
  for (const component of components) faults.push(...componentFaults(component));
  const refs = components.map((component) => component["bom-ref"]);
  expect(new Set(refs).size === refs.length, "a bom-ref is unique");
  const dependencies = listOf(bill["dependencies"]);
  const described = dependencies.map(({ ref }) => ref);
  expect(new Set(described).size === described.length, "a dependency is described once");
  for (const { ref, dependsOn } of dependencies) {
    const ends = Array.isArray(dependsOn) ? (dependsOn as readonly unknown[]) : [];
    expect(refs.includes(ref), `${String(ref)} is a component`);
    expect(new Set(ends).size === ends.length, `${String(ref)} depends on each once`);
    for (const end of ends) expect(refs.includes(end), `${String(ref)} depends on ${String(end)}, which is there`);
  }
  return faults;
}

function componentFaults(component: Json): readonly string[] {
  const { type, name, version, purl } = component;
  const label = String(component["bom-ref"]);
  const faults: string[] = [];
  const expect = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(`${label}: ${what}`);
  };
  const unknown = Object.keys(component).filter((key) => !COMPONENT_KEYS.includes(key));
  expect(unknown.length === 0, `unknown ${unknown.join(", ")}`);
  expect(typeof type === "string" && TYPES.includes(type), "type");
  expect(matches(name, /./) && matches(version, /./), "name and version");
  expect(matches(purl, PURL), `purl ${String(purl)}`);
  expect(!("cpe" in component) || matches(component["cpe"], CPE), "cpe");
  for (const { alg, content } of listOf(component["hashes"])) {
    const length = alg === "SHA-256" ? 64 : alg === "SHA-512" ? 128 : 0;
    expect(matches(content, new RegExp(`^[0-9a-f]{${length}}$`)) && length > 0, `hash ${String(alg)}`);
  }
  for (const licence of listOf(component["licenses"])) {
    const id = field(licence, "license", "id");
    expect(
      id === undefined ? matches(licence["expression"], /./) : typeof id === "string" && SPDX_IDS.includes(id),
      `licence ${JSON.stringify(licence)}`,
    );
  }
  return faults;
}

function nested(components: unknown): readonly Json[] {
  return listOf(components).flatMap((component) => [component, ...nested(component["components"])]);
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(of: Json, first: string, second: string): unknown {
  const inner = of[first];
  return isObject(inner) ? inner[second] : undefined;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

const SERIAL_NUMBER = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PURL = /^pkg:(npm\/(%40[a-z0-9._~-]+\/)?|deb\/|generic\/)[A-Za-z0-9._~-]+@[A-Za-z0-9._~%-]+(\?arch=[a-z0-9]+)?$/;
const CPE = /^cpe:2\.3:a(:[a-z0-9._-]+){3}(:\*){7}$/;
const TYPES = ["application", "library", "platform", "framework", "file", "operating-system", "firmware"];
const COMPONENT_KEYS =
  "type bom-ref group name version description scope hashes licenses purl cpe externalReferences components".split(" ");
/** Those that we allow, as the list of SPDX writes them. */
const SPDX_IDS = "MIT ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 BlueOak-1.0.0 CC0-1.0 Unlicense".split(" ");
