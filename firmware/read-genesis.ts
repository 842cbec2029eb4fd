/** The region of a gateway, as its file says. */
import { readFile } from "node:fs/promises";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { GatewayError } from "./gateway-error.ts";

/** Rejects with a GatewayError when it is not there or does not hold. */
export async function readGenesis(crypto: Cryptography, path: string): Promise<Genesis> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new GatewayError(
      "GENESIS_MISSING",
      `${path}: no genesis of a region; copy it from the charger gateway`,
      cause,
    );
  });
  const genesis = decodeGenesis(crypto, bytes);
  if (genesis.ok) return genesis.value;
  if (genesis.fault.code === "GENESIS_OF_EARLIER_FORM") {
    const why = "a region from before blocks could become final; this release cannot go on with it, begin a new one";
    throw new GatewayError(genesis.fault.code, `${path}: ${why}`);
  }
  throw new GatewayError("GENESIS_DAMAGED", `${path}: not a genesis (${genesis.fault.code})`);
}
