/** What a run of the bench shows while it runs: to a person at a terminal, to a file of lines, or to a program. */
import type { CommandIo } from "../command-io.ts";
import type { BenchOptions } from "./bench-options.ts";
import type { BenchSite } from "./bench-site.ts";
import type { BenchWatch } from "./bench-watch.ts";
import type { RunningCharge } from "./charge-driver.ts";
import type { GatewayNews } from "./gateway-news.ts";

export interface BenchView {
  /** The site is there, nothing runs yet. */
  begin(site: BenchSite): void;
  news(gateway: string, news: GatewayNews): void;
  /** Something that the bench itself did or found. */
  note(text: string): void;
  /** Ends drawing; what follows is printed below. */
  end(): void;
}

export interface ViewParts {
  readonly io: CommandIo;
  readonly options: BenchOptions;
  readonly watch: BenchWatch;
  /** Charges under way, as the driver has them. */
  readonly running: ReadonlySet<RunningCharge>;
}
