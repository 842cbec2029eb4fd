/** Begins a round: the vehicle judges an offer and makes its M1. */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { AbortReason } from "./abort-reason.ts";
import type { Send } from "./effects.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import { NONCE_BYTES, SALT_BYTES, TOKEN_BYTES } from "./handshake-limits.ts";
import { encodeHello, encodeMessage, handshakeIdOf } from "./messages.ts";
import { isValidAt, readOffer } from "./offer.ts";
import type { Plan, Round, RoundSecrets, Start } from "./vehicle-state.ts";

export interface Invitation {
  readonly offer: Uint8Array;
  readonly plan: Plan;
  readonly expected: Start["expected"];
  readonly secrets: RoundSecrets;
}

export function greet(
  { offer: offered, plan, expected, secrets }: Invitation,
  wallSeconds: number,
  context: HandshakeContext,
): Result<Round, AbortReason> {
  assert(
    secrets.nonce.length === NONCE_BYTES && secrets.token.length === TOKEN_BYTES && secrets.salt.length === SALT_BYTES,
    "a round has 32 bytes of nonce and 16 each of token and salt",
  );
  const read = readOffer(offered, context);
  if (!read.ok) return fail({ code: "BAD_OFFER", fault: read.fault });
  const offer = read.value;
  const { station, evse, notBeforeSeconds, expiresSeconds } = offer.body;
  if (expected.station !== undefined && !equalBytes(expected.station, station)) {
    return fail({ code: "WRONG_STATION", found: station });
  }
  if (expected.evse !== undefined && expected.evse !== evse) return fail({ code: "WRONG_EVSE", found: evse });
  if (!isValidAt(offer, wallSeconds)) {
    return fail({ code: "OFFER_EXPIRED", fromSeconds: notBeforeSeconds, toSeconds: expiresSeconds });
  }
  const agreed = context.agree(offer.body.terms, plan.want);
  if (!agreed.ok) return fail({ code: "TERMS", fault: agreed.fault });
  const objection = context.objectionTo(offer.station, agreed.value);
  if (objection !== undefined) return fail(objection);
  const ephemeral = context.crypto.publicKeyOf(secrets.ephemeral);
  if (ephemeral === undefined) return fail({ code: "BAD_SECRET" });
  const { nonce, token } = secrets;
  const { want, reference } = plan;
  const { network } = context;
  const hello = encodeHello({ version: 1, network, ephemeral, nonce, offer: offer.id, evse, want, token, reference });
  const handshake = handshakeIdOf(context.crypto, network, hello);
  return ok({ offer, terms: agreed.value, secrets, hello, handshake, cookie: undefined, hurried: 0 });
}

export function sendM1({ offer, hello, handshake, cookie }: Round): Send {
  const bytes = encodeMessage({ kind: "M1", handshake, hello, ...(cookie === undefined ? {} : { cookie }) });
  return { kind: "send", to: { topic: "handshake", station: offer.body.station }, bytes };
}
