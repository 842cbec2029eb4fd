/** The last words on many regions: how they ended, the speed, and which faults really fired. */
import { FAULT_KINDS, FAULT_KIND_NAMES } from "./fault-counts.ts";
import type { PlayedSeed } from "./played-seed.ts";

const HOUR_MS = 3_600_000;

export function summaryOf(played: readonly PlayedSeed[], processes: number): readonly string[] {
  const broken = played.filter(({ ending }) => ending !== "held");
  const simulatedMs = sum(played, (each) => each.simulatedMs);
  const byCpu = simulatedMs / sum(played, ({ cpuMs }) => cpuMs);
  const byWall = simulatedMs / sum(played, ({ wallMs }) => wallMs);
  const inAll = processes === 1 ? "" : ` in each of ${processes} processes`;
  return [
    ...faultLines(played),
    ...endingLines(played),
    `${played.length} seeds of ${played[0]?.wishes ?? "nothing"}: ${(simulatedMs / HOUR_MS).toFixed(1)} h simulated, ` +
      `${sum(played, ({ charges }) => charges)} charges with a result`,
    `${byCpu.toFixed(0)} times real time by the processor's own time, ${byWall.toFixed(0)} by the clock${inAll}`,
    broken.length === 0
      ? "every invariant was kept"
      : `broken: seeds ${broken.map(({ seed, ending }) => `${seed} (${ending})`).join(", ")}`,
  ];
}

function faultLines(played: readonly PlayedSeed[]): readonly string[] {
  const timesOf = new Map(FAULT_KIND_NAMES.map((kind) => [kind, sum(played, ({ fired }) => fired[kind] ?? 0)]));
  const wanted = new Set(played.flatMap((each) => each.wanted));
  const fired = FAULT_KIND_NAMES.filter((kind) => (timesOf.get(kind) ?? 0) > 0);
  const missing = FAULT_KIND_NAMES.filter((kind) => wanted.has(kind) && !fired.includes(kind));
  const lines = fired.map((kind) => {
    const seeds = played.filter((each) => kind in each.fired).length;
    return `${String(timesOf.get(kind)).padStart(10)} in ${String(seeds).padStart(4)} seeds, ${kind}: ${FAULT_KINDS[kind]}`;
  });
  return [
    "faults that fired:",
    ...lines,
    ...(missing.length > 0 ? [`FINDING: switched on and never fired: ${missing.join(", ")}`] : []),
  ];
}

function endingLines(played: readonly PlayedSeed[]): readonly string[] {
  const endings = new Map<string, number>();
  for (const { ending } of played) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return [...endings].sort(([, one], [, other]) => other - one).map(([ending, times]) => `${times} ${ending}`);
}

function sum(played: readonly PlayedSeed[], of: (each: PlayedSeed) => number): number {
  return played.reduce((total, each) => total + of(each), 0);
}
