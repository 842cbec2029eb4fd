/**
 * What is to be said of OCMF records of anybody's making: whether each is signed by its key, as it stands, and whether
 * the transactions that they make up may be billed by. Pure but for the verification: bytes in, findings out.
 */
import { verifyForeign, type ForeignVerdict } from "#adapters/crypto/foreign-signature.ts";
import { equalBytes } from "#base/bytes.ts";
import { curveOf } from "#records/ocmf/algorithms.ts";
import {
  billedReadings,
  isStart,
  isStop,
  judgeTransaction,
  type BrokenRule,
  type Transaction,
} from "#records/ocmf/acceptance.ts";
import type { OcmfRecord } from "#records/ocmf/read-record.ts";
import { keyCandidates, signatureBytes } from "./key-text.ts";

/** A record with what came with it. */
export interface FoundRecord {
  readonly record: OcmfRecord;
  /** Of the container: records with the same one belong together. */
  readonly transactionId: string | undefined;
  /** The public key that came with it. */
  readonly keyText: string | undefined;
}

export type SignatureCode =
  | "OCMF_TAMPERED"
  | "OCMF_OTHER_KEY"
  | "OCMF_NO_KEY"
  | "OCMF_KEY_UNREADABLE"
  | "OCMF_KEY_OF_ANOTHER_CURVE"
  | "OCMF_UNKNOWN_ALGORITHM"
  | "OCMF_SIGNATURE_UNREADABLE";

export interface JudgedRecord extends FoundRecord {
  /** Undefined: the key has signed exactly this. */
  readonly fault: SignatureCode | undefined;
  readonly keyFrom: "given" | "file" | undefined;
}

export interface JudgedTransaction {
  /** Places of its records, from 0. */
  readonly places: readonly number[];
  readonly transaction: Transaction | undefined;
  readonly broken: readonly BrokenRule[];
}

export interface OcmfJudgement {
  readonly records: readonly JudgedRecord[];
  readonly transactions: readonly JudgedTransaction[];
}

/** @param givenKey as a person has given it: it comes before what a file says of itself */
export function judgeOcmf(found: readonly FoundRecord[], givenKey: string | undefined): OcmfJudgement {
  return {
    records: found.map((each) => ({ ...each, ...judgeSignature(each, givenKey) })),
    transactions: groups(found).map((places) => {
      const records = places.map((place) => found[place]?.record).filter((record) => record !== undefined);
      return { places, ...judgeTransaction(records) };
    }),
  };
}

function judgeSignature(found: FoundRecord, givenKey: string | undefined): Pick<JudgedRecord, "fault" | "keyFrom"> {
  const { keyText, record } = found;
  if (givenKey === undefined) {
    const keyFrom = keyText === undefined ? undefined : "file";
    return { fault: keyText === undefined ? "OCMF_NO_KEY" : faultOf(record, keyText), keyFrom };
  }
  const fault = faultOf(record, givenKey);
  const isOthers = fault !== undefined && keyText !== undefined && faultOf(record, keyText) === undefined;
  return { fault: isOthers && !isSameKey(givenKey, keyText) ? "OCMF_OTHER_KEY" : fault, keyFrom: "given" };
}

function faultOf({ signature, payload }: OcmfRecord, keyText: string): SignatureCode | undefined {
  const curve = curveOf(signature.algorithm);
  if (curve === undefined) return "OCMF_UNKNOWN_ALGORITHM";
  const isDer = signature.mimeType.trim().toLowerCase() === "application/x-der";
  const bytes = isDer ? signatureBytes(signature.data, signature.encoding) : undefined;
  if (bytes === undefined) return "OCMF_SIGNATURE_UNREADABLE";
  const message = new TextEncoder().encode(payload);
  const verdicts = keyCandidates(keyText).map((publicKey) =>
    verifyForeign({ curve, publicKey, message, signature: bytes }),
  );
  const best = PREFERENCE.find((verdict) => verdicts.includes(verdict));
  return best === undefined ? "OCMF_KEY_UNREADABLE" : FAULTS[best];
}

/** Of two ways to read a key the one that says more. */
const PREFERENCE: readonly ForeignVerdict[] = [
  "valid",
  "invalid",
  "signature-unreadable",
  "key-of-another-curve",
  "key-unreadable",
];

const FAULTS: Readonly<Record<ForeignVerdict, SignatureCode | undefined>> = {
  valid: undefined,
  invalid: "OCMF_TAMPERED",
  "key-unreadable": "OCMF_KEY_UNREADABLE",
  "key-of-another-curve": "OCMF_KEY_OF_ANOTHER_CURVE",
  "signature-unreadable": "OCMF_SIGNATURE_UNREADABLE",
};

function isSameKey(left: string, right: string): boolean {
  return keyCandidates(left).some((key) => keyCandidates(right).some((other) => equalBytes(key, other)));
}

/** A record with begin and end is a transaction by itself; the others belong together by what the container says. */
function groups(found: readonly FoundRecord[]): readonly (readonly number[])[] {
  const whole: (readonly number[])[] = [];
  const parts = new Map<string, Part[]>();
  found.forEach(({ record, transactionId }, place) => {
    const { transaction, broken } = judgeTransaction([record]);
    const readings = billedReadings(record.readings);
    const part = { place, begins: readings.some(isStart), ends: readings.some(isStop) };
    const id = transactionId ?? "";
    if (transaction !== undefined || broken.length > 0) whole.push([place]);
    else parts.set(id, [...(parts.get(id) ?? []), part]);
  });
  const paired = [...parts].flatMap(([id, each]) => (isOne(id, each) ? [each.map(placeOf)] : pairs(each)));
  return [...whole, ...paired].sort((left, right) => (left[0] ?? 0) - (right[0] ?? 0));
}

interface Part {
  readonly place: number;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Two begins and one end under one name contradict each other; as many begins as ends are several transactions. */
function isOne(id: string, parts: readonly Part[]): boolean {
  const begins = parts.filter((part) => part.begins).length;
  const ends = parts.filter((part) => part.ends).length;
  return id !== "" && (begins !== ends || begins <= 1);
}

/** In the order of the file: each begin with what follows it up to the next end. */
function pairs(parts: readonly Part[]): readonly (readonly number[])[] {
  const made: number[][] = [];
  let isOpen = false;
  for (const { place, begins, ends } of parts) {
    if (begins || !isOpen) made.push([]);
    made.at(-1)?.push(place);
    isOpen = !ends;
  }
  return made;
}

function placeOf({ place }: Part): number {
  return place;
}
