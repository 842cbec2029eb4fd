/** What lies at a path that a person names: a gateway's folder, its flash, one store or a file. It is only read. */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { gatewayPlaces } from "../gateway-places.ts";
import { flashInUse, isPseudonymFolder } from "../pseudonym-places.ts";
import { CommandError } from "./command-error.ts";
import { CONFIG_NAME, FLASH_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";
import { readOnAllCores } from "./read-on-all-cores.ts";
import type { ReadRecords } from "./read-records.ts";
import { verifyFile, verifyStore, type InspectedFolder, type Verification } from "./verification.ts";

/** No exported chain is larger: the decoder takes 32 Ki items, of which a fact is one of at most 4 KiB. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Rejects with a CommandError when there is nothing of a gateway, or with the system's error. */
export async function verifyPath(crypto: Cryptography, cwd: string, path: string): Promise<Verification> {
  const full = resolve(cwd, path);
  const found = await stat(full).catch((cause: unknown) => {
    throw new CommandError(
      EXIT.badData,
      `${path}: ${cause instanceof Error ? cause.message : "cannot be read"}`,
      cause,
    );
  });
  if (!found.isDirectory()) return await verifyOneFile(crypto, full, { path, sizeBytes: found.size });
  const ledger = await findLedger(full);
  if (ledger === undefined) {
    const expected = "a gateway's folder, its flash folder, an exported chain or a receipt";
    throw new CommandError(EXIT.badData, `${path}: no chain is stored here; expected ${expected}`);
  }
  const inspect = async (folder: string): Promise<InspectedFolder> => ({
    path: relative(cwd, folder) || ".",
    inspection: await inspectFolder(folder),
  });
  const registers = await Promise.all(ledger.registers.map(inspect));
  const inspected = await inspect(ledger.folder);
  return await onAllCores(crypto, (read) => verifyStore(crypto, inspected, registers, read));
}

/** A store of the gateway whose folder, flash or ledger lies at the path; undefined where there is none. */
export async function findStore(cwd: string, path: string, name: string): Promise<string | undefined> {
  const full = resolve(cwd, path);
  const isFolder = await stat(full).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const ledger = isFolder ? await findLedger(full) : undefined;
  if (ledger === undefined) return undefined;
  const home = dirname(ledger.folder);
  return (await foldersIn(home)).includes(name) ? join(home, name) : undefined;
}

async function verifyOneFile(
  crypto: Cryptography,
  full: string,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
): Promise<Verification> {
  if (sizeBytes <= FILE_BYTES_MAX) {
    const bytes = await readFile(full);
    return await onAllCores(crypto, (read) => verifyFile(crypto, path, bytes, read));
  }
  return { ok: false, problems: [{ rule: "FILE_TOO_LARGE", file: path, details: { sizeBytes } }] };
}

async function onAllCores(
  crypto: Cryptography,
  verify: (read: ReadRecords) => Promise<Verification>,
): Promise<Verification> {
  const verifier = new ThreadVerifier(crypto);
  try {
    return await verify((records) => readOnAllCores(crypto, verifier, records));
  } finally {
    await verifier.close();
  }
}

interface FoundLedger {
  readonly folder: string;
  /** Folders with further registers of the same gateway. */
  readonly registers: readonly string[];
}

async function findLedger(folder: string): Promise<FoundLedger | undefined> {
  const names = await readdir(folder);
  if (names.some((name) => /^segment-\d{8}$/.test(name))) return { folder, registers: [] };
  const flash = names.includes(CONFIG_NAME) ? await flashOf(folder) : names.includes(FLASH_NAME) ? FLASH_NAME : ".";
  // Of a vehicle with several identities the one in use, unless its flash is named.
  const home = flash === "." ? folder : await flashInUse(resolve(folder, flash));
  const stores = (await foldersIn(home)).filter((name) => !isPseudonymFolder(name));
  if (!stores.includes("ledger")) return undefined;
  const registers = stores.filter((name) => name !== "ledger").map((name) => join(home, name));
  return { folder: join(home, "ledger"), registers };
}

/** Only where the flash is; a configuration that cannot be read must not stand in the way of checking a chain. */
async function flashOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, CONFIG_NAME), "utf8");
  const config = parseGatewayConfig(text);
  return config.ok ? gatewayPlaces(config.value, folder).flash : FLASH_NAME;
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
