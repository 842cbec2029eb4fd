/** One JSON object a line, for programs: what each gateway told, and what the bench itself did. */
import type { BenchSite } from "./bench-site.ts";
import type { BenchView, ViewParts } from "./bench-view.ts";
import type { GatewayNews } from "./gateway-news.ts";

export class JsonView implements BenchView {
  readonly #parts: ViewParts;
  #site: BenchSite | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  begin(site: BenchSite): void {
    this.#site = site;
  }

  news(gateway: string, { name, event }: GatewayNews): void {
    this.#print({ gateway, event: name, ...event });
  }

  note(text: string): void {
    this.#print({ event: "bench", text });
  }

  end(): void {
    this.#site = undefined;
  }

  #print(line: Readonly<Record<string, unknown>>): void {
    this.#parts.io.out(JSON.stringify({ worldMs: this.#site?.clock.wallMs(), ...line }));
  }
}
