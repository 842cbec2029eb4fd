/** What a run has cost: bytes that the gateways have said on the mesh, and bytes that each of them stores of it. */
import type { Chain } from "#core/ledger/chain.ts";
import { isSessionFact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal-record.ts";
import type { SaidCount } from "#services/broker-lines.ts";
import type { GatewayProcess } from "./gateway-process.ts";

export interface RunCost {
  /** Published by all gateways since their last start; a gateway that did not answer is not in it. */
  readonly mesh: { readonly charges: SaidCount; readonly blocks: SaidCount; readonly region: SaidCount };
  /** Records of the stored chain, which every gateway holds alike. */
  readonly stored: { readonly factBytes: number; readonly blockBytes: number; readonly blocks: number };
}

export type MeshCost = RunCost["mesh"];

const NOTHING: SaidCount = { messages: 0, bytes: 0 };

/** What a region says of itself whether somebody charges or not is told apart. */
const REGION_KINDS: readonly string[] = ["tip", "vote"];

/** To be asked while the gateways still run. */
export async function askMeshCost(gateways: readonly GatewayProcess[]): Promise<MeshCost> {
  const answers = await Promise.all(
    gateways.map((gateway) => gateway.ask({ command: "status" }).catch(() => undefined)),
  );
  const cost = { charges: NOTHING, blocks: NOTHING, region: NOTHING };
  for (const answer of answers) {
    // A gateway is a process of this very program: what it answers is believed.
    const said = (answer?.ok === true ? answer["said"] : {}) as Readonly<Record<string, SaidCount>>;
    for (const [kind, count] of Object.entries(said)) {
      const part = kind === "block" ? "blocks" : REGION_KINDS.includes(kind) ? "region" : "charges";
      cost[part] = { messages: cost[part].messages + count.messages, bytes: cost[part].bytes + count.bytes };
    }
  }
  return cost;
}

export function storedCost(chain: Chain): RunCost["stored"] {
  const blocks = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)?.block ?? []).flat();
  const facts = blocks.flatMap((block) => block.facts).filter((fact) => isSessionFact(fact) || fact.kind === "OPEN");
  return {
    factBytes: facts.reduce((sum, fact) => sum + factRecord(fact).length, 0),
    blockBytes: blocks.reduce((sum, block) => sum + blockRecordOf(block).length, 0),
    blocks: blocks.length,
  };
}

export function costLines({ mesh, stored }: RunCost, charges: number): readonly string[] {
  const said = ({ messages, bytes }: SaidCount): string => `${kilobytes(bytes)} in ${messages} messages`;
  const each = charges > 1 ? ` (${kilobytes(stored.factBytes / charges)} a charge)` : "";
  return [
    `mesh: ${said(mesh.charges)} for the charges, ${said(mesh.blocks)} for blocks, ${said(mesh.region)} tips and votes`,
    `each chain: ${kilobytes(stored.factBytes)} of the charges${each}, ` +
      `${kilobytes(stored.blockBytes)} of ${stored.blocks} blocks`,
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
