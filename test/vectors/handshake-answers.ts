/** What can come at each place of the run of `handshake.json`: offers, and each message in other words. */
import { toHex } from "#base/bytes.ts";
import {
  deriveKeys,
  transcriptOfM2,
  transcriptOfM3,
  transcriptOfM4,
  type HandshakeKeys,
} from "#core/handshake/key-schedule.ts";
import {
  decodeMessage,
  encodeMessage,
  handshakeIdOf,
  type HandshakeMessage,
  type Hello,
} from "#core/handshake/messages.ts";
import { signOffer, type OfferBody } from "#core/handshake/offer.ts";
import type { Terms } from "#core/contract/terms.ts";
import { openBody } from "#core/session/facts.ts";
import {
  decodeM3Content,
  refuses,
  stationAccepts,
  stationCommits,
  stationRefuses,
  vehicleAccepts,
  type StationAccepts,
  type VehicleAccepts,
} from "#core/handshake/sealed-contents.ts";
import type { RefusalCode } from "#core/handshake/abort-reason.ts";
import { acceptanceProof, refusalProof } from "#core/handshake/station-proof.ts";
import { decodeCbor, encodeCbor, isMap } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { forgeM2, openBodyOf, rehello, type Body } from "#test/builders/handshake-forgery.ts";
import {
  agree,
  crypto,
  named,
  NETWORK,
  offerOf,
  party,
  PLAN,
  TERMS,
  WALL_SECONDS,
  WANT,
  type Party,
} from "#test/builders/handshake-parties.ts";
import { giveStation, giveVehicle, only, sentIn } from "#test/builders/handshake-run.ts";
import { DRAWN, judgeHandshake, OFFER, STATION, upTo, VEHICLE, type Place } from "./judge-handshake.ts";
import { numbered, type Vector } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
type M<K extends HandshakeMessage["kind"]> = Extract<HandshakeMessage, { kind: K }>;

const OTHER = party("another station", "station");
const { vehicle, station } = upTo("m1");
const m1 = read(only(sentIn(upTo("m1").vehicle.effects)), "M1");
const M1 = encodeMessage(m1);
const M2 = only(giveStation(station, M1));
const m2 = read(M2, "M2");
const M3 = only(giveVehicle(vehicle, M2));
const M4 = only(giveStation(station, M3));
const half = { ephemeral: m2.ephemeral, nonce: m2.nonce };
const th2 = transcriptOfM2(crypto, { network: NETWORK, offer: OFFER.id, hello: m1.hello, station: half });
const keys = keysOf(deriveKeys(crypto, DRAWN.ephemeral, m2.ephemeral, th2));
const th3 = transcriptOfM3(crypto, th2, m2.sealed);
const promised = acceptanceIn(read(M3, "M3").sealed);

const offers: readonly Case[] = [
  offer("of the other outlet", { evse: 2 }),
  offer("60 s behind its end", { notBeforeSeconds: WALL_SECONDS - 90, expiresSeconds: WALL_SECONDS - 60 }),
  offer("61 s behind its end", { notBeforeSeconds: WALL_SECONDS - 90, expiresSeconds: WALL_SECONDS - 61 }),
  offer("60 s before its time", { notBeforeSeconds: WALL_SECONDS + 60 }),
  offer("61 s before its time", { notBeforeSeconds: WALL_SECONDS + 61 }),
  offer("for 600 s", { notBeforeSeconds: WALL_SECONDS, expiresSeconds: WALL_SECONDS + 600 }),
  offer("for 601 s", { notBeforeSeconds: WALL_SECONDS, expiresSeconds: WALL_SECONDS + 601 }),
  offer("that ends before it begins", { notBeforeSeconds: WALL_SECONDS, expiresSeconds: WALL_SECONDS - 1 }),
  offer("of another network", { network: named("other").slice(0, 8) }),
  offer("whose tariff is for another time", { terms: resolvedUntil(WALL_SECONDS + 500) }),
  offer("with the JOIN of another station", { join: OTHER.join }),
  offer("in the name of another station", { station: OTHER.deviceId }),
  offer("with the JOIN of a vehicle", { join: VEHICLE.join, station: VEHICLE.deviceId }),
  offer("with a JOIN for another network", { join: party("station", "station", named("other").slice(0, 8)).join }),
  offer("with a spoilt JOIN", { join: flipped(STATION.join) }),
  at("offer", "signed by another station", offerBy(OTHER)),
  at("offer", "with two signatures", encodeSigned(payloadOf(OFFER.bytes), [new Uint8Array(64), new Uint8Array(64)])),
  at("offer", "of 2,369 bytes", new Uint8Array(2369)),
];

const hellos: readonly Case[] = [
  at("m1", "M1 with a cookie that nobody has asked for", encodeMessage({ ...m1, cookie: named("cookie") })),
  at("m1", "M1 under another id", encodeMessage({ ...m1, handshake: named("id").slice(0, 16) })),
  hello("of another network", { network: named("other").slice(0, 8) }),
  hello("with a point that is none of the curve", { ephemeral: pointOfNone() }),
  hello("with a point that is not compressed", { ephemeral: m2.ephemeral.with(0, 4) }),
  hello("for an outlet that there is not", { evse: 3 }),
  hello("about an offer that nobody knows: no, and the offer that would do", { offer: named("offer") }),
  hello("that wants what is not offered: no", { want: { ...WANT, vehicleMpePpm: 30_001 } }),
  at("m1", "M1 of a version that there is not", helloOfVersion(2)),
  at("m1", "M2 sent back", M2),
];

const answers: readonly Case[] = [
  at("m2", "M2, no: busy", refusedWith("EVSE_BUSY")),
  at(
    "m2",
    "M2, no, with another offer, and no secrets for it",
    refusedWith("TERMS", offerOf(STATION, { evse: 2 }).bytes),
  ),
  at("m2", "M2, yes, with other terms: M3, no", acceptedWith({ terms: TERMS })),
  at("m2", "M2 that does not hold the block", acceptedWith({ holdsReference: false })),
  at("m2", "M2 with a bit more under the seal", encodeMessage({ ...m2, sealed: flipped(m2.sealed) })),
  at("m2", "M2 with another nonce", encodeMessage({ ...m2, nonce: named("nonce") })),
  at("m2", "M2 with a point that is none of the curve", encodeMessage({ ...m2, ephemeral: pointOfNone() })),
  at("m2", "M2 of another handshake", encodeMessage({ ...m2, handshake: named("id").slice(0, 16) })),
  at("m2", "M2 of another station", forgeM2(M1, { join: OTHER.join, signer: OTHER })),
  at("m2", "M2 with the station's JOIN and another's signature", forgeM2(M1, { join: STATION.join, signer: OTHER })),
  at("m2", "M2 with a spoilt JOIN", forgeM2(M1, { join: flipped(STATION.join) })),
  at("m2", "M2 with nothing under the seal that is an answer", sealedM2(encodeCbor(new Map([[1, 1]])))),
  at("m2", "RETRY: M1 with its cookie", encodeMessage({ kind: "RETRY", handshake: m1.handshake, cookie: named("c") })),
  at("m2", "M1 sent back", M1),
];

const promises: readonly Case[] = [
  at("m3", "M3, no: forgotten", sealedM3(encodeShape(refuses, { refusal: "TERMS" }))),
  promise("of another outlet", { evse: 2 }),
  promise("of another transcript", { transcript: named("transcript") }),
  promise("of another network", { network: named("other").slice(0, 8) }),
  promise("of another station", { station: OTHER.deviceId }),
  promise("of another vehicle", { vehicle: OTHER.deviceId }),
  promise("from another register", { startMilliWh: [5_000_001, PLAN.startMilliWh] }),
  promise("that ends a second later", { notAfter: WALL_SECONDS + 7201 }),
  promise("with other terms", { terms: { ...TERMS, energyMaxMilliWh: 30_000_001, durationMaxSeconds: 7200 } }),
  promise("about a block that nobody has named", { reference: [7, named("block")] }),
  promise("about the genesis", { reference: [0, named("genesis")] }),
  promise("90 s ago", { startedAt: WALL_SECONDS - 90, notAfter: WALL_SECONDS + 7110 }),
  promise("91 s ago", { startedAt: WALL_SECONDS - 91, notAfter: WALL_SECONDS + 7109 }),
  promise("60 s ahead", { startedAt: WALL_SECONDS + 60, notAfter: WALL_SECONDS + 7260 }),
  promise("61 s ahead", { startedAt: WALL_SECONDS + 61, notAfter: WALL_SECONDS + 7261 }),
  promise("with keys that nobody has", { keys: [1, 0] }),
  promise("signed by another", {}, { signer: OTHER }),
  promise("with the JOIN of a station", {}, { join: OTHER.join }),
  promise("with a spoilt JOIN", {}, { join: flipped(VEHICLE.join) }),
  at("m3", "M3 with nothing under the seal that is an answer", sealedM3(encodeCbor(new Map([[1, 1]])))),
  at("m3", "M3 with a bit more under the seal", encodeMessage({ ...read(M3, "M3"), sealed: flipped(m2.sealed) })),
  at("m3", "M3 of another handshake", encodeMessage({ ...read(M3, "M3"), handshake: named("id").slice(0, 16) })),
];

const ends: readonly Case[] = [
  at("m4", "M4, no: unplugged", sealedM4(encodeShape(refuses, { refusal: "NOT_PLUGGED" }))),
  at(
    "m4",
    "M4 with another's signature",
    sealedM4(encodeShape(stationCommits, { signature: promised.signature, tip: PLAN.reference })),
  ),
  at("m4", "M4 with nothing under the seal that is an answer", sealedM4(encodeCbor(new Map([[1, 1]])))),
  at("m4", "M4 with a bit more under the seal", encodeMessage({ ...read(M4, "M4"), sealed: flipped(m2.sealed) })),
  at("m4", "M4 of another handshake", encodeMessage({ ...read(M4, "M4"), handshake: named("id").slice(0, 16) })),
  at("m4", "M2 again", M2),
];

export const handshakeAnswers: readonly Vector[] = [
  ...numbered("offer", offers),
  ...numbered("m1", hellos),
  ...numbered("m2", answers),
  ...numbered("m3", promises),
  ...numbered("m4", ends),
];

function at(place: Place, comment: string, input: Uint8Array): Case {
  return { comment, input: toHex(input), flags: [place], ...judgeHandshake(place, input) };
}

function offer(comment: string, change: Partial<OfferBody>): Case {
  return at("offer", comment, offerOf(STATION, change).bytes);
}

function offerBy(signer: Party): Uint8Array {
  return signOffer(crypto, OFFER.body, signer.signer).bytes;
}

function payloadOf(envelope: Uint8Array): Uint8Array {
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) throw new Error("bug of the vectors: no envelope");
  return signed.value.payload;
}

function resolvedUntil(seconds: number): Terms {
  return { ...TERMS, tariff: { ...TERMS.tariff, resolved: [0, seconds] } };
}

function hello(comment: string, change: Partial<Hello>): Case {
  return at(
    "m1",
    `M1 ${comment}`,
    rehello(m1, (before) => ({ ...before, ...change })),
  );
}

function helloOfVersion(version: number): Uint8Array {
  const item = decodeCbor(m1.hello);
  if (!item.ok || !isMap(item.value)) throw new Error("bug of the vectors: no hello");
  const changed = encodeCbor(new Map(item.value).set(1, version));
  return encodeMessage({ ...m1, hello: changed, handshake: handshakeIdOf(crypto, NETWORK, changed) });
}

/** No y on the curve belongs to the x 1. */
function pointOfNone(): Uint8Array {
  return Uint8Array.of(2, ...new Uint8Array(31), 1);
}

function refusedWith(refusal: RefusalCode, counterOffer?: Uint8Array): Uint8Array {
  const said = { refusal, ...(counterOffer && { counterOffer }) };
  const signature = STATION.signer.sign(toBeSigned(NETWORK, PURPOSE.AUTH, refusalProof(crypto, subject(), said)));
  return sealedM2(encodeShape(stationRefuses, { join: STATION.join, signature, ...said }));
}

function acceptedWith(change: Partial<StationAccepts>): Uint8Array {
  const agreed = agree(TERMS, WANT);
  if (!agreed.ok) throw new Error("bug of the vectors: no terms");
  const content = { terms: agreed.value, startMilliWh: 5_000_000, holdsReference: true, ...change };
  const signature = STATION.signer.sign(toBeSigned(NETWORK, PURPOSE.AUTH, acceptanceProof(crypto, subject(), content)));
  return sealedM2(encodeShape(stationAccepts, { ...content, join: STATION.join, signature }));
}

function subject(): Parameters<typeof refusalProof>[1] {
  return { transcript: th2, station: STATION.deviceId, evse: 1, offer: OFFER.id };
}

function sealedM2(plain: Uint8Array): Uint8Array {
  return encodeMessage({ ...m2, sealed: crypto.seal(keys.s1, th2, plain) });
}

function sealedM3(plain: Uint8Array): Uint8Array {
  return encodeMessage({ ...read(M3, "M3"), sealed: crypto.seal(keys.e1, th3, plain) });
}

function sealedM4(plain: Uint8Array): Uint8Array {
  const th4 = transcriptOfM4(crypto, th3, M3);
  return encodeMessage({ ...read(M4, "M4"), sealed: crypto.seal(keys.s2, th4, plain) });
}

/** An OPEN that says something else, and is signed as it is said. */
function promise(
  comment: string,
  change: Partial<Body>,
  { join = VEHICLE.join, signer = VEHICLE }: { readonly join?: Uint8Array; readonly signer?: Party } = {},
): Case {
  const open = encodeShape(openBody, { ...openBodyOf(promised.open), ...change });
  const signature = signer.signer.sign(toBeSigned(NETWORK, PURPOSE.OPEN, open));
  return at("m3", `M3 ${comment}`, sealedM3(encodeShape(vehicleAccepts, { join, open, signature })));
}

function acceptanceIn(sealed: Uint8Array): VehicleAccepts {
  const plain = crypto.open(keys.e1, th3, sealed);
  const content = plain && decodeM3Content(plain);
  if (!content?.ok || !content.value.isAccepted) throw new Error("bug of the vectors: no M3");
  return content.value.content;
}

function keysOf(derived: HandshakeKeys | undefined): HandshakeKeys {
  if (derived === undefined) throw new Error("bug of the vectors: no keys");
  return derived;
}

function read<K extends HandshakeMessage["kind"]>(bytes: Uint8Array, kind: K): M<K> {
  const message = decodeMessage(bytes);
  if (!message.ok || message.value.kind !== kind) throw new Error(`bug of the vectors: no ${kind}`);
  return message.value as M<K>;
}

function flipped(bytes: Uint8Array): Uint8Array {
  const place = bytes.length - 9;
  return bytes.with(place, (bytes[place] ?? 0) ^ 1);
}
