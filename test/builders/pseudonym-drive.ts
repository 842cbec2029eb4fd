/** A bench site of one charger and one car whose first identity's days end while it charges, and what is said there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH_DEFAULTS, type BenchOptions } from "#firmware/commands/bench/bench-options.ts";
import {
  prepareSite,
  type BenchSite,
  type SiteCharger,
  type SiteVehicle,
} from "#firmware/commands/bench/bench-site.ts";
import { BenchWatch } from "#firmware/commands/bench/bench-watch.ts";
import { driveCharge, PATIENCE_MS, type DrivenCharge } from "#firmware/commands/bench/charge-driver.ts";
import { GatewayProcess } from "#firmware/commands/bench/gateway-process.ts";
import type { GatewayNews } from "#firmware/commands/bench/gateway-news.ts";
import { turnName } from "#firmware/pseudonym-places.ts";

const OPTIONS: BenchOptions = { ...BENCH_DEFAULTS, speed: 40, minutes: 6 };
const DAY_SECONDS = 86_400;

export class PseudonymDrive {
  readonly site: BenchSite;
  readonly watch: BenchWatch;
  /** What the car's gateway told, oldest first. */
  readonly news: GatewayNews[];
  readonly charger: SiteCharger;
  readonly car: SiteVehicle;
  readonly #folder: string;

  private constructor(folder: string, site: BenchSite, watch: BenchWatch, news: GatewayNews[]) {
    const [[charger], [car]] = [site.chargers, site.vehicles];
    if (charger === undefined || car === undefined) throw new Error("bug of the test: no charger or car");
    this.#folder = folder;
    this.site = site;
    this.watch = watch;
    this.news = news;
    this.charger = charger;
    this.car = car;
  }

  static async prepare(): Promise<PseudonymDrive> {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-pseudonyms-"));
    const news: GatewayNews[] = [];
    const watch = new BenchWatch((gateway, told) => {
      if (gateway.name === "vehicle-1") news.push(told);
    });
    const site = await prepareSite(OPTIONS, { folder, cwd: folder }, watch);
    const drive = new PseudonymDrive(folder, site, watch, news);
    const { configPath } = drive.car.gateway.folder;
    const config = readFileSync(configPath, "utf8");
    writeFileSync(configPath, config.replace(/^organisation = .*$/m, 'organisation = ""'));
    return drive;
  }

  /** The car has gone by its first identity since then, of its 90 days so many seconds are left. */
  async beginTurn(secondsLeft: number): Promise<void> {
    const turns = join(this.car.gateway.folder.path, "flash", "turns");
    await mkdir(turns);
    const since = Math.floor(this.site.clock.wallMs() / 1000) - 90 * DAY_SECONDS + secondsLeft;
    writeFileSync(join(turns, turnName({ number: 1, since })), new Uint8Array(1));
  }

  async start({ gateway }: SiteCharger | SiteVehicle): Promise<void> {
    this.watch.forget(gateway);
    gateway.start();
    await this.until(`${gateway.name} to be on the mesh`, () => this.watch.of(gateway).isMeshUp);
  }

  /** Plugs the car in, charges, unplugs. @param did under which it charges */
  charge(did: string): Promise<DrivenCharge> {
    const gateway = new GatewayProcess({ ...this.car.gateway.folder, did }, this.watch);
    const { site, watch } = this;
    return driveCharge(
      this.charger,
      { ...this.car, gateway },
      { site, watch, options: OPTIONS, whileCharging: () => Promise.resolve() },
    );
  }

  async until(what: string, isOver: () => boolean): Promise<void> {
    await this.watch.until(what, 2 * PATIENCE_MS, isOver);
  }

  async close(): Promise<void> {
    await Promise.all(this.site.gateways.map((gateway) => gateway.kill()));
    await this.site.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
