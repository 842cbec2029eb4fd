/** Compiles the contracts that are shipped into the programs that the core carries. Run it after every change of one. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileContract } from "#authoring/compile-contract.ts";
import { toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";

const folder = new URL("../../firmware/core/contract/", import.meta.url);

for (const name of ["energy-v1", "paper-v1"]) {
  const source = readFileSync(fileURLToPath(new URL(`${name}.cel`, folder)), "utf8");
  const compiled = compileContract(source, ENERGY_SURFACE);
  if (!compiled.ok) {
    for (const { line, column, message, advice } of compiled.fault)
      console.log(`${name}: ${line}:${column}: ${message}; ${advice}`);
    process.exit(1);
  }
  const constant = name.replace("-", "_").toUpperCase();
  const lines = toHex(compiled.value.bytes).match(/.{1,112}/g) ?? [];
  const text = `/** The bytes of \`${name}.cel\`, by \`node test/vectors/generate-energy-v1.ts\`. */
export const ${constant}_HEX = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");

/** Its code hash. */
export const ${constant}_HASH_HEX = "${toHex(codeHash(new NodeCryptography(), compiled.value.bytes))}";
`;
  writeFileSync(fileURLToPath(new URL(`${name}-program.ts`, folder)), text);
  console.log(`${name}: ${compiled.value.bytes.length} bytes`);
}
