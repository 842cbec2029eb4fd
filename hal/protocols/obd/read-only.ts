/**
 * The requests that may ever reach a car. A gateway that measures has no business with writing, routines, security
 * access or fault memories (services 2E, 2F, 31, 27, 14 …), so they are refused here, whatever a profile says.
 */
import { SESSION_CONTROL } from "./uds-codes.ts";

/** `sessions`: the diagnostic sessions that the vehicle's profile names; most cars need none. */
export function isReadOnlyRequest(request: Uint8Array, sessions: readonly number[] = []): boolean {
  const [service, parameter] = request;
  if (service === undefined || parameter === undefined) return false;
  if (service === SESSION_CONTROL) return request.length === 2 && sessions.includes(parameter);
  return request.length === LENGTHS.get(service);
}

/** Service and the exact length of its request: one identifier at a time, so that an answer has one meaning. */
const LENGTHS: ReadonlyMap<number, number> = new Map([
  [0x01, 2],
  [0x09, 2],
  [0x21, 2],
  [0x22, 3],
  [0x3e, 2],
]);
