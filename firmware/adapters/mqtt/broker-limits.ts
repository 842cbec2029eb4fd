/** What one client, and all of them together, may take of the embedded broker. */
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import type { Rate } from "#core/mesh/token-bucket.ts";
import type { RetainedLimits } from "./retained-store.ts";

export interface BrokerLimits {
  readonly clientsMax: number;
  /** Connections that have not logged in; the oldest goes when one more comes. */
  readonly strangersMax: number;
  /** How long a connection may take to log in. */
  readonly loginTimeoutMs: number;
  /** All clients together, because verifying a signature is what a flood of logins would exhaust. */
  readonly loginRate: Rate;
  readonly payloadBytesMax: number;
  /** CONNECT is all that a stranger sends. */
  readonly loginBytesMax: number;
  /** Of each client. Beyond, it is read more slowly. */
  readonly packetRate: Rate;
  readonly byteRate: Rate;
  readonly filtersMax: number;
  /**
   * Bytes a client has not taken yet: beyond the first, messages to it are left out; beyond the second, it is cut off.
   */
  readonly backlogBytesMax: number;
  readonly backlogBytesEnd: number;
  /** A client that is silent for one and a half times its keepalive loses its id. */
  readonly keepaliveSecondsMax: number;
  readonly retained: RetainedLimits;
}

export const BROKER_LIMITS: BrokerLimits = {
  clientsMax: 64,
  strangersMax: 16,
  loginTimeoutMs: 5000,
  loginRate: { perSecond: 50, burst: 200 },
  payloadBytesMax: MESH_PAYLOAD_BYTES_MAX,
  loginBytesMax: 1024,
  packetRate: { perSecond: 250, burst: 1000 },
  byteRate: { perSecond: 1024 * 1024, burst: 4 * 1024 * 1024 },
  filtersMax: 32,
  backlogBytesMax: 512 * 1024,
  backlogBytesEnd: 2 * 1024 * 1024,
  keepaliveSecondsMax: 60,
  retained: { messagesMax: 512, bytesMax: 1024 * 1024, ageMaxMs: 600_000 },
};

if (BROKER_LIMITS.backlogBytesEnd < BROKER_LIMITS.backlogBytesMax + 4 * MESH_PAYLOAD_BYTES_MAX) {
  throw new Error("bug: limits disagree: a client within its backlog could be cut off by a few messages");
}
