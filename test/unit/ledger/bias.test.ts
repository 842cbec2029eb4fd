/** The slow-bias sums are part of the ledger's state: a function of the blocks, told once when they pass the alarm. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { NO_BIAS } from "#core/comparison/slow-bias.ts";
import { Chain } from "#core/ledger/chain.ts";
import { biasOf, isEligible } from "#core/ledger/reputation.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Boot } from "#services/boot.ts";
import type { EmitEvent } from "#services/events.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, OPERATOR, STARTED_AT, STATION } from "#test/builders/ledger-builder.ts";
import { syncedTime } from "#test/builders/synced-time.ts";

const test = suite("bias");
const CARS = Array.from({ length: 8 }, (_, index) => makeActor(`car ${index}`, "vehicle", `org ${index}`));
/** The middle of the band is 0.985: 6 % less is inside of T + U, and far beyond what the station's class explains. */
const LITTLE = 0.925;

test("a station whose cars all measure less is found after six of them; none of the cars is", () => {
  const builder = regionWith({});
  for (const [index, car] of CARS.slice(0, 6).entries()) charge(builder, car, { share: LITTLE, salt: index });
  const station = biasOf(builder.state, toHex(STATION.did));
  assert.equal([station.isAlarm, station.votes, station.sumMilli], [true, 6, 6_000]);
  for (const car of CARS) assert.not.ok(biasOf(builder.state, toHex(car.did)).isAlarm);
});

test("the same car again and again is one vote, and a dispute, a cancelled charge or one of little energy none", () => {
  const builder = regionWith({});
  const [car, other] = CARS;
  assert.ok(car !== undefined && other !== undefined);
  for (const salt of [0, 1, 2, 3]) charge(builder, car, { share: LITTLE, salt: salt });
  charge(builder, other, { share: 0.5, salt: 9 });
  charge(builder, other, { share: LITTLE, salt: 10, milliWh: 900_000 });
  assert.equal(biasOf(builder.state, toHex(STATION.did)).votes, 1);
  assert.equal(biasOf(builder.state, toHex(other.did)), { ...NO_BIAS, isAlarm: false });
});

test("the sum is the same when the blocks are read back", () => {
  const builder = regionWith({});
  for (const [index, car] of CARS.slice(0, 4).entries()) charge(builder, car, { share: LITTLE, salt: index });
  const again = new Chain(crypto, builder.genesis);
  for (const block of blocksOf(builder)) assert.ok(again.addBlock(block, undefined).ok);
  const did = toHex(STATION.did);
  assert.equal(biasOf(again.head.state, did), biasOf(builder.state, did));
  // A branch that is left takes its votes with it.
  const parent = builder.chain.head.parent;
  assert.ok(parent);
  assert.is(biasOf(parent.state, did).votes, biasOf(builder.state, did).votes - 1);
});

test("with the penalty an alarm takes the right to seal by history; without, nothing", () => {
  for (const biasPenalty of [true, false]) {
    const builder = regionWith({ biasPenalty });
    const member = (): Parameters<typeof isEligible>[1] => {
      const found = builder.state.members.get(toHex(STATION.did));
      assert.ok(found);
      return found;
    };
    for (const [index, car] of CARS.slice(0, 5).entries()) charge(builder, car, { share: LITTLE, salt: index });
    assert.ok(isEligible(builder.state, member(), builder.state.sealedAt));
    const [last] = CARS.slice(5);
    assert.ok(last);
    charge(builder, last, { share: LITTLE, salt: 20 });
    assert.is(isEligible(builder.state, member(), builder.state.sealedAt), !biasPenalty);
  }
});

test("passing the alarm is told once, with whose sum it is", async () => {
  const builder = regionWith({});
  for (const [index, car] of CARS.slice(0, 8).entries()) charge(builder, car, { share: LITTLE, salt: index });
  const told: unknown[] = [];
  const emit: EmitEvent = (name, event) => {
    if (name === "biasFound") told.push(event);
  };
  const register = { value: undefined, write: () => Promise.resolve() };
  const boot = await Boot.begin(register, { isSure: true, nowSeconds: STARTED_AT, slotNow: 0 });
  assert.ok(boot.ok);
  const chain = new Chain(crypto, builder.genesis);
  const clock = new SimulatedClock({ wallEpochMs: (STARTED_AT + 86_400) * 1000 });
  const journal = { append: () => Promise.resolve() };
  const { signer, did } = OPERATOR;
  const parts = { chain, journal, boot: boot.value, clock: syncedTime(clock), signer, did, emit };
  const ledger = new LedgerService(parts, new Set());
  for (const block of blocksOf(builder)) assert.ok((await ledger.receiveBlock(block)).ok);
  assert.equal(told, [{ did: toHex(STATION.did), role: "station", sumMilli: 6_000 }]);
});

test.run();

function regionWith(rules: Partial<LedgerRules>): LedgerBuilder {
  const builder = new LedgerBuilder({
    rules: { ...EASY_RULES, historyMin: 3, counterpartiesMin: 2, ...rules },
    authorities: [OPERATOR],
  });
  builder.join(STATION, ...CARS);
  builder.seal();
  return builder;
}

interface Amounts {
  readonly share: number;
  readonly salt: number;
  readonly milliWh?: number;
}

function charge(builder: LedgerBuilder, vehicle: typeof STATION, amounts: Amounts): void {
  const { share: vehicleShare, salt, milliWh = 10_000_000 } = amounts;
  const parties = { station: STATION, vehicle };
  const made = builder.charge(parties, { salt: new Uint8Array(16).fill(salt) });
  builder.submit(...made.whole({ milliWh, vehicleShare }));
  builder.seal();
  assert.is(builder.chain.head.results[0]?.state, vehicleShare < 0.8 ? "DISPUTED" : "SETTLED");
}

function blocksOf(builder: LedgerBuilder): readonly Parameters<LedgerBuilder["add"]>[0][] {
  return Array.from({ length: builder.state.serial }, (_, place) => builder.chain.at(place + 1)?.block).filter(
    (block) => block !== undefined,
  );
}
