/** What an attacker who owns the mesh can do to the messages of others, and what comes of it: nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeMessage } from "#core/handshake/messages.ts";
import { named, stationContextOf } from "#test/builders/handshake-parties.ts";
import {
  giveStation,
  giveVehicle,
  only,
  runHonestly,
  sentIn,
  stationSide,
  type Recorded,
} from "#test/builders/handshake-run.ts";
import { honest, offer, newVehicle, newStation, fresh, rehello } from "#test/builders/handshake-forgery.ts";

function flips(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte, place) => bytes.with(place, byte ^ (1 << (place % 8))));
}

/** One honest run; the four messages as they went. */
function recorded(name: string): Recorded {
  return runHonestly(newVehicle(), newStation(), fresh(name));
}

const test = suite("handshake tampering");

test("an offer with any byte flipped starts nothing", () => {
  for (const [place, bytes] of flips(offer.bytes).entries()) {
    const vehicle = newVehicle();
    assert.equal(sentIn(vehicle.take({ ...fresh("flip"), offer: bytes })), [], `byte ${place}`);
    assert.is(vehicle.abortCode, "BAD_OFFER", `byte ${place}`);
  }
});

test("M1 with any byte flipped is not answered, and the true one still is", () => {
  const station = newStation();
  const m1 = only(sentIn(newVehicle().take(fresh("flip"))));
  for (const [place, bytes] of flips(m1).entries()) assert.equal(giveStation(station, bytes), [], `byte ${place}`);
  assert.is(giveStation(station, m1).length, 1);
});

test("M2 with any byte flipped discloses nothing, and the true one is still taken", () => {
  const vehicle = newVehicle();
  const m2 = only(giveStation(newStation(), only(sentIn(vehicle.take(fresh("flip"))))));
  for (const [place, bytes] of flips(m2).entries()) assert.equal(giveVehicle(vehicle, bytes), [], `byte ${place}`);
  assert.is(vehicle.state.phase, "greeting");
  assert.is(giveVehicle(vehicle, m2).length, 1);
});

test("M3 with any byte flipped opens nothing, and the true one still does", () => {
  const vehicle = newVehicle();
  const station = newStation();
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, only(sentIn(vehicle.take(fresh("flip"))))))));
  for (const [place, bytes] of flips(m3).entries()) assert.equal(giveStation(station, bytes), [], `byte ${place}`);
  assert.equal(station.committed, []);
  giveStation(station, m3);
  assert.is(station.committed.length, 1);
});

test("M4, or the OPEN on the mesh, with any byte flipped commits nothing, and the true one still does", () => {
  const vehicle = newVehicle();
  const station = newStation();
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, only(sentIn(vehicle.take(fresh("flip"))))))));
  const m4 = only(giveStation(station, m3));
  for (const [place, bytes] of flips(m4).entries()) assert.equal(giveVehicle(vehicle, bytes), [], `byte ${place}`);
  const open = station.committed[0]?.open;
  assert.ok(open);
  const at = { monotonicMs: 200, wallSeconds: 0 };
  const ownSignature = open.length - 2 * 66;
  for (const [place, bytes] of flips(open).entries()) {
    // The vehicle commits its own signature, so what came in that place does not matter.
    if (place >= ownSignature && place < open.length - 66) continue;
    vehicle.take({ kind: "openSeen", open: bytes, at });
    assert.equal(vehicle.committed, [], `byte ${place}`);
  }
  giveVehicle(vehicle, m4);
  assert.equal(vehicle.committed[0]?.open, open);
});

test("no message cut short, lengthened or made of noise is more than ignored", () => {
  const messages = Object.values(recorded("noise")) as Uint8Array[];
  const vehicle = newVehicle();
  vehicle.take(fresh("noise"));
  const station = newStation();
  const bad = messages.flatMap((message) => [
    new Uint8Array(0),
    message.subarray(0, message.length - 1),
    Uint8Array.from([...message, 0]),
    named(toHex(message)),
    new Uint8Array(5000),
  ]);
  for (const bytes of bad) {
    assert.equal(giveVehicle(vehicle, bytes), []);
    assert.equal(giveStation(station, bytes), []);
  }
  assert.is(vehicle.state.phase, "greeting");
  assert.equal(station.state.entries, []);
});

test("messages of an old run mean nothing in a new one", () => {
  const old = recorded("old");
  const vehicle = newVehicle();
  const station = newStation();
  const m1 = only(sentIn(vehicle.take(fresh("new"))));
  for (const bytes of [old.m2, old.m3, old.m4]) assert.equal(giveVehicle(vehicle, bytes), []);
  const m2 = only(giveStation(station, m1));
  assert.equal(giveStation(station, old.m3), []);
  const m3 = only(giveVehicle(vehicle, m2));
  for (const bytes of [old.m2, old.m4]) assert.equal(giveVehicle(vehicle, bytes), []);
  assert.equal(vehicle.committed, []);
  giveVehicle(vehicle, only(giveStation(station, m3)));
  assert.is(vehicle.committed.length, 1);
});

test("an old M1 and M3 given to a fresh station open nothing: its half of the keys is new", () => {
  const old = recorded("old");
  const station = newStation();
  assert.is(giveStation(station, old.m1, { name: "another draw" }).length, 1);
  assert.equal(giveStation(station, old.m3, { name: "another draw" }), []);
  assert.equal(station.committed, []);
});

test("messages of another network or outlet are not taken", () => {
  const network = named("another network").slice(0, 8);
  const old = recorded("old");
  const abroad = stationSide(stationContextOf(honest, [offer], { network }));
  assert.equal(giveStation(abroad, old.m1), []);
  const m1 = decodeMessage(old.m1);
  assert.ok(m1.ok && m1.value.kind === "M1");
  const ours = newStation();
  assert.equal(
    giveStation(
      ours,
      rehello(m1.value, (hello) => ({ ...hello, network })),
    ),
    [],
  );
  assert.equal(ours.faultCodes, ["WRONG_NETWORK"]);
  const moved = rehello(m1.value, (hello) => ({ ...hello, evse: 2 }));
  const vehicle = newVehicle();
  vehicle.take(fresh("old"));
  // The station answers: no outlet 2 was offered under this offer. For the vehicle it is somebody else's handshake.
  assert.equal(giveVehicle(vehicle, only(giveStation(newStation(), moved))), []);
  assert.is(vehicle.state.phase, "greeting");
});

test("reflected messages are ignored: no side takes its own words for the other's", () => {
  const { m1, m2, m3, m4 } = recorded("mirror");
  const vehicle = newVehicle();
  vehicle.take(fresh("mirror"));
  for (const bytes of [m1, m3]) assert.equal(giveVehicle(vehicle, bytes), []);
  const station = newStation();
  giveStation(station, m1);
  for (const bytes of [m2, m4]) assert.equal(giveStation(station, bytes), []);
  assert.is(station.state.entries.length, 1);
});

test.run();
