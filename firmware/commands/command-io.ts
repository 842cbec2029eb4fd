/** What a command sees of the process that it runs in. `main.ts` makes the real one; tests make their own. */
export interface CommandIo {
  /** A line of the result, to standard output. */
  readonly out: (line: string) => void;
  /** A line for the person at the terminal, to standard error. */
  readonly err: (line: string) => void;
  /** Text without a line end, to standard output: for a view that is drawn over itself. */
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called once, when the process is asked to end (SIGTERM, SIGINT, SIGHUP). Without it the process ends at once. */
  readonly onStop: (callback: () => void) => void;
  /** Called for an error that nobody awaited; without it such an error ends the process. */
  readonly onFailure: (callback: (error: unknown) => void) => void;
}
