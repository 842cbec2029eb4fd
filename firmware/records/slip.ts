/**
 * The slip: a receipt small enough for one QR code. It keeps what the two parties signed at the beginning and at the
 * end and the sealed result, and leaves out the readings between them and whatever follows from the rest.
 *
 *     TALLY1:<Base45 of the slip and of the first 4 bytes of its SHA-256>
 *
 * The README says what it proves and what only the whole receipt proves; `check-slip.ts` checks one.
 */
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, SIGNATURE_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { deviceIdOf, INCEPTION_BYTES } from "#core/identity/device-id.ts";
import { BLOCK_HEADER_BYTES_MAX, FACT_BYTES_MAX, RESULT_BYTES_MAX } from "#core/limits.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { decodeHeader, resultBody } from "#core/ledger/block.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { NETWORK_BYTES, type OpenBody } from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  optional,
  record,
  tuple,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";
import { decodeBase45, encodeBase45 } from "./qr/base45.ts";
import type { Receipt } from "./receipt.ts";

/** With what the text of a code begins. */
export const SLIP_PREFIX = "TALLY1:";

/** Longer than the largest QR code: more is no slip. */
export const SLIP_CHARACTERS_MAX = 4296;

const signature = bytes(SIGNATURE_BYTES);
const inception = bytes(INCEPTION_BYTES);

const slip = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  /** Inceptions: the vehicle's, the station's, then the miner's and the arbiter's where they are others. */
  devices: field(3, list(inception, 4, 2)),
  /** OPEN without network, vehicle and station; signatures of vehicle and station. */
  open: field(4, tuple(bytes(1, FACT_BYTES_MAX), signature, signature)),
  /** Purpose, payload without the address, place of the signer among the devices, signature. */
  words: field(5, list(tuple(unsigned, bytes(1, FACT_BYTES_MAX), integer(0, 3), signature), 8)),
  /** Absent while no block holds a result. */
  sealed: optional(
    6,
    record({
      /** Without network, root of the results and miner. */
      header: field(1, bytes(1, BLOCK_HEADER_BYTES_MAX)),
      /** Place of the miner among the devices. */
      miner: field(2, integer(0, 3)),
      signature: field(3, signature),
      /** Without the address. */
      result: field(4, bytes(1, RESULT_BYTES_MAX)),
      index: field(5, unsigned),
      count: field(6, unsigned),
      path: field(7, list(bytes(HASH_BYTES), 16)),
    }),
  ),
});
export type Slip = ValueOf<typeof slip>;

export interface SlipUnreadable {
  readonly code: "SLIP_UNREADABLE";
  readonly reason: string;
}

/** Keys of signed objects that a slip leaves out, because a reader can put them back. */
export const LEFT_OUT = {
  open: { network: 2, vehicle: 3, station: 4 },
  word: { address: 1 },
  header: { network: 2, resultsRoot: 6, miner: 9 },
  result: { address: 1 },
} as const;

/**
 * The slip of a receipt, which is believed: it is our own or was verified. Undefined for what is no receipt.
 */
export function slipOfReceipt(
  crypto: Cryptography,
  genesis: Genesis,
  receipt: Omit<Receipt, "facts"> & { readonly facts: readonly Fact[] },
): Uint8Array | undefined {
  const { facts } = receipt;
  const block = decodeHeader({ crypto, network: genesis.network }, receipt.header);
  if (!block.ok) return undefined;
  const { result, resultIndex: index, resultCount: count, resultPath: path } = receipt;
  const { headerPayload, signature: seal, header } = block.value;
  return slipOf({
    crypto,
    genesis,
    facts,
    sealed: { headerPayload, seal, miner: header.miner, result, index, count, path },
  });
}

export interface SlipParts {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  /** JOINs of those who are no authorities, OPEN, and what was signed of the charge. */
  readonly facts: readonly Fact[];
  readonly sealed?: {
    readonly headerPayload: Uint8Array;
    readonly seal: Uint8Array;
    readonly miner: Uint8Array;
    readonly result: Uint8Array;
    readonly index: number;
    readonly count: number;
    readonly path: readonly Uint8Array[];
  };
}

/** Undefined without an OPEN or the inception of somebody whose signature is in it, or where one has rotated. */
export function slipOf({ crypto, genesis, facts, sealed }: SlipParts): Uint8Array | undefined {
  const open = facts.find((fact) => fact.kind === "OPEN");
  // A code has no room for the rotations by which its reader would know a key.
  if (open === undefined || facts.some(({ kind }) => kind === "ROTATE")) return undefined;
  const words = wordsOf(facts, sealed?.result);
  const { vehicle, station, terms } = open.body;
  const arbiter = words.some(({ kind }) => kind === "ADJUDICATE") ? terms.arbiter : null;
  const signers = distinct([
    vehicle,
    station,
    ...(sealed === undefined ? [] : [sealed.miner]),
    ...(arbiter === null ? [] : [arbiter]),
  ]);
  const known = inceptionsOf(genesis, facts);
  const devices = signers.flatMap((did) => known.find((each) => equalBytes(deviceIdOf(crypto, each), did)) ?? []);
  const [ofVehicle, ofStation] = open.signatures;
  if (devices.length !== signers.length || ofVehicle === undefined || ofStation === undefined) {
    return undefined;
  }
  const placeOf = (did: Uint8Array): number => signers.findIndex((signer) => equalBytes(signer, did));
  return encodeShape(slip, {
    version: 1,
    network: genesis.network,
    devices,
    open: [without(open.payload, LEFT_OUT.open), ofVehicle, ofStation],
    words: words.map((word) => {
      const [signature = new Uint8Array()] = word.signatures;
      return [
        PURPOSE[word.kind],
        without(word.payload, LEFT_OUT.word),
        placeOf(signerOf(word, open.body)),
        signature,
      ] as const;
    }),
    ...(sealed === undefined
      ? {}
      : {
          sealed: {
            header: without(sealed.headerPayload, LEFT_OUT.header),
            miner: placeOf(sealed.miner),
            signature: sealed.seal,
            result: without(sealed.result, LEFT_OUT.result),
            index: sealed.index,
            count: sealed.count,
            path: sealed.path,
          },
        }),
  });
}

/** What a QR code holds. */
export function slipText(crypto: Cryptography, encoded: Uint8Array): string {
  return SLIP_PREFIX + encodeBase45(concatBytes(encoded, checkOf(crypto, encoded)));
}

/** The slip in a text of anybody's making, and whether its last bytes fit the ones before. */
export function readSlipText(
  crypto: Cryptography,
  text: string,
): Result<{ readonly slip: Slip; readonly isWhole: boolean }, SlipUnreadable> {
  if (!text.startsWith(SLIP_PREFIX)) return unreadable(`it does not begin with ${SLIP_PREFIX}`);
  if (text.length > SLIP_CHARACTERS_MAX) return unreadable(`more than ${SLIP_CHARACTERS_MAX} characters`);
  const decoded = decodeBase45(text.slice(SLIP_PREFIX.length));
  if (!decoded.ok) return unreadable(`character ${SLIP_PREFIX.length + decoded.fault.place + 1} cannot be there`);
  const encoded = decoded.value.subarray(0, -CHECK_BYTES);
  const read = decodeShape(slip, encoded);
  if (!read.ok) return unreadable(read.fault.code);
  const isWhole = equalBytes(decoded.value.subarray(-CHECK_BYTES), checkOf(crypto, encoded));
  return ok({ slip: read.value, isWhole });
}

/** A payload as it was signed: what the slip left out is put back. */
export function putBack(
  encoded: Uint8Array,
  entries: readonly (readonly [number, CborValue])[],
): Uint8Array | undefined {
  const item = decodeCbor(encoded);
  if (!item.ok || !isMap(item.value)) return undefined;
  const { value: map } = item;
  if (entries.some(([key]) => map.has(key))) return undefined;
  return encodeCbor(new Map([...map, ...entries].sort(([left], [right]) => left - right)));
}

const CHECK_BYTES = 4;

/** Against misreading: the signatures cover all but the sizes of a tree. */
function checkOf(crypto: Cryptography, encoded: Uint8Array): Uint8Array {
  return crypto.sha256(encoded).subarray(0, CHECK_BYTES);
}

function without(encoded: Uint8Array, keys: Readonly<Record<string, number>>): Uint8Array {
  const item = decodeCbor(encoded);
  const left = new Set(Object.values(keys));
  return item.ok && isMap(item.value)
    ? encodeCbor(new Map([...item.value].filter(([key]) => !left.has(key))))
    : encoded;
}

function inceptionsOf(genesis: Genesis, facts: readonly Fact[]): readonly Uint8Array[] {
  const joined = facts.flatMap((fact) => (fact.kind === "JOIN" ? [fact.body.inception] : []));
  return [...genesis.body.authorities.map(([authority]) => authority), ...joined];
}

function distinct(dids: readonly Uint8Array[]): readonly Uint8Array[] {
  return dids.filter((did, place) => dids.findIndex((other) => equalBytes(other, did)) === place);
}

function unreadable(reason: string): { readonly ok: false; readonly fault: SlipUnreadable } {
  return fail({ code: "SLIP_UNREADABLE", reason });
}

/** The last words of both; of what was said in a dispute that by which it ended. */
function wordsOf(facts: readonly Fact[], encoded: Uint8Array | undefined): readonly Fact[] {
  const read = encoded === undefined ? undefined : decodeShape(resultBody, encoded);
  const result = read?.ok === true ? read.value : undefined;
  const words = facts.filter((fact) => {
    if (fact.kind === "COMPLETE" || fact.kind === "CANCEL") return true;
    if (fact.kind === "ADJUDICATE") return result?.ending === "arbiter";
    if (fact.kind !== "RESOLVE" || result?.ending !== "mutual") return false;
    return fact.body.energyMilliWh === result.billedMilliWh && fact.body.amount === result.amount;
  });
  return words.filter((word, place) => words.findIndex((other) => isSamePlace(word, other)) === place);
}

/** Whether two words are of one kind and of one side: a slip has room for one of them. */
export function isSamePlace(left: Fact, right: Fact): boolean {
  const roleOf = (fact: Fact): string => ("role" in fact.body ? fact.body.role : "");
  return left.kind === right.kind && roleOf(left) === roleOf(right);
}

/** Whose signature stands under a word of a charge. */
export function signerOf(word: Fact, open: Pick<OpenBody, "station" | "vehicle" | "terms">): Uint8Array {
  if (word.kind === "ADJUDICATE") return open.terms.arbiter ?? new Uint8Array();
  return "role" in word.body ? open[word.body.role] : new Uint8Array();
}
