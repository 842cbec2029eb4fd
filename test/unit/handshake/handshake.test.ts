/** The two machines against each other, one claim at a time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { recommit } from "#core/handshake/recommit.ts";
import { resumeVehicleHandshake } from "#core/handshake/vehicle-state.ts";
import {
  contextOf,
  GENESIS,
  named,
  offerOf,
  party,
  PLAN,
  roundSecrets,
  startWith,
  stationContextOf,
  TERMS,
  TIP,
  WALL_SECONDS,
} from "#test/builders/handshake-parties.ts";
import { offer, pair, stationParty, vehicleParty } from "#test/builders/handshake-pair.ts";
import {
  giveStation,
  giveVehicle,
  instant,
  only,
  runHonestly,
  sentIn,
  stationSide,
  vehicleSide,
  type StationSide,
  type VehicleSide,
} from "#test/builders/handshake-run.ts";
import { perKwh } from "#test/builders/tariffs.ts";

/** The usual terms, whose tariff is for the time until then only. */
function resolvedTo(unixSeconds: number): typeof TERMS {
  return { ...TERMS, tariff: { ...TERMS.tariff, resolved: [0, unixSeconds] } };
}

function deadline(side: VehicleSide, monotonicMs: number): readonly Uint8Array[] {
  return sentIn(side.take({ kind: "deadline", at: instant(monotonicMs) }));
}

const test = suite("handshake");

test("both sides commit the same bytes, address and channel keys", () => {
  const { vehicle, station } = pair();
  runHonestly(vehicle, station, startWith(offer));
  assert.is(vehicle.committed.length, 1);
  assert.is(station.committed.length, 1);
  const [own] = vehicle.committed;
  const [other] = station.committed;
  assert.equal(own?.open, other?.open);
  assert.equal(own?.address, other?.address);
  assert.equal(own?.channel, other?.channel);
  assert.equal(own?.body, other?.body);
  assert.equal(own?.peer, stationParty.deviceId);
  assert.equal(other?.peer, vehicleParty.deviceId);
  assert.equal(own?.body.startMilliWh, [5_000_000, 900_000]);
  assert.is(own?.body.terms.energyMaxMilliWh, 30_000_000);
  assert.equal(own?.peerTip, TIP);
});

test("nothing is sent before what it rests on is durable", () => {
  const { vehicle, station } = pair();
  runHonestly(vehicle, station, startWith(offer));
  const order = (side: VehicleSide | StationSide): readonly string[] =>
    side.effects
      .filter(({ kind }) => kind !== "wakeAt")
      .map((effect) => (effect.kind === "store" ? effect.record : effect.kind));
  assert.equal(order(vehicle), ["send", "promise", "send", "open", "committed"]);
  assert.equal(order(station), ["send", "open", "send", "committed"]);
});

test("the vehicle repeats the same bytes after 0.5, 1, 2, 4 and 8 seconds, then gives up", () => {
  const { vehicle } = pair();
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  for (const atMs of [500, 1500, 3500, 7500, 15_500]) {
    assert.equal(deadline(vehicle, atMs - 1), [], `nothing before ${atMs}`);
    assert.equal(deadline(vehicle, atMs), [m1], `at ${atMs}`);
  }
  assert.equal(deadline(vehicle, 23_500), []);
  assert.is(vehicle.abortCode, "TIMEOUT");
});

test("a repeated question has the same answer, and only one contract", () => {
  const { vehicle, station } = pair();
  const { m1, m2, m3, m4 } = runHonestly(vehicle, station, startWith(offer));
  assert.equal(giveStation(station, m3), [m4]);
  assert.equal(giveStation(station, m3, { monotonicMs: 119_000 }), [m4]);
  assert.equal(giveStation(station, m3, { monotonicMs: 121_000 }), []);
  const other = pair().station;
  assert.equal(giveStation(other, m1), giveStation(other, m1));
  assert.equal(giveStation(other, m1), [m2]);
  assert.is(station.committed.length, 1);
});

test("what is stored comes with the JOIN of the other side", () => {
  const { vehicle, station } = pair();
  runHonestly(vehicle, station, startWith(offer));
  const joins = (side: VehicleSide | StationSide): readonly Uint8Array[] =>
    side.effects.flatMap((effect) => (effect.kind === "store" ? effect.joins : []));
  assert.equal(joins(vehicle), [stationParty.join, stationParty.join]);
  assert.equal(joins(station), [vehicleParty.join]);
});

test("without M4 the OPEN on the mesh commits, with the same bytes", () => {
  const { vehicle, station } = pair();
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, m1))));
  giveStation(station, m3);
  const [committed] = station.committed;
  assert.ok(committed);
  vehicle.take({ kind: "openSeen", open: committed.open, at: instant(200) });
  assert.equal(vehicle.committed[0]?.open, committed.open);
});

test("a vehicle that has given up commits when the OPEN shows up later, also after a restart", () => {
  const { vehicle, station } = pair();
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, m1))));
  giveStation(station, m3);
  for (let at = 1000; at < 60_000; at += 1000) deadline(vehicle, at);
  assert.is(vehicle.abortCode, "TIMEOUT");
  assert.is(vehicle.state.phase, "unanswered");
  const stored = vehicle.effects.find((effect) => effect.kind === "store");
  const [committed] = station.committed;
  assert.ok(stored && committed);
  const resumed = resumeVehicleHandshake(stored.bytes, contextOf(vehicleParty));
  assert.ok(resumed.ok);
  const again = vehicleSide(contextOf(vehicleParty), resumed.value);
  for (const side of [vehicle, again]) {
    side.take({ kind: "openSeen", open: committed.open, at: instant(90_000) });
    assert.equal(side.committed[0]?.open, committed.open);
  }
});

test("a station that restarts tells a stored OPEN again", () => {
  const { vehicle, station } = pair();
  runHonestly(vehicle, station, startWith(offer));
  const [told] = station.committed;
  assert.ok(told);
  const again = recommit(told.open, stationContextOf(stationParty, []));
  assert.ok(again.ok);
  assert.equal(again.value.address, told.address);
  assert.equal(again.value.peer, vehicleParty.deviceId);
});

test("an offer is refused when it is expired, of another station, outlet or network, or not signed by who it names", () => {
  const network = named("elsewhere").slice(0, 8);
  const stranger = party("stranger", "station");
  const cases: readonly (readonly [string, ReturnType<typeof startWith>])[] = [
    ["OFFER_EXPIRED", startWith(offer, { at: { monotonicMs: 0, wallSeconds: WALL_SECONDS + 561 } })],
    ["OFFER_EXPIRED", startWith(offer, { at: { monotonicMs: 0, wallSeconds: WALL_SECONDS - 71 } })],
    ["WRONG_STATION", startWith(offer, { expected: { station: stranger.deviceId, evse: undefined } })],
    ["WRONG_EVSE", startWith(offer, { expected: { station: undefined, evse: 2 } })],
    ["BAD_OFFER", startWith(offerOf(stationParty, { network }))],
    ["BAD_OFFER", startWith(offerOf(stationParty, { join: stranger.join }))],
    ["BAD_OFFER", startWith(offerOf({ ...stationParty, signer: stranger.signer }))],
    ["BAD_OFFER", startWith(offerOf(stranger, { station: stationParty.deviceId }))],
    ["BAD_OFFER", startWith(offerOf(vehicleParty))],
    ["BAD_OFFER", startWith(offerOf(party("lamp", "vehicle")))],
    ["BAD_OFFER", startWith(offerOf(stationParty, { expiresSeconds: WALL_SECONDS + 5000 }))],
    ["BAD_OFFER", startWith(offerOf(stationParty, { terms: resolvedTo(WALL_SECONDS + 60) }))],
    ["TERMS", startWith(offer, { plan: { ...PLAN, want: { ...PLAN.want, vehicleMpePpm: 1_000_000 } } })],
    ["BAD_SECRET", startWith(offer, { secrets: [{ ...roundSecrets("zero"), ephemeral: new Uint8Array(32) }] })],
  ];
  for (const [code, start] of cases) {
    const { vehicle } = pair();
    vehicle.take(start);
    assert.is(vehicle.abortCode, code);
    assert.equal(vehicle.sent, []);
  }
});

test("60 seconds of difference between the clocks are forgiven", () => {
  for (const wallSeconds of [WALL_SECONDS + 560, WALL_SECONDS - 70]) {
    const { vehicle } = pair();
    vehicle.take(startWith(offer, { at: { monotonicMs: 0, wallSeconds } }));
    assert.is(vehicle.state.phase, "greeting");
  }
});

test("a withdrawn offer is answered with the one that stands, and the second round commits it", () => {
  const dearer = offerOf(stationParty, { terms: { ...TERMS, tariff: perKwh(500_000) }, counter: [3, 18] });
  const { vehicle, station } = pair({ offers: [dearer] });
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  const second = only(giveVehicle(vehicle, only(giveStation(station, m1))));
  const m3 = only(giveVehicle(vehicle, only(giveStation(station, second))));
  giveVehicle(vehicle, only(giveStation(station, m3)));
  assert.is(vehicle.committed[0]?.body.terms.tariff.rules[0]?.microPrice, 500_000);
  assert.equal(vehicle.committed[0]?.open, station.committed[0]?.open);
});

test("after two counter-offers the vehicle goes", () => {
  const { vehicle } = pair();
  let message = only(sentIn(vehicle.take(startWith(offer))));
  for (const round of [1, 2, 3]) {
    const next = offerOf(stationParty, { counter: [3, 17 + round] });
    const answer = only(giveStation(stationSide(stationContextOf(stationParty, [next])), message));
    const replies = giveVehicle(vehicle, answer);
    if (round < 3) message = only(replies);
    else assert.equal(replies, []);
  }
  assert.is(vehicle.abortCode, "REFUSED");
});

test("terms that are not the agreed ones end the handshake, and the station is told without a name", () => {
  const greedy = { agree: () => ({ ok: true, value: { ...TERMS, tariff: perKwh(990_000) } }) as const };
  const { vehicle, station } = pair({ station: greedy });
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  const no = only(giveVehicle(vehicle, only(giveStation(station, m1))));
  assert.is(vehicle.abortCode, "TERMS");
  assert.is(vehicle.state.phase, "aborted");
  assert.equal(giveStation(station, no), []);
  assert.equal(station.state.entries, []);
  assert.equal(station.committed, []);
});

test("a station refuses an expired offer, a busy outlet and a vehicle over its floor limit, each with its word", () => {
  const busy = { isPlugged: true, isBusy: true, registerMilliWh: 0, offers: [offer] };
  const cases = [
    pair({ station: { evse: () => busy } }),
    pair({ station: { agree: () => ({ ok: false, fault: { code: "X" } }) } }),
    pair({ station: { objectionTo: () => ({ code: "FLOOR_LIMIT" }) } }),
  ];
  const words = cases.map(({ vehicle, station }) => {
    const m2 = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
    for (const m3 of giveVehicle(vehicle, m2)) giveVehicle(vehicle, only(giveStation(station, m3)));
    assert.equal(station.committed, []);
    const aborted = vehicle.effects.find((effect) => effect.kind === "aborted");
    return aborted?.reason.code === "REFUSED" ? `${aborted.reason.refusal} to M${2 * vehicle.sent.length - 1}` : "";
  });
  assert.equal(words, ["EVSE_BUSY to M1", "TERMS to M1", "FLOOR_LIMIT to M3"]);
});

test("a station is silent while nothing is plugged in, and answers the repetition when it is", () => {
  let isPlugged = false;
  const evse = () => ({ isPlugged, isBusy: false, registerMilliWh: 0, offers: [offer] });
  const { vehicle, station } = pair({ station: { evse } });
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  assert.equal(giveStation(station, m1), []);
  isPlugged = true;
  assert.is(giveStation(station, m1).length, 1);
});

test("unplugging ends what is only half open, and keeps what may be signed", () => {
  const { vehicle, station } = pair();
  const m1 = only(sentIn(vehicle.take(startWith(offer))));
  const m2 = only(giveStation(station, m1));
  station.take({ kind: "unplugged", evse: 2, at: instant(200) });
  assert.is(station.state.entries.length, 1);
  station.take({ kind: "unplugged", evse: 1, at: instant(200) });
  assert.is(station.state.entries.length, 0);
  giveVehicle(vehicle, m2);
  vehicle.take({ kind: "unplugged", at: instant(300) });
  assert.is(vehicle.abortCode, "NOT_PLUGGED");
  assert.is(vehicle.state.phase, "unanswered");
});

test("OPEN refers to the higher block that both hold, else the lower, else the genesis", () => {
  const higher = [9, named("nine")] as const;
  const reference = (vehicleHolds: boolean, stationHolds: boolean): number | undefined => {
    const { vehicle, station } = pair({
      vehicle: { holds: () => vehicleHolds },
      station: { holds: () => stationHolds },
    });
    runHonestly(vehicle, station, startWith(offer, { plan: { ...PLAN, reference: higher } }));
    return vehicle.committed[0]?.body.reference[0];
  };
  assert.is(reference(true, true), 9);
  assert.is(reference(true, false), TIP[0]);
  assert.is(reference(false, true), 9);
  assert.is(reference(false, false), GENESIS[0]);
});

test.run();
