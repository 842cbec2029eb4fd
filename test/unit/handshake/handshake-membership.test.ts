/** Handshakes of members with certificates, and of devices that have rotated their key. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { equalBytes } from "#base/bytes.ts";
import { encodeCertificate } from "#core/identity/certificate.ts";
import { encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { encodeJoin, encodeRenewal, joinWith, openRegion, type JoinRegion } from "#core/identity/join.ts";
import type { StationContext } from "#core/handshake/handshake-context.ts";
import type { Offer } from "#core/handshake/offer.ts";
import {
  contextOf,
  crypto,
  named,
  NETWORK,
  offerOf,
  party,
  startWith,
  stationContextOf,
  type Party,
} from "#test/builders/handshake-parties.ts";
import {
  giveStation,
  giveVehicle,
  only,
  runHonestly,
  sentIn,
  stationSide,
  type StationSide,
  vehicleSide,
  type VehicleSide,
} from "#test/builders/handshake-run.ts";

const OFFICE = new NobleSigner(named("office"));
const CERTIFIED: JoinRegion = { ...openRegion(NETWORK), authorities: [OFFICE.publicKey], admitsUncertified: false };
const test = suite("handshake, membership");

test("two certified members agree, and each shows the other its certificate", () => {
  const { vehicle, station, offer } = sidesOf(certified("station", "station"), certified("vehicle", "vehicle"));
  runHonestly(vehicle, station, startWith(offer));
  assert.is(vehicle.committed.length + station.committed.length, 2);
});

test("uncertified seller: a vehicle does not greet a station without a certificate, or with a forged one", () => {
  for (const [seller, code] of [
    [party("station", "station"), "JOIN_NOT_CERTIFIED"],
    [certified("station", "station", new NobleSigner(named("forger"))), "CERT_BAD_SIGNATURE"],
  ] as const) {
    const { vehicle, offer } = sidesOf(seller, certified("vehicle", "vehicle"));
    vehicle.take(startWith(offer));
    const aborted = vehicle.effects.find((effect) => effect.kind === "aborted");
    assert.is(aborted?.reason.code === "BAD_OFFER" ? aborted.reason.fault.code : undefined, code);
  }
});

test("an office's word for a member opens no handshake: it does not show that the sender has a key", () => {
  const seller = certified("station", "station");
  const told = encodeRenewal(certificateFor(seller, "station", "station"), NETWORK, OFFICE);
  const { vehicle, offer } = sidesOf({ ...seller, join: told }, certified("vehicle", "vehicle"));
  vehicle.take(startWith(offer));
  const aborted = vehicle.effects.find((effect) => effect.kind === "aborted");
  assert.is(aborted?.reason.code === "BAD_OFFER" ? aborted.reason.fault.code : undefined, "JOIN_NOT_BY_ITSELF");
});

test("a station refuses a vehicle without a certificate, and one that its own chain objects to", () => {
  const good = certified("vehicle", "vehicle");
  const objecting = { objectionTo: () => ({ code: "NOT_ADMITTED" }) as const };
  for (const [buyer, changes] of [
    [party("vehicle", "vehicle"), {}],
    [good, objecting],
  ] as const) {
    const { vehicle, station, offer } = sidesOf(certified("station", "station"), buyer, { station: changes });
    const m2 = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
    for (const m3 of giveVehicle(vehicle, m2)) giveVehicle(vehicle, only(giveStation(station, m3)));
    const aborted = vehicle.effects.find((effect) => effect.kind === "aborted");
    assert.is(aborted?.reason.code === "REFUSED" ? aborted.reason.refusal : undefined, "NOT_ADMITTED");
    assert.equal(station.committed, []);
  }
});

test("after a rotation both sign with the new key, and OPEN names it", () => {
  const knows = rotated(party("vehicle", "vehicle"), "vehicle");
  const { vehicle, station, offer } = sidesOf(party("station", "station"), knows.party, {
    regions: [knows.region, knows.region],
  });
  runHonestly(vehicle, station, startWith(offer));
  assert.equal(vehicle.committed[0]?.body.keys, [1, 0]);
  assert.is(station.committed.length, 1);
});

test("stolen key after rotation: a station that knows the new key signs nothing with the thief", () => {
  const owner = party("vehicle", "vehicle");
  const knows = rotated(owner, "vehicle");
  const { vehicle, station, offer } = sidesOf(party("station", "station"), owner, {
    regions: [knows.region, openRegion(NETWORK)],
  });
  const m2 = only(giveStation(station, only(sentIn(vehicle.take(startWith(offer))))));
  for (const m3 of giveVehicle(vehicle, m2)) giveVehicle(vehicle, only(giveStation(station, m3)));
  assert.equal(station.committed, []);
});

test.run();

interface Sides {
  readonly vehicle: VehicleSide;
  readonly station: StationSide;
  readonly offer: Offer;
}

/** What each side knows of keys and certificates: the station's first. */
interface Knowledge {
  readonly regions?: readonly [JoinRegion, JoinRegion];
  readonly station?: Partial<StationContext>;
}

function sidesOf(
  seller: Party,
  buyer: Party,
  { regions = [CERTIFIED, CERTIFIED], station = {} }: Knowledge = {},
): Sides {
  const offer = offerOf(seller);
  return {
    offer,
    station: stationSide(stationContextOf(seller, [offer], { region: regions[0], ...station })),
    vehicle: vehicleSide(contextOf(buyer, { region: regions[1] })),
  };
}

function certified(name: string, role: DeviceRole, office = OFFICE): Party {
  const plain = party(name, role);
  const certificate = certificateFor(plain, name, role, office);
  return { ...plain, join: encodeJoin(joinWith(certificate, NETWORK), plain.signer) };
}

function certificateFor(
  { signer }: Pick<Party, "signer">,
  name: string,
  role: DeviceRole,
  office = OFFICE,
): Uint8Array {
  const next = new NobleSigner(named(`${name} key 1`));
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, next.publicKey));
  return encodeCertificate(
    {
      ...{ version: 1, network: NETWORK, inception, role, organisation: name },
      ...{ notBefore: 0, notAfter: 30 * 86_400, capabilities: ["charge"] },
    },
    office,
  );
}

/** The same device with its next key, and a region that knows of it. */
function rotated(old: Party, name: string): { readonly party: Party; readonly region: JoinRegion } {
  const signer = new NobleSigner(named(`${name} key 1`));
  const isIt = (deviceId: Uint8Array): boolean => equalBytes(deviceId, old.deviceId);
  const region: JoinRegion = {
    ...openRegion(NETWORK),
    keyOf: (deviceId, number) => (isIt(deviceId) && number === 1 ? signer.publicKey : undefined),
    newestKeyOf: (deviceId) => (isIt(deviceId) ? 1 : 0),
  };
  return { party: { ...old, signer }, region };
}
