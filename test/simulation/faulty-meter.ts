/**
 * A station's meter as years in a cabinet treat it: it trembles, falls silent, shows nonsense, is set back, rolls over
 * and is exchanged. What really flowed through it is known.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { EnergyMeter, MeterFault, MeterIdentity, MeterReading } from "#hal/ports/energy-meter.ts";

export type MeterTrouble =
  | "spike"
  | "repeated-spike"
  | "silence"
  | "bad-frame"
  | "reset"
  | "swap"
  | "swap-without-serial-number"
  | "wrong-unit"
  | "tremble"
  | "rollover";

export interface MeterTime {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** As a display of few digits has it, but small enough to be passed several times a year. */
export const ROLLOVER_MILLI_WH = 2_000_000_000;
export const RESOLUTION_MILLI_WH = 10_000;

export class FaultyMeter implements EnergyMeter {
  readonly happened = new Map<MeterTrouble, number>();
  readonly #random: SeededRandom;
  readonly #now: () => MeterTime;
  #flowedMilliWh = 0;
  #powerW = 0;
  /** What the register showed when nothing had flowed yet. */
  #offsetMilliWh: number;
  #serial = 1;
  #hasSerial = true;
  #known: string | null = null;
  #silentUntilMs = Number.NEGATIVE_INFINITY;
  #wrong: { readonly milliWh: number; times: number } | undefined;
  #badFrames = 0;
  #divisor = 1;
  #turns = 0;

  constructor(random: SeededRandom, now: () => MeterTime) {
    this.#random = random;
    this.#now = now;
    this.#offsetMilliWh = random.integer(0, ROLLOVER_MILLI_WH - 1);
  }

  /** Everything that ever flowed through the place of this meter. */
  get flowedMilliWh(): number {
    return this.#flowedMilliWh;
  }

  /** What lasts. */
  get standingTroubles(): readonly MeterTrouble[] {
    const isSilent = this.#now().monotonicMs < this.#silentUntilMs;
    return [...(this.#divisor === 1 ? [] : ["wrong-unit" as const]), ...(isSilent ? ["silence" as const] : [])];
  }

  flow(powerW: number, ms: number): void {
    this.#powerW = powerW;
    this.#flowedMilliWh += (powerW * ms) / 3_600;
    const turns = Math.floor((this.#flowedMilliWh + this.#offsetMilliWh) / ROLLOVER_MILLI_WH);
    if (turns > this.#turns) this.#note("rollover");
    this.#turns = turns;
  }

  strike(trouble: Exclude<MeterTrouble, "tremble" | "rollover">): void {
    this.#note(trouble);
    const random = this.#random;
    const nonsense = random.pick([0, 0xffff_ffff, this.#shown() * 1000, this.#shown() + random.integer(20_000, 1e9)]);
    switch (trouble) {
      case "spike":
        this.#wrong = { milliWh: nonsense, times: 1 };
        return;
      case "repeated-spike":
        this.#wrong = { milliWh: nonsense, times: 3 };
        return;
      case "silence":
        this.#silentUntilMs = this.#now().monotonicMs + random.integer(1, 900) * 1000;
        return;
      case "bad-frame":
        this.#badFrames = random.integer(1, 3);
        return;
      case "reset":
        this.#show(0);
        return;
      case "swap":
        this.#serial += 1;
        this.#hasSerial = true;
        this.#show(random.integer(0, ROLLOVER_MILLI_WH - 1));
        return;
      case "swap-without-serial-number":
        this.#hasSerial = false;
        this.#show(random.integer(0, ROLLOVER_MILLI_WH - 1));
        return;
      case "wrong-unit":
        this.#divisor = 1000;
    }
  }

  /** Somebody has found the mistake in the configuration. */
  mendUnit(): void {
    this.#divisor = 1;
  }

  identify(): Promise<Result<MeterIdentity, MeterFault>> {
    const fault = this.#fault();
    if (fault !== undefined) return Promise.resolve(fail(fault));
    this.#known = this.#serialNumber;
    return Promise.resolve(ok({ model: "faulty", serialNumber: this.#known, firmware: null }));
  }

  read(): Promise<Result<MeterReading, MeterFault>> {
    const fault = this.#fault() ?? this.#badFrame() ?? this.#swapped();
    if (fault !== undefined) return Promise.resolve(fail(fault));
    return Promise.resolve(
      ok({
        importedMilliWh: this.#next(),
        resolutionMilliWh: RESOLUTION_MILLI_WH,
        rolloverMilliWh: ROLLOVER_MILLI_WH,
        register: "simulated",
        exportedMilliWh: null,
        powerW: this.#powerW,
        voltageV: [],
        currentA: [],
        frequencyHz: null,
        ...this.#now(),
      }),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #next(): number {
    const wrong = this.#wrong;
    if (wrong !== undefined) {
      wrong.times -= 1;
      if (wrong.times === 0) this.#wrong = undefined;
      return wrong.milliWh;
    }
    const shown = this.#shown();
    if (!this.#random.chance(0.001)) return shown;
    this.#note("tremble");
    return Math.max(0, shown - RESOLUTION_MILLI_WH);
  }

  #shown(): number {
    const register = ((this.#flowedMilliWh + this.#offsetMilliWh) / this.#divisor) % ROLLOVER_MILLI_WH;
    return Math.floor(register / RESOLUTION_MILLI_WH) * RESOLUTION_MILLI_WH;
  }

  #show(milliWh: number): void {
    this.#offsetMilliWh = milliWh - this.#flowedMilliWh;
    this.#turns = 0;
  }

  #fault(): MeterFault | undefined {
    if (this.#now().monotonicMs >= this.#silentUntilMs) return undefined;
    return { code: "METER_SILENT", endpoint: "simulated", unit: 1, waitedMs: 500 };
  }

  get #serialNumber(): string | null {
    return this.#hasSerial ? String(this.#serial) : null;
  }

  /** As drivers have it: another serial number than the one they told is refused until somebody asks again. */
  #swapped(): MeterFault | undefined {
    const found = this.#serialNumber;
    if (this.#known === null || found === null || this.#known === found) return undefined;
    return { code: "METER_SWAPPED", expectedSerialNumber: this.#known, foundSerialNumber: found };
  }

  #badFrame(): MeterFault | undefined {
    if (this.#badFrames === 0) return undefined;
    this.#badFrames -= 1;
    return { code: "METER_BAD_FRAME", endpoint: "simulated", reason: "a frame with a wrong checksum came" };
  }

  #note(trouble: MeterTrouble): void {
    this.happened.set(trouble, (this.happened.get(trouble) ?? 0) + 1);
  }
}
