/** What a run of the bench has shown, from the stored chains alone; only the true energies come from the world. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { paysForStanding } from "#core/session/idle.ts";
import type { TrueEnergy } from "#hal/mock/physics/energy-account.ts";
import { makeReceipt, verifyReceipt, type VerifiedReceipt } from "#records/receipt.ts";
import { sealedLevel, type SealedLevel } from "#records/sealed-finality.ts";
import { verifyPath } from "../chain-source.ts";
import { problemText } from "../verify.ts";
import { storedCost, type MeshCost, type RunCost } from "./bench-cost.ts";
import type { BenchFolder } from "./bench-folder.ts";
import type { BenchOptions } from "./bench-options.ts";
import type { DrivenCharge } from "./charge-driver.ts";

export interface BenchReport {
  /** The chains hold, the heads are equal, and each charge ended as it must. */
  readonly isGood: boolean;
  /** What is not good, one line each. */
  readonly problems: readonly string[];
  readonly gateways: readonly GatewayReport[];
  readonly charges: readonly ChargeReport[];
  readonly blocks: readonly BlockReport[];
  /** Undefined when no stored chain holds. */
  readonly cost: RunCost | undefined;
  readonly realSeconds: number;
  /** Where the gateways' folders are, when they were kept. */
  readonly kept: string | undefined;
}

export interface GatewayReport {
  readonly name: string;
  readonly did: string;
  readonly path: string;
  /** Undefined when the stored chain does not hold. */
  readonly head: { readonly serial: number; readonly id: string } | undefined;
}

export interface ChargeReport {
  readonly address: string;
  readonly charger: string;
  readonly vehicle: string;
  /** Undefined when no block holds one. */
  readonly result: ResultBody | undefined;
  readonly receipt: VerifiedReceipt | undefined;
  /** What the receipt itself proves; undefined without one. */
  readonly confirmation: SealedLevel | undefined;
  readonly trueEnergy: { readonly station: TrueEnergy; readonly vehicle: TrueEnergy };
  readonly outcome: "agreed" | "caught" | "not caught" | "wrong";
}

export interface BlockReport {
  readonly serial: number;
  readonly id: string;
  readonly miner: string;
  readonly rank: number;
  readonly tier: number;
  readonly facts: number;
}

export interface RunFacts {
  readonly options: BenchOptions;
  readonly folders: readonly BenchFolder[];
  readonly charges: readonly DrivenCharge[];
  /** What went wrong before the chains could be looked at. */
  readonly problems: readonly string[];
  readonly mesh: MeshCost;
  readonly realSeconds: number;
}

/** Verifies every stored chain as `tallystick verify` does, and compares. The gateways must have stopped. */
export async function reportRun(run: RunFacts): Promise<BenchReport> {
  const { options, folders, charges, problems, mesh, realSeconds } = run;
  const faults = [...problems];
  const gateways: GatewayReport[] = [];
  const chains: Chain[] = [];
  for (const { name, did, path } of folders) {
    const verification = await verifyPath(new NodeCryptography(), path, ".");
    if (verification.ok && "chain" in verification) {
      const { serial, id } = verification.chain.head.state;
      gateways.push({ name, did, path, head: { serial, id: toHex(id) } });
      chains.push(verification.chain);
    } else {
      gateways.push({ name, did, path, head: undefined });
      const found = verification.ok ? ["no chain is stored"] : verification.problems.map(problemText);
      faults.push(...found.map((problem) => `${name}: ${problem}`));
    }
  }
  const heads = new Set(gateways.map(({ head }) => head?.id));
  if (heads.size > 1) {
    const ends = gateways.map(({ name, head }) => `${name} ${head?.serial ?? "?"}/${head?.id.slice(0, 12) ?? "?"}`);
    faults.push(`the chains end with different blocks: ${ends.join(", ")}`);
  }
  const names = new Map(folders.map(({ did, name }) => [did, name]));
  const chain = chains[0];
  const reports = charges.map((charge) => reportCharge(charge, chain, options));
  for (const { outcome, charger, vehicle, result } of reports) {
    if (outcome !== "wrong") continue;
    const end =
      result === undefined ? "has no result in any block" : `ended ${result.state}, verdict ${result.verdict}`;
    faults.push(`the charge of ${vehicle} at ${charger} ${end}`);
  }
  return {
    isGood: faults.length === 0,
    problems: faults,
    gateways,
    charges: reports,
    blocks: chain === undefined ? [] : blocksOf(chain, names),
    cost: chain === undefined ? undefined : { mesh, stored: storedCost(chain) },
    realSeconds,
    kept: options.keep,
  };
}

function reportCharge(driven: DrivenCharge, chain: Chain | undefined, options: BenchOptions): ChargeReport {
  const { address, charger, vehicle, trueEnergy } = driven;
  const places = { address, charger: charger.gateway.name, vehicle: vehicle.gateway.name, trueEnergy };
  const result = chain?.head.state.transactions.get(address)?.result;
  const encoded = chain === undefined ? undefined : makeReceipt(chain, fromHex(address) ?? new Uint8Array());
  const receipt = encoded === undefined ? undefined : verifyReceipt(new NodeCryptography(), encoded);
  const held = receipt?.ok === true ? receipt.value : undefined;
  const confirmation = held === undefined ? undefined : sealedLevel(held.finality);
  return {
    ...places,
    result,
    confirmation,
    receipt: held,
    outcome: held === undefined ? "wrong" : outcomeOf(held, options),
  };
}

/**
 * How a charge must end: that of honest sides settled when the car had enough, and nobody accused. Where
 * a side lies, either the receipt says that the two disagree, or the lie was too small for these meters, and it says
 * that it found nothing.
 */
function outcomeOf(
  { result, transaction }: VerifiedReceipt,
  { stationLies, vehicleLies }: BenchOptions,
): ChargeReport["outcome"] {
  const accuses = result.verdict === "DISAGREE";
  const isLying = stationLies !== 1 || vehicleLies !== 1;
  if (isLying && accuses) return result.state === "DISPUTED" ? "caught" : "wrong";
  const { station, vehicle } = transaction.completes;
  // Where standing on has its price, the charge ends with the pulled plug.
  const isEnd = (reason: string | undefined): boolean =>
    reason === "finished" || (reason === "unplugged" && paysForStanding(transaction.open.terms));
  const isFinished = isEnd(station?.reason) && isEnd(vehicle?.reason);
  if (accuses || result.state !== "SETTLED" || !(isFinished || isLying)) return "wrong";
  return isLying ? "not caught" : "agreed";
}

function blocksOf(chain: Chain, names: ReadonlyMap<string, string>): readonly BlockReport[] {
  const blocks: BlockReport[] = [];
  for (let serial = 1; serial <= chain.head.state.serial; serial += 1) {
    const block = chain.at(serial)?.block;
    if (block === undefined) continue;
    const [rank, tier] = block.header.rank;
    const miner = toHex(block.header.miner);
    blocks.push({ serial, id: block.key, miner: names.get(miner) ?? miner, rank, tier, facts: block.facts.length });
  }
  return blocks;
}
