/**
 * A car whose readings have shown the pattern twice, at an honest station, and then the same station with a thief's car
 * at its cable, while the victim hangs on a fake post that passes its handshake on.
 */
import type { ResultBody } from "#core/ledger/block.ts";
import { ChargeSimulation } from "../charge-world.ts";

export interface RelayedCharge {
  /** A fake post that delivers nothing, or as much as the real one, by a pattern of its own or none. */
  readonly post: "dead" | "powered";
  readonly seed: number;
  readonly bind?: "watermark";
}

export interface RelayedEnd {
  /** From the first power at the real station to its end; undefined while it still flows. */
  readonly flowedMs: number | undefined;
  readonly flowedMilliWh: number;
  readonly exposureMilliWh: number;
  readonly firstVerdict: string;
  readonly story: readonly string[];
  readonly result: ResultBody | undefined;
}

const MINUTE_MS = 60_000;
const LOOK_MS = 250;
const WATCHED_MS = 8 * MINUTE_MS;
const FLOWS_W = 500;
/** A car contradicts when it has found the pattern in two charges in a row. */
const CHARGES_BEFORE = 2;

export async function playRelay({ post, seed, bind }: RelayedCharge): Promise<RelayedEnd> {
  const honest = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 0 };
  const simulation = new ChargeSimulation(seed, { ...honest, ...(bind === undefined ? {} : { bind }) });
  const { clock, world, station, vehicle, story } = simulation;
  await Promise.all([station.start(), vehicle.start()]);
  for (let charge = 0; charge < CHARGES_BEFORE; charge += 1) {
    world.plugIn("car", 1);
    await clock.runFor(2 * MINUTE_MS);
    world.unplug("car");
    await clock.runFor(3 * MINUTE_MS);
  }
  const firstVerdict = story.findLast((line) => line.includes("bindingChecked")) ?? "";
  const before = world.station(1).trueEnergy.meterWh;
  const told = story.length;
  world.addVehicle("thief", { stateOfChargePercent: 30 });
  world.addStation(2, { currentMaxA: 16 });
  world.plugIn("thief", 1);
  if (post === "powered") {
    world.plugIn("car", 2);
    world.evseView(2).setPermittedCurrent(16);
  }
  const meter = world.meterView(1);
  let [fromMs, flowedMs]: (number | undefined)[] = [undefined, undefined];
  for (let lookedMs = 0; lookedMs < WATCHED_MS; lookedMs += LOOK_MS) {
    await clock.runFor(LOOK_MS);
    if (meter.now().powerW > FLOWS_W) fromMs ??= clock.monotonicMs();
    else if (fromMs !== undefined) flowedMs ??= clock.monotonicMs() - fromMs;
  }
  const flowedMilliWh = 1000 * (world.station(1).trueEnergy.meterWh - before);
  const charges = [...(station.running?.ledger.chain.pending.transactions.entries().values() ?? [])];
  const newest = charges.sort((left, right) => right.open.startedAt - left.open.startedAt)[0];
  const exposureMilliWh = newest?.open.terms.exposureMilliWh ?? 0;
  return { flowedMs, flowedMilliWh, exposureMilliWh, firstVerdict, story: story.slice(told), result: newest?.result };
}
