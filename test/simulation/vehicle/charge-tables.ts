/** Judged charges as tables for people: U and coverage of groups, and of each car by each adapter. */
import type { JudgedCharge } from "./charge-tally.ts";

/** One row a group. `U` and `error` are medians, as shares of the truth; `U most` is that of 95 in 100. */
export function table(
  title: string,
  charges: readonly JudgedCharge[],
  keyOf: (charge: JudgedCharge) => string,
): readonly string[] {
  const groups = new Map<string, JudgedCharge[]>();
  for (const charge of charges) groups.set(keyOf(charge), [...(groups.get(keyOf(charge)) ?? []), charge]);
  const rows = [...groups]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([key, group]) => {
      const median = (of: (charge: JudgedCharge) => number): number => middle(group.map(of));
      const cells = [
        String(group.length),
        percent(median(({ uShare }) => uShare)),
        percent(
          quantile(
            group.map(({ uShare }) => uShare),
            0.95,
          ),
        ),
        percent(median(({ errorShare }) => Math.abs(errorShare))),
        percent(Math.max(...group.map(({ errorShare }) => Math.abs(errorShare)))),
        percent(share(group, ({ isWithin }) => isWithin)),
        percent(share(group, ({ isSignedWithin, isHonest }) => isSignedWithin || !isHonest)),
        `${(middle(group.map(({ cpuMs }) => cpuMs)) / 1000).toFixed(1)} s`,
      ];
      return `${key.padEnd(TITLE)}${cells.map((cell) => cell.padEnd(10)).join("")}`;
    });
  const heads = ["charges", "U", "U most", "error", "worst", "within", "signed", "time"].map((head) => head.padEnd(10));
  return ["", `${title.padEnd(TITLE)}${heads.join("")}`, ...rows];
}

/** One row a car, one column an adapter: coverage in per cent / median U in per cent, and of how many where not all. */
export function pairTable(charges: readonly JudgedCharge[]): readonly string[] {
  const models = [...new Set(charges.map(({ model }) => model))];
  const personas = [...new Set(charges.map(({ persona }) => persona))];
  const cellOf = (model: string, persona: string): string => {
    const group = charges.filter((charge) => charge.model === model && charge.persona === persona);
    const measured = group.filter(({ isMeasured }) => isMeasured);
    if (measured.length === 0) return "-";
    const of = measured.length === group.length ? "" : ` (${measured.length})`;
    const coverage = 100 * share(measured, ({ isWithin }) => isWithin);
    return `${coverage.toFixed(1)}/${(100 * middle(measured.map(({ uShare }) => uShare))).toFixed(1)}${of}`;
  };
  const heads = personas.map((persona) => persona.padEnd(CELL)).join("");
  const rows = models.map((model) => {
    const cells = personas.map((persona) => cellOf(model, persona).padEnd(CELL));
    return `${model.padEnd(TITLE)}${cells.join("")}`;
  });
  return ["", `${"within, % / U, % (measured)".padEnd(TITLE)}${heads}`, ...rows];
}

const TITLE = 36;
const CELL = 16;

export function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.length === 0 ? 1 : items.filter(holds).length / items.length;
}

function middle(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], of: number): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length * of)] ?? 0;
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
