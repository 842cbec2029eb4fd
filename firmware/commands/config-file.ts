/** Reads a gateway's configuration file for a command: what it says, and the folder that its paths start from. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseGatewayConfig, type GatewayConfig } from "#config/gateway-config.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-code.ts";

export interface ConfigFile {
  readonly config: GatewayConfig;
  /** Absolute. */
  readonly home: string;
}

/** More is no configuration, whatever it is. */
const CONFIG_BYTES_MAX = 256 * 1024;

/** Rejects with a CommandError that names the key, what was found and what is expected. */
export async function readConfigFile(cwd: string, file: string): Promise<ConfigFile> {
  const path = resolve(cwd, file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(EXIT.configuration, `${path}: cannot be read: ${reason}`, cause);
  });
  if (bytes.length > CONFIG_BYTES_MAX) {
    throw new CommandError(EXIT.configuration, `${path}: ${bytes.length} bytes are no configuration`);
  }
  const parsed = parseGatewayConfig(bytes.toString("utf8"));
  if (parsed.ok) return { config: parsed.value, home: dirname(path) };
  throw new CommandError(EXIT.configuration, `${path}: ${configProblem(parsed.fault)}`);
}

export function configProblem(fault: {
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}): string {
  return `${fault.path === "" ? "file" : fault.path}: found ${fault.found}, expected ${fault.expected}`;
}
