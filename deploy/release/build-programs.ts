/**
 * The firmware as programs: the command, the guard that it starts as a process of its own, and what its threads run that
 * verify signatures. Everything is inside but Node and the native parts, which lie beside them in `native/`.
 *
 * Each part that is loaded when it is needed stays a file of its own: as one file of 3 MB, of which the engine has to
 * read all before it runs any, `--help` took four times the processor time and half as much memory again. All lie in
 * one folder, so a part finds whatever it starts beside itself.
 *
 * Nothing of the machine that builds gets in: paths are relative to the checkout, and esbuild's output depends on its
 * inputs only. Names stay as they are, so that a stack trace of a board can be read without the maps, which name files
 * and lines without repeating the sources.
 */
import { build, type Metafile, type Plugin } from "esbuild";

export interface Programs {
  /** By path: `tallystick.mjs`, `guard.mjs`, parts such as `run-2RFWQQ3V.mjs`, and their maps in `maps/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** CommonJS packages inside ask for Node's own modules by `require`, and for their place, which a module has not. */
const COMMONJS_BANNER =
  'import{createRequire as __makeRequire}from"node:module";' +
  "const require=__makeRequire(import.meta.url),__dirname=import.meta.dirname;";

/** What the programs load at run time, beside them. */
export const SERIALPORT_NATIVE = "native/serialport.node";
export const KOFFI_NATIVE = "native/koffi.node";

export async function buildPrograms(root: string): Promise<Programs> {
  const built = await build({
    absWorkingDir: root,
    entryPoints: {
      tallystick: "firmware/main.ts",
      guard: "firmware/guard/guard-main.ts",
      "verify-thread": "firmware/adapters/crypto/verify-thread.ts",
    },
    outdir: ".",
    outExtension: { ".js": ".mjs" },
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["main", "module"],
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "silent",
    banner: { js: COMMONJS_BANNER },
    plugins: [releaseParts],
  });
  if (built.warnings.length > 0) throw new Error(built.warnings.map(({ text }) => text).join("\n"));
  const files = built.outputFiles.map(({ path, contents }) => placed(path.slice(root.length), contents));
  return { files: new Map(files), metafile: built.metafile };
}

/** Maps go to a folder of their own, and each program says where its is: `node --enable-source-maps` reads it there. */
function placed(name: string, contents: Uint8Array): [string, Uint8Array] {
  if (name.endsWith(".map")) return [`maps/${name}`, contents];
  return [name, Buffer.concat([contents, Buffer.from(`//# sourceMappingURL=maps/${name}.map\n`)])];
}

/** Two packages look for their native part in `node_modules`, by machine and C library: here there is only one. */
const releaseParts: Plugin = {
  name: "release-parts",
  setup: (to) => {
    to.onResolve({ filter: /^\.\/native\// }, ({ path }) => ({ path, external: true }));
    to.onResolve({ filter: /^node-gyp-build$/ }, ({ importer }) => {
      if (!importer.includes("/@serialport/bindings-cpp/")) return undefined;
      return { path: "serialport", namespace: "native" };
    });
    to.onLoad({ filter: /.*/, namespace: "native" }, () => ({
      contents: `module.exports = () => require("./${SERIALPORT_NATIVE}");`,
    }));
    // It states no licence. Only johnny-five's Piezo, which nothing here plays, would make a timer of it.
    to.onResolve({ filter: /^nanotimer$/ }, () => ({ path: "nanotimer", namespace: "left-out" }));
    to.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `module.exports = class { constructor() { throw new Error("${path} is not part of a release"); } };`,
    }));
    to.onLoad({ filter: /\/koffi\/src\/koffi\/src\/static\.js$/ }, () => ({
      contents: `import { createRequire } from "node:module";
        const load = createRequire(import.meta.url);
        export const loadStatic = () => load("./${KOFFI_NATIVE}");`,
    }));
  },
};
