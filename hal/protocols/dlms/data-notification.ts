/**
 * DATA-NOTIFICATION, the APDU of a pushed list: IEC 62056-5-3.
 *
 *     0f | invoke id and priority (4) | date-time (octet string) | data
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decodeAxdr, type AxdrDocument } from "./axdr.ts";

const DATA_NOTIFICATION = 0x0f;

export interface DataNotification {
  /** When the meter sent it: 12 bytes as COSEM date-time, in hex; null when it does not say. */
  readonly sentAt: string | null;
  readonly document: AxdrDocument;
}

/** The notification, or in one sentence why it is none. */
export function readDataNotification(apdu: Uint8Array): Result<DataNotification, string> {
  if (apdu[0] !== DATA_NOTIFICATION)
    return fail(`an APDU with tag 0x${toHex(apdu.subarray(0, 1))}, not a notification`);
  const time = timeLength(apdu);
  if (time === undefined) return fail("the time of sending has a length that is not 0 or 12");
  const dataAt = TIME_AT + time.prefixBytes + time.lengthBytes;
  const document = decodeAxdr(apdu.subarray(dataAt));
  if (!document.ok) return fail(document.fault.reason);
  const sentAt = time.lengthBytes === 0 ? null : toHex(apdu.subarray(TIME_AT + time.prefixBytes, dataAt));
  return ok({ sentAt, document: document.value });
}

const TIME_AT = 5;
const DATE_TIME_BYTES = 12;
const OCTET_STRING = 0x09;

function timeLength(apdu: Uint8Array): { readonly prefixBytes: number; readonly lengthBytes: number } | undefined {
  const [first, second] = apdu.subarray(TIME_AT);
  if (first === 0) return { prefixBytes: 1, lengthBytes: 0 };
  if (first === DATE_TIME_BYTES) return { prefixBytes: 1, lengthBytes: DATE_TIME_BYTES };
  // Kaifa, and some Kamstrup, put the tag of the type in front, as inside of data.
  if (first === OCTET_STRING && second === DATE_TIME_BYTES) return { prefixBytes: 2, lengthBytes: DATE_TIME_BYTES };
  return undefined;
}
