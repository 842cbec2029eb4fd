/** Which region the cards of a list are for: a given one, or that which the list's first charger has founded. */
import { resolve } from "node:path";
import { equalBytes } from "#base/bytes.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { GENESIS_NAME } from "../config-text.ts";
import { EXIT } from "../exit-code.ts";
import { cardFolder, genesisIn } from "./card-folders.ts";
import type { PlannedCard } from "./judge-list.ts";
import type { OpenedPlan } from "./open-plan.ts";

export interface PlannedRegion {
  /** Undefined until its founder has started once. */
  readonly genesis: Genesis | undefined;
  /** Undefined in a region that was there before. */
  readonly founder: PlannedCard | undefined;
}

export async function findRegion(plan: OpenedPlan, given: CommandArguments, io: CommandIo): Promise<PlannedRegion> {
  const file = given.text("genesis");
  if (file !== undefined) return { genesis: await readGenesis(resolve(io.cwd, file), plan), founder: undefined };
  const chargers = plan.cards.filter(({ judged }) => judged.config.role === "charger");
  const [founder] = chargers;
  if (founder === undefined) {
    throw new CommandError(EXIT.usage, "--genesis is missing: the list has no charger that could begin a region");
  }
  let known: { readonly name: string; readonly genesis: Genesis } | undefined;
  for (const { name } of chargers) {
    const genesis = await genesisIn(cardFolder(plan.out, name), plan.disk, plan.crypto);
    if (genesis === undefined) continue;
    if (known !== undefined && !equalBytes(genesis.id, known.genesis.id)) {
      const problem = `the folders of ${known.name} and ${name} hold the ${GENESIS_NAME} of two regions`;
      throw new CommandError(EXIT.badData, `${problem}; give the right one: --genesis FILE`);
    }
    known ??= { name, genesis };
  }
  return { genesis: known?.genesis, founder };
}

async function readGenesis(path: string, { disk, crypto }: OpenedPlan): Promise<Genesis> {
  const bytes = await disk.read(path, GENESIS_BYTES_MAX);
  const genesis = bytes === undefined ? undefined : decodeGenesis(crypto, bytes);
  if (genesis?.ok === true) return genesis.value;
  throw new CommandError(EXIT.badData, `${path}: not the genesis of a region`);
}

const GENESIS_BYTES_MAX = 64 * 1024;
