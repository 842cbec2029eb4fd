/**
 * An ELM327-like adapter: lines of commands in, text and prompts out, as sloppy as the real ones. It knows neither its
 * line nor its car's physics.
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type AdapterSettings, applyAtCommand, settingsAfterReset } from "./adapter-settings.ts";
import type { BatterySource } from "./battery-source.ts";
import { BusRequest } from "./bus-request.ts";
import type { CanFrame } from "./can-frame.ts";
import { type LineFaults, spoilLine, staleLines } from "./line-faults.ts";
import { PacedOutput } from "./paced-output.ts";
import type { AdapterPersona } from "./personas.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface SimulatedAdapterSettings {
  readonly persona: AdapterPersona;
  /** Speed of the line; null is as fast as it goes. */
  readonly baudRate: number | null;
  readonly faults: LineFaults;
}

export interface SimulatedAdapterDependencies {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly car: SimulatedCar;
  readonly battery: BatterySource;
  readonly write: (bytes: Uint8Array) => void;
}

type Activity = { readonly kind: "ready" | "resetting" | "hanging" } | { readonly kind: "busy"; request: BusRequest };

export class SimulatedAdapter {
  readonly #dependencies: SimulatedAdapterDependencies;
  readonly #persona: AdapterPersona;
  readonly #faults: LineFaults;
  readonly #output: PacedOutput;
  #settings: AdapterSettings;
  #activity: Activity = { kind: "ready" };
  #input = "";
  #lastCommand = "";
  #printed: string[] = [];
  #cancelReset: Cancel = () => undefined;
  #isFrozen = false;

  constructor(dependencies: SimulatedAdapterDependencies, settings: SimulatedAdapterSettings) {
    this.#dependencies = dependencies;
    this.#persona = settings.persona;
    this.#faults = settings.faults;
    this.#settings = settingsAfterReset(settings.persona);
    const { clock, random, write } = dependencies;
    const { baudRate, persona } = settings;
    this.#output = new PacedOutput({ clock, random, write }, { baudRate, pieceBytesMax: 20, nuls: persona.nuls });
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.#receiveByte(byte);
  }

  /** Cranking pulls the supply down: all settings are lost, and whatever was going on. */
  reboot(): void {
    this.#output.clear();
    this.#startOver();
  }

  /** Deaf and dumb until `thaw`. */
  freeze(): void {
    this.#stopActivity();
    this.#output.clear();
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#activity = { kind: "ready" };
    this.#input = "";
  }

  #startOver(): void {
    this.#stopActivity();
    this.#settings = settingsAfterReset(this.#persona);
    this.#input = "";
    this.#activity = { kind: "resetting" };
    this.#cancelReset = this.#wakeAfter(this.#persona.resetMs, () => {
      this.#activity = { kind: "ready" };
      this.#end([this.#persona.banner]);
    });
  }

  #receiveByte(byte: number): void {
    if (this.#isFrozen || this.#activity.kind === "resetting" || byte === 0 || byte === 0x0a) return;
    if (this.#activity.kind !== "ready") {
      this.#stopActivity();
      this.#end(["STOPPED"]);
      return;
    }
    const character = String.fromCharCode(byte);
    if (this.#settings.echo) this.#output.push(character === "\r" ? this.#lineEnd : character);
    if (character === "\r") this.#acceptLine();
    // The input buffer of the original.
    else if (this.#input.length < 256) this.#input += character;
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
    if (command.startsWith("AT")) this.#acceptAt(command);
    else if (command === "STI") this.#end([this.#persona.stnVersion ?? "?"]);
    else this.#acceptRequest(command);
  }

  #acceptAt(command: string): void {
    if (command === "ATZ" || command === "ATWS") {
      this.#startOver();
      return;
    }
    if (command === "ATRV") {
      this.#end([`${this.#dependencies.battery.now().auxiliaryVoltageV.toFixed(1)}V`]);
      return;
    }
    const outcome = applyAtCommand(this.#settings, command, this.#persona);
    if (outcome !== undefined) this.#settings = outcome.settings;
    this.#end([outcome?.reply ?? "?"]);
  }

  #acceptRequest(command: string): void {
    const digits = /^(?:[0-9A-F]{2})+/.exec(command)?.[0] ?? "";
    const countDigit = command.slice(digits.length);
    const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const isKnown = /^[0-9A-F]?$/.test(countDigit) && bytes.length > 0 && bytes.length <= 7;
    if (!isKnown || (countDigit !== "" && this.#persona.countDigit === "refused")) {
      this.#end(["?"]);
      return;
    }
    const counts = countDigit !== "" && this.#persona.countDigit === "honored";
    this.#startRequest(bytes, counts ? Math.max(1, Number.parseInt(countDigit, 16)) : Infinity);
  }

  #startRequest(bytes: Uint8Array, framesMax: number): void {
    const { random } = this.#dependencies;
    const previous = this.#printed;
    this.#printed = [];
    if (random.chance(this.#faults.hang ?? 0)) {
      this.#activity = { kind: "hanging" };
      return;
    }
    for (const line of staleLines(previous, this.#faults, random)) this.#output.push(`${line}${this.#lineEnd}`);
    const request = new BusRequest(this.#dependencies, this.#settings, {
      onFrame: (frame) => {
        this.#print(frame);
      },
      onEnd: (frames) => {
        this.#activity = { kind: "ready" };
        this.#end(frames === 0 ? ["NO DATA"] : []);
      },
    });
    this.#activity = { kind: "busy", request };
    if (random.chance(this.#faults.reboot ?? 0))
      this.#wakeAfter(random.integer(1, 60), () => {
        this.reboot();
      });
    request.start(bytes, framesMax);
  }

  #print(frame: CanFrame): void {
    const line = this.#format(frame);
    this.#printed.push(line);
    this.#output.push(spoilLine(line, this.#lineEnd, this.#faults, this.#dependencies.random));
    const isFull = this.#output.waitingBytes > this.#persona.outputBufferBytes;
    if (!isFull && !this.#dependencies.random.chance(this.#faults.bufferFull ?? 0)) return;
    this.#stopActivity();
    this.#end(["BUFFER FULL"]);
  }

  #format(frame: CanFrame): string {
    const separator = this.#settings.spaces ? " " : "";
    const id = frame.id
      .toString(16)
      .toUpperCase()
      .padStart(frame.idBits === 11 ? 3 : 8, "0");
    const control = frame.bytes[0] ?? 0;
    const isShort = !this.#persona.padsSingleFrames && control >> 4 === 0;
    const shown = isShort ? frame.bytes.subarray(0, 1 + control) : frame.bytes;
    const bytes = Array.from(shown, (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
    const parts = this.#settings.headers ? [id, ...bytes] : bytes;
    return `${parts.join(separator)}${separator}`;
  }

  #end(lines: readonly string[]): void {
    for (const line of lines) this.#output.push(`${line}${this.#lineEnd}`);
    this.#output.push(`${this.#lineEnd}>`);
  }

  #stopActivity(): void {
    this.#cancelReset();
    if (this.#activity.kind === "busy") this.#activity.request.stop();
    this.#activity = { kind: "ready" };
  }

  #wakeAfter(delayMs: number, wake: () => void): Cancel {
    const { clock } = this.#dependencies;
    return clock.wakeAt(clock.monotonicMs() + delayMs, wake);
  }
}
