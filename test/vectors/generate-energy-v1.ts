/** Compiles `energy-v1.cel` into the program that the core carries. Run it after every change of the source. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileContract } from "#authoring/compile-contract.ts";
import { toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";

const folder = new URL("../../firmware/core/contract/", import.meta.url);
const source = readFileSync(fileURLToPath(new URL("energy-v1.cel", folder)), "utf8");
const compiled = compileContract(source, ENERGY_SURFACE);
if (!compiled.ok) {
  for (const { line, column, message, advice } of compiled.fault)
    console.log(`${line}:${column}: ${message}; ${advice}`);
  process.exit(1);
}
const lines = toHex(compiled.value.bytes).match(/.{1,112}/g) ?? [];
const text = `/** The bytes of \`energy-v1.cel\`, by \`node test/vectors/generate-energy-v1.ts\`. */
export const ENERGY_V1_HEX = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");

/** Its code hash. */
export const ENERGY_V1_HASH_HEX = "${toHex(codeHash(new NodeCryptography(), compiled.value.bytes))}";
`;
writeFileSync(fileURLToPath(new URL("energy-v1-program.ts", folder)), text);
console.log(`${compiled.value.bytes.length} bytes`);
