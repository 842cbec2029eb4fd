/** `export`: a chain or a receipt as one file that anybody can check. Never replaces a file. */
import { open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Chain } from "#core/ledger/chain.ts";
import { exportChain } from "#records/chain-export.ts";
import { makeReceipt } from "#records/receipt.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { findAddress } from "./find-address.ts";
import { loadChain } from "./load-chain.ts";

export async function runExport(given: CommandArguments, io: CommandIo): Promise<number> {
  const [what = "", which] = given.words;
  if (what !== "chain" && what !== "receipt") {
    throw new CommandError(EXIT.usage, `export what? ${notAmong(what, ["chain", "receipt"])}`);
  }
  if ((which !== undefined) !== (what === "receipt")) {
    throw new CommandError(
      EXIT.usage,
      what === "receipt" ? "export receipt of which charge?" : "export chain takes no more words",
    );
  }
  const out = resolve(io.cwd, given.required("out"));
  const chain = await loadChain(given, io);
  const bytes = which === undefined ? exportChain(chain) : receiptOf(chain, which);
  await writeNew(out, bytes);
  io.out(`${out}: ${what}, ${bytes.length} bytes; check it with tallystick verify ${out}`);
  return EXIT.ok;
}

function receiptOf(chain: Chain, which: string): Uint8Array {
  const receipt = makeReceipt(chain, findAddress(chain, which));
  if (receipt !== undefined) return receipt;
  throw new CommandError(EXIT.temporary, `no block holds a result of ${which} yet; see tallystick show tx ${which}`);
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o644).catch((cause: unknown) => {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const reason = isThere ? "the file is there already; nothing was changed" : String(cause);
    throw new CommandError(EXIT.cannotCreate, `${path}: ${reason}`, cause);
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
