/**
 * What a running gateway answers to `health`: how its parts are, as data. Whether that is well is for `judgeHealth`.
 *
 * The ledger of a quiet region may not grow for hours, so growth is no sign of health. What is told instead: that this
 * gateway is a member on its own chain, how many other members were heard, and with how many of them it agrees.
 */
import { toHex } from "#base/bytes.ts";
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { highestLevel } from "#records/sealed-finality.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import type { Gateway, MeterState } from "../assemble-gateway.ts";
import type { RunningPseudonym } from "../pseudonym-turns.ts";

export interface AskedGateway extends Pick<Gateway, "did" | "ledger" | "mesh" | "sync" | "role" | "tryStore"> {
  readonly pseudonym?: Pick<RunningPseudonym, "state"> | undefined;
}

/** Resolves when a write has become durable. A write that fails rejects, which ends the gateway as any other would. */
export async function answerHealth(gateway: AskedGateway, { role: name }: GatewayConfig): Promise<ControlAnswer> {
  const { did, ledger, mesh, sync, role, tryStore, pseudonym } = gateway;
  await tryStore();
  const { chain } = ledger;
  const members = chain.pending.members;
  // Anybody can claim a block that nobody has. Only members are counted, who lose by it.
  const heard = [...sync.peers].filter(([peer]) => members.get(peer) !== undefined);
  const agreeing = heard.filter(([, tip]) => chain.has(toHex(tip.head)));
  return {
    ok: true,
    role: name,
    ...(role.meter === undefined ? {} : { meter: meterShown(role.meter()) }),
    store: { wrote: true },
    ledger: {
      serial: chain.head.state.serial,
      head: toHex(chain.head.state.id),
      // Null where nobody votes. How far it lies behind the head depends on who is within reach: no sign of illness.
      final: highestLevel(chain) === "C1" ? null : chain.final.serial,
      isMember: members.get(toHex(did)) !== undefined,
      membersHeard: heard.length,
      membersAgreeing: agreeing.length,
    },
    mesh: { isConnected: mesh.isConnected, brokers: mesh.brokers },
    ...(pseudonym === undefined ? {} : { pseudonym: await pseudonym.state() }),
  };
}

/** Without a reading the age is null: JSON knows no endless number. */
export function meterShown({ ageMs, quality, trouble }: MeterState): Readonly<Record<string, unknown>> {
  return {
    ageMs: Number.isFinite(ageMs) ? Math.round(ageMs) : null,
    quality: quality ?? null,
    trouble: trouble ?? null,
  };
}
