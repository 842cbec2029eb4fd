/** What a vehicle may have from a station that hears of no other (protocol 2.2). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { TipBody } from "#core/mesh/sync-messages.ts";
import { FLOOR_LIMITS, FloorLimit, type FloorLimits } from "#services/floor-limit.ts";
import type { LedgerListener } from "#services/ledger-service.ts";
import { region } from "#test/builders/certified-region.ts";
import { makeActor, named } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("floor limit");
const KWH = 1_000_000;
const OFFLINE_SECONDS = 301;

/** A station of a region beside its operator's, and what it hears. */
function scene(limits: FloorLimits = FLOOR_LIMITS, builder: LedgerBuilder = region(STATION, VEHICLE).builder) {
  builder.seal();
  const tips = new Map<string, TipBody>();
  const listeners: LedgerListener[] = [];
  const time = { nowSeconds: builder.state.sealedAt };
  const floor = new FloorLimit({
    ledger: {
      chain: builder.chain,
      get nowSeconds() {
        return time.nowSeconds;
      },
      listen: (listener) => void listeners.push(listener),
    },
    sync: { peers: tips },
    did: STATION.did,
    limits,
  });
  const hear = (at: number): void => {
    const did = OPERATOR.did;
    const { serial, id } = builder.state;
    const network = builder.genesis.network;
    const rest = { waiting: [0, new Uint8Array(32)], order: [1, 1] } as const;
    tips.set(toHex(did), { version: 1, network, did, serial, head: id, ...rest, at });
  };
  const take = (...facts: readonly Fact[]): void => {
    builder.submit(...facts);
    for (const fact of facts) for (const listener of listeners) listener.onFact(fact, true);
  };
  let number = 0;
  /** A charge of so much that both have ended, in the pool of what waits. */
  const charge = (milliWh: number): string => {
    number += 1;
    const salt = named(`charge ${number}`).slice(0, 16);
    const made = builder.charge(undefined, { salt, startedAt: time.nowSeconds });
    take(made.open, made.report("station", [0]), made.report("vehicle", [0]), made.report("station", [milliWh]));
    return toHex(made.address);
  };
  return { builder, floor, time, hear, charge };
}

test("while another station is heard there is no limit, and none before ten block times of silence", () => {
  const { floor, time, hear } = scene();
  assert.is(floor.offlineSince, undefined, "the newest block is another's");
  time.nowSeconds += OFFLINE_SECONDS;
  assert.is.not(floor.offlineSince, undefined);
  hear(time.nowSeconds - 60);
  assert.is(floor.offlineSince, undefined);
  assert.is(floor.objectionTo(VEHICLE.did), undefined);
});

test("offline a vehicle gets three charges and no fourth, and another vehicle has its own three", () => {
  const { floor, time, charge } = scene();
  time.nowSeconds += OFFLINE_SECONDS;
  for (let each = 0; each < 3; each += 1) {
    assert.is(floor.objectionTo(VEHICLE.did), undefined, `charge ${each}`);
    charge(KWH);
  }
  assert.equal(floor.objectionTo(VEHICLE.did), { code: "FLOOR_LIMIT" });
  assert.is(floor.objectionTo(makeActor("another", "vehicle").did), undefined);
});

test("what earlier charges had of the energy is missing from the next, and when it is spent there is none", () => {
  const { floor, time, charge, builder } = scene();
  time.nowSeconds += OFFLINE_SECONDS;
  charge(12 * KWH);
  const second = builder.chain.pending.transactions.get(charge(10 * KWH));
  assert.ok(second);
  assert.is(floor.allowanceOf(second), 18 * KWH);
  const fresh = scene({ energyMilliWh: 12 * KWH, charges: 3 });
  fresh.time.nowSeconds += OFFLINE_SECONDS;
  fresh.charge(12 * KWH);
  assert.equal(fresh.floor.objectionTo(VEHICLE.did), { code: "FLOOR_LIMIT" });
});

test("hearing of another station again forgives it all, and the next silence counts anew", () => {
  const { floor, time, hear, charge } = scene();
  time.nowSeconds += OFFLINE_SECONDS;
  for (let each = 0; each < 3; each += 1) charge(KWH);
  time.nowSeconds += 60;
  hear(time.nowSeconds);
  assert.is(floor.objectionTo(VEHICLE.did), undefined);
  time.nowSeconds += OFFLINE_SECONDS;
  assert.is(floor.objectionTo(VEHICLE.did), undefined, "its charges were before that silence");
});

test("a restart forgets nothing: the charges are in the chain", () => {
  const before = scene();
  before.time.nowSeconds += OFFLINE_SECONDS;
  for (let each = 0; each < 3; each += 1) before.charge(KWH);
  const { nowSeconds } = before.time;
  const ledger = { chain: before.builder.chain, nowSeconds, listen: () => undefined };
  const after = new FloorLimit({ ledger, sync: { peers: new Map() }, did: STATION.did, limits: FLOOR_LIMITS });
  assert.equal(after.objectionTo(VEHICLE.did), { code: "FLOOR_LIMIT" });
});

test("a region without an authority, and one whose only station this is, know no limit", () => {
  const open = new LedgerBuilder();
  open.join(STATION, VEHICLE);
  const { floor, time } = scene(FLOOR_LIMITS, open);
  time.nowSeconds += 100 * OFFLINE_SECONDS;
  assert.is(floor.offlineSince, undefined);
});

test.run();
