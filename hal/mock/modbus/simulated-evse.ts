/**
 * A SimpleEVSE-WB charge controller on a simulated line. Like the real one it starts with the current of register 2000
 * and switched on, and keeps bit 0 of the command register until it is told otherwise.
 */
import type { PlugState } from "#hal/ports/charge-point.ts";
import type { EvseTarget } from "./evse-target.ts";
import {
  ILLEGAL_ADDRESS,
  ILLEGAL_FUNCTION,
  ILLEGAL_VALUE,
  noFaults,
  type LineFaults,
  type ModbusException,
  type SimulatedUnit,
} from "./simulated-unit.ts";

const STATES: Readonly<Record<PlugState, number>> = { unplugged: 1, plugged: 2, charging: 3, fault: 5 };
const POWER_ON_AMPERES = 16;
const AMPERES_MAX = 80;
const CABLE_AMPERES = 32;
const FIRMWARE_REVISION = 17;

export class SimulatedEvse implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  readonly #target: EvseTarget;
  #amperes = POWER_ON_AMPERES;
  #commands = 0;

  constructor(target: EvseTarget) {
    this.#target = target;
    this.#tellTarget();
  }

  /** As after a power cut: what was written is forgotten. */
  restart(): void {
    this.#amperes = POWER_ON_AMPERES;
    this.#commands = 0;
    this.#tellTarget();
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    if (functionCode !== 3) return ILLEGAL_FUNCTION;
    const state = this.#target.plugState();
    const isOn = (this.#commands & 1) === 0;
    const registers = [
      this.#amperes,
      isOn && state !== "unplugged" ? this.#offered() : 0,
      STATES[state],
      CABLE_AMPERES,
      this.#commands,
      FIRMWARE_REVISION,
      isOn ? 2 : 3,
      state === "charging" ? 1 : 0,
    ];
    const first = address - 1000;
    if (first < 0 || first + count > registers.length) return ILLEGAL_ADDRESS;
    return registers.slice(first, first + count);
  }

  write(address: number, words: readonly number[]): ModbusException | undefined {
    const [word] = words;
    if (word === undefined || words.length !== 1) return ILLEGAL_ADDRESS;
    switch (address) {
      case 1000:
        if (word > AMPERES_MAX) return ILLEGAL_VALUE;
        this.#amperes = word;
        break;
      case 1004:
        this.#commands = word & 1;
        break;
      default:
        return ILLEGAL_ADDRESS;
    }
    this.#tellTarget();
    return undefined;
  }

  #offered(): number {
    return Math.min(this.#amperes, CABLE_AMPERES);
  }

  #tellTarget(): void {
    this.#target.setPermittedCurrent((this.#commands & 1) === 0 ? this.#offered() : 0);
  }
}
