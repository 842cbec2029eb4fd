/** What happened in a region, short enough to be read: what was drawn, what broke, and the lines that led to it. */
import type { RegionOutcome } from "./play-region.ts";

const LINES = 60;
const LINE_LENGTH = 190;
/** Told by each gateway of each block: who reads a story wants to know of the first only. */
const ROUTINE = /blockAppended|reportSigned|meshConnected|finalMoved|voteCast|lossLearned/;

export function tellStory({ plan, world, violation, simulatedMs }: RegionOutcome, isWhole: boolean): string {
  const playedHours = (simulatedMs / 3_600_000).toFixed(2);
  const head = [
    `seed ${plan.seed}: ${violation === undefined ? "held" : `${violation.invariant}: ${violation.detail}`}`,
    `  ${plan.stations.length} stations and ${plan.vehicles.length} cars at ${plan.sites.length} sites; ` +
      `after ${playedHours} of ${plan.hours} h and a calm`,
    `  faults: ${[...plan.groups].join(", ") || "none"}`,
    `  liars: ${[...plan.liars].map(([name, lie]) => `${name} ${lie}`).join(", ") || "none"}`,
  ];
  const told = world.story.filter((line) => isWhole || !ROUTINE.test(line));
  const names =
    violation === undefined
      ? []
      : namesIn(
          violation.detail,
          world.nodes.map(({ name }) => name),
        );
  const about = told.filter((line) => names.length === 0 || concerns(line, names));
  const lines = isWhole ? told : about.slice(-LINES);
  const left = told.length - lines.length;
  return [
    ...head,
    ...(left > 0 ? [`  (${left} lines left out; --seed ${plan.seed} tells all)`] : []),
    ...lines.map((line) => `  ${line.slice(0, LINE_LENGTH)}`),
  ].join("\n");
}

function namesIn(detail: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => new RegExp(`\\b${name}\\b(?!-copy)`).test(detail));
}

/** Lines of those whom it is about, and those of the faults, which name nobody's event. */
function concerns(line: string, names: readonly string[]): boolean {
  return names.some((name) => line.includes(name)) || /broker|parted|backhaul|faults end|BROKEN|hears no/.test(line);
}
