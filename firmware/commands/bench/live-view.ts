/** One screen, drawn over itself: who charges and how far, both measurements and their difference, blocks, news. */
import type { BenchSite } from "./bench-site.ts";
import { benchEventText, worldTimeText } from "./line-view.ts";
import type { BenchView, ViewParts } from "./bench-view.ts";
import type { RunningCharge } from "./charge-driver.ts";
import type { GatewayNews } from "./gateway-news.ts";

const DRAW_EVERY_MS = 200;
/** Everything together stays within the 24 lines of the smallest terminal: what scrolls away cannot be drawn over. */
const NEWS_SHOWN = 7;
const BLOCKS_SHOWN = 4;
const CHARGES_SHOWN = 8;
const BAR_WIDTH = 32;
const COLUMNS_MIN = 40;
const COLUMNS_USUAL = 80;

export class LiveView implements BenchView {
  readonly #parts: ViewParts;
  readonly #news: string[] = [];
  #site: BenchSite | undefined;
  #timer: NodeJS.Timeout | undefined;
  #linesDrawn = 0;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  begin(site: BenchSite): void {
    this.#site = site;
    this.#parts.io.write(HIDE_CURSOR);
    this.#timer = setInterval(() => {
      this.#draw();
    }, DRAW_EVERY_MS);
  }

  news(gateway: string, news: GatewayNews): void {
    const text = benchEventText(gateway, news);
    if (text !== undefined) this.#add(gateway, text);
  }

  note(text: string): void {
    this.#add("bench", text);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#parts.io.write(`\n${SHOW_CURSOR}`);
  }

  #add(source: string, text: string): void {
    this.#news.push(`${worldTimeText(this.#site)}  ${source.padEnd(10)}  ${text}`);
    if (this.#news.length > NEWS_SHOWN) this.#news.shift();
  }

  #draw(): void {
    const { io } = this.#parts;
    // Some pseudo-terminals say that they have no columns at all.
    const columns = io.columns >= COLUMNS_MIN ? io.columns : COLUMNS_USUAL;
    const lines = this.#lines().map((line) => line.slice(0, columns - 1));
    const up = this.#linesDrawn > 1 ? `\u001b[${this.#linesDrawn - 1}A` : "";
    io.write(`\r${up}${lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}`).join("\n")}${CLEAR_BELOW}`);
    this.#linesDrawn = lines.length;
  }

  #lines(): readonly string[] {
    const { options, running, watch } = this.#parts;
    const blocks = [...watch.blocks.values()].slice(-BLOCKS_SHOWN);
    const names = new Map(this.#site?.gateways.map(({ did, name }) => [did, name]));
    return [
      `tallystick bench   world ${worldTimeText(this.#site)}   speed ${options.speed}   seed ${options.seed}`,
      "",
      ...[...running].slice(0, CHARGES_SHOWN).flatMap((charge) => this.#chargeLines(charge)),
      "",
      "blocks",
      ...blocks.map(({ serial, id, miner, rank, tier, facts }) => {
        const who = names.get(miner) ?? miner.slice(0, 12);
        const place = `rank ${rank}, tier ${tier}`;
        return `  ${String(serial).padStart(4)}  ${id.slice(0, 12)}  by ${who} (${place})  ${facts} facts`;
      }),
      "",
      ...this.#news,
    ];
  }

  #chargeLines(charge: RunningCharge): readonly string[] {
    const site = this.#site;
    if (site === undefined) return [];
    const { charger, vehicle, endsAtMs, contract, start } = charge;
    const { minutes } = this.#parts.options;
    const share = Math.min(1, Math.max(0, 1 - (endsAtMs - site.clock.wallMs()) / (60_000 * minutes)));
    const filled = Math.round(share * BAR_WIDTH);
    const state = contract.completedBy.size > 0 ? "completing" : contract.isFlowing ? "charging" : "paused";
    const meter = site.world.meterView(charger.station).now();
    const station = kwh(meter.importedMilliWh / 1e6 - start.shownStationKwh);
    const battery = kwh(site.world.batteryView(vehicle.gateway.name).now().chargedWh / 1000 - start.shownVehicleKwh);
    const signed = (role: string): string => kwh((contract.reported.get(role)?.energyMilliWh ?? 0) / 1e6);
    const lost = meter.importedMilliWh / 1e6 - start.shownStationKwh;
    const percent = lost > 0.1 ? `${(100 * (1 - Number(battery) / lost)).toFixed(1)} %` : "";
    const title = `${vehicle.gateway.name} at ${charger.gateway.name}  ${state.padEnd(10)}`;
    const power = `${(meter.powerW / 1000).toFixed(2)} kW`;
    if (this.#parts.running.size > 2) return [`${title} ${power}  ${station} and ${battery} kWh  ${percent}`];
    return [
      `${title} ${power}`,
      `  [${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${(share * minutes).toFixed(1)} of ${minutes} min`,
      `  station  ${station.padStart(8)} kWh shown, ${signed("station")} signed`,
      `  vehicle  ${battery.padStart(8)} kWh shown, ${signed("vehicle")} signed   between them ${percent}`,
    ];
  }
}

function kwh(value: number): string {
  return value.toFixed(3);
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_TO_END_OF_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
