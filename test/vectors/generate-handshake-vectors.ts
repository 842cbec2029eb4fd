/**
 * The vectors of the handshake: one run with fixed keys, nonces and times, every intermediate value, and messages that
 * must be refused. `node test/vectors/generate-handshake-vectors.ts` writes handshake.json. The signatures are those of
 * RFC 6979, so the whole run is a function of what is given.
 */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { concatBytes, toHex } from "#base/bytes.ts";
import { makeCookie } from "#core/handshake/cookie.ts";
import { deriveKeys, transcriptOfM2, transcriptOfM3, transcriptOfM4 } from "#core/handshake/key-schedule.ts";
import { decodeMessage, encodeMessage, type HandshakeMessage } from "#core/handshake/messages.ts";
import { helloOf } from "#test/builders/handshake-forgery.ts";
import {
  contextOf,
  crypto,
  GENESIS,
  named,
  NETWORK,
  offerOf,
  party,
  roundSecrets,
  startWith,
  stationContextOf,
  stationSecrets,
  WALL_SECONDS,
} from "#test/builders/handshake-parties.ts";
import { runHonestly, stationSide, vehicleSide } from "#test/builders/handshake-run.ts";
import { handshakeAnswers } from "./handshake-answers.ts";
import { handshakeJoins, joinsGiven } from "./handshake-joins.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const vehicle = party("vehicle", "vehicle");
const station = party("station", "station");
const offer = offerOf(station);
const vehicleDraw = roundSecrets("vector");
const stationDraw = stationSecrets("station 0");

const sides = {
  vehicle: vehicleSide(contextOf(vehicle)),
  station: stationSide(stationContextOf(station, [offer])),
};
const { m1, m2, m3, m4 } = runHonestly(sides.vehicle, sides.station, startWith(offer, { secrets: [vehicleDraw] }));
const [committed] = sides.station.committed;
if (committed === undefined) throw new Error("the run ends without a contract");

const [first, second, third, fourth] = [read(m1, "M1"), read(m2, "M2"), read(m3, "M3"), read(m4, "M4")];
const hello = helloOf(first);
const th2 = transcriptOfM2(crypto, { network: NETWORK, offer: offer.id, hello: first.hello, station: second });
const th3 = transcriptOfM3(crypto, th2, second.sealed);
const th4 = transcriptOfM4(crypto, th3, m3);
const keys = deriveKeys(crypto, vehicleDraw.ephemeral, second.ephemeral, th2);
if (keys === undefined) throw new Error("the run has no keys");
const cookie = makeCookie(crypto, named("cookie key"), { handshake: first.handshake, ephemeral: hello.ephemeral }, 0);

const run: readonly Case[] = [
  valid(offer.bytes, "OFFER, as the station publishes it", { id: offer.id, station: station.deviceId }),
  valid(m1, "M1", { handshake: first.handshake, hello: first.hello, ephemeral: hello.ephemeral }),
  valid(m2, "M2: yes", {
    sharedX: crypto.sharedSecret(vehicleDraw.ephemeral, second.ephemeral) ?? new Uint8Array(),
    th2,
    s1: keys.s1,
    plain: crypto.open(keys.s1, th2, second.sealed) ?? new Uint8Array(),
  }),
  valid(m3, "M3: yes", { th3, e1: keys.e1, plain: crypto.open(keys.e1, th3, third.sealed) ?? new Uint8Array() }),
  valid(m4, "M4: yes", { th4, s2: keys.s2, plain: crypto.open(keys.s2, th4, fourth.sealed) ?? new Uint8Array() }),
  valid(committed.open, "OPEN, as both commit it", {
    transactionAddress: committed.address,
    channelVehicle: keys.channel.vehicle,
    channelStation: keys.channel.station,
    watermark: keys.channel.watermark,
  }),
  valid(encodeMessage({ kind: "RETRY", handshake: first.handshake, cookie }), "RETRY to this M1 in minute 0", {
    cookie,
  }),
  valid(encodeMessage({ ...first, cookie }), "M1 again, with the cookie; the handshake is the same", {
    handshake: first.handshake,
  }),
];

const refused: readonly Case[] = [
  bad(new Uint8Array(), "CBOR_NOT_CANONICAL", "nothing"),
  ...[m1, m2, m3, m4].flatMap((bytes, index) => [
    bad(bytes.subarray(0, bytes.length - 1), "CBOR_NOT_CANONICAL", `M${index + 1} without its last byte`),
    bad(concatBytes(bytes, Uint8Array.of(0)), "CBOR_NOT_CANONICAL", `M${index + 1} and a byte more`),
    bad(bytes.with(2, 19), "MESSAGE_UNKNOWN_PURPOSE", `M${index + 1} under a purpose that there is not`),
    bad(swapped(bytes), "WIRE_WRONG_SHAPE", `M${index + 1} under the purpose of another`),
  ]),
  bad(Uint8Array.of(0xa0), "MESSAGE_UNKNOWN_PURPOSE", "an empty map"),
  bad(Uint8Array.of(0x80), "MESSAGE_UNKNOWN_PURPOSE", "an array"),
  bad(new Uint8Array(3329), "MESSAGE_TOO_LARGE", "3,329 bytes"),
];

export const handshakeVectors: VectorFile = {
  about:
    "One handshake as firmware/core/handshake/README.md specifies it: OFFER, M1 to M4, OPEN, RETRY, each with the " +
    "values on the way; then messages that a decoder refuses; then, by their flags, an OFFER that the vehicle judges " +
    "before its M1, and messages at the place of M1 to M4 in the run, judged by whom they are for: `says` is what it " +
    "sends, `ends` its reason to give up, or that it commits; last, the JOIN of a station in a certified region, as the " +
    "vehicle reads it. `given` has all that the two sides draw or hold; both " +
    "agree on the lesser energyMax and durationMax, and on nothing where the wanted mpe is above the offered one.",
  given: hexOf({
    network: NETWORK,
    genesisId: GENESIS[1],
    vehicleIdentitySecret: named("vehicle key 0"),
    stationIdentitySecret: named("station key 0"),
    vehicleIdentityPublic: new NobleSigner(named("vehicle key 0")).publicKey,
    stationIdentityPublic: new NobleSigner(named("station key 0")).publicKey,
    vehicleJoin: vehicle.join,
    stationJoin: station.join,
    vehicleEphemeralSecret: vehicleDraw.ephemeral,
    vehicleNonce: vehicleDraw.nonce,
    vehicleToken: vehicleDraw.token,
    vehicleSalt: vehicleDraw.salt,
    stationEphemeralSecret: stationDraw.ephemeral,
    stationNonce: stationDraw.nonce,
    cookieKey: named("cookie key"),
    wallSecondsBigEndian: Uint8Array.from([24, 16, 8, 0], (shift) => WALL_SECONDS >>> shift),
    ...joinsGiven,
  }),
  vectors: [...numbered("run", run), ...numbered("refused", refused), ...handshakeAnswers, ...handshakeJoins],
};

if (import.meta.main) await writeVectors("handshake", handshakeVectors);

function read<K extends HandshakeMessage["kind"]>(bytes: Uint8Array, kind: K): Extract<HandshakeMessage, { kind: K }> {
  const message = decodeMessage(bytes);
  if (!message.ok || message.value.kind !== kind) throw new Error(`no ${kind}`);
  return message.value as Extract<HandshakeMessage, { kind: K }>;
}

/** M1 as M2, M2 as M3, M3 as RETRY, M4 as M2: forms that differ. */
function swapped(bytes: Uint8Array): Uint8Array {
  const purposes = new Map([
    [11, 12],
    [12, 13],
    [13, 15],
    [14, 12],
  ]);
  return bytes.with(2, purposes.get(bytes[2] ?? 0) ?? 0);
}

function valid(bytes: Uint8Array, comment: string, detail: Readonly<Record<string, Uint8Array>>): Case {
  return { comment, input: toHex(bytes), result: "valid", detail: hexOf(detail), flags: ["run"] };
}

function bad(bytes: Uint8Array, fault: string, comment: string): Case {
  return { comment, input: toHex(bytes), result: "invalid", fault, detail: comment, flags: ["refused"] };
}

function hexOf(values: Readonly<Record<string, Uint8Array>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toHex(value)]));
}
