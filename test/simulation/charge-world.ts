/**
 * The simulated world of one charge: a station and a vehicle gateway, the physics between them, the mesh, and what a
 * seed lets go wrong. Everything that the gateways say on the mesh is kept, for the invariants to look at.
 */
import { SEGMENT_BYTES } from "#adapters/flash-store/index.ts";
import { fail, ok } from "#base/result.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { decodeHeader } from "#core/ledger/block.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { blockAnnouncement } from "#core/mesh/sync-messages.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { assembleArbiter } from "#firmware/assemble-arbiter.ts";
import { assembleCharger } from "#firmware/assemble-charger.ts";
import { assembleVehicle } from "#firmware/assemble-vehicle.ts";
import type { TariffSource } from "#firmware/tariff-source.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedChargePoint } from "#hal/mock/simulated-charge-point.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SimulatedEnergyMeter } from "#hal/mock/simulated-energy-meter.ts";
import { SimulatedVehicle, type TellsPlug } from "#hal/mock/simulated-vehicle.ts";
import type { Tariff, TariffRule } from "#core/tariff/tariff-terms.ts";
import { simpleTariff } from "#tariffs/simple-tariff.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Flash } from "#hal/ports/flash.ts";
import { SimulatedBus, type BusFaults } from "./simulated-bus.ts";
import { crypto, makeIdentity, SimulatedGateway, type SimulatedGatewayParts } from "./simulated-gateway.ts";
import { tracedFlash, type FlashStep } from "#test/builders/traced-flash.ts";
import { perKwh } from "#test/builders/tariffs.ts";

export interface Crash {
  readonly who: "station" | "vehicle";
  /** Cuts the power during this write or sync of the ledger's card, counted from the start. */
  readonly atWrite: number;
  readonly awayMs: number;
}

export interface Standing {
  readonly stayMs: number;
  readonly tellsPlug: TellsPlug;
  /** Its control units fall asleep some minutes after the charge, and nobody can ask it. */
  readonly sleeps: boolean;
  /** So long after its charge the car takes energy again for some minutes. */
  readonly drawsAfterMs: number | undefined;
}

export interface ChargeFaults {
  readonly bus: Partial<BusFaults>;
  /** Both are on a second broker, too, which does this. */
  readonly otherBus?: Partial<BusFaults>;
  readonly crash: Crash | undefined;
  readonly stationLies: number;
  readonly vehicleLies: number;
  readonly chargeMs: number;
  /** Both sides bind the charge to the cable by the pattern on the current. */
  readonly bind?: "watermark" | undefined;
  /** The tariff has a price for standing on, and the car stands so long after its charge. */
  readonly standing?: Standing;
  /** The terms name an arbiter, whose gateway is `arbiter`. */
  readonly hasArbiter?: true;
  /** Contract code: what the station offers, and what the vehicle signs. */
  readonly codes?: { readonly offered: Uint8Array; readonly accepted: readonly Uint8Array[] };
  /** Before, the station's tariff is not valid; ms of the world. */
  readonly tariffFromMs?: number;
  /** How far the vehicle's date is ahead of the true one. */
  readonly vehicleClockMs?: number;
  readonly stationClockMs?: number;
  /** Those whose clock nothing has synchronised. */
  readonly unsynced?: readonly ("station" | "vehicle")[];
  /** Its date is set by so much while the charge runs; the gateway then knows that nothing vouches for it. */
  readonly dateJump?: { readonly who: "station" | "vehicle"; readonly atMs: number; readonly byMs: number };
  /** The price depends on the hour. */
  readonly hasHours?: true;
  /** What each gateway writes is written down here; the ledger then has segments of the usual size. */
  readonly flashSteps?: Readonly<Record<Said["by"], FlashStep[]>>;
}

/** A fact or a block as somebody published it. */
export interface Said {
  readonly by: "station" | "vehicle" | "arbiter";
  readonly fact: Fact | undefined;
  readonly slot: number | undefined;
  readonly key: string;
}

const STATION = makeIdentity("charger-1", "station");
const VEHICLE = makeIdentity("vehicle-1", "vehicle");
const ARBITER = makeIdentity("arbiter-1", "arbiter");
export const POWER_MAX_W = 12_000;
const CURRENT_MAX_A = 16;
const WALL_EPOCH_MS = Date.UTC(2026, 5, 1, 8);

export class ChargeSimulation {
  readonly story: string[] = [];
  readonly said: Said[] = [];
  readonly clock = new SimulatedClock({ wallEpochMs: WALL_EPOCH_MS });
  readonly world: ChargingWorld;
  readonly bus: SimulatedBus;
  readonly otherBus: SimulatedBus | undefined;
  readonly genesis: Genesis;
  readonly station: SimulatedGateway;
  readonly vehicle: SimulatedGateway;
  /** Runs only when it is started. */
  readonly arbiter: SimulatedGateway;
  readonly faults: ChargeFaults;
  /** What each gateway knows of its own clock. */
  readonly clockStates: Readonly<Record<"station" | "vehicle", SettableClockState>>;

  constructor(seed: number, faults: ChargeFaults) {
    const random = new SeededRandom(seed);
    this.faults = faults;
    this.world = new ChargingWorld({ seed, startMs: WALL_EPOCH_MS, nowMs: () => this.clock.wallMs() });
    this.world.addStation(1, { currentMaxA: CURRENT_MAX_A, stepMilliWh: 1_000 });
    this.world.addVehicle("car", { stateOfChargePercent: 30 });
    this.world.station(1).meterDevice.lieFactor = faults.stationLies;
    this.world.vehicle("car").management.lieFactor = faults.vehicleLies;
    this.genesis = makeGenesis(crypto, {
      version: 1,
      name: "simulated",
      startedAt: WALL_EPOCH_MS / 1000 - 60,
      rules: { ...HARDENED_RULES, historyMin: 1, counterpartiesMin: 1 },
      authorities: [[STATION.inception, STATION.name]],
    });
    const chance = random.fork("bus");
    this.bus = new SimulatedBus({ clock: this.clock, chance }, faults.bus);
    this.otherBus =
      faults.otherBus &&
      new SimulatedBus({ clock: this.clock, chance: new SeededRandom(`other ${seed}`) }, faults.otherBus);
    const { genesis, clock, bus, otherBus } = this;
    const shared = { genesis, clock, bus, otherBus, random };
    const tell = (line: string): void => {
      this.story.push(`${new Date(this.clock.wallMs()).toISOString().slice(11, 19)} ${line}`);
    };
    const target = this.world.evseView(1);
    const watched = (who: Said["by"]): Pick<SimulatedGatewayParts, "watchFlash" | "segmentBytes"> => {
      const steps = faults.flashSteps?.[who];
      if (steps === undefined) return {};
      const watchFlash = (folder: string, flash: Flash): Flash => tracedFlash(flash, folder, this.clock, steps);
      return { watchFlash, segmentBytes: SEGMENT_BYTES };
    };
    const bound = faults.bind === undefined ? {} : { bind: faults.bind };
    const named = faults.hasArbiter === true ? { arbiter: ARBITER.did } : {};
    const offered = faults.codes === undefined ? {} : { code: faults.codes.offered };
    const signed = faults.codes === undefined ? {} : { codes: faults.codes.accepted };
    const accepted = faults.hasArbiter === true ? { arbiters: [ARBITER.did] } : {};
    const nodeClock = (who: "station" | "vehicle", offsetMs: number | undefined): Clock => {
      const jump = faults.dateJump?.who === who ? faults.dateJump : undefined;
      if (offsetMs === undefined && jump === undefined) return this.clock;
      const clock = this.clock.nodeClock({ offsetMs: offsetMs ?? 0 });
      if (jump === undefined) return clock;
      this.clock.wakeAt(jump.atMs, () => {
        clock.stepWall(jump.byMs);
        this.clockStates[who].lose();
      });
      return clock;
    };
    const stateOf = (who: "station" | "vehicle", clock: Clock): SettableClockState => {
      const state = new SettableClockState(clock);
      if (faults.unsynced?.includes(who) === true) state.lose();
      return state;
    };
    const stationClock = nodeClock("station", faults.stationClockMs);
    const vehicleClock = nodeClock("vehicle", faults.vehicleClockMs);
    this.clockStates = {
      station: stateOf("station", stationClock),
      vehicle: stateOf("vehicle", vehicleClock),
    };
    this.station = new SimulatedGateway({
      ...watched("station"),
      ...{ ...shared, identity: STATION, tell, clock: stationClock, clockState: this.clockStates.station },
      overhear: (topic, payload) => {
        this.#overhear("station", topic, payload);
      },
      makeRole: (parts, clock) => {
        const source = this.world.meterView(1);
        const meter = new SimulatedEnergyMeter({ source, clock }, { serialNumber: "M1", resolutionMilliWh: 1_000 });
        // The controller is a device of its own: its lease ends although the gateway has died.
        const chargePoint = new SimulatedChargePoint({ target, clock: this.clock });
        return assembleCharger(
          { meter, chargePoint },
          { ...CHARGER, ...named, ...offered, ...bound, tariff: this.#tariffSource() },
          parts,
        );
      },
    });
    this.vehicle = new SimulatedGateway({
      ...watched("vehicle"),
      ...{ ...shared, identity: VEHICLE, tell, clock: vehicleClock, clockState: this.clockStates.vehicle },
      overhear: (topic, payload) => {
        this.#overhear("vehicle", topic, payload);
      },
      makeRole: (parts, clock) => {
        const vehicle = new SimulatedVehicle({ source: this.world.batteryView("car"), clock }, faults.standing);
        return assembleVehicle(vehicle, { ...CAR, ...accepted, ...signed, ...bound }, parts);
      },
    });
    this.arbiter = new SimulatedGateway({
      ...watched("arbiter"),
      ...{ ...shared, identity: ARBITER, random: new SeededRandom(`arbiter ${seed}`), tell },
      clockState: new SettableClockState(this.clock),
      overhear: (topic, payload) => {
        this.#overhear("arbiter", topic, payload);
      },
      makeRole: () => Promise.resolve(assembleArbiter()),
    });
  }

  #tariffSource(): TariffSource {
    const { standing, tariffFromMs = 0, hasHours } = this.faults;
    const plain = standing === undefined ? ENERGY_ONLY : WITH_STANDING;
    const tariff = hasHours === true ? WITH_HOURS : plain;
    return () =>
      this.clock.monotonicMs() < tariffFromMs
        ? fail({ code: "TARIFF_NOT_VALID", detail: "is not valid yet" })
        : ok({ ...EURO, tariff });
  }

  #overhear(by: Said["by"], topic: string, payload: Uint8Array): void {
    const wrapped = decodeWrapper(payload);
    if (!wrapped.ok) return;
    const context = { crypto, network: this.genesis.network };
    if (topic.includes("/tx/")) {
      const fact = decodeFact(context, wrapped.value.object);
      if (fact.ok) this.said.push({ by, fact: fact.value, slot: undefined, key: fact.value.key });
    } else if (topic.endsWith("/blk")) {
      const announcement = decodeShape(blockAnnouncement, wrapped.value.object);
      const header = announcement.ok ? decodeHeader(context, announcement.value.header) : undefined;
      if (header?.ok !== true) return;
      this.said.push({ by, fact: undefined, slot: header.value.header.slot, key: header.value.key });
    }
  }
}

const EURO = { currency: "EUR", currencyDigits: 2 } as const;
const ENERGY_ONLY = perKwh(350_000);
/** Cheaper in the first half of the day of the simulation. */
const DAY_START = WALL_EPOCH_MS / 1000 - 8 * 3600;
const WITH_HOURS: Tariff = {
  ...ENERGY_ONLY,
  rules: [
    [0, 12],
    [12, 48],
  ].flatMap(([from = 0, to = 0]) =>
    ENERGY_ONLY.rules.map((rule): TariffRule => ({
      ...rule,
      microPrice: from === 0 ? 250_000 : 450_000,
      windows: [[DAY_START + from * 3600, DAY_START + to * 3600]],
    })),
  ),
  resolved: [DAY_START, DAY_START + 48 * 3600],
};
const WITH_STANDING = simpleTariff({ bands: [[0, 86_400, 350_000]], parkingMicroPerHour: 6_000_000 });

const CHARGER = {
  evse: 1,
  currentMaxA: CURRENT_MAX_A,
  graceSeconds: 900,
  facts: {
    powerMaxW: POWER_MAX_W,
    energyMaxMilliWh: 100_000_000,
    durationMaxSeconds: 86_400,
    stationMpePpm: 20_000,
    stationMeasuringPoint: "mains",
  },
} as const;

const CAR = {
  powerMaxW: 11_000,
  batteryPowerMaxW: 170_000,
  energyMaxMilliWh: 100_000_000,
  choice: "any",
} as const;
