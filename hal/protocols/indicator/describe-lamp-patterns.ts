/** The table of lamp patterns as a page shows it: a mark of 100 ms each, filled while the lamp is lit. */
import type { LampPattern } from "./lamp-patterns.ts";

export function describeLampPatterns(patterns: Readonly<Record<string, LampPattern>>): string {
  const rows = Object.entries(patterns).map(([state, pattern]) => [
    `\`${state}\``,
    pattern.means,
    pattern.looksLike,
    pattern.colour,
    `\`${drawRhythm(pattern.rhythmMs)}\``,
  ]);
  return [["state", "it means", "it looks like", "colour", "rhythm"], ["---", "---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const MARK_MS = 100;

function drawRhythm(rhythmMs: readonly number[]): string {
  let atMs = 0;
  let drawn = "";
  rhythmMs.forEach((durationMs, step) => {
    const from = Math.round(atMs / MARK_MS);
    atMs += durationMs;
    drawn += (step % 2 === 0 ? "█" : "·").repeat(Math.max(1, Math.round(atMs / MARK_MS) - from));
  });
  return drawn;
}
