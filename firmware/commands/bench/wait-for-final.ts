/** Waits, for a bounded time, until every gateway knows that every result is final. */
import type { BenchSite } from "./bench-site.ts";
import type { BenchWatch } from "./bench-watch.ts";

/** Without a lost vote at most eight blocks make a result final; more only when something has gone wrong. */
const BLOCKS_MAX = 12;
const REAL_MS_MIN = 5_000;

/** False when it has not become so in time, which is no failure: the receipts then say so. */
export async function waitForFinal(site: BenchSite, watch: BenchWatch): Promise<boolean> {
  if (site.rules.finality === "off") return false;
  const gateways = [...watch.gateways.values()];
  const serials = gateways.flatMap(({ results }) => [...results.values()].map(({ serial }) => serial));
  const newest = Math.max(0, ...serials);
  const withinMs = Math.max(REAL_MS_MIN, (1000 * BLOCKS_MAX * site.rules.blockSeconds) / site.origin.speed);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    watch.look();
  }, withinMs);
  const isFinal = (): boolean => gateways.every(({ finalSerial }) => finalSerial >= newest);
  try {
    await watch.until("the results to be final", 2 * withinMs, () => isLate || isFinal());
  } finally {
    clearTimeout(timer);
  }
  return isFinal();
}
