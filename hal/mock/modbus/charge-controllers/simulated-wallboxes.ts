/** Simulated wallboxes of other makers, each with what it does when nobody talks to it any more. */
import { ILLEGAL_VALUE, type ModbusException } from "../simulated-unit.ts";
import {
  ControllerWatchdog,
  lettersWord,
  pilotState,
  type ControllerParts,
  type SimulatedController,
} from "./controller-parts.ts";
import { CellUnit, KeptWord, pair, written, writeOnly, type RegisterCell, type UnitCells } from "./register-cells.ts";

/** A unit whose offer is one number, and which does something at a silence. */
abstract class Wallbox extends CellUnit implements SimulatedController {
  protected readonly parts: ControllerParts;

  constructor(parts: ControllerParts, cells: UnitCells) {
    super(cells);
    this.parts = parts;
  }

  abstract restart(): void;

  protected offer(currentA: number): void {
    this.parts.target.setPermittedCurrent(currentA < 6 ? 0 : currentA);
  }
}

/** Heidelberg Energy Control: layout 1.0.8; 16 A of the DIP switches at power-up, watchdog 15 s. */
export class SimulatedHeidelberg extends Wallbox {
  readonly #limit: KeptWord;
  readonly #failsafe: KeptWord;
  readonly #lock: KeptWord;

  constructor(parts: ControllerParts) {
    const limit = new KeptWord(160, (word) => (word !== 0 && (word < 60 || word > 160) ? ILLEGAL_VALUE : undefined));
    const timeout = new KeptWord(15_000);
    const failsafe = new KeptWord(60);
    const lock = new KeptWord(1);
    const watchdog = new ControllerWatchdog(parts.clock, () => {
      limit.value = failsafe.value;
      this.#tell();
    });
    const telling = (cell: KeptWord): RegisterCell =>
      written(cell, () => {
        watchdog.reset(timeout.value);
        this.#tell();
      });
    const states = { unplugged: [2, 3], plugged: [4, 5], charging: [6, 7], fault: [9, 9] } as const;
    super(parts, {
      input: new Map([
        [4, { read: () => 0x108 }],
        [5, { read: () => states[parts.target.plugState()][limit.value > 0 && lock.value === 1 ? 1 : 0] }],
      ]),
      holding: new Map<number, RegisterCell>([
        [257, telling(timeout)],
        [258, new KeptWord(0)],
        [259, telling(lock)],
        [261, telling(limit)],
        [262, telling(failsafe)],
      ]),
      onRequest: () => {
        watchdog.reset(timeout.value);
      },
    });
    this.#limit = limit;
    this.#failsafe = failsafe;
    this.#lock = lock;
    this.#tell();
  }

  restart(): void {
    this.#limit.value = 160;
    this.#failsafe.value = 60;
    this.#tell();
  }

  #tell(): void {
    this.offer(this.#lock.value === 1 ? this.#limit.value / 10 : 0);
  }
}

/** ABB Terra AC: 16 A from the app at power-up; stops when nobody has asked for its communication timeout of 60 s. */
export class SimulatedTerra extends Wallbox {
  #limitMilliA = 16_000;

  constructor(parts: ControllerParts) {
    const watchdog = new ControllerWatchdog(parts.clock, () => {
      this.#set(0);
    });
    const states = { unplugged: 0, plugged: 2, charging: 4, fault: 9 } as const;
    const charging = (): number => states[parts.target.plugState()] << 8;
    super(parts, {
      holding: new Map([
        ...pair(0x400a, () => (parts.target.plugState() === "unplugged" ? 0x0001 : 0x0111)),
        ...pair(0x400c, charging),
        ...pair(0x400e, () => this.#limitMilliA),
        ...pair(
          0x4100,
          () => 0,
          (value) => {
            if (value > 32_000) return ILLEGAL_VALUE;
            this.#set(value);
            return undefined;
          },
        ),
      ]),
      onRequest: () => {
        watchdog.reset(60_000);
      },
    });
    this.#set(16_000);
  }

  restart(): void {
    this.#set(16_000);
  }

  #set(milliA: number): void {
    this.#limitMilliA = milliA < 6000 ? 0 : milliA;
    this.offer(milliA / 1000);
  }
}

/** Bender CC612: 16 A until the energy manager says otherwise; falls back to the safe current. */
export class SimulatedBender extends Wallbox {
  readonly #limit: KeptWord;

  constructor(parts: ControllerParts, variant: { readonly hasRelayRegister: boolean } = { hasRelayRegister: true }) {
    const limit = new KeptWord(16, (word) => (word > 80 ? ILLEGAL_VALUE : undefined));
    const safe = new KeptWord(6);
    const timeout = new KeptWord(0);
    const watchdog = new ControllerWatchdog(parts.clock, () => {
      limit.value = safe.value;
      this.offer(limit.value);
    });
    const states = { unplugged: 1, plugged: 2, charging: 3, fault: 5 } as const;
    const isClosed = (): boolean =>
      (parts.target.contactor?.() ?? (parts.target.plugState() === "charging" ? "closed" : "open")) === "closed";
    super(parts, {
      holding: new Map<number, RegisterCell>([
        [122, { read: () => states[parts.target.plugState()] }],
        [131, safe],
        [132, timeout],
        [
          1000,
          written(limit, () => {
            this.offer(limit.value);
          }),
        ],
        ...(variant.hasRelayRegister ? [[140, { read: () => Number(isClosed()) }] as const] : []),
      ]),
      onRequest: () => {
        watchdog.reset(timeout.value * 1000);
      },
    });
    this.#limit = limit;
    this.offer(limit.value);
  }

  restart(): void {
    this.#limit.value = 16;
    this.offer(16);
  }
}

/** Alfen NG9xx: a setpoint is valid for 60 s, then the safe current of the installer's app holds. */
export class SimulatedAlfen extends Wallbox {
  readonly #safeA: number;
  #setpointA: number;

  constructor(parts: ControllerParts, variant: { readonly safeA: number } = { safeA: 6 }) {
    const watchdog = new ControllerWatchdog(parts.clock, () => {
      this.#set(variant.safeA);
    });
    const state = (): string => {
      const plug = parts.target.plugState();
      return plug === "unplugged" ? "E" : pilotState(plug, this.#setpointA > 0);
    };
    super(parts, {
      holding: new Map([
        [1201, { read: () => lettersWord(state()) }],
        ...[1202, 1203, 1204, 1205].map((address) => [address, { read: () => 0 }] as const),
        ...pair(
          1210,
          () => bitsOf(this.#setpointA),
          (bits) => {
            this.#set(floatOf(bits));
            watchdog.reset(60_000);
            return undefined;
          },
        ),
      ]),
    });
    this.#safeA = variant.safeA;
    this.#setpointA = variant.safeA;
    this.offer(variant.safeA);
  }

  restart(): void {
    this.#set(this.#safeA);
  }

  #set(currentA: number): void {
    this.#setpointA = currentA;
    this.offer(currentA);
  }
}

/** KEBA P30: enabled with 16 A at power-up; disabled by its failsafe until it is enabled anew. */
export class SimulatedKeba extends Wallbox {
  #isEnabled = true;
  #milliA = 16_000;

  constructor(parts: ControllerParts) {
    let timeoutS = 0;
    let failsafeMilliA = 6000;
    const watchdog = new ControllerWatchdog(parts.clock, () => {
      this.#isEnabled = false;
      this.#milliA = failsafeMilliA;
      this.#tell();
    });
    const cables = { unplugged: 1, plugged: 7, charging: 7, fault: 7 } as const;
    const states = { unplugged: 1, plugged: 2, charging: 3, fault: 4 } as const;
    const state = (): number => {
      const plug = parts.target.plugState();
      return plug === "plugged" && !this.#isEnabled ? 5 : states[plug];
    };
    super(parts, {
      holding: new Map([
        ...pair(1000, state),
        ...pair(1004, () => cables[parts.target.plugState()]),
        ...pair(1600, () => failsafeMilliA),
        ...pair(1602, () => timeoutS),
        [5004, writeOnly((word) => (this.#milliA = word), [6000, 63_000])],
        [5014, writeOnly((word) => (this.#isEnabled = word === 1), [0, 1])],
        [5016, writeOnly((word) => (failsafeMilliA = word), [0, 63_000])],
        [5018, writeOnly((word) => (timeoutS = word), [0, 600])],
      ]),
      // Registers of two words are read as such, and never across.
      wholes: new Map([1000, 1004, 1600, 1602].map((address) => [address, 2])),
      onRequest: () => {
        watchdog.reset(timeoutS * 1000);
        this.#tell();
      },
    });
    this.#tell();
  }

  override write(address: number, words: readonly number[]): ModbusException | undefined {
    const refusal = super.write(address, words);
    this.#tell();
    return refusal;
  }

  restart(): void {
    this.#isEnabled = true;
    this.#milliA = 16_000;
    this.#tell();
  }

  #tell(): void {
    this.offer(this.#isEnabled ? this.#milliA / 1000 : 0);
  }
}

function bitsOf(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
