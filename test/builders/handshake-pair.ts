/** A vehicle and a station that know the same offer, each at the beginning of a handshake. */
import { contextOf, offerOf, party, stationContextOf } from "#test/builders/handshake-parties.ts";
import { stationSide, vehicleSide, type StationSide, type VehicleSide } from "#test/builders/handshake-run.ts";

export const vehicleParty = party("vehicle", "vehicle");
export const stationParty = party("station", "station");
export const offer = offerOf(stationParty);

export interface HandshakePair {
  readonly vehicle: VehicleSide;
  readonly station: StationSide;
}

/** With what is changed in the context of one or both of them. */
export function pair(
  changed: {
    readonly vehicle?: Parameters<typeof contextOf>[1];
    readonly station?: Parameters<typeof stationContextOf>[2];
    readonly offers?: Parameters<typeof stationContextOf>[1];
  } = {},
): HandshakePair {
  return {
    vehicle: vehicleSide(contextOf(vehicleParty, changed.vehicle)),
    station: stationSide(stationContextOf(stationParty, changed.offers ?? [offer], changed.station)),
  };
}
