/** Evidence of anybody's making: a value or a fault, never a throw; and nobody is struck by what he has not signed. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { evidenceBody } from "#core/evidence/evidence-body.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { decodeFact, type EvidenceFact } from "#core/ledger/fact.ts";
import { nextLayer } from "#core/ledger/state.ts";
import { fromHex } from "#base/bytes.ts";
import { decodeCbor, isList } from "#core/wire/cbor.ts";
import { pieceOf, shownVote } from "#test/builders/evidence-pieces.ts";
import { crypto, signFact } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { readVectors } from "#test/vectors/vector-file.ts";

const builder = new LedgerBuilder();
const { network } = builder.genesis;
builder.join(STATION, VEHICLE);
builder.seal();
const context = { crypto, network };
const votes = [
  shownVote(network, STATION, { source: 4, target: 8 }),
  shownVote(network, STATION, { source: 5, target: 8 }),
] as const;
const good = pieceOf(network, "votes", votes, VEHICLE);
const RUNS = { numRuns: 400, seed: 20_261_123 };

const test = suite("evidence of anybody's making");

test("any bytes as its objects are read or refused", () => {
  const kinds = fc.constantFrom(
    ...(["headers", "votes", "reports", "endings", "places", "certificates", "rotations"] as const),
  );
  const objects = fc.uint8Array({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(kinds, objects, objects, (kind, first, second) => {
      assert.not(readPiece(context, { network, kind, member: VEHICLE.did, first, second }).ok);
    }),
    RUNS,
  );
});

test("a piece with one altered byte in it strikes nobody", () => {
  const places = fc.nat(good.payload.length - 1);
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 255 }), fc.constantFrom("first", "second"), (place, mask, side) => {
      const object = good.body[side];
      const at = place % object.length;
      const body = { ...good.body, [side]: object.with(at, (object[at] ?? 0) ^ mask) };
      const altered = signFact(network, { kind: "EVIDENCE", shape: evidenceBody, body }, [VEHICLE.signer]);
      assert.not(judge(altered), `byte ${at} of the ${side}`);
    }),
    RUNS,
  );
  assert.ok(judge(good));
});

test("every fact of the vectors, cut or altered anywhere, is a value or a fault", () => {
  const facts = readVectors("evidence").vectors.flatMap(({ input }) => lastOf(fromHex(input) ?? new Uint8Array()));
  fc.assert(
    fc.property(fc.constantFrom(...facts), fc.nat(2000), fc.integer({ min: 0, max: 255 }), (bytes, place, mask) => {
      const at = place % bytes.length;
      decodeFact(context, mask === 0 ? bytes.subarray(0, at) : bytes.with(at, (bytes[at] ?? 0) ^ mask));
    }),
    RUNS,
  );
});

test.run();

function judge(fact: EvidenceFact): boolean {
  const state = nextLayer(builder.state);
  const applied = applyFact(state, fact, { ...context, now: builder.state.sealedAt, verified: new WeakMap() });
  assert.is(state.misconduct.size, applied.ok ? 1 : 0);
  return applied.ok;
}

function lastOf(input: Uint8Array): readonly Uint8Array[] {
  const story = decodeCbor(input);
  const last = story.ok && isList(story.value) ? story.value.at(-1) : undefined;
  const bytes = last !== undefined && isList(last) ? last[1] : undefined;
  return bytes instanceof Uint8Array ? [bytes] : [];
}
