/**
 * A charge in the state, as bytes. Its reports are not among them, only whether they are still held: the head of each
 * log, which is the id of the last one, commits to all of them. Nor is the program of the contract: the terms name it
 * by its hash.
 */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import { terms as termsShape, type Terms } from "#core/contract/terms.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import {
  adjudicateBody,
  completeBody,
  openBody,
  resolveBody,
  type AdjudicateBody,
  type CompleteBody,
  type OpenBody,
  type ResolveBody,
  type Role,
} from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isMap, type CborMap, type CborValue } from "#core/wire/cbor.ts";
import { boolean, bytes, choice, decodeShape, nullable, tuple, unsigned, type Shape } from "#core/wire/schema.ts";
import type { EncodedEntry, Packed, PackedReader, TableForm } from "./authenticated-map.ts";
import { resultBody, type ResultBody } from "./block.ts";
import { compactItems, expandItems } from "./compact-items.ts";
import { SharedTerms } from "./shared-terms.ts";
import { listIn, Malformed, pairIn, part, withKeys, without } from "./stored-parts.ts";
import type { Contradicted, RoleLog, Transaction } from "./state.ts";
import { HASH_KEY } from "./table-keys.ts";
import { openableUntil } from "./time-limits.ts";

/** Proposals, the arbiter's words and evidence are bounded; reports are not among them. */
const TRANSACTION_BYTES_MAX = 64 * 1024;

/**
 * `[terms, all else, closed until]`, the first two as byte strings: many charges share their terms, and what is closed
 * need not be read to know when it may be forgotten.
 */
const parts = tuple(bytes(1, FACT_BYTES_MAX), bytes(1, TRANSACTION_BYTES_MAX), nullable(unsigned));

export const TRANSACTION_FORM: TableForm<Transaction> = {
  ...HASH_KEY,
  encode: (_, transaction) => encodeCbor(parts.write(partsOf(transaction))),
  expiresAt: ({ isClosed, open }) => (isClosed === true ? openableUntil(open) : Infinity),
  pack: (_, transaction) => {
    if (transaction.isClosed !== true) return undefined;
    const written = partsOf(transaction);
    const [terms, rest] = written;
    return { ...packed(terms, rest, naming(transaction.code)), encoded: encodeCbor(parts.write(written)) };
  },
};

/** What the bytes of a charge leave out. */
export interface LeftOut {
  readonly codeNamed: (codeHash: Uint8Array) => Uint8Array | undefined;
  /** The reports of a log by the id of its last one; undefined when they are not at hand. */
  reportsUpTo(head: Uint8Array, openId: Uint8Array): RoleLog["reports"] | undefined;
}

/** Undefined for bytes that are no charge, or when what they leave out cannot be had. A closed one stays packed. */
export function readTransaction(
  key: string,
  encoded: Uint8Array,
  leftOut: LeftOut,
): EncodedEntry<Transaction> | undefined {
  const read = decodeShape(parts, encoded);
  if (!read.ok) return undefined;
  const [terms, rest, closedUntil] = read.value;
  if (closedUntil !== null) {
    return { encoded, value: { packed: packed(terms, rest, leftOut.codeNamed) }, expiresAt: closedUntil };
  }
  const plain = unpackedTransaction(key, rest, { terms: SharedTerms.of(terms), leftOut });
  return plain && { encoded, value: { plain }, expiresAt: Infinity };
}

const KEY = {
  openId: 1,
  open: 2,
  state: 3,
  logs: 4,
  completes: 5,
  cancelled: 6,
  proposals: 7,
  ruling: 8,
  completingSince: 9,
  openedInSerial: 10,
  openedAt: 11,
  result: 12,
  hasNews: 13,
  contradicted: 14,
} as const;

const ROLES = ["station", "vehicle"] as const satisfies readonly Role[];
const ROLE_CODE: Readonly<Record<Role, number>> = { station: 1, vehicle: 2 };
/** Keys of every body about a charge, left out where the place says them. */
const [ADDRESS, ROLE, TERMS] = [1, 2, 6];
const hash = bytes(HASH_BYTES);
const state = choice({ OPEN: 1, ACTIVE: 2, COMPLETING: 3, SETTLED: 4, DISPUTED: 5, ABANDONED: 6, CANCELLED: 7 });

function partsOf(transaction: Transaction): readonly [Uint8Array, Uint8Array, number | null] {
  const { open, isClosed } = transaction;
  return [termsBytes(open.terms), encodeCbor(write(transaction)), isClosed === true ? openableUntil(open) : null];
}

/** A charge that goes on is written for every root of the state; its contract stays what it is. */
const TERMS_BYTES = new WeakMap<Terms, Uint8Array>();
const WRITTEN_OPENS = new WeakMap<OpenBody, CborValue>();

function termsBytes(terms: Terms): Uint8Array {
  const known = TERMS_BYTES.get(terms) ?? encodeCbor(termsShape.write(terms));
  TERMS_BYTES.set(terms, known);
  return known;
}

function openWithoutTerms(open: OpenBody): CborValue {
  const known = WRITTEN_OPENS.get(open) ?? without(openBody.write(open), TERMS);
  WRITTEN_OPENS.set(open, known);
  return known;
}

function write(transaction: Transaction): CborMap {
  const { logs, completes, cancelled, contradicted, proposals, ruling, result } = transaction;
  const logOf = ({ nextSequence, head, lastRegisterMilliWh, nextReading, reports }: RoleLog): CborValue => [
    ...[nextSequence, head, lastRegisterMilliWh, nextReading, reports.length > 0],
  ];
  const completeOf = (role: Role): CborValue => {
    const said = completes[role];
    return said === undefined ? null : without(completeBody.write(said), ADDRESS, ROLE);
  };
  const contradictedOf = (role: Role): CborValue => {
    const shown = contradicted[role];
    return shown === undefined ? null : [[...shown.upheld], [...shown.voided]];
  };
  const proposalsOf = (role: Role): CborValue =>
    proposals[role].map((each) => without(resolveBody.write(each), ADDRESS, ROLE));
  return new Map<number, CborValue>([
    [KEY.openId, transaction.openId],
    [KEY.open, openWithoutTerms(transaction.open)],
    [KEY.state, state.write(transaction.state)],
    [KEY.logs, ROLES.map((role) => logOf(logs[role]))],
    [KEY.completes, ROLES.map(completeOf)],
    [KEY.cancelled, ROLES.map((role) => cancelled[role] === true)],
    [KEY.proposals, ROLES.map(proposalsOf)],
    [KEY.ruling, ruling === undefined ? null : without(adjudicateBody.write(ruling), ADDRESS)],
    [KEY.completingSince, transaction.completingSince ?? null],
    [KEY.openedInSerial, transaction.openedInSerial],
    [KEY.openedAt, transaction.openedAt],
    [KEY.result, result === undefined ? null : without(resultBody.write(result), ADDRESS)],
    [KEY.hasNews, transaction.hasNews],
    [KEY.contradicted, ROLES.map(contradictedOf)],
  ]);
}

interface Reading {
  readonly address: Uint8Array;
  readonly terms: SharedTerms;
  readonly isClosed: boolean;
  readonly leftOut: LeftOut;
}

function read(map: CborMap, { address, terms, isClosed, leftOut }: Reading): Transaction {
  const at = (key: number): CborValue => map.get(key) ?? null;
  const openId = part(hash, at(KEY.openId));
  const open = {
    ...part(openBody, withKeys(at(KEY.open), [TERMS, termsShape.write(terms.value)])),
    terms: terms.value,
  };
  const code = leftOut.codeNamed(open.terms.codeHash);
  if (code === undefined || map.size !== Object.keys(KEY).length) throw new Malformed();
  const log = (item: CborValue): RoleLog => readLog(item, openId, leftOut);
  const complete = (item: CborValue, role: Role): CompleteBody | undefined =>
    item === null ? undefined : part(completeBody, withKeys(item, [ADDRESS, address], [ROLE, ROLE_CODE[role]]));
  const proposalsOf = (item: CborValue, role: Role): readonly ResolveBody[] =>
    listIn(item).map((each) => part(resolveBody, withKeys(each, [ADDRESS, address], [ROLE, ROLE_CODE[role]])));
  const [stationLog, vehicleLog] = pairIn(at(KEY.logs));
  const [stationSaid, vehicleSaid] = pairIn(at(KEY.completes));
  const [stationCancelled, vehicleCancelled] = pairIn(at(KEY.cancelled)).map((item) => part(boolean, item));
  const [stationProposals, vehicleProposals] = pairIn(at(KEY.proposals));
  const [station, vehicle] = [complete(stationSaid, "station"), complete(vehicleSaid, "vehicle")];
  const [stationShown, vehicleShown] = pairIn(at(KEY.contradicted)).map(readContradicted);
  return {
    ...{ address, openId, open, code },
    state: part(state, at(KEY.state)),
    logs: { station: log(stationLog), vehicle: log(vehicleLog) },
    completes: { ...(station && { station }), ...(vehicle && { vehicle }) },
    cancelled: {
      ...(stationCancelled === true && { station: true as const }),
      ...(vehicleCancelled === true && { vehicle: true as const }),
    },
    proposals: { station: proposalsOf(stationProposals, "station"), vehicle: proposalsOf(vehicleProposals, "vehicle") },
    contradicted: { ...(stationShown && { station: stationShown }), ...(vehicleShown && { vehicle: vehicleShown }) },
    ruling: readAbout<AdjudicateBody>(adjudicateBody, at(KEY.ruling), address),
    completingSince: at(KEY.completingSince) === null ? undefined : part(unsigned, at(KEY.completingSince)),
    openedInSerial: part(unsigned, at(KEY.openedInSerial)),
    openedAt: part(unsigned, at(KEY.openedAt)),
    result: readAbout<ResultBody>(resultBody, at(KEY.result), address),
    hasNews: part(boolean, at(KEY.hasNews)),
    ...(isClosed && { isClosed }),
  };
}

function readAbout<Body>(shape: Shape<Body>, item: CborValue, address: Uint8Array): Body | undefined {
  return item === null ? undefined : part(shape, withKeys(item, [ADDRESS, address]));
}

function readContradicted(item: CborValue): Contradicted | undefined {
  if (item === null) return undefined;
  const [upheld, voided] = pairIn(item).map((ids) => listIn(ids).map((id) => part(hash, id)));
  return upheld && voided && { upheld, voided };
}

function readLog(item: CborValue, openId: Uint8Array, leftOut: LeftOut): RoleLog {
  const [sequence = null, last = null, register = null, reading = null, kept = null, ...more] = listIn(item);
  const head = part(hash, last);
  const nextSequence = part(unsigned, sequence);
  const reports = part(boolean, kept) ? leftOut.reportsUpTo(head, openId) : [];
  if (reports === undefined || more.length > 0 || ![0, nextSequence].includes(reports.length)) throw new Malformed();
  return {
    reports,
    nextSequence,
    head,
    lastRegisterMilliWh: part(unsigned, register),
    nextReading: part(unsigned, reading),
  };
}

function unpackedTransaction(
  key: string,
  rest: Uint8Array,
  from: Pick<Reading, "terms" | "leftOut"> & { readonly isClosed?: boolean },
): Transaction | undefined {
  const item = decodeCbor(rest);
  const address = fromHex(key);
  if (!item.ok || !isMap(item.value) || address === undefined) return undefined;
  try {
    return read(item.value, { isClosed: false, ...from, address });
  } catch (failure) {
    if (failure instanceof Malformed) return undefined;
    throw failure;
  }
}

/** Of the one program: nothing else may be held by it, or all of a charge would stay in memory. */
function naming(code: Uint8Array): LeftOut["codeNamed"] {
  const known = NAMING.get(code) ?? (() => code);
  NAMING.set(code, known);
  return known;
}

const NAMING = new WeakMap<Uint8Array, LeftOut["codeNamed"]>();

/** A closed charge in memory: its bytes as text, which has the least overhead, and what it shares with others. */
function packed(terms: Uint8Array, rest: Uint8Array, codeNamed: LeftOut["codeNamed"]): Packed<Transaction> {
  return { content: compactItems(rest, SHARED_IDS), reader: readerOf(SharedTerms.of(terms), codeNamed) };
}

/** Of the ids in a charge as it is written above: the vehicle's, the station's, and that of the referred block. */
const SHARED_IDS: ReadonlySet<number> = new Set([1, 2, 4]);

function readerOf(terms: SharedTerms, codeNamed: LeftOut["codeNamed"]): ClosedReader {
  const ofTerms = READERS.get(terms) ?? new WeakMap<LeftOut["codeNamed"], ClosedReader>();
  READERS.set(terms, ofTerms);
  const reader = ofTerms.get(codeNamed) ?? new ClosedReader(terms, codeNamed);
  ofTerms.set(codeNamed, reader);
  return reader;
}

const READERS = new WeakMap<SharedTerms, WeakMap<LeftOut["codeNamed"], ClosedReader>>();

/** What closed charges with the same terms have in common. */
class ClosedReader implements PackedReader<Transaction> {
  readonly keyOf = HASH_KEY.keyOf;
  readonly keyLength = HASH_BYTES;
  readonly #terms: SharedTerms;
  readonly #leftOut: LeftOut;

  constructor(terms: SharedTerms, codeNamed: LeftOut["codeNamed"]) {
    this.#terms = terms;
    this.#leftOut = { codeNamed, reportsUpTo: () => [] };
  }

  unpack(key: string, content: string): Transaction {
    const from = { terms: this.#terms, isClosed: true, leftOut: this.#leftOut };
    const transaction = unpackedTransaction(key, expandItems(content), from);
    assert(transaction !== undefined, "what was packed can be unpacked");
    return transaction;
  }

  encode(content: string, closedUntil: number): Uint8Array {
    return encodeCbor(parts.write([this.#terms.bytes, expandItems(content), closedUntil]));
  }
}
