/** Plain lines, one a thing that happened, with the world's time since the run began. */
import { durationText } from "#records/quantity-text.ts";
import { eventText } from "../event-text.ts";
import type { BenchSite } from "./bench-site.ts";
import type { BenchView, ViewParts } from "./bench-view.ts";
import type { GatewayNews } from "./gateway-news.ts";

export class LineView implements BenchView {
  readonly #parts: ViewParts;
  #site: BenchSite | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  begin(site: BenchSite): void {
    this.#site = site;
  }

  news(gateway: string, news: GatewayNews): void {
    const text = benchEventText(gateway, news);
    if (text !== undefined) this.#print(gateway, text);
  }

  note(text: string): void {
    this.#print("bench", text);
  }

  end(): void {
    this.#site = undefined;
  }

  #print(source: string, text: string): void {
    this.#parts.io.out(`${worldTimeText(this.#site)}  ${source.padEnd(NAME_WIDTH)}  ${text}`);
  }
}

const NAME_WIDTH = 10;

/** World time since the run began. */
export function worldTimeText(site: BenchSite | undefined): string {
  if (site === undefined) return "        ";
  return durationText(Math.max(0, (site.clock.wallMs() - site.origin.worldEpochMs) / 1000));
}

/** Undefined for what would only fill the screen: who has heard whom, and the same block told by each gateway. */
export function benchEventText(gateway: string, { name, event }: GatewayNews): string | undefined {
  if (name === "peerSeen") return undefined;
  if (name === "blockAppended" && !event.own) return undefined;
  if (name === "resultRecorded" && !gateway.startsWith("charger")) return undefined;
  return eventTextOf({ name, event } as GatewayNews);
}

function eventTextOf(news: GatewayNews): string {
  // The name and its event belong together by construction; the compiler does not follow that through a union.
  const text = eventText;
  return text(news.name, news.event);
}
