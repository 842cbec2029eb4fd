/** Other programs around a Modbus line: the serial line with a wire's behaviour, and pymodbus as the meter. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface SerialWire {
  readonly ourPath: string;
  readonly meterPath: string;
  stop(): Promise<void>;
}

export async function openSerialWire(...faults: readonly string[]): Promise<SerialWire> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-line-"));
  const [ourPath, meterPath] = [join(folder, "ours"), join(folder, "meter")];
  const program = await startPython("serial-line.py", "ready", [ourPath, meterPath, ...faults]);
  return {
    ourPath,
    meterPath,
    stop: async () => {
      await stopProgram(program);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when pymodbus listens; the returned function ends it. */
export async function startMeter(...words: readonly string[]): Promise<() => Promise<void>> {
  const program = await startPython("modbus-meter-server.py", "serving", words);
  return () => stopProgram(program);
}

/** Ends all that a test has started and not ended itself. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stopProgram));
}

const running = new Set<ChildProcess>();

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const STARTS_WITHIN_MS = 20_000;

async function startPython(script: string, sign: string, words: readonly string[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const program = spawn("/usr/bin/python3", [path, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(program);
  program.on("exit", () => running.delete(program));
  const said: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const give = setTimeout(() => {
      reject(new Error(`${script} did not start: ${Buffer.concat(said).toString()}`));
    }, STARTS_WITHIN_MS);
    const listen = (chunk: Buffer): void => {
      said.push(chunk);
      if (!Buffer.concat(said).toString().includes(sign)) return;
      clearTimeout(give);
      resolve();
    };
    program.stdout.on("data", listen);
    program.stderr.on("data", listen);
    program.on("exit", () => {
      clearTimeout(give);
      reject(new Error(`${script} ended: ${Buffer.concat(said).toString()}`));
    });
  });
  return program;
}

async function stopProgram(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = new Promise((resolve) => program.once("exit", resolve));
  program.kill("SIGKILL");
  await ended;
}
