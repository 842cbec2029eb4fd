/** Waits until every gateway holds every result, and all of them the same chain. */
import type { BenchSite } from "./bench-site.ts";
import type { BenchWatch } from "./bench-watch.ts";
import { PATIENCE_MS } from "./charge-driver.ts";
import type { GatewayProcess } from "./gateway-process.ts";

const ASK_EVERY_MS = 50;
/** Share of the time between two blocks in which it is safe to begin to stop. */
const CALM_SHARE = 0.4;
/** Some blocks, and the rounds of synchronisation of a gateway that was away. */
const ONE_CHAIN_WITHIN_MS = 900_000;

export async function waitForOneChain(site: BenchSite, watch: BenchWatch, addresses: readonly string[]): Promise<void> {
  const { speed } = site.origin;
  const timeoutMs = ONE_CHAIN_WITHIN_MS / speed + PATIENCE_MS;
  const recorded = (address: string): boolean =>
    [...watch.gateways.values()].some(({ results }) => results.has(address));
  await watch.until("the results in a block", timeoutMs, () => addresses.every(recorded));
  const serial = Math.max(
    0,
    ...[...watch.gateways.values()].flatMap(({ results }) => [...results.values()].map((result) => result.serial)),
  );
  let isOne = false;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    isOne = isCalm(site, watch) && (await haveOneChain(site.gateways, serial));
    isAsking = false;
    if (isOne) watch.look();
  };
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  try {
    await watch.until("one chain at every gateway", timeoutMs, () => isOne);
  } finally {
    clearInterval(timer);
  }
}

/** Where a block is sealed each T whatever happens: whether the newest has just come; then none will for a moment. */
export function isCalm({ rules, origin }: BenchSite, { newestBlockMs }: BenchWatch): boolean {
  const calmMs = (CALM_SHARE * 1000 * rules.blockSeconds) / origin.speed;
  return !rules.emptyBlocks || performance.now() - newestBlockMs < calmMs;
}

interface Status {
  readonly serial: number;
  readonly head: string;
  readonly waitingFacts: number;
}

/** The same head, at or behind the newest result, and nothing that waits for a further block. */
export async function haveOneChain(gateways: readonly GatewayProcess[], serial: number): Promise<boolean> {
  const statuses = await Promise.all(gateways.map(statusOf));
  const [first] = statuses;
  return statuses.every(
    (status) =>
      status !== undefined && status.head === first?.head && status.serial >= serial && status.waitingFacts === 0,
  );
}

/** Undefined while the gateway does not answer: it may be starting. */
async function statusOf(gateway: GatewayProcess): Promise<Status | undefined> {
  const answer = await gateway.ask({ command: "status" }).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  const { serial, head, waitingFacts } = answer;
  if (typeof serial !== "number" || typeof head !== "string" || typeof waitingFacts !== "number") return undefined;
  return { serial, head, waitingFacts };
}
