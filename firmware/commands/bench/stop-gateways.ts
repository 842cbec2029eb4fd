/** Ends the gateways of the bench such that all of them end with one block. */
import type { BenchSite } from "./bench-site.ts";
import type { BenchWatch } from "./bench-watch.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { haveOneChain, isCalm } from "./one-chain.ts";

/** Resolves when none runs any more, with what was wrong with their ends. */
export async function stopGateways(site: BenchSite, watch: BenchWatch): Promise<readonly string[]> {
  const first = site.rules.emptyBlocks ? await stopMiner(site, watch) : [];
  const others = await Promise.all(site.gateways.map((gateway) => gateway.stop()));
  return [...first, ...others.filter((end): end is string => end !== undefined)];
}

/**
 * Where a block is sealed each T whatever happens, there is always a next one, which a gateway that stops a moment
 * earlier would miss. The rules name one miner and nobody after it: when that one has stopped, nothing is sealed.
 */
async function stopMiner(site: BenchSite, watch: BenchWatch): Promise<readonly string[]> {
  await poll(() => isCalm(site, watch));
  const miner = await nextMiner(site);
  if (miner === undefined) return [];
  const end = await miner.stop();
  const others = site.gateways.filter((gateway) => gateway !== miner);
  await poll(() => haveOneChain(others, watch.of(miner).head?.serial ?? 0));
  return end === undefined ? [] : [end];
}

async function nextMiner({ gateways }: BenchSite): Promise<GatewayProcess | undefined> {
  const answer = await gateways[0]?.ask({ command: "status" }).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  return gateways.find(({ did }) => did === answer["nextMiner"]);
}

const POLL_MS = 20;
/** What is not so by then, the report of the run tells. */
const POLL_MS_MAX = 10_000;

async function poll(isOver: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + POLL_MS_MAX;
  while (!(await isOver()) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
