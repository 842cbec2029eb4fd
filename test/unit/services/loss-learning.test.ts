/** A car's losses, learned from the chain as it grows, and the wants that are made with them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { findLossModel } from "#core/comparison/settled-charges.ts";
import { showLearnedLoss } from "#firmware/commands/learned-loss.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import type { Want } from "#core/contract/want.ts";
import { LossLearning } from "#services/loss-learning.ts";
import type { GatewayEvents, LossEvent } from "#services/events.ts";
import type { LedgerListener } from "#services/ledger-service.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import { GRACE_SECONDS } from "#test/builders/charge-builder.ts";
import { stateless } from "#test/builders/bare-links.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, OPERATOR, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("loss-learning");
const STATIONS = [0, 1, 2, 3].map((index) => makeActor(`station ${index}`, "station", `org ${index}`));
const OTHER_CAR = makeActor("other car", "vehicle", "elsewhere");
const TERMS = batteryTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: 7200 });

test("after charges at three stations the wants name the learned band and the model's hash", () => {
  const region = new Region();
  for (const share of [0.91, 0.912]) region.charge(0, share);
  region.charge(1, 0.914);
  assert.is(region.learning.lossFor(TERMS, "battery", 11_000), undefined);
  assert.equal(region.told, []);
  region.charge(2, 0.916);
  const learned = region.learning.lossFor(TERMS, "battery", 11_000);
  assert.ok(learned);
  assert.equal(learned.lossPpm, [70_000, 100_000]);
  assert.equal(
    region.told.map(({ charges, stations, bands }) => [charges, stations, bands]),
    [[4, 3, 1]],
  );
  assert.is(region.told[0]?.model, toHex(learned.lossModel));

  const agreed = agreeTerms({ ...TERMS, tolerancePpm: 100_000 }, want(learned));
  assert.ok(agreed.ok);
  assert.equal([agreed.value.lossPpm, agreed.value.lossModel], [[70_000, 100_000], learned.lossModel]);
  const plain = agreeTerms({ ...TERMS, tolerancePpm: 100_000 }, want({ lossPpm: [50_000, 120_000] }));
  assert.ok(plain.ok && plain.value.tolerancePpm > agreed.value.tolerancePpm);
});

test("anybody with the chain finds the model by its hash, also after more charges", () => {
  const region = new Region();
  for (const station of [0, 1, 2]) region.charge(station, 0.91);
  const hash = region.learning.lossFor(TERMS, "battery", 11_000)?.lossModel;
  assert.ok(hash);
  region.charge(3, 0.93);
  const found = findLossModel(region.builder.chain, { vehicle: VEHICLE.did, hash, crypto });
  assert.equal(found?.bins[0]?.slice(5), [3, 3]);
  assert.is(findLossModel(region.builder.chain, { vehicle: OTHER_CAR.did, hash, crypto }), undefined);
  assert.is(findLossModel(region.builder.chain, { vehicle: VEHICLE.did, hash: new Uint8Array(32), crypto }), undefined);
  const terms = { ...TERMS, lossModel: hash };
  const open = region.builder.charge({ station: OPERATOR, vehicle: VEHICLE }, { terms }).open.body;
  const shown = showLearnedLoss(region.builder.chain, open);
  assert.match(
    shown?.lines[0] ?? "",
    /: 7.00 % to 11.00 % up to 12.2 kW by 3 charges at 3 stations: as the blocks up to \d+ tell$/,
  );
  const madeUp = { ...open, terms: { ...open.terms, lossModel: new Uint8Array(32) } };
  assert.match(showLearnedLoss(region.builder.chain, madeUp)?.lines[0] ?? "", /00000000: not what these blocks tell/);
  assert.is(showLearnedLoss(region.builder.chain, { ...open, terms: TERMS }), undefined);
});

test("a restart learns the same from the chain", () => {
  const region = new Region();
  for (const station of [0, 1, 2]) region.charge(station, 0.91);
  const again = region.learner();
  again.start();
  assert.equal(again.model, region.learning.model);
});

test("charges in dispute and those of others teach nothing", () => {
  const region = new Region();
  for (const station of [0, 1]) region.charge(station, 0.91);
  region.charge(2, 0.6);
  region.charge(2, 0.91, OTHER_CAR);
  assert.is(region.learning.model, undefined);
  region.charge(2, 0.91);
  const { model } = region.learning;
  assert.ok(model);
  assert.is(model.upTo[0], region.builder.chain.head.state.serial);
});

test("a station that offers no part of the learned band gets the default want: the car is to be charged", () => {
  const region = new Region();
  for (const station of [0, 1, 2]) region.charge(station, 0.94);
  assert.equal(region.learning.lossFor(TERMS, "battery", 11_000)?.lossPpm, [50_000, 80_000]);
  assert.is(region.learning.lossFor({ ...TERMS, lossPpm: [90_000, 120_000] }, "battery", 11_000), undefined);
  assert.is(region.learning.lossFor(TERMS, "battery", 7_000), undefined);
  assert.is(region.learning.lossFor({ ...TERMS, powerMaxW: 3_700 }, "battery", 11_000), undefined);
});

test.run();

/** A chain of one region, and the learning of one car in it. */
class Region {
  readonly builder = new LedgerBuilder({ rules: { ...EASY_RULES, historyMin: 1000 }, authorities: [OPERATOR] });
  readonly told: LossEvent[] = [];
  readonly learning: LossLearning;
  #listeners: LedgerListener[] = [];
  #charges = 0;

  constructor() {
    this.builder.join(...STATIONS, VEHICLE, OTHER_CAR);
    this.builder.seal();
    this.learning = this.learner();
    this.learning.start();
  }

  learner(): LossLearning {
    const listen = (listener: LedgerListener): void => void this.#listeners.push(listener);
    const emit = (name: keyof GatewayEvents, event: unknown): void => {
      if (name === "lossLearned") this.told.push(event as LossEvent);
    };
    const ledger = { chain: this.builder.chain, listen };
    return new LossLearning({ ledger, did: VEHICLE.did, crypto, emit });
  }

  /** 3 kWh at 11 kW. */
  charge(station: number, vehicleShare: number, vehicle = VEHICLE): void {
    const actor = STATIONS[station];
    assert.ok(actor);
    this.#charges += 1;
    const salt = new Uint8Array(16).fill(this.#charges);
    const charge = this.builder.charge({ station: actor, vehicle }, { terms: TERMS, salt });
    this.builder.submit(...charge.whole({ milliWh: 3_000_000, vehicleShare, count: 16 }));
    this.builder.seal();
    const link = this.builder.chain.head;
    assert.is(link.results[0]?.state, vehicleShare < 0.8 ? "DISPUTED" : "SETTLED");
    const isThere = link.results.some(({ address }) => equalBytes(address, charge.address));
    assert.ok(isThere);
    const change = { known: false, added: [stateless(link)], abandoned: [], certificates: [] };
    for (const listener of this.#listeners) listener.onHead(change);
  }
}

function want(changes: Partial<Want>): Want {
  return {
    ...{ energyMaxMilliWh: 50_000_000, durationMaxSeconds: 7200, vehicleMpePpm: 30_000 },
    ...{ vehicleMeasuringPoint: "battery", vehicleResolutionMilliWh: 1, lossPpm: [50_000, 120_000], lossModel: null },
    ...changes,
  };
}
