/** A station that many ask at once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { ANSWERED_WITHOUT_COOKIE_MAX, HANDSHAKES_MAX } from "#core/handshake/handshake-limits.ts";
import { decodeMessage, encodeMessage } from "#core/handshake/messages.ts";
import { stepStationHandshake } from "#core/handshake/station-handshake.ts";
import {
  contextOf,
  named,
  party,
  roundSecrets,
  startWith,
  stationContextOf,
  stationSecrets,
} from "#test/builders/handshake-parties.ts";
import { offer, pair, stationParty, vehicleParty } from "#test/builders/handshake-pair.ts";
import {
  giveStation,
  giveVehicle,
  instant,
  only,
  sentIn,
  stationSide,
  vehicleSide,
} from "#test/builders/handshake-run.ts";

const test = suite("handshake load");

test("the first whose M3 is taken has the outlet, the next is told so", () => {
  const other = vehicleSide(contextOf(party("second vehicle", "vehicle")));
  const { vehicle, station } = pair();
  const context = stationContextOf(stationParty, [offer]);
  const m2 = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
  const secrets = [roundSecrets("second vehicle")];
  const otherM2 = only(giveStation(station, only(sentIn(other.take(startWith(offer, { secrets }))))));
  const m3 = only(giveVehicle(vehicle, m2));
  const otherM3 = only(giveVehicle(other, otherM2));
  let isBusy = false;
  const evse = (number: number) => {
    const view = context.evse(number);
    return view && { ...view, isBusy };
  };
  const occupied = stationSide({ ...context, evse });
  occupied.state = station.state;
  giveStation(occupied, m3);
  isBusy = true;
  giveVehicle(other, only(giveStation(occupied, otherM3)));
  assert.is(occupied.committed.length, 1);
  assert.is(other.abortCode, "REFUSED");
});

test("an M3 that comes while another is being stored for the same outlet is refused", () => {
  const { vehicle, station } = pair();
  const other = vehicleSide(contextOf(party("second vehicle", "vehicle")));
  const m2 = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
  const otherStart = startWith(offer, { secrets: [roundSecrets("second vehicle")] });
  const otherM2 = only(giveStation(station, only(sentIn(other.take(otherStart)))));
  const context = stationContextOf(stationParty, [offer]);
  const message = { kind: "message", at: instant(100), fresh: stationSecrets("third") } as const;
  const first = { ...message, bytes: only(giveVehicle(vehicle, m2)) };
  const { state } = stepStationHandshake(station.state, first, context);
  const second = { ...message, bytes: only(giveVehicle(other, otherM2)) };
  const step = stepStationHandshake(state, second, context);
  assert.equal(
    step.state.entries.map(({ phase }) => phase),
    ["storing", "answered"],
  );
  giveVehicle(other, only(sentIn(step.effects)));
  assert.is(other.abortCode, "REFUSED");
});

test("a station that waits forgets a half-open handshake after 30 seconds", () => {
  const { vehicle, station } = pair();
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))))));
  assert.equal(giveStation(station, m3, { monotonicMs: 30_101 }), []);
  assert.equal(station.state.entries, []);
  assert.equal(station.committed, []);
});

test("under load a station asks for a cookie, keeps nothing for it, and takes it back once", () => {
  const { vehicle, station } = pair();
  for (let number = 0; number < ANSWERED_WITHOUT_COOKIE_MAX; number += 1) {
    const secrets = [roundSecrets(`crowd ${number}`)];
    giveStation(station, only(sentIn(vehicleSide(contextOf(vehicleParty)).take(startWith(offer, { secrets })))));
  }
  const retry = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
  const decoded = decodeMessage(retry);
  assert.ok(decoded.ok && decoded.value.kind === "RETRY");
  assert.is(station.state.entries.length, ANSWERED_WITHOUT_COOKIE_MAX);
  const withCookie = only(giveVehicle(vehicle, retry));
  assert.is.not(toHex(withCookie), toHex(only(vehicle.sent.slice(0, 1))));
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, withCookie, { monotonicMs: 1000 }))));
  giveVehicle(vehicle, only(giveStation(station, m3, { monotonicMs: 1000 })));
  assert.equal(vehicle.committed[0]?.open, station.committed[0]?.open);
});

test("a wrong or stale cookie is asked for again", () => {
  const { vehicle, station } = pair();
  for (let number = 0; number < ANSWERED_WITHOUT_COOKIE_MAX; number += 1) {
    const secrets = [roundSecrets(`crowd ${number}`)];
    giveStation(station, only(sentIn(vehicleSide(contextOf(vehicleParty)).take(startWith(offer, { secrets })))));
  }
  const m1 = decodeMessage(only(sentIn(vehicle.take(startWith(offer)))));
  assert.ok(m1.ok && m1.value.kind === "M1");
  const forged = encodeMessage({ ...m1.value, cookie: named("guess") });
  const answer = decodeMessage(only(giveStation(station, forged)));
  assert.ok(answer.ok && answer.value.kind === "RETRY");
});

test("forged RETRYs hurry the vehicle twice at most", () => {
  const { vehicle } = pair();
  const m1 = decodeMessage(only(sentIn(vehicle.take(startWith(offer)))));
  assert.ok(m1.ok);
  const { handshake } = m1.value;
  const sent = [1, 2, 3, 4, 5].map((number) =>
    giveVehicle(vehicle, encodeMessage({ kind: "RETRY", handshake, cookie: named(`forged ${number}`) })),
  );
  assert.equal(
    sent.map(({ length }) => length),
    [1, 1, 0, 0, 0],
  );
});

test("a flood of first messages never grows the station's memory, nor drops a contract that is being stored", () => {
  const { vehicle, station } = pair();
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))))));
  const context = stationContextOf(stationParty, [offer]);
  const message = { kind: "message", at: instant(100), fresh: stationSecrets("flood") } as const;
  let { state } = stepStationHandshake(station.state, { ...message, bytes: m3 }, context);
  assert.is(state.entries[0]?.phase, "storing");
  for (let number = 0; number < HANDSHAKES_MAX + 10; number += 1) {
    const crowd = vehicleSide(contextOf(vehicleParty));
    const m1 = only(sentIn(crowd.take(startWith(offer, { secrets: [roundSecrets(`crowd ${number}`)] }))));
    const step = stepStationHandshake(state, { ...message, bytes: m1 }, context);
    const [again] = giveVehicle(crowd, only(sentIn(step.effects)));
    state = again ? stepStationHandshake(step.state, { ...message, bytes: again }, context).state : step.state;
  }
  assert.is(state.entries.length, HANDSHAKES_MAX);
  assert.is(state.entries[0]?.phase, "storing");
});

test.run();
