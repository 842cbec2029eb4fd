/** One party of a handshake as its JOIN proves it. */
import { fail, ok, type Result } from "#base/result.ts";
import { equalBytes } from "#base/bytes.ts";
import type { DeviceRole } from "#core/identity/device-id.ts";
import { decodeJoin, type JoinFault } from "#core/identity/join.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import { JOIN_BYTES_MAX } from "./handshake-limits.ts";

export interface Member {
  readonly deviceId: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The JOIN that proves the two above. */
  readonly join: Uint8Array;
}

export type MemberFault =
  | JoinFault
  | { readonly code: "JOIN_TOO_LARGE"; readonly bytes: number }
  | { readonly code: "JOIN_WRONG_ROLE"; readonly role: DeviceRole }
  | { readonly code: "JOIN_IS_OURS" };

/** Reads the JOIN of the other side; the own one is refused, so that nobody can be led to charge with himself. */
export function readMember(join: Uint8Array, role: DeviceRole, context: HandshakeContext): Result<Member, MemberFault> {
  if (join.length > JOIN_BYTES_MAX) return fail({ code: "JOIN_TOO_LARGE", bytes: join.length });
  const read = decodeJoin(join, context.crypto, context.network);
  if (!read.ok) return read;
  const { deviceId, inception } = read.value;
  if (inception.role !== role) return fail({ code: "JOIN_WRONG_ROLE", role: inception.role });
  if (equalBytes(deviceId, context.deviceId) || equalBytes(inception.publicKey, context.signer.publicKey)) {
    return fail({ code: "JOIN_IS_OURS" });
  }
  return ok({ deviceId, publicKey: inception.publicKey, join });
}
