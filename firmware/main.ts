/** The `tallystick` command: the only file that touches the process. Everything else gets a `CommandIo`. */
import type { CommandIo } from "./commands/command-io.ts";
import { reportFailure, runCommandLine } from "./commands/command-line.ts";
import { commands } from "./commands/commands.ts";

const COLUMNS_DEFAULT = 80;
/** A second signal this much later means: now. Sooner it is the same one, which a terminal gives to every process. */
const INSIST_AFTER_MS = 1000;
const EXIT_INSISTED = 130;

let stopCallback: (() => void) | undefined;
let failureCallback: ((error: unknown) => void) | undefined;
let stoppedAtMs: number | undefined;
let isOutputGone = false;

const io: CommandIo = {
  out: (line) => {
    io.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
  write: (text) => {
    if (!isOutputGone) process.stdout.write(text);
  },
  isTerminal: process.stdout.isTTY,
  columns: process.stdout.isTTY ? process.stdout.columns : COLUMNS_DEFAULT,
  cwd: process.cwd(),
  env: process.env,
  onStop: (callback) => {
    stopCallback = callback;
    if (stoppedAtMs !== undefined) callback();
  },
  onFailure: (callback) => {
    failureCallback = callback;
  },
};

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopCallback === undefined) process.exit(EXIT_INSISTED);
    stop();
  });
}

// Started by another program over a channel, such as by the bench: when that program is gone, this one has to go, too.
process.on("disconnect", stop);

for (const event of ["unhandledRejection", "uncaughtException"] as const) {
  process.on(event, (error: unknown) => {
    if (failureCallback === undefined) process.exit(reportFailure(error, io));
    failureCallback(error);
  });
}

// Whoever read the output has gone, as `head` does: nothing more to say, and no reason to go on.
process.stdout.on("error", () => {
  isOutputGone = true;
  if (stoppedAtMs === undefined) stop();
});
process.stderr.on("error", () => undefined);

// Not by letting the loop run empty: a line that a device holds open must not keep a finished command alive.
const exitCode = await runCommandLine(process.argv.slice(2), commands, io);
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit(exitCode);

/** A pipe takes only so much at once: what it has not taken would be lost with the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      resolve();
    });
  });
}

function stop(): void {
  const now = performance.now();
  if (stoppedAtMs !== undefined && now - stoppedAtMs > INSIST_AFTER_MS) process.exit(EXIT_INSISTED);
  if (stoppedAtMs !== undefined) return;
  stoppedAtMs = now;
  stopCallback?.();
}
