/** The vehicle's answer to an accepting M2: OPEN with its signature, sealed as M3; or a no that names nobody. */
import { openBody } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { RefusalCode } from "./abort-reason.ts";
import { chooseBlock } from "./block-choice.ts";
import type { Send } from "./effects.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import type { AuthenticM2 } from "./judge-m2.ts";
import { transcriptOfM4 } from "./key-schedule.ts";
import { encodeMessage } from "./messages.ts";
import { addressOfOpen, composeOpen, openMessage } from "./open-contract.ts";
import { refuses, vehicleAccepts, type StationAccepts } from "./sealed-contents.ts";
import type { Plan, Promised, Round } from "./vehicle-state.ts";

/** What was agreed in a round, by whom and when. */
export interface Agreement {
  readonly round: Round;
  readonly plan: Plan;
  readonly m2: Omit<AuthenticM2, "answer">;
  readonly content: StationAccepts;
}

export function promiseOpen(
  { round, plan, m2, content }: Agreement,
  wallSeconds: number,
  context: HandshakeContext,
): Promised {
  const { crypto, network, signer } = context;
  const { offer, handshake } = round;
  const { station: stationId, evse, reference: station } = offer.body;
  const reference = chooseBlock(
    { station, vehicle: plan.reference, isVehicleBlockHeld: content.holdsReference },
    context,
  );
  const parts = { station: stationId, evse, terms: round.terms, transcript: m2.transcript, reference };
  const startMilliWh = [content.startMilliWh, plan.startMilliWh] as const;
  const body = composeOpen(
    { ...parts, startMilliWh, startedAt: wallSeconds, salt: round.secrets.salt },
    offer.station.keyNumber,
    context,
  );
  const payload = encodeShape(openBody, body);
  const signature = signer.sign(openMessage(network, payload));
  const plain = encodeShape(vehicleAccepts, { join: context.join, open: payload, signature });
  const m3 = encodeMessage({ kind: "M3", handshake, sealed: crypto.seal(m2.keys.e1, m2.transcript, plain) });
  const address = addressOfOpen(context, body, payload);
  return {
    promise: { handshake, station: offer.station, body, payload, vehicleSignature: signature, address },
    m3,
    answer: { key: m2.keys.s2, transcript: transcriptOfM4(crypto, m2.transcript, m3) },
    channel: m2.keys.channel,
  };
}

/** A refusing M3, sent once: a station that does not get it forgets after its own time. */
export function refuseM2(
  round: Round,
  m2: Omit<AuthenticM2, "answer">,
  refusal: RefusalCode,
  context: HandshakeContext,
): Send {
  const sealed = context.crypto.seal(m2.keys.e1, m2.transcript, encodeShape(refuses, { refusal }));
  const bytes = encodeMessage({ kind: "M3", handshake: round.handshake, sealed });
  return { kind: "send", to: { topic: "handshake", station: round.offer.body.station }, bytes };
}
