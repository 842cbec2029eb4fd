/** All that can go wrong in an adapter, with its probabilities; and which of it has. */
import type { SeededRandom } from "../seeded-random.ts";
import { FaultCounter } from "./fault-counter.ts";
import type { FaultChance, LineFaults } from "./line-faults.ts";
import type { RecordedDamage } from "./recorded-damage.ts";
import { replyDamages, type ReplyFaults, type ReplyInPrint } from "./reply-damage.ts";

/** Probabilities, from 0 to 1, for each request. */
export interface AdapterFaults extends LineFaults, ReplyFaults {
  /** BUFFER FULL in the middle. */
  readonly bufferFull?: number;
  /** The adapter starts anew in the middle, with its banner. */
  readonly reboot?: number;
  /** The same, and it says LV RESET. */
  readonly lowVoltage?: number;
  /** The adapter says nothing until a character stops it. */
  readonly hang?: number;
  /** SEARCHING... in front, though the protocol is set. */
  readonly searching?: number;
  /** One of these instead of a reply. */
  readonly canError?: number;
  readonly busBusy?: number;
  readonly busError?: number;
  readonly feedbackError?: number;
  /** ERR94: and all settings are lost. */
  readonly fatalCanError?: number;
  /** ACT ALERT, and it sleeps until a character wakes it, with all settings lost. */
  readonly activityAlert?: number;
}

/** Faults that take the place of a reply, and what is printed. */
export const NOTICES = {
  canError: "CAN ERROR",
  busBusy: "BUS BUSY",
  busError: "BUS ERROR",
  feedbackError: "FB ERROR",
  fatalCanError: "ERR94",
  activityAlert: "ACT ALERT",
} as const;

export type Notice = keyof typeof NOTICES;

const NOTICE_NAMES: readonly Notice[] = [
  "canError",
  "busBusy",
  "busError",
  "feedbackError",
  "fatalCanError",
  "activityAlert",
];
const DAMAGE_NAMES = ["leftover", "glued", "restarted", "echoed", "wrongSequence", "unfinished"] as const;

export type PlannedDamage = (typeof DAMAGE_NAMES)[number] | "recorded";

export class AdapterChance implements FaultChance {
  readonly random: SeededRandom;
  readonly fired = new FaultCounter();
  readonly faults: AdapterFaults;
  readonly #recorded: RecordedDamage | undefined;

  constructor(random: SeededRandom, faults: AdapterFaults, recorded: RecordedDamage | undefined) {
    this.random = random;
    this.faults = faults;
    this.#recorded = recorded;
  }

  fires(fault: string, probability: number | undefined): boolean {
    const fires = probability !== undefined && this.random.chance(probability);
    if (fires) this.fired.count(fault);
    return fires;
  }

  drawNotice(): Notice | undefined {
    return NOTICE_NAMES.find((name) => this.fires(name, this.faults[name]));
  }

  /** Drawn before the reply is there: a damaged one is printed when it is complete. Counted only when it fits. */
  drawDamage(): PlannedDamage | undefined {
    const names: readonly PlannedDamage[] = [...DAMAGE_NAMES, "recorded"];
    return names.find((name) => this.random.chance(this.faults[name] ?? 0));
  }

  damage(planned: PlannedDamage, reply: ReplyInPrint): readonly string[] {
    const damaged =
      planned === "recorded" ? this.#recorded?.apply(reply, this.random) : replyDamages[planned](reply, this.random);
    if (damaged === undefined) return reply.lines;
    this.fired.count(planned);
    return damaged;
  }
}
