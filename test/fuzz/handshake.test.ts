/** The decoders of the handshake on bytes of anybody's making: a value or a fault, never a throw, and one form each. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeHello, decodeMessage, encodeHello, encodeMessage } from "#core/handshake/messages.ts";
import { readOffer } from "#core/handshake/offer.ts";
import { decodePromise } from "#core/handshake/open-promise.ts";
import { recommit } from "#core/handshake/recommit.ts";
import { decodeM2Content, decodeM3Content, decodeM4Content } from "#core/handshake/sealed-contents.ts";
import { LISTENING } from "#core/handshake/station-state.ts";
import { stepStationHandshake } from "#core/handshake/station-handshake.ts";
import { stepVehicleHandshake } from "#core/handshake/vehicle-handshake.ts";
import type { CborValue } from "#core/wire/cbor.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import {
  contextOf,
  offerOf,
  party,
  startWith,
  stationContextOf,
  stationSecrets,
} from "#test/builders/handshake-parties.ts";
import { instant, runHonestly, stationSide, vehicleSide } from "#test/builders/handshake-run.ts";

const RUNS = { numRuns: 300, seed: 20_261_122 };

const station = party("station", "station");
const vehicle = party("vehicle", "vehicle");
const offer = offerOf(station);
const context = contextOf(vehicle);
const stationContext = stationContextOf(station, [offer]);
const run = runHonestly(vehicleSide(context), stationSide(stationContext), startWith(offer));
const seeds: readonly Uint8Array[] = [...(Object.values(run) as Uint8Array[]), offer.bytes];

/** Noise, CBOR maps with the keys of ours, and real messages with a few bytes changed. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.oneof(fc.integer(), fc.uint8Array({ maxLength: 64 }))))
    .map((entries) => encodeCbor(new Map<number, CborValue>(entries))),
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) =>
      changes.reduce((changed, [place, value]) => changed.with(place % changed.length, value), bytes),
    ),
);

const test = suite("handshake fuzz");

test("F3 every decoder answers with a value or a fault", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      decodeHello(bytes);
      decodeM2Content(bytes);
      decodeM3Content(bytes);
      decodeM4Content(bytes);
      readOffer(bytes, context);
      decodePromise(bytes, context);
      recommit(bytes, context);
    }),
    RUNS,
  );
});

test("F3 what a decoder accepts has no other form", () => {
  for (const bytes of Object.values(run) as Uint8Array[]) assert.ok(decodeMessage(bytes).ok);
  fc.assert(
    fc.property(fc.oneof(anyBytes, fc.constantFrom(...seeds)), (bytes) => {
      const message = decodeMessage(bytes);
      if (!message.ok) return;
      assert.equal(encodeMessage(message.value), bytes);
      if (message.value.kind !== "M1") return;
      const hello = decodeHello(message.value.hello);
      if (hello.ok) assert.equal(encodeHello(hello.value), message.value.hello);
    }),
    RUNS,
  );
});

test("F3 no bytes make a machine throw, or commit", () => {
  const at = instant(100);
  const greeting = stepVehicleHandshake({ phase: "idle" }, startWith(offer), context).state;
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const own = stepVehicleHandshake(greeting, { kind: "message", bytes, at }, context);
      assert.is(own.state.phase, "greeting");
      const message = { kind: "message", bytes, at, fresh: stationSecrets("fuzz") } as const;
      const other = stepStationHandshake(LISTENING, message, stationContext);
      assert.ok(other.state.entries.every(({ phase }) => phase !== "storing"));
    }),
    RUNS,
  );
});

test.run();
