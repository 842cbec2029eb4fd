/** The diagnosis over many charges of each kind: which cause comes first, and how often. */
import { diagnose } from "#core/comparison/diagnose.ts";
import type { CauseCode } from "#core/comparison/diagnosis.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SETUPS } from "./comparison-charge.ts";
import { FAULT_KINDS, honestCharge } from "./comparison-faults.ts";

/** Share of honest charges of which nothing but a loss is named, and of faulty ones whose cause is named first. */
export const HONEST_QUIET_MIN = 0.999;
export const RIGHT_FIRST_MIN = 0.95;

export interface DiagnosisRow {
  readonly name: string;
  readonly right: number;
  /** Share of each first cause. */
  readonly first: ReadonlyMap<string, number>;
  /** An honest row: right is to name nothing but a loss. */
  readonly quiet: boolean;
}

export function diagnosisRows(charges: number, seed: string): readonly DiagnosisRow[] {
  const honest = row("honest", charges, { isRight: isQuiet, quiet: true }, (index) => {
    const random = new SeededRandom(`${seed} honest ${index}`);
    return diagnose(honestCharge(random, random.pick(SETUPS))).causes[0]?.code;
  });
  const faulty = FAULT_KINDS.map(({ name, cause, suits, make }) => {
    const setups = SETUPS.filter(suits);
    return row(`${cause}: ${name}`, charges, { isRight: (code) => code === cause, quiet: false }, (index) => {
      const random = new SeededRandom(`${seed} ${name} ${index}`);
      return diagnose(make(random, random.pick(setups))).causes[0]?.code;
    });
  });
  return [honest, ...faulty];
}

export function isQuiet(code: CauseCode | undefined): boolean {
  return code === undefined || code === "charging-loss";
}

function row(
  name: string,
  charges: number,
  judge: { readonly isRight: (code: CauseCode | undefined) => boolean; readonly quiet: boolean },
  firstOf: (index: number) => CauseCode | undefined,
): DiagnosisRow {
  const first = new Map<string, number>();
  let right = 0;
  for (let index = 0; index < charges; index += 1) {
    const code = firstOf(index);
    first.set(code ?? "none", (first.get(code ?? "none") ?? 0) + 1 / charges);
    if (judge.isRight(code)) right += 1 / charges;
  }
  return { name, right, first, quiet: judge.quiet };
}
