/** What a stranger on the mesh can do to a station with its own car plugged in, and must not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { ChargeSimulation, type ChargeFaults } from "./charge-world.ts";
import { makeIdentity } from "./simulated-gateway.ts";
import { joinStranger } from "./stranger.ts";

const QUIET: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 600_000 };

const test = suite("stranger");

test("a contract that refers to another block than both hold costs nobody the outlet", async () => {
  const simulation = new ChargeSimulation(1, QUIET);
  const { clock, world, station, vehicle } = simulation;
  await station.start();
  const stranger = await joinStranger(simulation, "stranger");
  world.plugIn("car", 1);
  await clock.runFor(5_000);
  stranger.tell(stranger.forge.join(stranger.identity));
  await clock.runFor(60_000);
  const head = station.running?.ledger.chain.head.state;
  assert.ok((head?.serial ?? 0) > 0, "the station has sealed a block");
  const named = [head?.serial ?? 0, head?.id ?? new Uint8Array(32)] as const;
  await stranger.agree({ tip: named, genesis: named });
  await clock.runFor(60_000);
  void vehicle.start();
  await clock.runFor(120_000);
  const contracts = [...(station.running?.ledger.chain.pending.transactions.entries().values() ?? [])];
  const ours = contracts.find(({ open }) => toHex(open.vehicle) === toHex(vehicle.identity.did));
  assert.is(ours?.state, "ACTIVE", "the car that is plugged in charges");
});

test("a stranger that agrees and then says nothing holds the outlet for minutes, not until the plug is pulled", async () => {
  const simulation = new ChargeSimulation(2, QUIET);
  const { clock, world, station, vehicle } = simulation;
  await station.start();
  const stranger = await joinStranger(simulation, "stranger");
  world.plugIn("car", 1);
  await clock.runFor(10_000);
  await stranger.agree({});
  await clock.runFor(10_000);
  assert.is(station.running?.role.isCharging, true, "the stranger has its contract");
  void vehicle.start();
  await clock.runFor(420_000);
  const contracts = [...(station.running?.ledger.chain.pending.transactions.entries().values() ?? [])];
  const ours = contracts.find(({ open }) => toHex(open.vehicle) === toHex(vehicle.identity.did));
  assert.is(ours?.state, "ACTIVE", contracts.map(({ state }) => state).join());
});

test("a flood of made-up members fills neither the pool nor the chain", async () => {
  const simulation = new ChargeSimulation(3, QUIET);
  const { clock, station } = simulation;
  await station.start();
  const stranger = await joinStranger(simulation, "stranger");
  await clock.runFor(1_000);
  for (let index = 0; index < 400; index += 1) {
    stranger.tell(stranger.forge.join(makeIdentity(`nobody ${index}`, "vehicle")));
  }
  await clock.runFor(60_000);
  const members = station.running?.ledger.chain.pending.members.entries().size ?? 0;
  assert.ok(members > 2 && members < 100, `${members} members`);
});

async function chargingStation(seed: number): Promise<ChargeSimulation> {
  const simulation = new ChargeSimulation(seed, QUIET);
  const { clock, world, station, vehicle } = simulation;
  void station.start();
  void vehicle.start();
  await clock.runFor(3_000);
  world.plugIn("car", 1);
  await clock.runFor(120_000);
  assert.ok(world.station(1).meterDevice.now().powerW > 1000, "it charges");
  return simulation;
}

test("a gateway that is stopped in mid-charge takes the power back", async () => {
  const { clock, world, station } = await chargingStation(4);
  const stopped = station.running?.stop();
  await clock.runFor(3_000);
  await stopped;
  assert.ok(world.station(1).meterDevice.now().powerW < 100, "nothing flows");
});

test("a card that cannot be written in mid-charge ends the power with the next thing to sign, and is not hidden", async () => {
  const { clock, world, station } = await chargingStation(5);
  const failures: unknown[] = [];
  const note = (failure: unknown): void => {
    failures.push(failure);
  };
  const before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  try {
    station.cards.ledger.failAt("write", "FLASH_FULL", 1);
    for (let second = 0; second < 400 && failures.length === 0; second += 1) {
      await clock.runFor(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The write that fails may be that of a block; a report is signed within some minutes, and nothing after it.
    for (let second = 0; second < 400 && world.station(1).meterDevice.now().powerW >= 100; second += 1) {
      await clock.runFor(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    process.off("unhandledRejection", note);
    for (const listener of before) process.on("unhandledRejection", listener);
  }
  assert.ok(failures.length > 0, "whoever runs the gateway hears of it");
  assert.ok(world.station(1).meterDevice.now().powerW < 100, "nothing flows");
});

test.run();
