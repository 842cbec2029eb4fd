/**
 * A station's meter watch over days or years, a reading each second, with the troubles of a faulty meter, restarts of
 * the gateway and steps of its clock. What each session is billed is held against what really flowed.
 */
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { MeterWatch } from "#services/meter-watch.ts";
import { FaultyMeter, RESOLUTION_MILLI_WH, type MeterTrouble } from "./faulty-meter.ts";

export interface YearOptions {
  readonly seed: number | string;
  readonly days: number;
  /** Troubles a day, each kind. */
  readonly troublesPerDay: number;
}

export interface YearOutcome {
  readonly readings: number;
  readonly sessions: number;
  readonly exact: number;
  /** Sessions that ended early, by the reason that they give. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly troubles: ReadonlyMap<MeterTrouble | "restart" | "clock-step", number>;
  readonly wrong: readonly string[];
}

const SECOND_MS = 1000;
const DAY_S = 86_400;
const POWER_MAX_W = 22_000;
/** As the station's party has it: older than this, a register is no word about what flows now. */
const AGE_MS_MAX = 15_000;
const ABSENT_MS_MAX = 600_000;
/**
 * Below this, and below the least that a trade is judged by, a mistake of units cannot be told from a late register.
 */
const UNIT_SEEN_FROM_MILLI_WH = 200_000;
const STRIKES = [
  "spike",
  "repeated-spike",
  "silence",
  "bad-frame",
  "reset",
  "swap",
  "swap-without-serial-number",
  "wrong-unit",
] as const;

interface Session {
  readonly powerW: number;
  readonly endsAtS: number;
  readonly startMilliWh: number;
  readonly flowedBefore: number;
  readonly disturbed: readonly string[];
  signedMilliWh: number;
  flowedAtSigned: number;
  absentSinceMs: number | undefined;
}

export async function simulateMeterYear(options: YearOptions): Promise<YearOutcome> {
  const year = new MeterYear(options);
  return year.run();
}

class MeterYear {
  readonly #options: YearOptions;
  readonly #random: SeededRandom;
  readonly #meter: FaultyMeter;
  readonly #memory = new MemoryRegister();
  readonly #reasons = new Map<string, number>();
  readonly #troubles = new Map<"restart" | "clock-step", number>();
  readonly #wrong: string[] = [];
  #monotonicMs = 0;
  #wallMs = Date.UTC(2026, 0, 1);
  #watch: MeterWatch;
  #session: Session | undefined;
  #struck: string[] = [];
  #flowedAtReading = 0;
  #offUntilS = 0;
  #hangs = false;
  #mendAtS = Number.POSITIVE_INFINITY;
  #readings = 0;
  #sessions = 0;
  #exact = 0;

  constructor(options: YearOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const now = () => ({ monotonicMs: this.#monotonicMs, wallMs: this.#wallMs });
    this.#meter = new FaultyMeter(this.#random.fork("meter"), now);
    this.#watch = this.#begin();
  }

  async run(): Promise<YearOutcome> {
    const lastS = this.#options.days * DAY_S;
    for (let second = 1; second <= lastS; second += 1) {
      this.#monotonicMs += SECOND_MS;
      this.#wallMs += SECOND_MS;
      this.#meter.flow(this.#powerW(second), SECOND_MS);
      this.#maybeStrike(second);
      if (second < this.#offUntilS) continue;
      await this.#watch.look();
      this.#readings += 1;
      this.#steer(second);
    }
    return {
      readings: this.#readings,
      sessions: this.#sessions,
      exact: this.#exact,
      reasons: this.#reasons,
      troubles: new Map([...this.#meter.happened, ...this.#troubles]),
      wrong: this.#wrong,
    };
  }

  /** A contactor that hangs lets power flow while the gateway is off; that with a wrong unit is two faults at once. */
  #powerW(second: number): number {
    const isOff = second < this.#offUntilS;
    if (isOff && (!this.#hangs || this.#meter.standingTroubles.includes("wrong-unit"))) return 0;
    return this.#session?.powerW ?? 0;
  }

  #begin(): MeterWatch {
    const clock: Clock = {
      monotonicMs: () => this.#monotonicMs,
      wallMs: () => this.#wallMs,
      wakeAt: () => () => undefined,
    };
    return new MeterWatch({
      meter: this.#meter,
      clock,
      toMonotonicMs: (stampMs) => stampMs,
      powerMaxW: POWER_MAX_W,
      serialNumber: undefined,
      memory: this.#memory,
      emit: () => undefined,
    });
  }

  #maybeStrike(second: number): void {
    if (second >= this.#mendAtS && this.#session === undefined) {
      this.#mendAtS = Number.POSITIVE_INFINITY;
      this.#meter.mendUnit();
      this.#restart(second, 5);
    }
    const random = this.#random;
    // Each kind of meter trouble, restarts and clock steps.
    const chance = (this.#options.troublesPerDay * (STRIKES.length + 2)) / DAY_S;
    if (!random.chance(chance)) return;
    const kind = random.pick([...STRIKES, "restart", "clock-step"] as const);
    this.#struck.push(kind);
    if (kind === "restart") this.#restart(second, random.integer(1, 7200));
    else if (kind === "clock-step") this.#stepClock();
    else this.#meter.strike(kind);
    if (kind === "wrong-unit") this.#mendAtS = second + random.integer(600, 10_800);
  }

  /** Power cut: what was in memory is gone, what flash holds is not. */
  #restart(second: number, offS: number): void {
    this.#note("restart");
    this.#offUntilS = second + offS;
    this.#hangs = this.#random.chance(0.5);
    // A board without a battery for its clock wakes up in the past now and then.
    if (this.#random.chance(0.1)) this.#wallMs -= 30 * DAY_S * SECOND_MS;
    this.#watch = this.#begin();
  }

  #stepClock(): void {
    this.#note("clock-step");
    this.#wallMs += this.#random.pick([-3_600_000, -5_000, 5_000, 3_600_000, 86_400_000]);
  }

  #note(kind: "restart" | "clock-step"): void {
    this.#troubles.set(kind, (this.#troubles.get(kind) ?? 0) + 1);
  }

  #steer(second: number): void {
    const reading = this.#watch.reading;
    if (reading?.quality === "good" && reading.ageMs === 0) this.#flowedAtReading = this.#meter.flowedMilliWh;
    if (this.#session === undefined) this.#maybePlugIn(second);
    else this.#charge(this.#session, second);
  }

  #maybePlugIn(second: number): void {
    this.#watch.forgetFault();
    const registerMilliWh = this.#watch.registerMilliWh;
    // About eight charges a day.
    if (!this.#random.chance(8 / DAY_S)) return;
    if (registerMilliWh === undefined || this.#watch.ageMs > AGE_MS_MAX) return;
    this.#struck = [...this.#meter.standingTroubles];
    this.#session = {
      powerW: this.#random.between(1_400, POWER_MAX_W),
      endsAtS: second + this.#random.integer(120, 10_800),
      startMilliWh: registerMilliWh,
      flowedBefore: this.#flowedAtReading,
      disturbed: this.#struck,
      signedMilliWh: registerMilliWh,
      flowedAtSigned: this.#flowedAtReading,
      absentSinceMs: undefined,
    };
  }

  #charge(session: Session, second: number): void {
    const { fault, ageMs, registerMilliWh } = this.#watch;
    if (fault !== undefined) {
      this.#end(session, fault.code);
      return;
    }
    if (ageMs <= AGE_MS_MAX && registerMilliWh !== undefined) {
      session.absentSinceMs = undefined;
      // The signed register never falls.
      if (registerMilliWh >= session.signedMilliWh) {
        session.signedMilliWh = registerMilliWh;
        session.flowedAtSigned = this.#flowedAtReading;
      }
    } else {
      session.absentSinceMs ??= this.#monotonicMs;
      if (this.#monotonicMs - session.absentSinceMs > ABSENT_MS_MAX) this.#end(session, "meter-absent");
      return;
    }
    if (second >= session.endsAtS) this.#end(session, undefined);
  }

  #end(session: Session, reason: string | undefined): void {
    this.#session = undefined;
    this.#sessions += 1;
    const billed = session.signedMilliWh - session.startMilliWh;
    const flowed = session.flowedAtSigned - session.flowedBefore;
    // A step at each end, and one of a register that trembled there.
    const isExact = Math.abs(billed - flowed) <= 3 * RESOLUTION_MILLI_WH;
    const isTooSmall = session.disturbed.includes("wrong-unit") && flowed < UNIT_SEEN_FROM_MILLI_WH;
    if (isExact) this.#exact += 1;
    if (reason !== undefined) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    const troubles = session.disturbed.join(", ") || "nothing";
    const said = `session ${this.#sessions}: ${billed} mWh billed, ${Math.round(flowed)} flowed, ${reason ?? "no reason"}; ${troubles}`;
    if (reason === undefined && !isExact && !isTooSmall) this.#wrong.push(`silently wrong: ${said}`);
    if (reason !== undefined && session.disturbed.length === 0) this.#wrong.push(`stopped for nothing: ${said}`);
  }
}

class MemoryRegister implements SafetyRegister {
  value: Uint8Array | undefined;

  write(value: Uint8Array): Promise<void> {
    this.value = value;
    return Promise.resolve();
  }
}
