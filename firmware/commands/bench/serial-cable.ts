/** A serial cable between two programs: a pair of pseudo-terminals that socat joins. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export interface SerialCable {
  /** For the gateway. */
  readonly nearPath: string;
  /** For the simulated device. */
  readonly farPath: string;
  /** Both ends vanish until `plugIn`, as those of a USB adapter do. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  dispose(): Promise<void>;
}

/** Ends with a CommandError when socat is missing or makes no terminals. */
export async function openSerialCable(): Promise<SerialCable> {
  const folder = await mkdtemp(join(tmpdir(), "tallystick-line-"));
  const [nearPath, farPath] = [join(folder, "gateway"), join(folder, "device")];
  let socat: ChildProcess | undefined;
  const plugIn = async (): Promise<void> => {
    socat = await startSocat(nearPath, farPath);
  };
  const unplug = async (): Promise<void> => {
    const running = socat;
    socat = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.stdin?.end();
    await ended;
  };
  const dispose = async (): Promise<void> => {
    await unplug();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await plugIn();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { nearPath, farPath, unplug, plugIn, dispose };
}

const LOOK_MS = 5;
const LOOKS_MAX = 1000;
const NOT_INSTALLED = 127;
/** Ends socat when its own input ends: also when the bench was killed and could not. */
const SCRIPT = `command -v socat >/dev/null || exit ${NOT_INSTALLED}; socat "$1" "$2" & cat >/dev/null; kill $!; wait`;

async function startSocat(nearPath: string, farPath: string): Promise<ChildProcess> {
  const ends = [nearPath, farPath].map((path) => `pty,raw,echo=0,link=${path}`);
  const shell = spawn("sh", ["-c", SCRIPT, "sh", ...ends], { stdio: ["pipe", "ignore", "ignore"] });
  let ended: number | undefined;
  shell.once("exit", (code) => (ended = code ?? NOT_INSTALLED));
  shell.once("error", () => (ended = NOT_INSTALLED));
  for (let look = 0; !(existsSync(nearPath) && existsSync(farPath)); look += 1) {
    if (ended !== undefined) throw new CommandError(EXIT.unavailable, "--serial needs socat: apt-get install socat");
    if (look > LOOKS_MAX) {
      shell.stdin.end();
      throw new CommandError(EXIT.unavailable, "socat made no pseudo-terminals; are there none on this machine?");
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return shell;
}
