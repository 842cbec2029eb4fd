/** Simulated charge controllers of Phoenix Contact, from the maker's manual and what public programs read of them. */
import { ILLEGAL_VALUE } from "../simulated-unit.ts";
import { lettersWord, pilotState, type ControllerParts, type SimulatedController } from "./controller-parts.ts";
import { CellUnit, KeptWord, type UnitCells } from "./register-cells.ts";

interface PhoenixLayout {
  readonly stateAt: number;
  /** One letter in the low byte, or two characters. */
  readonly stateAs: "letter" | "characters";
  readonly currentAt: number;
  /** What the current is after power-up. */
  readonly currentA: number;
  readonly currentRangeA: readonly [min: number, max: number];
  readonly enableAt: number;
  readonly enableIs: "coil" | "holding";
  /** Holding register that has to be 3 for the coil to count; 1 from the factory. */
  readonly modeAt?: number;
}

/** EM-CP-PP-ETH: keeps its current without power. */
export const EM_CP_PP_ETH: PhoenixLayout = {
  ...{ stateAt: 100, stateAs: "letter", currentAt: 300, currentA: 16, currentRangeA: [6, 80] },
  ...{ enableAt: 400, enableIs: "coil" },
};

export const EV_CC_ETH: PhoenixLayout = { ...EM_CP_PP_ETH, currentAt: 528 };

export const EV_CC_BASIC: PhoenixLayout = {
  ...{ stateAt: 24_000, stateAs: "characters", currentAt: 22_000, currentA: 63, currentRangeA: [6, 63] },
  ...{ enableAt: 20_000, enableIs: "coil", modeAt: 4000 },
};

export const CHARX: PhoenixLayout = {
  ...{ stateAt: 1299, stateAs: "characters", currentAt: 1301, currentA: 16, currentRangeA: [6, 80] },
  ...{ enableAt: 1300, enableIs: "holding" },
};

const MODE_INPUT = 1;
const MODE_REGISTER = 3;

export class SimulatedPhoenix extends CellUnit implements SimulatedController {
  readonly #parts: ControllerParts;
  readonly #layout: PhoenixLayout;
  readonly #current: KeptWord;
  readonly #mode: KeptWord;
  #isEnabled = false;

  constructor(parts: ControllerParts, layout: PhoenixLayout) {
    const [min, max] = layout.currentRangeA;
    const current = new KeptWord(layout.currentA, (word) => (word < min || word > max ? ILLEGAL_VALUE : undefined));
    const mode = new KeptWord(layout.modeAt === undefined ? MODE_REGISTER : MODE_INPUT);
    super(
      cellsOf(layout, { current, mode }, () => this.#stateWord(), {
        read: () => this.#isEnabled,
        write: (isOn) => {
          this.#isEnabled = isOn;
          this.#tellTarget();
        },
        told: () => {
          this.#tellTarget();
        },
      }),
    );
    this.#parts = parts;
    this.#layout = layout;
    this.#current = current;
    this.#mode = mode;
    this.#tellTarget();
  }

  restart(): void {
    this.#isEnabled = false;
    this.#current.value = this.#layout.currentA;
    this.#tellTarget();
  }

  #stateWord(): number {
    const state = pilotState(this.#parts.target.plugState(), this.#isEnabled);
    return this.#layout.stateAs === "letter" ? state.charCodeAt(0) : lettersWord(state);
  }

  #tellTarget(): void {
    // The factory's mode asks an input which is not wired here.
    const isOn = this.#isEnabled && this.#mode.value === MODE_REGISTER;
    this.#parts.target.setPermittedCurrent(isOn ? this.#current.value : 0);
  }
}

interface EnableCell {
  read(): boolean;
  write(isOn: boolean): void;
  told(): void;
}

function cellsOf(
  layout: PhoenixLayout,
  kept: { readonly current: KeptWord; readonly mode: KeptWord },
  stateWord: () => number,
  enable: EnableCell,
): UnitCells {
  const current = { read: () => kept.current.value, write: told(kept.current, enable) };
  const mode = { read: () => kept.mode.value, write: told(kept.mode, enable) };
  const state = { read: stateWord };
  const enableRegister = {
    read: () => Number(enable.read()),
    write: (word: number) => {
      if (word > 1) return ILLEGAL_VALUE;
      enable.write(word === 1);
      return undefined;
    },
  };
  return {
    input: new Map([[layout.stateAt, state]]),
    holding: new Map([
      [layout.currentAt, current],
      ...(layout.modeAt === undefined ? [] : [[layout.modeAt, mode] as const]),
      ...(layout.enableIs === "holding" ? [[layout.enableAt, enableRegister] as const] : []),
      ...(layout.enableIs === "holding" ? [[layout.stateAt, state] as const] : []),
    ]),
    ...(layout.enableIs === "coil" ? { coils: new Map([[layout.enableAt, enable]]) } : {}),
  };
}

function told(word: KeptWord, enable: EnableCell): (value: number) => ReturnType<KeptWord["write"]> {
  return (value) => {
    const refusal = word.write(value);
    enable.told();
    return refusal;
  };
}
