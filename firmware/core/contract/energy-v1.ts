/**
 * The contract code that runs at the transaction address of a charge: the lifecycle of one delivery of energy, version
 * 1. Its source is `energy-v1.cel`. TERMS name it by its hash, so a contract can never be read by other rules than the
 * ones that were signed.
 */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { decodeProgram } from "#core/script/encode-program.ts";
import type { Program } from "#core/script/program.ts";
import { ENERGY_V1_HEX } from "./energy-v1-program.ts";

export const ENERGY_V1_BYTES = fromHex(ENERGY_V1_HEX) ?? new Uint8Array(0);

export const ENERGY_V1: Program = decoded();

export function energyV1CodeHash(crypto: Pick<Cryptography, "sha256">): Uint8Array {
  return codeHash(crypto, ENERGY_V1_BYTES);
}

function decoded(): Program {
  const program = decodeProgram(ENERGY_V1_BYTES);
  assert(program.ok, "the program that is carried holds");
  return program.value;
}
