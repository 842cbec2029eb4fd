/** What an attacker with a valid station and a valid vehicle can pretend, and what comes of it: nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeMessage } from "#core/handshake/messages.ts";
import { decodeM3Content, type VehicleAccepts } from "#core/handshake/sealed-contents.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import {
  agree,
  crypto,
  named,
  NETWORK,
  offerOf,
  roundSecrets,
  startWith,
  TERMS,
  WALL_SECONDS,
  WANT,
} from "#test/builders/handshake-parties.ts";
import { giveStation, giveVehicle, only, sentIn } from "#test/builders/handshake-run.ts";
import {
  victim,
  honest,
  mallory,
  mole,
  offer,
  malloryOffer,
  newVehicle,
  newStation,
  fresh,
  type Body,
  resign,
  asMole,
  forgeM2,
  openM2,
  rehello,
  rename,
} from "#test/builders/handshake-forgery.ts";
import { perKwh } from "#test/builders/tariffs.ts";

const agreed = agree(TERMS, WANT);
if (!agreed.ok) throw new Error(agreed.fault.code);
const AGREED = agreed.value;

const test = suite("handshake impostors");

test("nobody charges with himself, and no vehicle stands as a station", () => {
  const vehicle = newVehicle(honest);
  vehicle.take(fresh("self"));
  assert.is(vehicle.abortCode, "BAD_OFFER");
  const lamp = newVehicle();
  lamp.take(fresh("lamp", offerOf(mole)));
  assert.is(lamp.abortCode, "BAD_OFFER");
});

test("a fake post with an honest station's offer gets no name out of a vehicle", () => {
  for (const signer of [mallory, victim, mole]) {
    const vehicle = newVehicle();
    const m1 = only(sentIn(vehicle.take(fresh("fake"))));
    assert.equal(giveVehicle(vehicle, forgeM2(m1, { join: honest.join, signer })), []);
    assert.equal(giveVehicle(vehicle, forgeM2(m1, { join: mallory.join, signer: mallory })), []);
    assert.is(vehicle.state.phase, "greeting");
    assert.equal(vehicle.sent, [m1]);
  }
  // The forged message lacks nothing but the key: with it, the vehicle answers.
  const vehicle = newVehicle();
  const m1 = only(sentIn(vehicle.take(fresh("fake"))));
  assert.is(giveVehicle(vehicle, forgeM2(m1, { join: honest.join, signer: honest })).length, 1);
});

test("B19: the station's signature of one handshake is worth nothing in another", () => {
  const vehicle = newVehicle();
  const m1 = only(sentIn(vehicle.take(fresh("target"))));
  // Mallory has a handshake of her own with the honest station and reads its signed M2.
  const own = newVehicle(mole);
  const secrets = roundSecrets("mallory");
  const ownM1 = only(sentIn(own.take(startWith(offer, { secrets: [secrets] }))));
  const ownM2 = decodeMessage(only(giveStation(newStation(), ownM1)));
  assert.ok(ownM2.ok && ownM2.value.kind === "M2");
  const stolen = openM2(ownM1, ownM2.value, secrets.ephemeral);
  assert.equal(giveVehicle(vehicle, forgeM2(m1, { join: honest.join, signature: stolen })), []);
  assert.is(vehicle.state.phase, "greeting");
});

test("B19: a vehicle that Mallory's station authenticates to cannot be passed on to the honest station", () => {
  // The victim takes Mallory's offer; she knows everything it says to her.
  const vehicle = newVehicle();
  const atMallory = newStation(mallory);
  const m3 = decodeMessage(
    only(giveVehicle(vehicle, only(giveStation(atMallory, only(sentIn(vehicle.take(fresh("led", malloryOffer)))))))),
  );
  assert.ok(m3.ok && m3.value.kind === "M3");
  const entry = atMallory.state.entries[0];
  assert.ok(entry?.phase === "halfOpen");
  const plain = crypto.open(entry.keys.e1, entry.transcript, m3.value.sealed);
  const content = plain && decodeM3Content(plain);
  assert.ok(content?.ok && content.value.isAccepted);
  // She repeats the victim's OPEN, and then OPENs of her own making with the victim's name, to the honest station.
  const { open, join, signature } = content.value.content;
  const words = ["WRONG_OPEN", "WRONG_OPEN", "WRONG_OPEN"];
  const tries: readonly VehicleAccepts[] = [
    content.value.content,
    { open, join: mole.join, signature },
    { open, join, signature: mole.signer.sign(toBeSigned(NETWORK, PURPOSE.OPEN, open)) },
  ];
  for (const [index, attempt] of tries.entries()) {
    const { station, refusal } = asMole(`try ${index}`, () => attempt);
    assert.equal(station.committed, []);
    assert.is(refusal, words[index]);
  }
});

test("a vehicle's name is of no use without its key", () => {
  const { station, refusal } = asMole("named", (accepts) => ({
    ...resign(accepts, { vehicle: victim.deviceId }),
    join: victim.join,
  }));
  assert.equal(station.committed, []);
  assert.is(refusal, "BAD_SIGNATURE");
});

test("an OPEN that departs from the handshake in any field is refused", () => {
  const changes: readonly (readonly [string, Partial<Body>])[] = [
    ["WRONG_OPEN", { vehicle: victim.deviceId }],
    ["WRONG_OPEN", { station: mallory.deviceId }],
    ["WRONG_OPEN", { evse: 2 }],
    ["WRONG_OPEN", { network: named("x").slice(0, 8) }],
    ["WRONG_OPEN", { transcript: named("x") }],
    ["WRONG_OPEN", { startMilliWh: [4_000_000, 0] }],
    ["WRONG_OPEN", { notAfter: 2 ** 40 }],
    ["WRONG_OPEN", { terms: TERMS }],
    ["TERMS", { terms: { ...AGREED, tariff: perKwh(1) } }],
    ["REFERENCE_UNKNOWN", { reference: [8, named("unknown")] }],
    ["CLOCK", { startedAt: WALL_SECONDS - 91, notAfter: WALL_SECONDS - 91 + AGREED.durationMaxSeconds }],
    ["CLOCK", { startedAt: WALL_SECONDS + 61, notAfter: WALL_SECONDS + 61 + AGREED.durationMaxSeconds }],
  ];
  for (const [index, [word, change]] of changes.entries()) {
    const { station, refusal } = asMole(`change ${index}`, (accepts) => resign(accepts, change));
    assert.equal(station.committed, [], Object.keys(change).join());
    assert.is(refusal, word, Object.keys(change).join());
  }
  assert.is(asMole("unchanged", (accepts) => resign(accepts, {})).station.committed.length, 1);
});

test("B19: mixing the messages of two handshakes, ids rewritten, makes no two sides disagree", () => {
  const sides = [0, 1].map((number) => ({
    vehicle: newVehicle(number === 0 ? victim : mole),
    station: newStation(),
    start: fresh(`mixed ${number}`),
  }));
  const m1s = sides.map(({ vehicle, start }) => only(sentIn(vehicle.take(start))));
  const m2s = sides.map(({ station }, number) =>
    only(giveStation(station, m1s[number] ?? named(""), { name: `${number}` })),
  );
  const crossed = (from: Uint8Array | undefined, to: Uint8Array | undefined): Uint8Array => rename(from, to);
  for (const [number, { vehicle }] of sides.entries()) {
    assert.equal(giveVehicle(vehicle, crossed(m2s[1 - number], m2s[number])), []);
  }
  const m3s = sides.map(({ vehicle }, number) => only(giveVehicle(vehicle, m2s[number] ?? named(""))));
  for (const [number, { station }] of sides.entries()) {
    assert.equal(giveStation(station, crossed(m3s[1 - number], m3s[number])), []);
  }
  const m4s = sides.map(({ station }, number) => only(giveStation(station, m3s[number] ?? named(""))));
  for (const [number, { vehicle }] of sides.entries()) {
    assert.equal(giveVehicle(vehicle, crossed(m4s[1 - number], m4s[number])), []);
    assert.equal(vehicle.committed, []);
    giveVehicle(vehicle, m4s[number] ?? named(""));
  }
  for (const { vehicle, station } of sides) assert.equal(vehicle.committed[0]?.open, station.committed[0]?.open);
  const transcripts = sides.map(({ vehicle }) => toHex(vehicle.committed[0]?.body.transcript ?? named("")));
  assert.is(new Set(transcripts).size, 2);
});

test("points that are none of the curve are not multiplied", () => {
  const station = newStation();
  const m1 = decodeMessage(only(sentIn(newVehicle().take(fresh("point")))));
  assert.ok(m1.ok && m1.value.kind === "M1");
  const points = [
    new Uint8Array(33),
    Uint8Array.of(4, ...named("x")),
    Uint8Array.of(2, ...new Uint8Array(32).fill(255)),
  ];
  for (const ephemeral of points) {
    assert.equal(
      giveStation(
        station,
        rehello(m1.value, (hello) => ({ ...hello, ephemeral })),
      ),
      [],
    );
  }
  assert.equal(station.faultCodes, ["BAD_POINT", "BAD_POINT", "BAD_POINT"]);
});

test.run();
