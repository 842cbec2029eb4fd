/**
 * One emulated machine at a time: two on two processors are so slow that guests give their devices up. Everybody who
 * starts one holds the same lock file.
 */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns what lets go; also done when this process ends, however it ends */
export async function holdEmulator(): Promise<() => void> {
  const lock = process.env["TALLYSTICK_EMULATOR_LOCK"] ?? join(tmpdir(), "qemu.lock");
  // It ends with its input, which is ours.
  const holder = spawn("setpriv", ["--pdeathsig", "KILL", "flock", lock, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => {
      resolve();
    });
    holder.once("error", reject);
    holder.once("exit", (code) => {
      reject(new Error(`flock ended with ${code ?? "a signal"}`));
    });
  });
  return () => {
    holder.stdin.end();
  };
}
