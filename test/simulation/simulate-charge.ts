/** Runs one charge from one seed, with the invariants looked at each second, and tells what happened. */
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { ChargeSimulation, type ChargeFaults, type Crash } from "./charge-world.ts";
import {
  checkContracts,
  checkEnergyBilledOnce,
  checkNoEquivocation,
  checkPower,
  checkRemembers,
  checkResults,
  type Violation,
} from "./invariants.ts";
import type { SimulatedGateway } from "./simulated-gateway.ts";

export interface Outcome {
  readonly violation: Violation | undefined;
  readonly results: readonly ResultBody[];
  readonly crashed: boolean;
  readonly story: readonly string[];
  readonly simulation: ChargeSimulation;
}

const STEP_MS = 1000;
const PLUG_AT_MS = 3_000;
/** After the charge has ended by itself, the driver comes back. */
const UNPLUG_AFTER_MS = 240_000;
/** After the last fault everything must have come right within so long. */
const CALM_MS = 1_800_000;

/** What a seed lets go wrong: each seed switches on its own part of the faults. */
export function drawFaults(seed: number): ChargeFaults {
  const random = new SeededRandom(`faults ${seed}`);
  const some = (probability: number, most: number): number => (random.chance(probability) ? random.next() * most : 0);
  const crash: Crash | undefined = random.chance(0.7)
    ? {
        who: random.pick(["station", "vehicle"] as const),
        // Every write of a run gets its turn: the seed itself counts through them.
        atWrite: 1 + (Math.floor(seed / 2) % 90),
        awayMs: random.integer(1_000, 180_000),
      }
    : undefined;
  return {
    bus: {
      loss: some(0.6, 0.3),
      duplication: some(0.5, 0.3),
      corruption: some(0.3, 0.05),
      delayMinMs: 1,
      delayMaxMs: random.chance(0.5) ? random.integer(5, 3_000) : 5,
      reordering: random.chance(0.5),
    },
    crash,
    stationLies: 1,
    vehicleLies: 1,
    chargeMs: random.integer(4, 12) * 60_000,
  };
}

export async function simulateCharge(seed: number, faults: ChargeFaults): Promise<Outcome> {
  const simulation = new ChargeSimulation(seed, faults);
  const { clock, world, station, vehicle, story } = simulation;
  const firstMilliWh = world.station(1).meterDevice.now().importedMilliWh;
  let crashed = false;
  const crash = faults.crash;
  if (crash !== undefined) {
    const victim = crash.who === "station" ? station : vehicle;
    void victim.cards.ledger.cutPowerAt(crash.atWrite).then(() => {
      crashed = true;
      victim.die("power");
      clock.wakeAt(clock.monotonicMs() + crash.awayMs, () => void restart(victim, story));
    });
  }
  void station.start().catch((error: unknown) => story.push(`charger-1 cannot start: ${String(error)}`));
  void vehicle.start().catch((error: unknown) => story.push(`vehicle-1 cannot start: ${String(error)}`));
  clock.wakeAt(PLUG_AT_MS, () => {
    world.plugIn("car", 1);
  });
  clock.wakeAt(PLUG_AT_MS + faults.chargeMs, () => {
    world.change(() => {
      world.vehicle("car").endCharge();
    });
  });
  clock.wakeAt(PLUG_AT_MS + faults.chargeMs + UNPLUG_AFTER_MS, () => {
    world.unplug("car");
    simulation.bus.setFaults({});
  });
  const endMs = PLUG_AT_MS + faults.chargeMs + UNPLUG_AFTER_MS + CALM_MS;
  const end = (violation: Violation | undefined): Outcome => ({
    violation,
    results: resultsOf(station),
    crashed,
    story,
    simulation,
  });
  for (let lives = ""; clock.monotonicMs() < endMs;) {
    await clock.runFor(STEP_MS);
    const violation =
      checkPower(simulation) ??
      checkResults(simulation) ??
      checkEnergyBilledOnce(simulation, firstMilliWh) ??
      checkAfterStart(simulation, lives);
    if (violation !== undefined) return end(violation);
    lives = livesOf(simulation);
    if (isCalm(simulation, endMs - CALM_MS)) return end(checkHistory(simulation));
  }
  return end(checkHistory(simulation) ?? { invariant: "L", detail: "not settled with equal heads in time" });
}

function checkHistory({ said, station }: ChargeSimulation): Violation | undefined {
  const unserved = { invariant: "L1", detail: "a car stood plugged in, and no charge came about" };
  return checkNoEquivocation(said) ?? checkContracts(said) ?? (resultsOf(station).length === 0 ? unserved : undefined);
}

/** Whoever has just come back still knows what it said. */
function checkAfterStart(simulation: ChargeSimulation, livesBefore: string): Violation | undefined {
  if (livesOf(simulation) === livesBefore) return undefined;
  for (const by of ["station", "vehicle"] as const) {
    const state = simulation[by].running?.ledger.chain.pending;
    const found = state === undefined ? undefined : checkRemembers(simulation.said, by, state);
    if (found !== undefined) return found;
  }
  return undefined;
}

function livesOf({ station, vehicle }: ChargeSimulation): string {
  return `${station.running === undefined ? "-" : "s"}${vehicle.running === undefined ? "-" : "v"}`;
}

async function restart(node: SimulatedGateway, story: string[]): Promise<void> {
  try {
    await node.start();
  } catch (error) {
    story.push(`${node.identity.name} cannot start again: ${String(error)}`);
  }
}

/** The faults are over, every contract has its result, nothing waits and both heads are equal. */
function isCalm({ station, vehicle, clock }: ChargeSimulation, faultsEndMs: number): boolean {
  const [left, right] = [station.running?.ledger.chain, vehicle.running?.ledger.chain];
  if (left === undefined || right === undefined || clock.monotonicMs() < faultsEndMs) return false;
  const isSettled = [...left.pending.transactions.entries().values()].every(({ result }) => result !== undefined);
  const isEqual = toHex(left.head.state.id) === toHex(right.head.state.id);
  return isSettled && isEqual && left.mempool.size === 0 && right.mempool.size === 0 && left.head.state.serial > 0;
}

export function resultsOf({ running }: SimulatedGateway): readonly ResultBody[] {
  const transactions = running?.ledger.chain.head.state.transactions.entries().values() ?? [];
  return [...transactions].flatMap(({ result }) => (result === undefined ? [] : [result]));
}
