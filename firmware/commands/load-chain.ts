/** The chain that `show` and `export` read: checked like a stranger's, since a wrong chain must not be shown as one. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { verifyPath } from "./chain-source.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { problemText } from "./verify.ts";

/** Rejects with a CommandError when the chain does not hold, or the file is a receipt. */
export async function loadChain(
  given: CommandArguments,
  io: CommandIo,
  path = given.text("from") ?? ".",
): Promise<Chain> {
  const verification = await verifyPath(new NodeCryptography(), io.cwd, path);
  if (verification.ok && "chain" in verification) return verification.chain;
  if (verification.ok)
    throw new CommandError(EXIT.usage, `${path} is a receipt: show it with tallystick verify ${path}`);
  const [first] = verification.problems;
  const problem = first === undefined ? "" : `: ${problemText(first)}`;
  throw new CommandError(EXIT.verificationFailed, `the chain does not hold, see tallystick verify ${path}${problem}`);
}
