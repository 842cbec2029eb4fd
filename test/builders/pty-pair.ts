/** Two pseudo terminals joined by socat: what one program writes to one path, another reads from the other. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PtyPair {
  readonly nearPath: string;
  readonly farPath: string;
  /** As if the cable were pulled: both paths are gone until `plugIn`. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  dispose(): Promise<void>;
}

export async function openPtyPair(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-pty-"));
  const nearPath = join(folder, "near");
  const farPath = join(folder, "far");
  let socat: ChildProcess | undefined;
  // A test process that dies must not leave it behind.
  const killWithUs = (): void => {
    socat?.kill();
  };
  process.once("exit", killWithUs);
  const plugIn = async (): Promise<void> => {
    socat = spawn("socat", [`pty,raw,echo=0,link=${nearPath}`, `pty,raw,echo=0,link=${farPath}`], { stdio: "ignore" });
    for (let attempt = 0; !(existsSync(nearPath) && existsSync(farPath)); attempt += 1) {
      if (attempt > 400) throw new Error("socat made no pseudo terminals; is it installed?");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const unplug = async (): Promise<void> => {
    const running = socat;
    socat = undefined;
    if (running?.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill();
    await ended;
  };
  await plugIn();
  return {
    nearPath,
    farPath,
    unplug,
    plugIn,
    dispose: async () => {
      process.off("exit", killWithUs);
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
