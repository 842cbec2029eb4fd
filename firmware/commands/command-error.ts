/** A reason to end that is no bug: said in one message, with the exit code that goes with it. */
import type { ExitCode } from "./exit-code.ts";

export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.exitCode = exitCode;
  }
}
