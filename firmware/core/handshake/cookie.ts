/**
 * The cookie that a station under load asks back before it spends a signature and memory on an M1: it proves that the
 * sender reads the reply topic that it named. Stateless, as in IKEv2 (RFC 7296, section 2.6).
 */
import { equalBytes } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { COOKIE_PERIOD_MS } from "./handshake-limits.ts";

export interface CookieSubject {
  readonly handshake: Uint8Array;
  readonly ephemeral: Uint8Array;
}

/** `HMAC(key, ["TALLY1/cookie", handshake, ephemeral, minute])`, the minute by the station's monotonic clock. */
export function makeCookie(
  crypto: Cryptography,
  key: Uint8Array,
  { handshake, ephemeral }: CookieSubject,
  monotonicMs: number,
): Uint8Array {
  const minute = Math.floor(monotonicMs / COOKIE_PERIOD_MS);
  return crypto.hmac(key, encodeCbor(["TALLY1/cookie", handshake, ephemeral, Math.max(0, minute)]));
}

export function isCookieGood(
  cookie: Uint8Array,
  ...[crypto, key, subject, monotonicMs]: Parameters<typeof makeCookie>
): boolean {
  return [monotonicMs, monotonicMs - COOKIE_PERIOD_MS].some((at) =>
    equalBytes(cookie, makeCookie(crypto, key, subject, at)),
  );
}
