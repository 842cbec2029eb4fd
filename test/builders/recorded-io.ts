/** A command's surroundings without a process: what it said is kept, and it can be asked to stop. */
import type { CommandIo } from "#firmware/commands/command-io.ts";

export interface RecordedIo extends CommandIo {
  readonly outLines: readonly string[];
  readonly errLines: readonly string[];
}

export function recordIo(surroundings: Partial<Pick<CommandIo, "cwd" | "env">> = {}): RecordedIo {
  const outLines: string[] = [];
  const errLines: string[] = [];
  return {
    outLines,
    errLines,
    out: (line) => outLines.push(line),
    err: (line) => errLines.push(line),
    write: (text) => outLines.push(text),
    isTerminal: false,
    columns: 80,
    cwd: surroundings.cwd ?? "/",
    env: surroundings.env ?? {},
    onStop: () => undefined,
    onFailure: () => undefined,
  };
}
