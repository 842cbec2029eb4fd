/**
 * A driver's days: the car stands at home, drives to an outlet, is plugged in there, charges, stands on a while, and
 * goes home. A driver knows nothing of gateways, but points the car's at the post, as by the code on it.
 */
import { toHex } from "#base/bytes.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Car } from "./outlet.ts";
import type { RegionNode } from "./region-node.ts";
import type { PlannedVehicle } from "./region-plan.ts";
import type { RegionWorld } from "./region-world.ts";
import type { Station } from "./residents.ts";

const MINUTE_MS = 60_000;
const MILLI_WH_PER_KWH = 1_000_000;

export interface DriverParts {
  readonly world: RegionWorld;
  readonly node: RegionNode;
  readonly car: Car;
  readonly plan: PlannedVehicle;
  readonly random: SeededRandom;
}

/** A car was plugged in and its driver wanted a charge. */
export interface Attempt {
  readonly node: RegionNode;
  readonly station: Station;
  readonly atMs: number;
  untilMs: number;
}

/** Whether one of the two knows of a contract that they have signed since. */
export function hasContract({ node, station, atMs }: Attempt): boolean {
  return [node, station.node].some((each) => {
    const ledger = each.running?.ledger;
    const transactions = ledger?.chain.pending.transactions.entries().values() ?? [];
    return [...transactions].some(
      ({ open }) =>
        toHex(open.station) === station.node.identity.key &&
        toHex(open.vehicle) === node.identity.key &&
        open.startedAt * 1000 >= EPOCH_SLACK_MS + atMs,
    );
  });
}

/** Start times are in whole seconds of the world's date; clocks that are off are no fair case. */
const EPOCH_SLACK_MS = 1_780_300_800_000 - 3_000;

export class Driver {
  readonly attempts: Attempt[] = [];
  readonly #parts: DriverParts;
  #site: string | undefined;
  #station: Station | undefined;
  #lastSite: string | undefined;
  #trip = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#site = parts.plan.home;
  }

  /** Where the car is within reach of a broker; undefined on the road. */
  get site(): string | undefined {
    return this.#site;
  }

  get station(): Station | undefined {
    return this.#station;
  }

  begin(): void {
    const { random } = this.#parts;
    this.#goAfter(random.integer(MINUTE_MS, 20 * MINUTE_MS));
  }

  /** Its gateway has started, maybe again: whoever stands at a post and has no charge yet points to it once more. */
  onStart(): void {
    const attempt = this.attempts.at(-1);
    if (this.#station !== undefined && attempt !== undefined && !hasContract(attempt)) this.#pointTo(this.#station);
  }

  /** For the time after the faults: a charge now, at this site. False when every outlet is taken. */
  chargeNow(energyKwh: number): boolean {
    this.#trip += 1;
    const { plan } = this.#parts;
    const free = this.#freeAt(plan.home);
    if (free === undefined) return false;
    this.#arrive(free, energyKwh, false);
    return true;
  }

  goHome(): void {
    this.#trip += 1;
    this.#leave();
    this.#site = this.#parts.plan.home;
    this.#parts.world.mesh.drop(this.#parts.node.identity.key);
  }

  #goAfter(waitMs: number): void {
    const trip = (this.#trip += 1);
    this.#at(trip, waitMs, () => {
      this.#setOut(trip);
    });
  }

  #at(trip: number, afterMs: number, act: () => void): void {
    const { world } = this.#parts;
    world.at(world.nowMs + afterMs, () => {
      if (this.#trip === trip) act();
    });
  }

  #setOut(trip: number): void {
    const { world, plan, random } = this.#parts;
    const roams = world.plan.groups.has("roaming") && random.chance(0.5);
    const target = roams ? random.pick(world.sites) : plan.home;
    const free = this.#freeAt(target);
    if (free === undefined) {
      this.#goAfter(random.integer(5, 30) * MINUTE_MS);
      return;
    }
    const isPulledEarly = world.plan.groups.has("unplug") && random.chance(0.3);
    const energyKwh = random.between(1, 12);
    if (target === this.#site) {
      this.#arrive(free, energyKwh, isPulledEarly);
      return;
    }
    this.#drive(undefined);
    this.#at(trip, random.integer(5, 40) * MINUTE_MS, () => {
      const there = this.#freeAt(target);
      this.#drive(target);
      if (there === undefined) this.#goAfter(10 * MINUTE_MS);
      else this.#arrive(there, energyKwh, isPulledEarly);
    });
  }

  /** What was heard on the way is nothing: the car's gateway is on no broker. */
  #drive(site: string | undefined): void {
    this.#site = site;
    this.#parts.world.mesh.drop(this.#parts.node.identity.key);
  }

  #arrive(station: Station, energyKwh: number, isPulledEarly: boolean): void {
    const { world, node, car, plan, random } = this.#parts;
    const { trip } = { trip: this.#trip };
    if (this.#lastSite !== undefined && this.#lastSite !== station.site) world.counts.count("roaming");
    this.#lastSite = station.site;
    this.#station = station;
    car.wants({ powerW: plan.powerW, energyMilliWh: energyKwh * MILLI_WH_PER_KWH });
    station.outlet.plug(car);
    world.tell(`${node.name} is plugged in at ${station.node.name}`);
    this.attempts.push({ node, station, atMs: world.nowMs, untilMs: Infinity });
    this.#pointTo(station);
    if (world.isCalm) return;
    const chargeMs = (energyKwh * MILLI_WH_PER_KWH * 3600) / plan.powerW;
    const staysMs = isPulledEarly
      ? random.between(0.05, 0.9) * chargeMs
      : chargeMs * 1.15 + random.integer(4, 25) * MINUTE_MS;
    this.#at(trip, staysMs, () => {
      if (isPulledEarly && station.outlet.powerW > 0) world.counts.count("early unplug");
      this.#leave();
      const mostMs = Math.round(Math.min(8, world.plan.hours * 0.35) * 60 * MINUTE_MS);
      this.#goAfter(random.integer(10 * MINUTE_MS, Math.max(20 * MINUTE_MS, mostMs)));
    });
  }

  #pointTo(station: Station): void {
    this.#parts.node.running?.role.chargeAt(station.node.identity.did, 1);
  }

  #leave(): void {
    const { world, node, car } = this.#parts;
    if (this.#station === undefined) return;
    this.#station.outlet.unplug();
    this.#station = undefined;
    car.wants(undefined);
    const attempt = this.attempts.at(-1);
    if (attempt !== undefined) attempt.untilMs = world.nowMs;
    world.tell(`${node.name} is unplugged`);
  }

  #freeAt(site: string): Station | undefined {
    const { world, random } = this.#parts;
    const free = world.stations.filter((station) => station.site === site && station.outlet.car === undefined);
    return free.length === 0 ? undefined : random.pick(free);
  }
}
