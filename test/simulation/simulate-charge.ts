/** Runs one charge from one seed, with the invariants looked at each second, and tells what happened. */
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { ChargeSimulation, type ChargeFaults, type Crash } from "./charge-world.ts";
import {
  checkContracts,
  checkEnergyBilledOnce,
  checkStanding,
  checkNoEquivocation,
  checkNoEvidence,
  checkPower,
  checkRemembers,
  checkResults,
  type TrueParking,
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
/** Of a car that takes energy again. */
const DRAWS_MS = 180_000;
/** Above what a parked car takes. */
const FLOWS_W = 50;
/** What flows for less than a reading interval need not stand in any reading. */
const READ_WITHIN_MS = 70_000;
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
  const faults = {
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
  return { ...faults, ...drawStanding(seed, faults) };
}

/** By chance of its own, so that the other seeds keep their histories. */
function drawStanding(seed: number, { crash }: Pick<ChargeFaults, "crash">): Partial<ChargeFaults> {
  const random = new SeededRandom(`standing ${seed}`);
  if (!random.chance(0.1)) return {};
  const stayMs = random.integer(1, 25) * 60_000;
  const tellsPlug = random.pick([true, false, "while charging"] as const);
  const drawsAfterMs = random.chance(0.4) ? random.integer(0, stayMs) : undefined;
  const standing = { stayMs, tellsPlug, sleeps: random.chance(0.5), drawsAfterMs };
  // It writes for longer, and is to die at any of those, too.
  return { standing, crash: crash === undefined ? undefined : { ...crash, atWrite: random.integer(1, 140) } };
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
  const { drawsAfterMs } = faults.standing ?? {};
  if (drawsAfterMs !== undefined) {
    const againMs = PLUG_AT_MS + faults.chargeMs + drawsAfterMs;
    clock.wakeAt(againMs, () => {
      world.change(() => {
        world.vehicle("car").resumeCharge();
      });
    });
    clock.wakeAt(againMs + DRAWS_MS, () => {
      world.change(() => {
        world.vehicle("car").endCharge();
      });
    });
  }
  const unplugAtMs = PLUG_AT_MS + faults.chargeMs + (faults.standing?.stayMs ?? UNPLUG_AFTER_MS);
  clock.wakeAt(unplugAtMs, () => {
    world.unplug("car");
    simulation.bus.setFaults({});
  });
  const endMs = unplugAtMs + CALM_MS;
  const parked = { lastFlowMs: 0, unplugAtMs };
  let flowFromMs: number | undefined;
  const end = (violation: Violation | undefined): Outcome => ({
    violation,
    results: resultsOf(station),
    crashed,
    story,
    simulation,
  });
  for (let lives = ""; clock.monotonicMs() < endMs;) {
    await clock.runFor(STEP_MS);
    const flows = world.station(1).meterDevice.now().powerW > FLOWS_W;
    flowFromMs = flows ? (flowFromMs ?? clock.monotonicMs()) : undefined;
    if (clock.monotonicMs() - (flowFromMs ?? Infinity) >= READ_WITHIN_MS) parked.lastFlowMs = clock.monotonicMs();
    const violation =
      checkPower(simulation) ??
      checkResults(simulation) ??
      checkEnergyBilledOnce(simulation, firstMilliWh) ??
      checkAfterStart(simulation, lives);
    if (violation !== undefined) return end(violation);
    lives = livesOf(simulation);
    if (isCalm(simulation, endMs - CALM_MS)) return end(checkHistory(simulation, parked));
  }
  return end(checkHistory(simulation, parked) ?? { invariant: "L", detail: "not settled with equal heads in time" });
}

function checkHistory(simulation: ChargeSimulation, parked: TrueParking): Violation | undefined {
  const { said, station } = simulation;
  const unserved = { invariant: "L1", detail: "a car stood plugged in, and no charge came about" };
  const state = station.running?.ledger.chain.pending;
  const shown = state === undefined ? undefined : checkNoEvidence(state);
  const found = shown ?? checkNoEquivocation(said) ?? checkContracts(said) ?? checkStanding(simulation, parked);
  return found ?? (resultsOf(station).length === 0 ? unserved : undefined);
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
