/** How the miner of a block was chosen, candidate by candidate. */
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { hasStateAt } from "#core/ledger/stored-blocks.ts";
import { minerChoice, type Candidate, type MinerChoice } from "#core/ledger/miner-choice.ts";

export interface ShownChoice extends MinerChoice {
  /** Device id in hex. */
  readonly miner: string;
}

/** Undefined for the genesis, and where the state cannot be had on which the choice was made. */
export function choiceOf(chain: Chain, { block, parent, serial }: ChainLink): ShownChoice | undefined {
  if (block === undefined || parent === undefined || !hasStateAt(chain, serial - 1)) return undefined;
  const { crypto } = chain.context;
  const choice = minerChoice((message) => crypto.sha256(message), parent.state);
  return { ...choice, miner: toHex(block.header.miner) };
}

export function choiceLines(chain: Chain, choice: ShownChoice): readonly string[] {
  const { lookedAt, candidates, miner } = choice;
  const charges = lookedAt.map((address) => address.slice(0, 12)).join(", ");
  return [
    lookedAt.length === 0 ? "nobody charges: all nodes are looked at" : `relatives of the parties of charge ${charges}`,
    ...candidates.map((candidate) => candidateLine(chain, candidate, candidate.did === miner)),
  ];
}

function candidateLine({ head }: Chain, candidate: Candidate, isMiner: boolean): string {
  const { did, tier, history, isCharging, isRelative } = candidate;
  const member = head.state.members.get(did);
  const name = member === undefined ? did.slice(0, 13) : shortDeviceId(member.did);
  const about = [
    `history ${history}`,
    ...(isRelative ? ["relative"] : []),
    ...(isCharging ? ["charging"] : []),
    ...(tier === undefined ? ["no place"] : [`tier ${tier}`]),
  ];
  return `${isMiner ? ">" : " "} ${name} ${(member?.role ?? "").padEnd(7)} ${about.join(", ")}`;
}
