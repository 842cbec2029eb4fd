/** What the two machines make of a message at each place of the run of `handshake.json`. */
import { toHex } from "#base/bytes.ts";
import type { AbortReason } from "#core/handshake/abort-reason.ts";
import type { HandshakeEffect } from "#core/handshake/effects.ts";
import {
  offerOf,
  contextOf,
  party,
  roundSecrets,
  startWith,
  stationContextOf,
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
import type { Vector } from "./vector-file.ts";

export type Judged = Pick<Vector, "result" | "detail"> & { readonly fault?: string };
/** Of an OFFER the vehicle judges before its M1; of the messages whoever they are for, at their place. */
export type Place = "offer" | "m1" | "m2" | "m3" | "m4";

export const VEHICLE = party("vehicle", "vehicle");
export const STATION = party("station", "station");
export const OFFER = offerOf(STATION);
export const DRAWN = roundSecrets("vector");

interface Stand {
  readonly vehicle: VehicleSide;
  readonly station: StationSide;
}

export function judgeHandshake(place: Place, input: Uint8Array): Judged {
  if (place === "offer") {
    const vehicle = vehicleSide(contextOf(VEHICLE));
    return told(vehicle.take({ ...startWith(OFFER, { secrets: [DRAWN] }), offer: input }));
  }
  const { vehicle, station } = upTo(place);
  const side = place === "m1" || place === "m3" ? station : vehicle;
  const before = side.effects.length;
  if (side === station) giveStation(station, input);
  else giveVehicle(vehicle, input);
  return told(side.effects.slice(before));
}

/** Both sides behind the messages of the run before that one. */
export function upTo(place: Exclude<Place, "offer">): Stand {
  const vehicle = vehicleSide(contextOf(VEHICLE));
  const station = stationSide(stationContextOf(STATION, [OFFER]));
  const m1 = only(sentIn(vehicle.take(startWith(OFFER, { secrets: [DRAWN] }))));
  if (place === "m1" || place === "m2") return { vehicle, station };
  const m2 = only(giveStation(station, m1));
  if (place === "m3") return { vehicle, station };
  giveVehicle(vehicle, m2);
  return { vehicle, station };
}

function told(effects: readonly HandshakeEffect[]): Judged {
  const ignored = effects.find((effect) => effect.kind === "ignored");
  if (ignored !== undefined) return { result: "invalid", fault: ignored.fault.code, detail: "" };
  const ended = effects.find((effect) => effect.kind === "aborted")?.reason;
  const fault = ended === undefined ? undefined : faultOf(ended);
  if (fault !== undefined) return { result: "invalid", fault, detail: "" };
  const isCommitted = effects.some((effect) => effect.kind === "committed");
  const word = ended === undefined ? "" : ended.code === "REFUSED" ? ended.refusal : ended.code;
  const says = sentIn(effects).map(toHex).join(" ");
  return { result: "valid", detail: { says, ends: isCommitted ? "committed" : word } };
}

/** Of an offer that is none, or not for now. */
function faultOf(reason: AbortReason): string | undefined {
  if (reason.code === "BAD_OFFER") return reason.fault.code;
  return reason.code === "OFFER_EXPIRED" ? reason.code : undefined;
}
