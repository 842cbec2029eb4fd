/** A contract from a file of CEL, or one that is shipped. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { compileContract, type CompiledContract } from "#authoring/compile-contract.ts";
import type { SourceProblem } from "#authoring/source-problem.ts";
import { toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { knownProgram } from "#core/script/known-program.ts";
import { closestWord } from "../closest-word.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export type LoadedContract = CompiledContract & {
  /** Of the program, in hex: what terms name it by. */
  readonly codeHash: string;
};

/** @throws CommandError when there is no such file. */
export async function loadContract(
  folder: string,
  file: string,
): Promise<Result<LoadedContract, readonly SourceProblem[]>> {
  const shipped = SHIPPED_CONTRACTS.get(file);
  if (shipped !== undefined) return ok(withHash({ program: knownProgram(shipped), bytes: shipped }));
  const source = await readFile(resolve(folder, file), "utf8").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      EXIT.badData,
      `${file}: ${reason}; a contract is a file of CEL, or ${[...SHIPPED_CONTRACTS.keys()].join(" or ")}`,
    );
  });
  const compiled = compileContract(source, ENERGY_SURFACE);
  return compiled.ok ? ok(withHash(compiled.value)) : compiled;
}

/** As line:column: what is wrong; what to do. */
export function problemText({ line, column, message, advice, unknown }: SourceProblem): string {
  const closest = unknown === undefined ? undefined : closestWord(unknown.word, unknown.known);
  return `${line}:${column}: ${message}; ${closest === undefined ? advice : `did you mean "${closest}"?`}`;
}

function withHash(contract: CompiledContract): LoadedContract {
  const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
  return { ...contract, codeHash: toHex(codeHash({ sha256 }, contract.bytes)) };
}
