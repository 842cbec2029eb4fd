/**
 * An ELM327-like adapter: lines of commands in, text and prompts out, as sloppy as the real ones. It knows neither its
 * line nor its car's physics.
 *
 *   ready --line--> thinking (a command of its own), or asking (a request, see adapter-exchange.ts) --prompt--> ready
 *   any --reset--> resetting --banner--> ready       any --freeze--> frozen --thaw--> ready
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { AdapterChance, type AdapterFaults } from "./adapter-faults.ts";
import { AdapterExchange, type ExchangeEnd } from "./adapter-exchange.ts";
import { type AdapterSettings, settingsAfterReset } from "./adapter-settings.ts";
import { applyAtCommand } from "./at-commands.ts";
import type { BatterySource } from "./battery-source.ts";
import type { FaultCounter } from "./fault-counter.ts";
import { PacedOutput } from "./paced-output.ts";
import type { AdapterPersona } from "./personas.ts";
import type { RecordedDamage } from "./recorded-damage.ts";
import { readRequestLine } from "./request-line.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface SimulatedAdapterSettings {
  readonly persona: AdapterPersona;
  /** Speed at which bytes leave; null is as fast as it goes. */
  readonly baudRate: number | null;
  readonly faults: AdapterFaults;
  readonly recordedDamage: RecordedDamage | undefined;
}

export interface SimulatedAdapterDependencies {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly car: SimulatedCar;
  readonly battery: BatterySource;
  readonly write: (bytes: Uint8Array) => void;
}

type Activity = "ready" | "thinking" | "asking" | "resetting" | "asleep" | "frozen";

/** The input buffer of the original. */
const INPUT_CHARACTERS_MAX = 256;
const PIECE_BYTES_MAX = 20;

export class SimulatedAdapter {
  /**
   * Speed that the other end of the line has set; null is whatever this adapter has. At another one than its own, both
   * sides read garbage.
   */
  hostBaudRate: number | null = null;
  readonly #dependencies: SimulatedAdapterDependencies;
  readonly #persona: AdapterPersona;
  readonly #chance: AdapterChance;
  readonly #output: PacedOutput;
  readonly #exchange: AdapterExchange;
  #settings: AdapterSettings;
  #activity: Activity = "ready";
  #input = "";
  #lastCommand = "";
  #cancel: Cancel = () => undefined;

  constructor(dependencies: SimulatedAdapterDependencies, settings: SimulatedAdapterSettings) {
    const { clock, random, car } = dependencies;
    const { baudRate, persona } = settings;
    this.#dependencies = dependencies;
    this.#persona = persona;
    this.#chance = new AdapterChance(random.fork("faults"), settings.faults, settings.recordedDamage);
    this.#settings = settingsAfterReset(persona);
    const write = (bytes: Uint8Array): void => {
      dependencies.write(this.#isOffSpeed ? bytes.map(() => this.#noise()) : bytes);
    };
    const pieceBytesMax = persona.notifications?.bytesMax ?? PIECE_BYTES_MAX;
    const everyMs = persona.notifications?.everyMs ?? null;
    this.#output = new PacedOutput({ clock, random, write }, { baudRate, pieceBytesMax, everyMs, nuls: persona.nuls });
    this.#exchange = new AdapterExchange({ clock, car, output: this.#output, chance: this.#chance }, persona, (end) => {
      this.#endExchange(end);
    });
  }

  /** Which faults have happened so far, and how often. */
  get faultsFired(): FaultCounter {
    return this.#chance.fired;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.#receiveByte(this.#isOffSpeed ? this.#noise() : byte);
  }

  /** Cranking pulls the supply down: all settings are lost, and whatever was going on. */
  reboot(): void {
    this.#output.clear();
    this.#startOver(this.#persona.banner);
  }

  /** Deaf and dumb until `thaw`, or until it is pulled and put back (`reboot`). */
  freeze(): void {
    this.#stop();
    this.#output.clear();
    this.#activity = "frozen";
  }

  thaw(): void {
    this.#activity = "ready";
    this.#input = "";
  }

  get #isOffSpeed(): boolean {
    const { powerOnBaud } = this.#persona;
    return this.hostBaudRate !== null && powerOnBaud !== null && this.hostBaudRate !== powerOnBaud;
  }

  /** Bytes at the wrong speed: mostly high bits, never a line end. */
  #noise(): number {
    return this.#dependencies.random.integer(0x80, 0xff);
  }

  #startOver(says: string): void {
    this.#stop();
    this.#settings = settingsAfterReset(this.#persona);
    this.#exchange.forget();
    this.#input = "";
    this.#activity = "resetting";
    this.#cancel = this.#wakeAfter(this.#persona.resetMs, () => {
      this.#activity = "ready";
      this.#end([says]);
    });
  }

  #receiveByte(byte: number): void {
    if (this.#activity === "frozen" || this.#activity === "resetting" || byte === 0 || byte === 0x0a) return;
    if (this.#activity === "asleep") {
      this.#startOver(this.#persona.banner);
      return;
    }
    if (this.#activity !== "ready") {
      this.#stop();
      this.#end(["STOPPED"]);
      return;
    }
    const character = String.fromCharCode(byte);
    if (this.#settings.echo) this.#output.push(character === "\r" ? this.#lineEnd : character);
    if (character === "\r") this.#acceptLine();
    else if (this.#input.length < INPUT_CHARACTERS_MAX) this.#input += character;
  }

  get #lineEnd(): string {
    return this.#settings.linefeeds ? "\r\n" : "\r";
  }

  #acceptLine(): void {
    const line = this.#input.replace(/\s/g, "").toUpperCase();
    this.#input = "";
    if (line === "" && !this.#persona.repeatsOnEmptyLine) return;
    const command = line === "" ? this.#lastCommand : line;
    this.#lastCommand = command;
    if (/^(?:AT|ST(?!PX))/.test(command)) this.#acceptCommand(command);
    else this.#acceptRequest(command);
  }

  #acceptCommand(command: string): void {
    if (command === "ATZ" || command === "ATWS") {
      this.#startOver(this.#persona.banner);
      return;
    }
    if (this.#persona.lockingCommands.some((start) => command.startsWith(start))) {
      this.freeze();
      return;
    }
    const reply = command === "ATRV" ? this.#supplyText() : this.#apply(command);
    this.#activity = "thinking";
    this.#cancel = this.#wakeAfter(this.#dependencies.random.between(...this.#persona.commandMs), () => {
      this.#activity = "ready";
      this.#end([reply]);
    });
  }

  #apply(command: string): string {
    const outcome = applyAtCommand(this.#settings, command, this.#persona);
    if (outcome !== undefined) {
      if (outcome.settings.timeoutMs !== this.#settings.timeoutMs) this.#exchange.forgetTiming();
      this.#settings = outcome.settings;
    }
    return outcome?.reply ?? "?";
  }

  #supplyText(): string {
    return `${this.#dependencies.battery.now().auxiliaryVoltageV.toFixed(1)}V`;
  }

  #acceptRequest(command: string): void {
    const request = readRequestLine(command, this.#persona, this.#settings.formatting);
    if (request === undefined) {
      this.#end(["?"]);
      return;
    }
    this.#activity = "asking";
    const { faults } = this.#chance;
    this.#scheduleReset("reboot", faults.reboot, this.#persona.banner);
    this.#scheduleReset("lowVoltage", faults.lowVoltage, "LV RESET");
    this.#exchange.start(command, request, this.#settings);
  }

  /** Some time in the next moments, in the middle of the reply or just behind it. */
  #scheduleReset(fault: string, probability: number | undefined, says: string): void {
    const { random } = this.#dependencies;
    if (!random.chance(probability ?? 0)) return;
    this.#wakeAfter(random.integer(1, 60), () => {
      if (this.#activity === "frozen" || this.#activity === "resetting") return;
      this.#chance.fired.count(fault);
      this.#output.clear();
      this.#startOver(says);
    });
  }

  #endExchange({ lines, notice, freezes }: ExchangeEnd): void {
    this.#activity = "ready";
    if (freezes) {
      this.freeze();
      return;
    }
    this.#end(lines);
    if (notice === "fatalCanError") this.#settings = settingsAfterReset(this.#persona);
    if (notice === "activityAlert") this.#activity = "asleep";
  }

  #end(lines: readonly string[]): void {
    for (const line of lines) this.#output.push(`${line}${this.#lineEnd}`);
    this.#output.push(`${this.#lineEnd}>`);
  }

  #stop(): void {
    this.#cancel();
    this.#exchange.stop();
    this.#activity = "ready";
  }

  #wakeAfter(delayMs: number, wake: () => void): Cancel {
    const { clock } = this.#dependencies;
    return clock.wakeAt(clock.monotonicMs() + delayMs, wake);
  }
}
