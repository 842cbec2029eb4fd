/** OPEN as the handshake makes it: composed by the vehicle, judged by the station, co-signed by both. */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { terms, type Terms } from "#core/contract/terms.ts";
import { keyNumberIn, openBody, type BlockReference, type OpenBody } from "#core/session/facts.ts";
import { isResolvedFor } from "#core/tariff/check-tariff.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { RefusalCode } from "./abort-reason.ts";
import { isBlockChoosable, type NamedBlocks } from "./block-choice.ts";
import type { HandshakeContext, StationContext } from "./handshake-context.ts";
import { CLOCK_TOLERANCE_SECONDS, HALF_OPEN_MS } from "./handshake-limits.ts";
import { readMember, type Member } from "./member.ts";
import type { VehicleAccepts } from "./sealed-contents.ts";
import { openedAddress } from "./transaction-address.ts";

/** What the vehicle puts into OPEN beside its own id. */
export interface OpenParts {
  readonly station: Uint8Array;
  readonly evse: number;
  readonly terms: Terms;
  /** th3. */
  readonly transcript: Uint8Array;
  readonly reference: BlockReference;
  /** Station's, then vehicle's. */
  readonly startMilliWh: readonly [number, number];
  readonly startedAt: number;
  readonly salt: Uint8Array;
}

export function composeOpen(parts: OpenParts, stationKey: number, context: HandshakeContext): OpenBody {
  const notAfter = parts.startedAt + parts.terms.durationMaxSeconds;
  const numbers = [context.region.newestKeyOf(context.deviceId), stationKey] as const;
  const keys = numbers.some((number) => number > 0) ? { keys: numbers } : {};
  return { version: 1, network: context.network, vehicle: context.deviceId, notAfter, ...parts, ...keys };
}

export function openMessage(network: Uint8Array, payload: Uint8Array): Uint8Array {
  return toBeSigned(network, PURPOSE.OPEN, payload);
}

export function addressOfOpen(context: HandshakeContext, body: OpenBody, payload: Uint8Array): Uint8Array {
  return openedAddress(context, { body, payload });
}

/** What the station has said or computed itself, and OPEN must repeat. */
export interface ExpectedOpen {
  readonly evse: number;
  readonly terms: Terms;
  readonly transcript: Uint8Array;
  readonly startMilliWh: number;
  readonly blocks: NamedBlocks;
}

export interface PromisedOpen {
  readonly body: OpenBody;
  readonly vehicle: Member;
}

export interface OpenRefusal {
  readonly code: RefusalCode;
}

/** The station's judgment of an accepting M3, the signature last because it costs most. */
export function judgeOpen(
  { join, open, signature }: VehicleAccepts,
  expected: ExpectedOpen,
  wallSeconds: number,
  context: StationContext,
): Result<PromisedOpen, OpenRefusal> {
  const read = decodeShape(openBody, open);
  if (!read.ok) return fail({ code: "WRONG_OPEN" });
  const body = read.value;
  const vehicle = readMember(join, "vehicle", context);
  if (!vehicle.ok) return fail({ code: REFUSAL_OF[vehicle.fault.code] ?? "WRONG_OPEN" });
  if (!equalBytes(body.vehicle, vehicle.value.deviceId) || !repeats(body, expected, context)) {
    return fail({ code: "WRONG_OPEN" });
  }
  // A replaced key binds nobody, and one that is not known here proves nothing.
  const isNewest = keyNumberIn(body, "vehicle") === vehicle.value.keyNumber;
  if (!isNewest || keyNumberIn(body, "station") !== context.region.newestKeyOf(context.deviceId)) {
    return fail({ code: "WRONG_OPEN" });
  }
  if (!equalBytes(encodeShape(terms, body.terms), encodeShape(terms, expected.terms))) return fail({ code: "TERMS" });
  // Nobody on the ledger would take it: in hours for which no windows are resolved another price would hold.
  if (!isResolvedFor(body.terms.tariff, body.startedAt, body.notAfter)) return fail({ code: "TERMS" });
  if (!isBlockChoosable(body.reference, expected.blocks, context)) return fail({ code: "REFERENCE_UNKNOWN" });
  const lateSeconds = wallSeconds - body.startedAt;
  // M3 may be repeated for as long as the station waits, with the same start time.
  if (lateSeconds < -CLOCK_TOLERANCE_SECONDS || lateSeconds > CLOCK_TOLERANCE_SECONDS + HALF_OPEN_MS / 1000) {
    return fail({ code: "CLOCK" });
  }
  if (!context.crypto.verify(vehicle.value.publicKey, openMessage(context.network, open), signature)) {
    return fail({ code: "BAD_SIGNATURE" });
  }
  const objection = context.objectionTo(vehicle.value, body.terms);
  return objection === undefined ? ok({ body, vehicle: vehicle.value }) : fail(objection);
}

/** What a vehicle is told of a JOIN that is not taken; anything else is a JOIN of another handshake. */
const REFUSAL_OF: Readonly<Record<string, RefusalCode>> = {
  JOIN_BAD_SIGNATURE: "BAD_SIGNATURE",
  CERT_BAD_SIGNATURE: "BAD_SIGNATURE",
  JOIN_NOT_CERTIFIED: "NOT_ADMITTED",
  JOIN_UNKNOWN_KEY: "NOT_ADMITTED",
};

function repeats(body: OpenBody, expected: ExpectedOpen, context: StationContext): boolean {
  return (
    equalBytes(body.network, context.network) &&
    equalBytes(body.station, context.deviceId) &&
    body.evse === expected.evse &&
    equalBytes(body.transcript, expected.transcript) &&
    body.startMilliWh[0] === expected.startMilliWh &&
    body.notAfter === body.startedAt + body.terms.durationMaxSeconds
  );
}
