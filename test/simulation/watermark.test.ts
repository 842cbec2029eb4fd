/** The physical binding between gateways: honest charges over a bad mesh, restarts in mid-pattern, sides that will not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { saidBinding } from "#core/session/said-binding.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { BusFaults } from "./simulated-bus.ts";
import { ChargeSimulation, type ChargeFaults } from "./charge-world.ts";
import { resultsOf } from "./simulate-charge.ts";

const test = suite("watermark between gateways");
const NO_FAULTS = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 0 } as const;
const LIMIT_A = 16;
const LOW_A = 15;

class Watched {
  readonly simulation: ChargeSimulation;
  mostA = 0;
  lowSeconds = 0;

  constructor(seed: number, faults: Partial<ChargeFaults>) {
    this.simulation = new ChargeSimulation(seed, { ...NO_FAULTS, bind: "watermark", ...faults });
  }

  async begin(): Promise<void> {
    const { station, vehicle, world } = this.simulation;
    await Promise.all([station.start(), vehicle.start()]);
    world.plugIn("car", 1);
  }

  get currentA(): number {
    return this.simulation.world.meterView(1).now().currentA[0];
  }

  /** So many seconds pass; what flows is looked at in each. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await this.simulation.clock.runFor(1000);
      this.mostA = Math.max(this.mostA, this.currentA);
      if (this.currentA > 10 && this.currentA < LOW_A) this.lowSeconds += 1;
    }
  }

  told(event: string): string | undefined {
    return this.simulation.story.findLast((line) => line.includes(` ${event} `));
  }

  get contract(): Transaction | undefined {
    return [...(this.simulation.station.running?.ledger.chain.pending.transactions.entries().values() ?? [])][0];
  }

  get said(): ReturnType<typeof saidBinding> {
    const { contract } = this;
    if (contract === undefined) return undefined;
    const { open, logs, completes } = contract;
    return saidBinding({ open, completes, reports: { station: logs.station.reports, vehicle: logs.vehicle.reports } });
  }

  /** The car has enough; until both have their result. */
  async end(): Promise<void> {
    const { world } = this.simulation;
    world.change(() => {
      world.vehicle("car").endCharge();
    });
    await this.pass(120);
    world.unplug("car");
    await this.pass(180);
  }
}

test("an honest charge is confirmed, never above its limit, stands so in a signed report, and compares as without", async () => {
  const watched = new Watched(3, {});
  await watched.begin();
  await watched.pass(70);
  assert.match(watched.told("bindingChecked") ?? "", '"confirmed"');
  assert.ok(watched.lowSeconds >= 15 && watched.lowSeconds <= 25, `${watched.lowSeconds} s were low`);
  const lowSeconds = watched.lowSeconds;
  await watched.pass(530);
  assert.is(watched.lowSeconds, lowSeconds, "the pattern is played once");
  assert.ok(watched.mostA < LIMIT_A + 0.3, `${watched.mostA} A`);
  assert.is(watched.said, "confirmed");
  await watched.end();
  const plain = new Watched(3, { bind: undefined });
  await plain.begin();
  await plain.pass(600);
  await plain.end();
  const [result] = resultsOf(watched.simulation.station);
  const [other] = resultsOf(plain.simulation.station);
  assert.ok(result !== undefined && other !== undefined);
  assert.is(result.state, "SETTLED");
  assert.is(result.verdict, other.verdict, "as without the pattern");
  const shares = [result, other].map(({ stationMilliWh, vehicleMilliWh }) => vehicleMilliWh / stationMilliWh);
  const [share = 0, otherShare = 0] = shares;
  assert.ok(Math.abs(share - otherShare) < 0.002, `${share} and ${otherShare} of the energy reached the battery`);
});

test("over a mesh that loses, repeats, delays and reorders no honest charge is contradicted", async () => {
  const bus: Partial<BusFaults> = { loss: 0.25, duplication: 0.2, delayMinMs: 1, delayMaxMs: 3_000, reordering: true };
  let confirmed = 0;
  for (let seed = 30; seed < 38; seed += 1) {
    const watched = new Watched(seed, { bus });
    await watched.begin();
    await watched.pass(110);
    assert.is.not(watched.said, "contradicted", `seed ${seed}`);
    if (watched.told("bindingChecked")?.includes('"confirmed"') === true) confirmed += 1;
  }
  assert.ok(confirmed >= 4, `${confirmed} of 8 confirmed`);
});

test("a station that dies in a low chip permits the whole limit after its start, and plays nothing more", async () => {
  const watched = new Watched(5, {});
  await watched.begin();
  while (watched.lowSeconds < 4) await watched.pass(1);
  watched.simulation.station.die("power");
  await watched.pass(20);
  await watched.simulation.station.start();
  await watched.pass(60);
  const { lowSeconds } = watched;
  assert.ok(watched.currentA > LIMIT_A - 0.4, `${watched.currentA} A flow again`);
  await watched.pass(200);
  assert.is(watched.lowSeconds, lowSeconds);
  assert.is.not(watched.said, "contradicted");
  assert.match(watched.told("bindingChecked") ?? "", "NOTHING_HEARD");
});

test("a vehicle that dies in mid-pattern has no key any more, and cannot tell", async () => {
  const watched = new Watched(6, {});
  await watched.begin();
  while (watched.lowSeconds < 4) await watched.pass(1);
  watched.simulation.vehicle.die("kill");
  await watched.pass(3);
  await watched.simulation.vehicle.start();
  await watched.pass(260);
  assert.match(watched.told("bindingChecked") ?? "", "NO_KEY");
  assert.is(watched.said, "not-seen");
});

test("a charge that is ended in a low chip leaves nothing flowing, and the next one has the whole limit", async () => {
  const watched = new Watched(7, {});
  await watched.begin();
  while (watched.lowSeconds < 4) await watched.pass(1);
  watched.simulation.station.running?.role.endCharge();
  await watched.pass(30);
  assert.is(watched.currentA, 0);
  watched.simulation.world.unplug("car");
  await watched.pass(120);
  watched.simulation.world.plugIn("car", 1);
  await watched.pass(80);
  assert.ok(watched.currentA > LIMIT_A - 0.4, `${watched.currentA} A`);
  assert.match(watched.told("bindingChecked") ?? "", '"confirmed"', "the next charge has a pattern of its own");
});

test("without it the contract says nothing of it, and nothing is played", async () => {
  const watched = new Watched(8, { bind: undefined });
  await watched.begin();
  await watched.pass(90);
  assert.is(watched.contract?.open.terms.bind, undefined);
  assert.ok(watched.lowSeconds <= 3, "while it rises");
  assert.is(watched.told("patternPlayed"), undefined);
  assert.is(watched.said, undefined);
});

test.run();
