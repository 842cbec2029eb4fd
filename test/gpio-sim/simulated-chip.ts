/** A GPIO chip of the kernel's simulation (gpio-sim), and hands on the far side of its lines. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONFIG_FOLDER = "/sys/kernel/config/gpio-sim";

export interface SimulatedChipSettings {
  readonly label: string;
  readonly lineCount: number;
  readonly names: Readonly<Record<number, string>>;
}

export class SimulatedChip {
  readonly label: string;
  /** What the kernel calls it, such as gpiochip0. */
  readonly name: string;
  readonly #folder: string;
  readonly #lines: string;
  readonly #names: Readonly<Record<number, string>>;
  #isLive = true;

  constructor(settings: SimulatedChipSettings) {
    made += 1;
    this.label = settings.label;
    this.#names = settings.names;
    this.#folder = join(CONFIG_FOLDER, `chip${made}`);
    const bank = join(this.#folder, "bank");
    mkdirSync(this.#folder);
    mkdirSync(bank);
    writeFileSync(join(bank, "num_lines"), String(settings.lineCount));
    writeFileSync(join(bank, "label"), settings.label);
    for (const [offset, name] of Object.entries(settings.names)) {
      mkdirSync(join(bank, `line${offset}`));
      writeFileSync(join(bank, `line${offset}`, "name"), name);
    }
    writeFileSync(join(this.#folder, "live"), "1");
    const device = readFileSync(join(this.#folder, "dev_name"), "utf8").trim();
    this.name = readFileSync(join(bank, "chip_name"), "utf8").trim();
    this.#lines = join("/sys/devices/platform", device, this.name);
  }

  drive(offset: number, level: 0 | 1): void {
    writeFileSync(join(this.#lines, `sim_gpio${offset}`, "pull"), level === 1 ? "pull-up" : "pull-down");
  }

  level(offset: number): 0 | 1 {
    return readFileSync(join(this.#lines, `sim_gpio${offset}`, "value"), "utf8").trim() === "1" ? 1 : 0;
  }

  /** The chip goes away, as an expander does whose cable is pulled. */
  unplug(): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    writeFileSync(join(this.#folder, "live"), "0");
  }

  dispose(): void {
    this.unplug();
    for (const offset of Object.keys(this.#names)) rmdirSync(join(this.#folder, "bank", `line${offset}`));
    rmdirSync(join(this.#folder, "bank"));
    rmdirSync(this.#folder);
  }
}

let made = 0;
