/** The tables of the state: how the keys and values of each are written, and in which order their roots are listed. */
import { fromHex, toHex } from "#base/bytes.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import { capabilities } from "#core/identity/capability.ts";
import { HASH_BYTES, PUBLIC_KEY_BYTES } from "#core/identity/cryptography.ts";
import { decodeInception, DEVICE_ROLE, INCEPTION_BYTES } from "#core/identity/device-id.ts";
import { measuringPoint, PPM } from "#core/contract/terms.ts";
import { ORGANISATION_BYTES_MAX } from "#core/identity/showable-text.ts";
import { SCRIPT_BYTES_MAX } from "#core/limits.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import {
  bytes,
  choice,
  decodeShape,
  integer,
  list,
  nullable,
  optional,
  field,
  record,
  signed,
  text,
  tuple,
  unsigned,
  type Shape,
  type ValueOf,
} from "#core/wire/schema.ts";
import { AuthenticatedMap, type TableForm } from "./authenticated-map.ts";
import type { LedgerState, Member, Misconduct, PairHistory, Tally } from "./state.ts";
import { HASH_KEY, PAIR_KEY, SLOT_KEY, type KeyForm } from "./table-keys.ts";
import { TRANSACTION_FORM } from "./transaction-form.ts";

/** A table whose values say everything by themselves; `decode` gives undefined for bytes that are no such value. */
export interface PlainForm<Value> extends TableForm<Value> {
  decode(key: string, encoded: Uint8Array): Value | undefined;
}

const hash = bytes(HASH_BYTES);
const publicKey = bytes(PUBLIC_KEY_BYTES);
/** More than any list in the state has: what a table may hold is decided where it is written. */
const ANY_COUNT = 8192;

const certificateShape = record({
  id: field(1, hash),
  inception: field(2, bytes(INCEPTION_BYTES)),
  organisation: field(3, text(ORGANISATION_BYTES_MAX)),
  notBefore: field(4, unsigned),
  notAfter: field(5, unsigned),
  capabilities: field(6, capabilities),
  meter: optional(7, tuple(integer(0, PPM), measuringPoint)),
});

const memberShape = record({
  role: field(1, choice(DEVICE_ROLE)),
  organisation: field(2, text(ORGANISATION_BYTES_MAX)),
  /** Public key, digest of the next one, id of the ROTATE that brought it, and when another replaced it. */
  keys: field(3, list(tuple(publicKey, hash, nullable(hash), nullable(unsigned)), ANY_COUNT, 1)),
  certificates: field(4, list(certificateShape, ANY_COUNT)),
});

const pairShape = tuple(unsigned, list(unsigned, ANY_COUNT));
const tallyShape = record({
  settled: field(1, signed),
  disputed: field(2, signed),
  abandoned: field(3, signed),
  lastSlot: field(4, signed),
  /** Sum, votes, the others of the newest votes. */
  bias: field(5, tuple(unsigned, unsigned, list(hash, ANY_COUNT))),
});

const misconductShape = record({
  /** Kind, id of the evidence, serial and time of its block. */
  shown: field(1, list(tuple(integer(1, 255), hash, unsigned, unsigned), ANY_COUNT)),
  contradictions: field(2, list(unsigned, ANY_COUNT)),
  struckAt: field(3, nullable(unsigned)),
});

const MEMBERS: PlainForm<Member> = plain(HASH_KEY, memberShape, {
  write: ({ role, organisation, keys, certificates }) => ({
    role,
    organisation,
    keys: keys.map(
      (each) => [each.publicKey, each.nextKeyDigest, each.rotateId ?? null, each.replacedAt ?? null] as const,
    ),
    certificates: certificates.map(({ id, inceptionBytes, organisation: of, ...each }) => {
      const { notBefore, notAfter, capabilities: rights, meter } = each;
      const said = { id, inception: inceptionBytes, organisation: of, notBefore, notAfter, capabilities: rights };
      return { ...said, ...(meter && { meter }) };
    }),
  }),
  read: ({ role, organisation, keys: written, certificates }, key) => {
    const did = bytesOf(key);
    const keys = written.map(([own, nextKeyDigest, rotateId, replacedAt]) => ({
      ...{ publicKey: own, nextKeyDigest },
      rotateId: rotateId ?? undefined,
      replacedAt: replacedAt ?? undefined,
    }));
    const inForce = keys.at(-1);
    const read = certificates.map((each) => certificateOf(each, did));
    if (inForce === undefined || did === undefined || read.includes(undefined)) return undefined;
    const all = read.filter((each) => each !== undefined);
    return { did, role, publicKey: inForce.publicKey, organisation, keys, certificates: all };
  },
});

const REVOKED_FROM: PlainForm<number> = plain(HASH_KEY, unsigned, asItIs());
const PROGRAMS: PlainForm<Uint8Array> = plain(HASH_KEY, bytes(1, SCRIPT_BYTES_MAX), asItIs());
const CODE_SLOTS: PlainForm<Uint8Array> = plain(SLOT_KEY, hash, asItIs());

const PAIRS: PlainForm<PairHistory> = plain(PAIR_KEY, pairShape, {
  write: ({ settled, recent }) => [settled, recent] as const,
  read: ([settled, recent]) => ({ settled, recent }),
});

const TALLIES: PlainForm<Tally> = plain(HASH_KEY, tallyShape, {
  write: ({ bias, ...tally }) => ({ ...tally, bias: [bias.sumMilli, bias.votes, bias.recent.map(hashOf)] as const }),
  read: ({ bias: [sumMilli, votes, recent], ...tally }) => ({
    ...tally,
    bias: { sumMilli, votes, recent: recent.map(toHex) },
  }),
});

const MISCONDUCT: PlainForm<Misconduct> = plain(HASH_KEY, misconductShape, {
  write: ({ shown, ...misconduct }) => ({
    ...misconduct,
    shown: shown.map(({ kind, evidence, serial, at }) => [kind, evidence, serial, at] as const),
  }),
  read: ({ shown, ...misconduct }) => ({
    ...misconduct,
    shown: shown.map(([kind, evidence, serial, at]) => ({ kind, evidence, serial, at })),
  }),
});

/** What the pairs say as well, the other way round: no root has it, and no snapshot. */
const COUNTERPARTIES: TableForm<readonly string[]> = {
  ...HASH_KEY,
  encode: (_, others) => encodeCbor(others.map(hashOf)),
};

/** All but the charges, in the order of their numbers in a snapshot and of their roots. */
export const PLAIN_TABLES = {
  members: MEMBERS,
  revokedFrom: REVOKED_FROM,
  programs: PROGRAMS,
  codeSlots: CODE_SLOTS,
  pairs: PAIRS,
  tallies: TALLIES,
  misconduct: MISCONDUCT,
} as const;
export type PlainTable = keyof typeof PLAIN_TABLES;

/** In the order in which the root of the state lists them; the charges come last: they name programs. */
export const ROOTED_TABLES = [
  ...["members", "revokedFrom", "programs", "codeSlots", "pairs", "tallies", "misconduct", "transactions"],
] as const satisfies readonly (PlainTable | "transactions")[];

export type StateTables = Pick<LedgerState, (typeof ROOTED_TABLES)[number] | "counterparties">;

export function emptyTables(): StateTables {
  return {
    members: new AuthenticatedMap(MEMBERS),
    revokedFrom: new AuthenticatedMap(REVOKED_FROM),
    programs: new AuthenticatedMap(PROGRAMS),
    codeSlots: new AuthenticatedMap(CODE_SLOTS),
    pairs: new AuthenticatedMap(PAIRS),
    tallies: new AuthenticatedMap(TALLIES),
    misconduct: new AuthenticatedMap(MISCONDUCT),
    transactions: new AuthenticatedMap(TRANSACTION_FORM),
    counterparties: new AuthenticatedMap(COUNTERPARTIES),
  };
}

interface Conversion<Value, Written> {
  readonly write: (value: Value) => Written;
  readonly read: (written: Written, key: string) => Value | undefined;
}

function plain<Value, Written>(
  keys: KeyForm,
  shape: Shape<Written>,
  { write, read }: Conversion<Value, Written>,
): PlainForm<Value> {
  return {
    ...keys,
    encode: (_, value) => encodeCbor(shape.write(write(value))),
    decode: (key, encoded) => {
      const written = decodeShape(shape, encoded);
      return written.ok ? read(written.value, key) : undefined;
    },
  };
}

function asItIs<Value>(): Conversion<Value, Value> {
  return { write: (value) => value, read: (value) => value };
}

function certificateOf(
  { inception: inceptionBytes, ...said }: ValueOf<typeof certificateShape>,
  deviceId: Uint8Array | undefined,
): Certificate | undefined {
  const inception = decodeInception(inceptionBytes);
  if (!inception.ok || deviceId === undefined) return undefined;
  return { ...said, role: inception.value.role, deviceId, inception: inception.value, inceptionBytes };
}

function hashOf(hex: string): Uint8Array {
  return bytesOf(hex) ?? new Uint8Array();
}

function bytesOf(hex: string): Uint8Array | undefined {
  return fromHex(hex);
}
