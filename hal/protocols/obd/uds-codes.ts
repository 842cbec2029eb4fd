/**
 * Numbers of ISO 14229-1 that more than one part of the driver knows. The simulated control units have a list of their
 * own (`hal/mock/obd/diagnostic-server.ts`): a slip here must not be made on both sides of the line.
 */

/** DiagnosticSessionControl; its parameter is the session. It changes the unit's state. */
export const SESSION_CONTROL = 0x10;

/** TesterPresent with an answer: one without looks to an adapter like a car that sleeps. */
export const TESTER_PRESENT_REQUEST: Uint8Array = Uint8Array.of(0x3e, 0x00);

/** Negative response codes, annex A.1. */
export const RESPONSE_CODES = {
  serviceNotSupported: 0x11,
  subFunctionNotSupported: 0x12,
  wrongLength: 0x13,
  busyRepeatRequest: 0x21,
  conditionsNotCorrect: 0x22,
  requestOutOfRange: 0x31,
  responsePending: 0x78,
  subFunctionNotInThisSession: 0x7e,
  serviceNotInThisSession: 0x7f,
} as const;

/** What a unit refuses with one of these it will not know the next time either. */
export const REFUSED_FOR_GOOD: ReadonlySet<number> = new Set([
  RESPONSE_CODES.serviceNotSupported,
  RESPONSE_CODES.subFunctionNotSupported,
  RESPONSE_CODES.requestOutOfRange,
]);
