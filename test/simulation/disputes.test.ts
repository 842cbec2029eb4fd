/**
 * A station whose meter shows too much, and what becomes of the dispute over a bad mesh: agreed on, judged by an
 * arbiter who was away, or lapsed. Each gateway is the production wiring; people are the calls of its dispute desk.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { DisputeDesk } from "#services/dispute-desk.ts";
import { ChargeSimulation, type ChargeFaults } from "./charge-world.ts";
import type { SimulatedGateway } from "./simulated-gateway.ts";

const LIE: ChargeFaults = {
  bus: {},
  crash: undefined,
  stationLies: 1.3,
  vehicleLies: 1,
  chargeMs: 300_000,
  hasArbiter: true,
};
const BAD_MESH = { loss: 0.25, duplication: 0.25, delayMinMs: 1, delayMaxMs: 2_000, reordering: true };
const STEP_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const test = suite("simulated disputes");

test("both sides propose and accept over a bad mesh: every gateway ends with the same settlement", async () => {
  const { simulation, address } = await disputedCharge(1);
  const { station, vehicle, bus } = simulation;
  bus.setFaults(BAD_MESH);
  const claimed = desk(station).list("open");
  assert.equal(
    claimed.map((each) => [each.address, each.standing]),
    [[address, "station"]],
  );
  const energyMilliWh = Math.floor((claimed[0]?.stationMilliWh ?? 0) / 1.2);
  const proposed = await desk(vehicle).resolve(address, { kind: "energy", energyMilliWh, amount: undefined });
  assert.ok(proposed.ok && proposed.value.isNew, JSON.stringify(proposed));
  assert.equal(
    proposed.value.view.proposals.map(({ role, isSealed }) => [role, isSealed]),
    [["vehicle", false]],
  );
  await until(simulation, () => (desk(station).list("open")[0]?.proposed.vehicle ?? 0) > 0);
  const accepted = await desk(station).resolve(address, { kind: "accept" });
  assert.ok(accepted.ok, JSON.stringify(accepted));
  assert.is(accepted.value.view.outcomes[0]?.way, "waiting");
  await until(simulation, () => endings(simulation, address).every((ending) => ending === "mutual"));
  const result = resultAt(station, address);
  assert.equal([result?.state, result?.billedMilliWh, result?.revision], ["SETTLED", energyMilliWh, 2]);
  const [amount] = accepted.value.view.proposals.map((each) => each.amount);
  assert.is(result?.amount, amount);
});

test("the arbiter rules while the station is away; the station learns it when it comes back", async () => {
  const { simulation, address } = await disputedCharge(2);
  const { station, vehicle, arbiter } = simulation;
  station.die("power");
  const refused = await desk(vehicle).adjudicate(address, { energyMilliWh: 1, fault: "station", reason: "mine" });
  assert.is(refused.ok ? undefined : refused.fault.code, "DISPUTE_NOT_ITS_ARBITER");
  const shown = desk(arbiter).show(address.slice(0, 8));
  assert.ok(shown.ok && shown.value.standing === "arbiter");
  const { undisputedMilliWh } = shown.value;
  const ruling = {
    energyMilliWh: undisputedMilliWh,
    fault: "station",
    reason: "the meter was found to show 1.3 times",
  } as const;
  const said = await desk(arbiter).adjudicate(address, ruling);
  assert.ok(said.ok, JSON.stringify(said));
  await simulation.clock.runFor(10 * MINUTE_MS);
  // The only one that may seal is away: what the arbiter has signed waits on its card, and in the pools.
  assert.is(resultAt(arbiter, address)?.ending, "comparison");
  arbiter.die("power");
  void arbiter.start();
  void station.start();
  await until(simulation, () => endings(simulation, address).every((ending) => ending === "arbiter"));
  const result = resultAt(vehicle, address);
  assert.equal([result?.state, result?.fault, result?.billedMilliWh], ["SETTLED", "station", undisputedMilliWh]);
  const again = await desk(arbiter).adjudicate(address, ruling);
  assert.ok(again.ok && !again.value.isNew);
  const other = await desk(arbiter).adjudicate(address, { ...ruling, fault: "both" });
  assert.is(other.ok ? undefined : other.fault.code, "DISPUTE_ALREADY_JUDGED");
});

test("nobody says anything for thirty days: what was contested lapses, and nothing more can be said", async () => {
  const { simulation, address } = await disputedCharge(3);
  const { station, vehicle, clock } = simulation;
  const before = resultAt(station, address);
  assert.ok(before && before.contestedMilliWh > 0);
  for (const gateway of gatewaysOf(simulation)) gateway.die("kill");
  await clock.runFor(32 * DAY_MS);
  for (const gateway of gatewaysOf(simulation)) void gateway.start();
  await until(simulation, () => endings(simulation, address).every((ending) => ending === "lapse"));
  assert.equal(resultAt(vehicle, address), { ...before, contestedMilliWh: 0, ending: "lapse", revision: 2 });
  const late = await desk(vehicle).resolve(address, { kind: "energy", energyMilliWh: 0, amount: 0 });
  assert.is(late.ok ? undefined : late.fault.code, "DISPUTE_OVER");
  assert.equal([desk(vehicle).list("open").length, desk(vehicle).list("all").length], [0, 1]);
});

test.run();

async function disputedCharge(
  seed: number,
): Promise<{ readonly simulation: ChargeSimulation; readonly address: string }> {
  const simulation = new ChargeSimulation(seed, LIE);
  const { clock, world, station } = simulation;
  for (const gateway of gatewaysOf(simulation)) void gateway.start();
  clock.wakeAt(3_000, () => {
    world.plugIn("car", 1);
  });
  clock.wakeAt(3_000 + LIE.chargeMs, () => {
    world.change(() => {
      world.vehicle("car").endCharge();
    });
  });
  clock.wakeAt(3_000 + LIE.chargeMs + 2 * MINUTE_MS, () => {
    world.unplug("car");
  });
  await until(simulation, () => {
    const [address] = disputesOf(station);
    return address !== undefined && endings(simulation, address).every((ending) => ending === "comparison");
  });
  const [address] = disputesOf(station);
  assert.ok(address);
  return { simulation, address };
}

async function until({ clock, story }: ChargeSimulation, holds: () => boolean): Promise<void> {
  const endMs = clock.monotonicMs() + 40 * MINUTE_MS;
  while (!holds()) {
    if (clock.monotonicMs() > endMs)
      throw new Error(
        story
          .filter((line) => !line.includes("peerSeen"))
          .slice(-40)
          .join("\n"),
      );
    await clock.runFor(STEP_MS);
  }
}

function gatewaysOf({ station, vehicle, arbiter }: ChargeSimulation): readonly SimulatedGateway[] {
  return [station, vehicle, arbiter];
}

function desk(gateway: SimulatedGateway): DisputeDesk {
  assert.ok(gateway.running);
  return gateway.running.disputes;
}

function disputesOf({ running }: SimulatedGateway): readonly string[] {
  return running?.disputes.list("all").map(({ address }) => address) ?? [];
}

function resultAt({ running }: SimulatedGateway, address: string): ResultBody | undefined {
  return running?.ledger.chain.head.state.transactions.get(address)?.result;
}

/** By what the charge has ended, as each gateway knows it. */
function endings(simulation: ChargeSimulation, address: string): readonly (string | undefined)[] {
  const heads = new Set(
    gatewaysOf(simulation).map(({ running }) => running && toHex(running.ledger.chain.head.state.id)),
  );
  return heads.size > 1 ? [undefined] : gatewaysOf(simulation).map((gateway) => resultAt(gateway, address)?.ending);
}
