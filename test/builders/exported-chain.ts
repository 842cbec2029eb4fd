/**
 * A chain as it is exported, read with another CBOR decoder and Node's own cryptography, from the specifications alone:
 * nothing of the firmware has a part in it. Throws where the file is not of that form.
 */
import { createHash, createPublicKey, ECDH, verify, type KeyObject } from "node:crypto";
import { decode, encode } from "cborg";

export interface ExportedChain {
  /** In hex. */
  readonly genesisId: string;
  readonly network: Uint8Array;
  /** The rules of the genesis, by their keys. */
  readonly rules: Fields;
  readonly startedAt: number;
  /** Inception of each, as the genesis has it. */
  readonly authorities: readonly Node[];
  readonly blocks: readonly ExportedBlock[];
}

export interface Node {
  /** Device id in hex: the hash of role and keys. */
  readonly did: string;
  readonly key: KeyObject;
}

export interface ExportedBlock {
  /** In hex. */
  readonly id: string;
  readonly header: Fields;
  readonly signed: Signed;
  readonly facts: readonly ExportedFact[];
  /** As they travel. */
  readonly results: readonly Uint8Array[];
}

export interface ExportedFact {
  readonly purpose: number;
  /** In hex. */
  readonly id: string;
  readonly body: Fields;
  readonly payload: Uint8Array;
  readonly signed: Signed;
}

export interface Signed {
  readonly message: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

export const PURPOSES = { JOIN: 2, OPEN: 20, REPORT: 21, COMPLETE: 22, CANCEL: 23, HEADER: 30, CODE: 51 } as const;

export function readExportedChain(file: Uint8Array): ExportedChain {
  const [title, chunks] = listOf(read(file));
  if (title !== "TALLY1/chain") throw new Error("no chain");
  const records = listOf(chunks)
    .flatMap((chunk) => listOf(read(bytesOf(chunk))))
    .map(bytesOf);
  const encoded = (records[0] ?? new Uint8Array()).subarray(1);
  const genesisId = sha256(encode(["TALLY1/genesis", encoded]));
  const network = genesisId.subarray(0, 8);
  const genesis = new Fields(read(encoded));
  const facts = new Map<string, ExportedFact>();
  const blocks: ExportedBlock[] = [];
  for (const record of records.slice(1)) {
    const [kind, content] = [String.fromCharCode(record[0] ?? 0), record.subarray(1)];
    if (kind === "F") {
      const fact = readFact(network, content);
      facts.set(fact.id, fact);
    } else if (kind === "B") blocks.push(readBlock(network, content, facts));
    else throw new Error(`a record of kind ${kind}, which the paper's rules do not make`);
  }
  return {
    ...{ genesisId: hexOf(genesisId), network, startedAt: genesis.number(3), blocks },
    rules: genesis.fields(4),
    authorities: genesis.list(5).map((authority) => nodeOf(bytesOf(listOf(authority)[0]))),
  };
}

/** Of an inception: `[version, role, key, hash of the next key]`. */
export function nodeOf(inception: Uint8Array): Node {
  const point = bytesOf(listOf(read(inception))[2]);
  const whole = ECDH.convertKey(point, "prime256v1", undefined, undefined, "uncompressed");
  if (typeof whole === "string") throw new Error("a key in letters");
  const [x, y] = [whole.subarray(1, 33), whole.subarray(33)].map((part) => part.toString("base64url"));
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
  return { did: hexOf(sha256(encode(["TALLY1/did", inception]))), key };
}

export function isSignedBy({ message, signatures }: Signed, keys: readonly (KeyObject | undefined)[]): boolean {
  return (
    signatures.length === keys.length &&
    keys.every((key, place) => {
      const signature = signatures[place] ?? new Uint8Array();
      return key !== undefined && verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    })
  );
}

/** Where a transaction stands, in hex: it follows from the network, the code and the bytes that both signed. */
export function addressOf(network: Uint8Array, { body, payload }: ExportedFact): string {
  return hexOf(sha256(encode(["TALLY1/txAddr", network, body.fields(6).bytes(2), sha256(payload)])));
}

/** RFC 6962, section 2.1. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function read(bytes: Uint8Array): unknown {
  return decode(bytes, { useMaps: true });
}

/** A map with whole numbers as keys. */
export class Fields {
  readonly #map: ReadonlyMap<unknown, unknown>;

  constructor(map: unknown) {
    if (!(map instanceof Map)) throw new Error("no map");
    this.#map = map;
  }

  number(key: number): number {
    return numberOf(this.#map.get(key));
  }

  bytes(key: number): Uint8Array {
    return bytesOf(this.#map.get(key));
  }

  hex(key: number): string {
    return hexOf(this.bytes(key));
  }

  list(key: number): readonly unknown[] {
    return listOf(this.#map.get(key));
  }

  numbers(key: number): readonly number[] {
    return this.list(key).map(numberOf);
  }

  fields(key: number): Fields {
    return new Fields(this.#map.get(key));
  }

  keys(): readonly number[] {
    return [...this.#map.keys()].map(numberOf);
  }
}

function readFact(network: Uint8Array, content: Uint8Array): ExportedFact {
  const [purpose, envelope] = listOf(read(content));
  const { payload, ...signed } = readSigned(network, numberOf(purpose), bytesOf(envelope));
  const id = hexOf(sha256(signed.message));
  return { purpose: numberOf(purpose), id, body: new Fields(read(payload)), payload, signed };
}

function readBlock(network: Uint8Array, content: Uint8Array, known: ReadonlyMap<string, ExportedFact>): ExportedBlock {
  const [headerBytes, ids, , results] = listOf(read(content));
  const { payload, ...signed } = readSigned(network, PURPOSES.HEADER, bytesOf(headerBytes));
  const facts = listOf(ids).map((id) => {
    const fact = known.get(hexOf(bytesOf(id)));
    if (fact === undefined) throw new Error("a block before its facts");
    return fact;
  });
  const id = hexOf(sha256(signed.message));
  return { id, header: new Fields(read(payload)), signed, facts, results: listOf(results).map(bytesOf) };
}

/** COSE_Sign1 with one signature or more behind the payload (RFC 9052, 4.2 and 4.4). */
function readSigned(network: Uint8Array, purpose: number, envelope: Uint8Array): Signed & { payload: Uint8Array } {
  const [head, , body, ...signatures] = listOf(read(envelope));
  const [protectedHeader, payload] = [bytesOf(head), bytesOf(body)];
  const external = encode(["TALLY1", network, purpose]);
  const message = encode(["Signature1", protectedHeader, external, payload]);
  return { message, payload, signatures: signatures.map(bytesOf) };
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new Error("no list");
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new Error("no bytes");
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  throw new Error("no number");
}
