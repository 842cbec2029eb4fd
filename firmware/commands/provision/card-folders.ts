/** The folders of cards below the operator's: `card-NAME` holds what belongs onto that card, and what came back. */
import { join } from "node:path";
import { decodeEnrolment, type Enrolment } from "#core/identity/enrolment.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { readTally, REQUEST_NAME } from "../ca/tally-file.ts";
import { CommandError } from "../command-error.ts";
import { GENESIS_NAME } from "../config-text.ts";
import type { Disk } from "../first-boot/disk.ts";
import type { PlannedCard } from "./judge-list.ts";

export function cardFolder(out: string, name: string): string {
  return join(out, `card-${name}`);
}

/** A device that has answered with its card. */
export interface BackCard {
  readonly card: PlannedCard;
  readonly folder: string;
  readonly request: Enrolment;
}

/** The request that came back, if one did; a fault is a file that is none. */
export async function requestIn(
  folder: string,
  disk: Disk,
  crypto: Cryptography,
): Promise<Result<Enrolment | undefined, string>> {
  if (!(await disk.list(folder)).includes(REQUEST_NAME)) return ok(undefined);
  try {
    const request = decodeEnrolment(await readTally(join(folder, REQUEST_NAME), "ENROL"), crypto);
    return request.ok ? request : fail(`${REQUEST_NAME} does not hold (${request.fault.code})`);
  } catch (error) {
    if (error instanceof CommandError) return fail(error.message);
    throw error;
  }
}

export async function genesisIn(folder: string, disk: Disk, crypto: Cryptography): Promise<Genesis | undefined> {
  const bytes = await disk.read(join(folder, GENESIS_NAME), GENESIS_BYTES_MAX);
  const decoded = bytes === undefined ? undefined : decodeGenesis(crypto, bytes);
  return decoded?.ok === true ? decoded.value : undefined;
}

const GENESIS_BYTES_MAX = 64 * 1024;
