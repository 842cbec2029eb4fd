/** The station's answer to a new M1: its own half of the keys, its name, and the TERMS or a no, signed and sealed. */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Terms } from "#core/contract/terms.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { RefusalCode } from "./abort-reason.ts";
import type { Instant } from "./effects.ts";
import type { CodedFault, EvseView, StationContext } from "./handshake-context.ts";
import { ANSWER_KEPT_MS, HALF_OPEN_MS } from "./handshake-limits.ts";
import { deriveKeys, transcriptOfM2, transcriptOfM3, type HandshakeKeys } from "./key-schedule.ts";
import { encodeMessage, type Hello, type M1 } from "./messages.ts";
import { isValidAt, type Offer } from "./offer.ts";
import { stationAccepts, stationRefuses } from "./sealed-contents.ts";
import { acceptanceProof, refusalProof, type ProofSubject } from "./station-proof.ts";
import type { Answered, HalfOpen, StationSecrets } from "./station-state.ts";

export interface Question {
  readonly m1: M1;
  readonly hello: Hello;
  readonly evse: EvseView;
  /** Another handshake has just taken the outlet. */
  readonly isTaken: boolean;
  readonly at: Instant;
  readonly fresh: StationSecrets;
}

/** The entry to remember; what it answers stands in it. */
export function answerHello(question: Question, context: StationContext): Result<HalfOpen | Answered, CodedFault> {
  const exchange = exchangeKeys(question, context);
  if (!exchange.ok) return exchange;
  const verdict = judgeHello(question, context);
  return ok(
    "terms" in verdict
      ? accept(question, exchange.value, verdict, context)
      : refuse(question, exchange.value, verdict, context),
  );
}

interface Exchanged {
  readonly half: StationHalf;
  readonly keys: HandshakeKeys;
  readonly th2: Uint8Array;
}

interface StationHalf {
  readonly ephemeral: Uint8Array;
  readonly nonce: Uint8Array;
}

function exchangeKeys({ m1, hello, fresh }: Question, context: StationContext): Result<Exchanged, CodedFault> {
  const { crypto, network } = context;
  const ephemeral = crypto.publicKeyOf(fresh.ephemeral);
  if (ephemeral === undefined) return fail({ code: "BAD_SECRET" });
  const half = { ephemeral, nonce: fresh.nonce };
  const th2 = transcriptOfM2(crypto, { network, offer: hello.offer, hello: m1.hello, station: half });
  const keys = deriveKeys(crypto, fresh.ephemeral, hello.ephemeral, th2);
  return keys === undefined ? fail({ code: "BAD_POINT" }) : ok({ half, keys, th2 });
}

interface Yes {
  readonly offer: Offer;
  readonly terms: Terms;
}

interface No {
  readonly refusal: RefusalCode;
  readonly counterOffer: Offer | undefined;
}

function judgeHello({ hello, evse, isTaken, at }: Question, context: StationContext): Yes | No {
  if (isTaken || evse.isBusy) return { refusal: "EVSE_BUSY", counterOffer: undefined };
  const suits = (offer: Offer): boolean =>
    isValidAt(offer, at.wallSeconds) && context.agree(offer.body.terms, hello.want).ok;
  const no = (refusal: RefusalCode): No => ({
    refusal,
    counterOffer: evse.offers.find((offer) => !equalBytes(offer.id, hello.offer) && suits(offer)),
  });
  const offer = evse.offers.find(({ id }) => equalBytes(id, hello.offer));
  if (offer === undefined) return no("OFFER_UNKNOWN");
  if (!isValidAt(offer, at.wallSeconds)) return no("OFFER_EXPIRED");
  const agreed = context.agree(offer.body.terms, hello.want);
  return agreed.ok ? { offer, terms: agreed.value } : no("TERMS");
}

function accept(question: Question, { half, keys, th2 }: Exchanged, yes: Yes, context: StationContext): HalfOpen {
  const { crypto, network, signer, join } = context;
  const { m1, hello, evse, at } = question;
  const { terms } = yes;
  const startMilliWh = evse.registerMilliWh;
  const holdsReference = context.holds(hello.reference);
  const proof = acceptanceProof(crypto, subjectOf(hello, th2, context), { terms, startMilliWh, holdsReference });
  const signature = signer.sign(toBeSigned(network, PURPOSE.AUTH, proof));
  const plain = encodeShape(stationAccepts, { join, terms, startMilliWh, holdsReference, signature });
  const sealed = crypto.seal(keys.s1, th2, plain);
  return {
    phase: "halfOpen",
    handshake: m1.handshake,
    token: hello.token,
    m2: encodeMessage({ kind: "M2", handshake: m1.handshake, ...half, sealed }),
    evse: hello.evse,
    terms,
    startMilliWh,
    blocks: { station: yes.offer.body.reference, vehicle: hello.reference, isVehicleBlockHeld: holdsReference },
    transcript: transcriptOfM3(crypto, th2, sealed),
    keys: { e1: keys.e1, s2: keys.s2, channel: keys.channel },
    sinceMs: at.monotonicMs,
    expiresMs: at.monotonicMs + HALF_OPEN_MS,
  };
}

function refuse(question: Question, { half, keys, th2 }: Exchanged, no: No, context: StationContext): Answered {
  const { crypto, network, signer, join } = context;
  const { m1, hello, at } = question;
  const said = { refusal: no.refusal, ...(no.counterOffer && { counterOffer: no.counterOffer.bytes }) };
  const proof = refusalProof(crypto, subjectOf(hello, th2, context), said);
  const signature = signer.sign(toBeSigned(network, PURPOSE.AUTH, proof));
  const sealed = crypto.seal(keys.s1, th2, encodeShape(stationRefuses, { join, signature, ...said }));
  return {
    phase: "answered",
    handshake: m1.handshake,
    token: hello.token,
    question: "M1",
    answer: encodeMessage({ kind: "M2", handshake: m1.handshake, ...half, sealed }),
    expiresMs: at.monotonicMs + ANSWER_KEPT_MS,
  };
}

function subjectOf({ evse, offer }: Hello, transcript: Uint8Array, { deviceId }: StationContext): ProofSubject {
  return { transcript, station: deviceId, evse, offer };
}
