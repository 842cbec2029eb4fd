/** One party of a handshake as its JOIN proves it. */
import { fail, ok, type Result } from "#base/result.ts";
import { equalBytes } from "#base/bytes.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import type { DeviceRole } from "#core/identity/device-id.ts";
import { decodeJoin, type JoinFault } from "#core/identity/join.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import { JOIN_BYTES_MAX } from "./handshake-limits.ts";

export interface Member {
  readonly deviceId: Uint8Array;
  /** The newest that is known here, and its number. */
  readonly publicKey: Uint8Array;
  readonly keyNumber: number;
  /** The JOIN that proves the device id. */
  readonly join: Uint8Array;
  /** The one in the JOIN; others may be known here. */
  readonly certificate: Certificate | undefined;
}

export type MemberFault =
  | JoinFault
  | { readonly code: "JOIN_TOO_LARGE"; readonly bytes: number }
  | { readonly code: "JOIN_WRONG_ROLE"; readonly role: DeviceRole }
  /** An authority's word does not show that the other side has a key. */
  | { readonly code: "JOIN_NOT_BY_ITSELF" }
  | { readonly code: "JOIN_IS_OURS" };

/** Reads the JOIN of the other side; the own one is refused, so that nobody can be led to charge with himself. */
export function readMember(join: Uint8Array, role: DeviceRole, context: HandshakeContext): Result<Member, MemberFault> {
  if (join.length > JOIN_BYTES_MAX) return fail({ code: "JOIN_TOO_LARGE", bytes: join.length });
  const { region } = context;
  const read = decodeJoin(join, context.crypto, region);
  if (!read.ok) return read;
  const { deviceId, inception, certificate } = read.value;
  if (read.value.by !== "owner") return fail({ code: "JOIN_NOT_BY_ITSELF" });
  if (inception.role !== role) return fail({ code: "JOIN_WRONG_ROLE", role: inception.role });
  if (equalBytes(deviceId, context.deviceId) || equalBytes(inception.publicKey, context.signer.publicKey)) {
    return fail({ code: "JOIN_IS_OURS" });
  }
  // What is signed from now on is signed with the newest key, whichever the JOIN was signed with.
  const keyNumber = region.newestKeyOf(deviceId);
  const publicKey = keyNumber === 0 ? inception.publicKey : region.keyOf(deviceId, keyNumber);
  return publicKey === undefined
    ? fail({ code: "JOIN_UNKNOWN_KEY" })
    : ok({ deviceId, keyNumber, publicKey, join, certificate });
}
