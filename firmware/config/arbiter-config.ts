/** Who may judge a charge, as a charger names them and as a vehicle accepts them: by the whole device id. */
import { listOf, text, type Reader } from "./shape.ts";

/** Shorter forms of an id are for display: two devices can be made to share them. */
export const deviceId: Reader<string> = text(
  "a device id of 64 hex digits, as `tallystick init` and `tallystick status` show it",
  /^[0-9a-f]{64}$/,
);

const ARBITERS_MAX = 16;
const ids = listOf(deviceId, ARBITERS_MAX);

/** Those whom a vehicle accepts in an offer; an empty list accepts only offers without an arbiter. */
export type AcceptedArbiters = "any" | readonly string[];

export const acceptedArbiters: Reader<AcceptedArbiters> = (value, path) => (value === "any" ? "any" : ids(value, path));
