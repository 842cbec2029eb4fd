/** Contracts that the configuration names: those that are shipped, or files of CEL that are compiled at the start. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { GatewayError } from "./gateway-error.ts";

/**
 * The program's bytes.
 *
 * @param home the configuration's folder, from which the path of a file starts
 * @param key of the configuration, for what is said about a bad file
 * @throws GatewayError CONFIG_INVALID for a file that is not there or whose contract has mistakes
 */
export async function configuredCode(name: string, home: string, key: string): Promise<Uint8Array> {
  const shipped = SHIPPED_CONTRACTS.get(name);
  if (shipped !== undefined) return shipped;
  const source = await readFile(resolve(home, name), "utf8").catch((error: unknown) => {
    throw invalid(key, `${name}: ${error instanceof Error ? error.message : String(error)}`);
  });
  // Loaded here: a gateway that charges by a shipped one needs no parser, and has 9 MB more room without.
  const { compileContract } = await import("#authoring/compile-contract.ts");
  const compiled = compileContract(source, ENERGY_SURFACE);
  if (compiled.ok) return compiled.value.bytes;
  const [first] = compiled.fault;
  const place = first === undefined ? "" : `${first.line}:${first.column}: ${first.message}`;
  const more =
    compiled.fault.length > 1
      ? ` (and ${compiled.fault.length - 1} more: \`tallystick contract check\` tells all)`
      : "";
  throw invalid(key, `${name}:${place}${more}`);
}

function invalid(key: string, detail: string): GatewayError {
  return new GatewayError("CONFIG_INVALID", `${key}: ${detail}`);
}
