/** Other programs around a Modbus line: the serial line with a wire's behaviour, and pymodbus as the meter. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface SerialWire {
  readonly ourPath: string;
  readonly meterPath: string;
  /** The adapter is unplugged: both ends lose their line. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

export async function openSerialWire(...faults: readonly string[]): Promise<SerialWire> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-line-"));
  const [ourPath, meterPath] = [join(folder, "ours"), join(folder, "meter")];
  const start = (): Promise<ChildProcess> => startPython("serial-line.py", "ready", [ourPath, meterPath, ...faults]);
  let program = await start();
  return {
    ourPath,
    meterPath,
    cut: () => stopProgram(program),
    mend: async () => {
      program = await start();
    },
    stop: async () => {
      await stopProgram(program);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Named as in meter-register-sets.json: V, A, W, Hz, and kWh for all energy. */
export type ShownValues = Readonly<Record<string, number>>;

export interface ServedMeter {
  readonly unit: number;
  readonly model: string;
  readonly values: ShownValues;
  /** Registers that this unit does not have. */
  readonly lacks?: readonly number[];
  /** Registers that it gives at once, where it is fewer than its model does. */
  readonly readMax?: number;
}

export interface MeterServer {
  /** What is wrong with the unit from now on, such as `half` or `exception 4`; `none` ends it. */
  setFault(unit: number, fault: string): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when pymodbus listens. `words` are where, and options. */
export async function startMeters(
  meters: readonly ServedMeter[],
  kind: "tcp" | "rtu",
  target: string | number,
  ...words: readonly string[]
): Promise<MeterServer> {
  const given = [kind, String(target), JSON.stringify(meters), ...words];
  const program = await startPython("modbus-meter-server.py", "serving", given);
  return {
    setFault: async (unit, fault) => {
      const heard = said(program, `has ${unit} ${fault}`);
      program.stdin?.write(`${unit} ${fault}\n`);
      await heard;
    },
    stop: () => stopProgram(program),
  };
}

/** Ends all that a test has started and not ended itself. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stopProgram));
}

const running = new Set<ChildProcess>();

const STARTS_WITHIN_MS = 20_000;

export async function startPython(script: string, sign: string, words: readonly string[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const program = spawn("/usr/bin/python3", [path, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  running.add(program);
  program.on("exit", () => running.delete(program));
  await said(program, sign);
  return program;
}

/** Resolves when the program has said it; what it says on its error output is for whoever reads the failure. */
export async function said(program: ChildProcess, sign: string): Promise<void> {
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString();
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(give);
      program.stdout?.off("data", listen);
      program.stderr?.off("data", listen);
      program.off("exit", died);
      settle();
    };
    const died = (): void => {
      end(() => {
        reject(new Error(`the program ended: ${text()}`));
      });
    };
    const listen = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (text().includes(sign)) end(resolve);
    };
    const give = setTimeout(() => {
      end(() => {
        reject(new Error(`"${sign}" was not said: ${text()}`));
      });
    }, STARTS_WITHIN_MS);
    program.stdout?.on("data", listen);
    program.stderr?.on("data", listen);
    program.on("exit", died);
  });
}

export async function stopProgram(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = new Promise((resolve) => program.once("exit", resolve));
  program.kill("SIGKILL");
  await ended;
}
