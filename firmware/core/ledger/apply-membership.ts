/** Whether a JOIN, a ROTATE or a REVOKE may stand, and what it makes of a membership. */
import { compareBytes, equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { decodeJoin } from "#core/identity/join.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import {
  isSignedBy,
  isSignedByAny,
  KNOWN,
  refersUnknown,
  refuse,
  type ApplyContext,
  type FactFault,
} from "./fact-fault.ts";
import type { JoinFact, RevokeFact, RotateFact } from "./fact.ts";
import { joinRegionOf, LATE_SECONDS_MAX } from "./membership.ts";
import { newMember, type LedgerState, type Member } from "./state.ts";

/**
 * A certificate that has ended is taken for some time still: a contract that it covers may come from a site that was
 * alone. It gives no right at any other time.
 */
export function applyJoin(state: LedgerState, fact: JoinFact, context: ApplyContext): Result<void, FactFault> {
  const { crypto, network, verified, now } = context;
  const join = decodeJoin(encodeSigned(fact.payload, fact.signatures), crypto, joinRegionOf(state, network));
  if (!join.ok) {
    const { code } = join.fault;
    if (code === "JOIN_UNKNOWN_KEY") return refersUnknown("key", deviceIdOf(crypto, fact.body.inception));
    return refuse({ code: "FACT_BAD_JOIN", reason: code });
  }
  const { certificate } = join.value;
  const key = toHex(join.value.deviceId);
  const member = state.members.get(key);
  verified.set(fact, key);
  // Who has never shown a key of its own does not come in by another's word.
  if (join.value.by === "authority" && member === undefined) return refersUnknown("member", join.value.deviceId);
  if (certificate === undefined && member !== undefined) return KNOWN;
  if (certificate === undefined) {
    state.members.set(key, newMember(join.value));
    return ok(undefined);
  }
  if (member?.certificates.some(({ id }) => equalBytes(id, certificate.id)) === true) return KNOWN;
  if (now > certificate.notAfter + LATE_SECONDS_MAX) return refuse({ code: "FACT_BAD_JOIN", reason: "CERT_EXPIRED" });
  state.members.set(key, withCertificate(member ?? newMember(join.value), certificate));
  return ok(undefined);
}

/** In whatever order they come, the one that ends last names the organisation. */
function withCertificate(member: Member, certificate: Certificate): Member {
  const certificates = [...member.certificates, certificate].sort(
    (left, right) => left.notAfter - right.notAfter || compareBytes(left.id, right.id),
  );
  return { ...member, certificates, organisation: certificates.at(-1)?.organisation ?? member.organisation };
}

export function applyRotate(state: LedgerState, fact: RotateFact, context: ApplyContext): Result<void, FactFault> {
  const { network, device, number, publicKey, nextKeyDigest, by } = fact.body;
  if (!equalBytes(network, context.network)) return refuse({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
  const did = toHex(device);
  const member = state.members.get(did);
  if (member === undefined) return refersUnknown("member", device);
  const known = member.keys[number];
  if (known !== undefined) {
    const isSame = known.rotateId !== undefined && equalBytes(known.rotateId, fact.id);
    return isSame ? KNOWN : refuse({ code: "FACT_CONFLICTS", with: `key ${number} of the member` });
  }
  const before = member.keys[number - 1];
  if (before === undefined) return refersUnknown("key", device);
  if (!equalBytes(context.crypto.sha256(publicKey), before.nextKeyDigest)) {
    return refuse({ code: "FACT_NOT_PROMISED", did, number });
  }
  const permitting = by === "owner" ? [before.publicKey] : (state.genesis.membership?.enrolmentKeys ?? []);
  if (permitting.length === 0) return refuse({ code: "FACT_NO_AUTHORITY" });
  if (!permitting.some((key) => isSignedBy(fact, [key, publicKey], context))) {
    return refuse({ code: "FACT_BAD_SIGNATURE", signer: did });
  }
  const replaced = { ...before, replacedAt: Math.max(context.now, state.sealedAt) };
  const added = { publicKey, nextKeyDigest, rotateId: fact.id, replacedAt: undefined };
  state.members.set(did, { ...member, publicKey, keys: [...member.keys.with(number - 1, replaced), added] });
  return ok(undefined);
}

/** Of several the earliest counts, so the order in which they come does not matter. It is never taken back. */
export function applyRevoke(state: LedgerState, fact: RevokeFact, context: ApplyContext): Result<void, FactFault> {
  const { network, device, from } = fact.body;
  if (!equalBytes(network, context.network)) return refuse({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
  const did = toHex(device);
  const keys = state.genesis.membership?.enrolmentKeys ?? [];
  if (keys.length === 0) return refuse({ code: "FACT_NO_AUTHORITY" });
  if ((state.revokedFrom.get(did) ?? Infinity) <= from) return KNOWN;
  if (!isSignedByAny(fact, keys, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: "authority" });
  state.revokedFrom.set(did, from);
  return ok(undefined);
}
