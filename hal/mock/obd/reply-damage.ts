/**
 * What happens to whole replies: the classes of damage that 38,347 recorded replies hold (vehicle study, section 1.4).
 * Each is a function from the intact lines to those that are printed.
 */
import type { SeededRandom } from "../seeded-random.ts";

/** Probabilities, from 0 to 1, for each request. */
export interface ReplyFaults {
  /** The end of the same unit's previous reply stands in front of this one: consecutive frames without a first. */
  readonly leftover?: number;
  /** The beginning of the previous reply stands in front of this one: two first frames. */
  readonly glued?: number;
  /** The reply breaks off and begins anew: two first frames of one reading. */
  readonly restarted?: number;
  /** The command in front, though echo is off. */
  readonly echoed?: number;
  /** Two consecutive frames have changed places. */
  readonly wrongSequence?: number;
  /** The end is missing. */
  readonly unfinished?: number;
  /** A shape that was recorded, when the adapter was given some. */
  readonly recorded?: number;
}

export interface ReplyInPrint {
  readonly lines: readonly string[];
  /** Of the same unit; empty when it has not answered yet. */
  readonly previous: readonly string[];
  readonly command: string;
}

export type ReplyDamage = (reply: ReplyInPrint, random: SeededRandom) => readonly string[] | undefined;

/** Undefined where the reply is too short for it, or nothing came before. */
export const replyDamages: Readonly<Record<Exclude<keyof ReplyFaults, "recorded">, ReplyDamage>> = {
  leftover: ({ lines, previous }, random) =>
    previous.length < 2 ? undefined : [...previous.slice(random.integer(1, previous.length - 1)), ...lines],
  glued: ({ lines, previous }, random) =>
    previous.length < 2 ? undefined : [...previous.slice(0, random.integer(1, previous.length - 1)), ...lines],
  restarted: ({ lines }, random) =>
    lines.length < 2 ? undefined : [...lines.slice(0, random.integer(1, lines.length - 1)), ...lines],
  echoed: ({ lines, command }) => [command, ...lines],
  wrongSequence: ({ lines }, random) => {
    if (lines.length < 3) return undefined;
    const at = random.integer(1, lines.length - 2);
    return [...lines.slice(0, at), ...lines.slice(at, at + 2).reverse(), ...lines.slice(at + 2)];
  },
  unfinished: ({ lines }, random) =>
    lines.length < 2 ? undefined : lines.slice(0, random.integer(1, lines.length - 1)),
};
