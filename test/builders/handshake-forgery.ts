/** The tools of an attacker who owns the mesh, a valid station and a valid vehicle: messages changed and made up. */
import { deriveKeys, transcriptOfM2, transcriptOfM4 } from "#core/handshake/key-schedule.ts";
import {
  decodeHello,
  decodeMessage,
  encodeHello,
  encodeMessage,
  handshakeIdOf,
  type Hello,
  type M1,
  type M2,
} from "#core/handshake/messages.ts";
import {
  decodeM2Content,
  decodeM3Content,
  decodeM4Content,
  stationAccepts,
  vehicleAccepts,
  type VehicleAccepts,
} from "#core/handshake/sealed-contents.ts";
import { acceptanceProof } from "#core/handshake/station-proof.ts";
import type { HalfOpen } from "#core/handshake/station-state.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { openBody } from "#core/session/facts.ts";
import {
  agree,
  contextOf,
  crypto,
  named,
  NETWORK,
  offerOf,
  party,
  roundSecrets,
  startWith,
  stationContextOf,
  TERMS,
  WANT,
  type Party,
} from "#test/builders/handshake-parties.ts";
import {
  giveStation,
  giveVehicle,
  only,
  sentIn,
  stationSide,
  vehicleSide,
  type StationSide,
  type VehicleSide,
} from "#test/builders/handshake-run.ts";

export const victim = party("vehicle", "vehicle");
export const honest = party("station", "station");
export const mallory = party("mallory's station", "station");
export const mole = party("mallory's vehicle", "vehicle");
export const offer = offerOf(honest);
export const malloryOffer = offerOf(mallory);

export const newVehicle = (who: Party = victim): VehicleSide => vehicleSide(contextOf(who));
export const newStation = (who: Party = honest): StationSide =>
  stationSide(stationContextOf(who, who === mallory ? [malloryOffer] : [offer, offerOf(honest, { evse: 2 })]));
export const fresh = (name: string, offered = offer): ReturnType<typeof startWith> =>
  startWith(offered, { secrets: [roundSecrets(name)] });

export type Body = Parameters<typeof openBody.write>[0];

export function resign({ join, open }: VehicleAccepts, change: Partial<Body>): VehicleAccepts {
  const map = openBodyOf(open);
  const payload = encodeShape(openBody, { ...map, ...change });
  return { join, open: payload, signature: mole.signer.sign(toBeSigned(NETWORK, PURPOSE.OPEN, payload)) };
}

export function openBodyOf(open: Uint8Array): Body {
  const read = decodeShape(openBody, open);
  if (!read.ok) throw new Error(read.fault.code);
  return read.value;
}

/** Mallory's vehicle shakes hands with the honest station, and says in M3 what `change` makes of the truth. */
export function asMole(
  name: string,
  change: (accepts: VehicleAccepts) => VehicleAccepts,
): { readonly station: StationSide; readonly refusal: string | undefined } {
  const vehicle = newVehicle(mole);
  const station = newStation();
  const m1 = only(sentIn(vehicle.take(fresh(name))));
  const m3 = decodeMessage(only(giveVehicle(vehicle, only(giveStation(station, m1)))));
  const entry = station.state.entries[0];
  if (!m3.ok || m3.value.kind !== "M3" || entry?.phase !== "halfOpen") throw new Error("no M3");
  const { e1 } = entry.keys;
  const plain = crypto.open(e1, entry.transcript, m3.value.sealed);
  const content = plain && decodeM3Content(plain);
  if (!content?.ok || !content.value.isAccepted) throw new Error("M3 is not readable");
  const sealed = crypto.seal(e1, entry.transcript, encodeShape(vehicleAccepts, change(content.value.content)));
  const forged = encodeMessage({ ...m3.value, sealed });
  const m4 = only(giveStation(station, forged));
  return { station, refusal: refusalIn(m4, forged, entry) };
}

/** The word of refusal in an M4; undefined when the station agrees. */
function refusalIn(m4: Uint8Array, m3: Uint8Array, { keys, transcript }: HalfOpen): string | undefined {
  const message = decodeMessage(m4);
  if (!message.ok || message.value.kind !== "M4") throw new Error("no M4");
  const plain = crypto.open(keys.s2, transcriptOfM4(crypto, transcript, m3), message.value.sealed);
  const content = plain && decodeM4Content(plain);
  if (!content?.ok) throw new Error("M4 is not readable");
  return content.value.isAccepted ? undefined : content.value.content.refusal;
}

/** M2 with keys that the forger has exchanged himself, and whatever name and signature he has. */
export function forgeM2(
  m1: Uint8Array,
  by: { readonly join: Uint8Array; readonly signer?: Party; readonly signature?: Uint8Array },
): Uint8Array {
  const read = decodeMessage(m1);
  if (!read.ok || read.value.kind !== "M1") throw new Error("no M1");
  const hello = helloOf(read.value);
  const secret = named("forger");
  const half = { ephemeral: crypto.publicKeyOf(secret) ?? named(""), nonce: named("forger's nonce") };
  const th2 = transcriptOfM2(crypto, { network: NETWORK, offer: hello.offer, hello: read.value.hello, station: half });
  const keys = deriveKeys(crypto, secret, hello.ephemeral, th2);
  const agreed = agree(TERMS, WANT);
  if (!keys || !agreed.ok) throw new Error("no keys");
  const content = { terms: agreed.value, startMilliWh: 5_000_000, holdsReference: true };
  const subject = { transcript: th2, station: honest.deviceId, evse: 1, offer: hello.offer };
  const proof = toBeSigned(NETWORK, PURPOSE.AUTH, acceptanceProof(crypto, subject, content));
  const signature = by.signature ?? (by.signer ?? mallory).signer.sign(proof);
  const sealed = crypto.seal(keys.s1, th2, encodeShape(stationAccepts, { ...content, join: by.join, signature }));
  return encodeMessage({ kind: "M2", handshake: read.value.handshake, ...half, sealed });
}

/** The station's signature in an M2 that the reader was meant to open. */
export function openM2(m1: Uint8Array, m2: M2, secret: Uint8Array): Uint8Array {
  const read = decodeMessage(m1);
  if (!read.ok || read.value.kind !== "M1") throw new Error("no M1");
  const { offer: offerId } = helloOf(read.value);
  const th2 = transcriptOfM2(crypto, { network: NETWORK, offer: offerId, hello: read.value.hello, station: m2 });
  const keys = deriveKeys(crypto, secret, m2.ephemeral, th2);
  const plain = keys && crypto.open(keys.s1, th2, m2.sealed);
  const content = plain && decodeM2Content(plain);
  if (!content?.ok) throw new Error("M2 is not readable");
  return content.value.content.signature;
}

export function helloOf(m1: M1): Hello {
  const hello = decodeHello(m1.hello);
  if (!hello.ok) throw new Error(hello.fault.code);
  return hello.value;
}

/** A changed hello under the id that belongs to it. */
export function rehello(m1: M1, change: (hello: Hello) => Hello): Uint8Array {
  const hello = encodeHello(change(helloOf(m1)));
  return encodeMessage({ ...m1, hello, handshake: handshakeIdOf(crypto, NETWORK, hello) });
}

/** The first message under the handshake id of the second. */
export function rename(from: Uint8Array | undefined, to: Uint8Array | undefined): Uint8Array {
  const [message, model] = [from, to].map((bytes) => decodeMessage(bytes ?? named("")));
  if (!message?.ok || !model?.ok) throw new Error("no message");
  return encodeMessage({ ...message.value, handshake: model.value.handshake });
}
