#!/usr/bin/env node
// Starts the command with a Node that runs TypeScript as written. A checkout brings its own (the `node` package);
// an installed gateway ships one. An older system Node only hands over.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const ownNode = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) {
  await import("./main.ts");
} else if (existsSync(ownNode)) {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
} else {
  console.error(
    `tallystick needs Node ${NODE_MAJOR_MIN} or newer, this is ${process.version}; \`npm ci\` installs one beside it`,
  );
  process.exit(69);
}
