/** What a gateway has beside its chain of its charges: its signed meter records, and references to raw evidence. */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { gatewayKeyInfo } from "#adapters/crypto/foreign-signature.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { holdsOwnOcmf } from "#adapters/crypto/sign-ocmf.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeIntervalRecord } from "#core/metering/battery-record.ts";
import type { OpenBody, Role } from "#core/session/facts.ts";
import type { EvidenceReference } from "#records/bundle.ts";
import { readRecords, type OcmfRecord } from "#records/ocmf/read-record.ts";
import { decodeOcmfEntry, OCMF_FOLDER } from "#services/ocmf-entry.ts";
import { findStore } from "../chain-source.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export interface SignedMeterRecord {
  readonly role: Role;
  readonly text: string;
  readonly record: OcmfRecord;
  /** SubjectPublicKeyInfo, the point written out. */
  readonly publicKey: Uint8Array;
}

const crypto = new NodeCryptography();

/** Whether this key of a gateway has made this record. */
export function holdsRecord(record: OcmfRecord, publicKey: Uint8Array): boolean {
  return holdsOwnOcmf(crypto, publicKey, record);
}

export class OwnRecords {
  readonly #chain: Chain;
  /** By address in hex. */
  readonly #texts: ReadonlyMap<string, readonly string[]>;
  readonly #evidenceFolder: string | undefined;

  private constructor(chain: Chain, texts: ReadonlyMap<string, readonly string[]>, evidenceFolder: string | undefined) {
    this.#chain = chain;
    this.#texts = texts;
    this.#evidenceFolder = evidenceFolder;
  }

  /** @param others a file of further records, such as the other side's */
  static async open(
    chain: Chain,
    { cwd, path, others }: { readonly cwd: string; readonly path: string; readonly others: string | undefined },
  ): Promise<OwnRecords> {
    const folder = await findStore(cwd, path, OCMF_FOLDER);
    const stored = folder === undefined ? [] : (await inspectFolder(folder)).records;
    const texts = new Map<string, readonly string[]>();
    const add = (key: string, text: string): void => {
      const known = texts.get(key) ?? [];
      if (!known.includes(text)) texts.set(key, [...known, text]);
    };
    for (const { bytes } of stored) {
      const entry = decodeOcmfEntry(bytes);
      if (entry.ok) add(toHex(entry.value.address), entry.value.text);
    }
    if (others !== undefined) {
      for (const record of await recordsOfFile(resolve(cwd, others))) {
        add(record.texts.get("UA") ?? "", record.text);
      }
    }
    return new OwnRecords(chain, texts, await findStore(cwd, path, "energy"));
  }

  /** Of a charge, the station's first; only those that one of the two has signed. */
  of(key: string, open: OpenBody): readonly SignedMeterRecord[] {
    return ROLES.flatMap((role) => {
      const keys = this.#chain.pending.members.get(toHex(open[role]))?.keys ?? [];
      return (this.#texts.get(key) ?? []).flatMap((text): readonly SignedMeterRecord[] => {
        const read = readRecords(text);
        const [record] = read.ok ? read.value : [];
        if (record === undefined) return [];
        const publicKey = keys.map((each) => each.publicKey).find((each) => holdsRecord(record, each));
        if (publicKey === undefined) return [];
        return [{ role, text, record, publicKey: gatewayKeyInfo(publicKey) }];
      });
    });
  }

  /** What is kept on flash of the raw replies of a car. */
  async evidenceOf(address: Uint8Array): Promise<readonly EvidenceReference[]> {
    if (this.#evidenceFolder === undefined) return [];
    const tag = toHex(address.subarray(0, 4));
    const names = (await readdir(this.#evidenceFolder)).filter((name) => EVIDENCE_NAME.exec(name)?.[1] === tag).sort();
    const found: EvidenceReference[] = [];
    for (const name of names) {
      const reference = referenceTo(await readFile(join(this.#evidenceFolder, name)), address);
      if (reference !== undefined) found.push(reference);
    }
    return found;
  }
}

const ROLES: readonly Role[] = ["station", "vehicle"];
const EVIDENCE_NAME = /^evidence-\d{10}-([0-9a-f]{8})$/;
const HASH_BYTES = 32;
const OTHERS_BYTES_MAX = 1024 * 1024;

/** A file is the hash of the record, and the record; one that a power cut tore is left out. */
function referenceTo(stored: Uint8Array, address: Uint8Array): EvidenceReference | undefined {
  const content = Uint8Array.from(stored.subarray(HASH_BYTES));
  const hash = crypto.sha256(content);
  if (!equalBytes(hash, Uint8Array.from(stored.subarray(0, HASH_BYTES)))) return undefined;
  const interval = decodeIntervalRecord(content);
  if (!interval.ok || !equalBytes(interval.value.address, address)) return undefined;
  const { index, fromWallMs, durationMs } = interval.value;
  return { index, hash, lengthBytes: content.length, fromWallMs, durationMs };
}

async function recordsOfFile(path: string): Promise<readonly OcmfRecord[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CommandError(EXIT.badData, `--ocmf: ${path} cannot be read`, cause);
  });
  const read = bytes.length > OTHERS_BYTES_MAX ? undefined : readRecords(bytes.toString("utf8"));
  if (read?.ok === true) return read.value;
  throw new CommandError(EXIT.badData, `--ocmf: ${path} holds no OCMF records`);
}
