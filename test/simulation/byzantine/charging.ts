/** Charges between production gateways in a scenario, and what a bystander can take down of them. */
import { toHex } from "#base/bytes.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import type { RegionNode } from "../region/region-node.ts";
import type { Station, Vehicle } from "../region/residents.ts";
import { MINUTE_MS, type Scenario } from "./scenario.ts";

export interface Heard {
  readonly atMs: number;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Everything that is published at one site from now on, replies and handshakes of others included. */
export async function listenAt({ world }: Scenario, site = "site-1"): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  await world.mesh.connectAt(() => site)(`ear at ${site}`, ["#"], {
    onMessage: (topic, payload) => {
      heard.push({ atMs: world.nowMs, topic, payload: payload.slice() });
    },
    onConnection: () => undefined,
  });
  return heard;
}

export function objectOf({ payload }: Heard): Uint8Array {
  const wrapped = decodeWrapper(payload);
  if (!wrapped.ok) throw new Error(`bug of the test: ${wrapped.fault.code}`);
  return wrapped.value.object;
}

/** The words after the site in a topic: what kind of message it is. */
export function classOf({ topic }: Pick<Heard, "topic">): string {
  const [, , , first = "", second = ""] = topic.split("/");
  return first === "tx" ? second : first;
}

export function station(scenario: Scenario, place = 0): Station {
  const found = scenario.world.stations[place];
  if (found === undefined) throw new Error("bug of the test: no such station");
  return found;
}

export function vehicle(scenario: Scenario, place = 0): Vehicle {
  const found = scenario.world.vehicles[place];
  if (found === undefined) throw new Error("bug of the test: no such vehicle");
  return found;
}

export function plugIn(scenario: Scenario, energyKwh: number, place = 0): void {
  if (!vehicle(scenario, place).driver.chargeNow(energyKwh)) throw new Error("bug of the test: no free outlet");
}

/** Charges of which the gateway knows, the oldest first, as its pool and its head have them. */
export function chargesAt(node: RegionNode): readonly Transaction[] {
  const charges = [...(node.running?.ledger.chain.pending.transactions.entries().values() ?? [])];
  return charges.sort((left, right) => left.open.startedAt - right.open.startedAt);
}

/** Results that stand in blocks of the gateway's chain. */
export function resultsAt(node: RegionNode): readonly NonNullable<Transaction["result"]>[] {
  const charges = [...(node.running?.ledger.chain.head.state.transactions.entries().values() ?? [])];
  return charges.flatMap(({ result }) => (result === undefined ? [] : [result]));
}

/** Plugs in, charges, goes home, and waits until so many charges in all have their result everywhere. */
export async function chargeOnce(scenario: Scenario, energyKwh: number, place = 0): Promise<void> {
  const before = Math.max(...scenario.honest.map((node) => resultsAt(node).length));
  plugIn(scenario, energyKwh, place);
  await scenario.runFor(energyKwh * 8 * MINUTE_MS + MINUTE_MS);
  vehicle(scenario, place).driver.goHome();
  await scenario.runUntil("the charge's result", 5 * MINUTE_MS, () =>
    scenario.honest.every((node) => resultsAt(node).length > before),
  );
}

/** How often the gateway refused what it heard, by what and why. */
export function refusedBy(node: RegionNode): ReadonlyMap<string, number> {
  return node.running?.mesh.refusals ?? new Map<string, number>();
}

export function refusedWith(node: RegionNode, code: string): number {
  return [...refusedBy(node)].reduce((sum, [word, count]) => sum + (word.endsWith(code) ? count : 0), 0);
}

/** What a message can change at a gateway: members, charges with all that is signed for them, what waits. */
export function pictureOf(node: RegionNode): string {
  const { chain } = node.running?.ledger ?? {};
  if (chain === undefined) throw new Error(`bug of the test: ${node.name} does not run`);
  const { pending } = chain;
  return JSON.stringify({
    members: [...pending.members.entries().keys()].sort(),
    charges: [...pending.transactions.entries().values()].map(({ address, state, logs, completes, result }) => ({
      ...{ address: toHex(address), state, completes, result },
      logs: [logs.station, logs.vehicle].map(({ nextSequence, head }) => [nextSequence, toHex(head)]),
    })),
    waiting: chain.mempool.facts().map(({ key }) => key),
  });
}
