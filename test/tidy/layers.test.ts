/** The layers as the compiler enforces them: what each may import, and which know nothing of Node. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../..", import.meta.url));

const BASE = "firmware/base";
const PORTS = "hal/ports";
const PROTOCOLS = "hal/protocols";

/** A new arrow here is a decision about the architecture. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  [BASE]: [],
  "firmware/core": [BASE],
  [PORTS]: [BASE],
  [PROTOCOLS]: [BASE, PORTS],
  "hal/meters": [BASE, PORTS, PROTOCOLS],
  "hal/vehicles": [BASE, PORTS, PROTOCOLS],
  "hal/charge-points": [BASE, PORTS, PROTOCOLS],
  "hal/linux": [BASE, PORTS, PROTOCOLS],
  "hal/mock": [BASE, PORTS, PROTOCOLS],
  "firmware/config": [BASE, "firmware/tariffs"],
  "firmware/services": [BASE, "firmware/core", PORTS],
  "firmware/adapters": [BASE, "firmware/core", PORTS],
  "firmware/records": [BASE, "firmware/core"],
  "firmware/authoring": [BASE, "firmware/core"],
  "firmware/tariffs": [BASE, "firmware/core", PORTS],
  // Around the firmware: releases know it as files, manual pages and emulated machines as code.
  deploy: [BASE, PORTS, "hal/linux", "hal/mock", "firmware"],
  "firmware/guard": [BASE, PORTS, PROTOCOLS, "hal/charge-points", "hal/linux", "hal/mock"],
};

/** These compile without Node's types: no timers, files, sockets, Buffer or crypto. */
const PURE = [
  BASE,
  "firmware/core",
  PORTS,
  PROTOCOLS,
  "hal/meters",
  "hal/vehicles",
  "hal/charge-points",
  "firmware/config",
  "firmware/services",
  "firmware/records",
  "firmware/authoring",
  "firmware/tariffs",
];

interface LayerConfig {
  readonly compilerOptions: { readonly types?: readonly string[] };
  readonly references: readonly { readonly path: string }[];
}

function configOf(layer: string): LayerConfig {
  return JSON.parse(readFileSync(join(root, layer, "tsconfig.json"), "utf8")) as LayerConfig;
}

const test = suite("layers");

test("each layer references what the architecture lets it import, and nothing else", () => {
  for (const [layer, allowed] of Object.entries(MAY_IMPORT)) {
    const found = configOf(layer).references.map(({ path }) => normalize(join(layer, path)));
    assert.equal(found.sort(), [...allowed].sort(), layer);
  }
});

test("the pure layers know nothing of Node", () => {
  for (const layer of PURE) assert.is(configOf(layer).compilerOptions.types, undefined, layer);
});

function compileWith(path: string, source: string): string {
  const file = join(root, path);
  assert.not.ok(existsSync(file), `${path} is free`);
  writeFileSync(file, source);
  try {
    const tsc = join(root, "node_modules/.bin/tsc");
    return spawnSync(tsc, ["-p", dirname(path), "--noEmit"], { cwd: root, encoding: "utf8" }).stdout;
  } finally {
    rmSync(file);
  }
}

test("a port that imports the core does not compile", () => {
  const source = 'export { PPM } from "#core/contract/terms.ts";\n';
  assert.match(compileWith("hal/ports/wrong-import.ts", source), /TS6307|TS6059/);
});

test("a core that waits, reads a file or asks for the time of the machine does not compile", () => {
  const source =
    "export const wait = (): unknown => setTimeout(() => undefined, 1);\nexport const pid = process.pid;\n";
  const said = compileWith("firmware/base/impure.ts", source);
  assert.match(said, /setTimeout/);
  assert.match(said, /process/);
});

test.run();
