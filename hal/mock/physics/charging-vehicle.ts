/**
 * A car of the bench: battery, charger, and the habits of a car on a cable. What a gateway may know of it is `battery`;
 * `trueEnergy` is for whoever judges the gateways.
 *
 *   asleep --plug, offer, wake--> awake --offer, a few seconds--> charging --full, no offer, unplug--> awake
 *     ^------------------------ some minutes without charging ------'
 */
import { assert } from "#base/assert.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { BatteryManagement } from "./battery-management.ts";
import { cellSpreadV, drawBatteryPack } from "./battery-pack.ts";
import type { BatteryPack } from "./battery-pack.ts";
import type { ChargingStation } from "./charging-station.ts";
import { rampCurrent } from "./current-ramp.ts";
import { EnergyAccount } from "./energy-account.ts";
import type { TrueEnergy } from "./energy-account.ts";
import { drawOnBoardCharger } from "./on-board-charger.ts";
import type { OnBoardCharger } from "./on-board-charger.ts";
import { phaseCurrentForTerminalsA, powerFlow } from "./power-flow.ts";
import type { PowerFlow, Supply, VehicleElectrics } from "./power-flow.ts";
import type { VehicleModel } from "./vehicle-models.ts";

export interface BatteryNow {
  readonly packVoltageV: number;
  /** Into the battery is positive. */
  readonly packCurrentA: number;
  readonly stateOfChargePercent: number;
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly cellVoltageMaxV: number;
  readonly cellVoltageMinV: number;
  readonly auxiliaryVoltageV: number;
  readonly motorRpm: number;
  readonly plugged: boolean;
  readonly charging: boolean;
  readonly operatingSeconds: number;
  /** An ECU that sleeps does not answer. */
  readonly awake: boolean;
}

export interface BatteryView {
  now(): BatteryNow;
}

/** A stretch of world time, as short as the world steps. */
export interface TimeStep {
  readonly fromMs: number;
  readonly toMs: number;
}

export class ChargingVehicle {
  readonly name: string;
  readonly model: VehicleModel;
  readonly management: BatteryManagement;
  readonly charger: OnBoardCharger;
  readonly pack: BatteryPack;
  readonly #account = new EnergyAccount();
  readonly #habits: Habits;
  #chargeShare: number;
  #station: ChargingStation | undefined;
  #offeredA = 0;
  #phaseCurrentA = 0;
  #readyAtMs = Infinity;
  #sleepsAtMs: number;
  #isFull = false;
  #last: PowerFlow;

  constructor(
    name: string,
    options: { readonly model: VehicleModel; readonly chargeShare: number; readonly startMs: number },
    random: SeededRandom,
  ) {
    assert(options.chargeShare >= 0 && options.chargeShare <= 1, "a battery is between empty and full");
    this.name = name;
    this.model = options.model;
    this.management = new BatteryManagement(random.fork("management"), options.model);
    this.charger = drawOnBoardCharger(random.fork("charger"), options.model);
    this.pack = drawBatteryPack(random.fork("pack"), options.model);
    this.#habits = drawHabits(random.fork("habits"));
    this.#chargeShare = options.chargeShare;
    this.#sleepsAtMs = options.startMs;
    this.#last = powerFlow(NO_SUPPLY, this.#electrics(0), 0);
  }

  get station(): ChargingStation | undefined {
    return this.#station;
  }

  /** Share of its charge that the battery really holds, 0 to 1. */
  get chargeShare(): number {
    return this.#chargeShare;
  }

  get trueEnergy(): TrueEnergy {
    return this.#account.read();
  }

  /** Whether the car would take current now: what the pilot shows as state C. */
  isTaking(nowMs: number): boolean {
    return this.#phaseCurrentA > 0 || (this.#offeredA > 0 && !this.#isFull && nowMs >= this.#readyAtMs);
  }

  isAwake(nowMs: number): boolean {
    return nowMs < this.#sleepsAtMs;
  }

  plugIn(station: ChargingStation, nowMs: number): void {
    this.#station = station;
    this.#isFull = false;
    this.wake(nowMs);
  }

  /** Current ends at once, whatever it was. */
  unplug(nowMs: number): void {
    this.#station = undefined;
    this.#offeredA = 0;
    this.#phaseCurrentA = 0;
    this.#readyAtMs = Infinity;
    this.wake(nowMs);
  }

  /** The driver ends the charge in the car, or its own limit is reached: it takes nothing more before the next plug. */
  endCharge(): void {
    this.#isFull = true;
  }

  /** A door, the key, or a tester that asks. */
  wake(nowMs: number): void {
    this.#sleepsAtMs = Math.max(this.#sleepsAtMs, nowMs + this.#habits.awakeMs);
  }

  /** Lives through the step, and returns the flow that its station has to book. */
  advance(step: TimeStep): { readonly flow: PowerFlow; readonly phases: number } {
    const supply = this.#noticeOffer(step);
    const durationS = (step.toMs - step.fromMs) / 1000;
    const awake = this.isAwake(step.fromMs);
    const electrics = this.#electrics(awake ? this.charger.onBoardW : this.#habits.parkedW);
    const flow = powerFlow(supply, electrics, this.#moveCurrent(step, supply, electrics));
    this.#account.add(flow, durationS);
    this.#chargeShare += (flow.batteryCurrentA * durationS) / 3600 / this.pack.capacityAh;
    this.#chargeShare = Math.min(1, Math.max(0, this.#chargeShare));
    this.#last = flow;
    if (awake) this.management.record(this.#trueBattery(), durationS);
    if (flow.inletW > 0) this.wake(step.toMs);
    return { flow, phases: supply.voltagesV.length };
  }

  now(nowMs: number): BatteryNow {
    const awake = this.isAwake(nowMs);
    const charging = this.#last.inletW > 0 && this.#phaseCurrentA > 0;
    const cellMeanV = this.#last.batteryVoltageV / this.pack.cellsInSeries;
    const spread = cellSpreadV(this.pack, this.#chargeShare);
    return {
      ...this.management.now(this.#trueBattery(), awake),
      cellVoltageMaxV: Math.round((cellMeanV + spread.aboveV) * 1000) / 1000,
      cellVoltageMinV: Math.round((cellMeanV - spread.belowV) * 1000) / 1000,
      auxiliaryVoltageV: this.#auxiliaryVoltageV(charging, awake),
      motorRpm: 0,
      plugged: this.#station !== undefined,
      charging,
      awake,
    };
  }

  /** A new offer wakes the car, and it takes a few seconds before it closes its relay. */
  #noticeOffer(step: TimeStep): Supply {
    const station = this.#station;
    const offeredA = station?.offeredA ?? 0;
    if (offeredA > 0 && this.#offeredA === 0) {
      this.wake(step.fromMs);
      this.#readyAtMs = step.fromMs + this.#habits.startDelayMs;
    }
    if (offeredA === 0) this.#readyAtMs = Infinity;
    this.#offeredA = offeredA;
    if (station === undefined || !station.isPowered || station.isFaulty) {
      this.#phaseCurrentA = 0;
      return NO_SUPPLY;
    }
    const phases = Math.min(station.phases, this.charger.phases);
    return station.supply(phases, (step.fromMs + step.toMs) / 2);
  }

  /** Brings the current towards its target, and returns its mean over the step. */
  #moveCurrent(step: TimeStep, supply: Supply, electrics: VehicleElectrics): number {
    const targetA = this.#targetA(supply, electrics);
    const durationS = (step.toMs - step.fromMs) / 1000;
    const waitS = targetA > 0 ? Math.max(0, (this.#readyAtMs - step.fromMs) / 1000) : 0;
    const rateAPerS = targetA > this.#phaseCurrentA ? this.#habits.rampUpAPerS : RAMP_DOWN_A_PER_S;
    const moved = rampCurrent({ fromA: this.#phaseCurrentA, targetA, rateAPerS }, durationS, waitS);
    this.#phaseCurrentA = moved.endA;
    return moved.meanA;
  }

  #targetA(supply: Supply, electrics: VehicleElectrics): number {
    if (this.#offeredA === 0 || this.#isFull) return 0;
    const offeredA = Math.min(this.#offeredA, this.charger.currentMaxA);
    const { taperShare } = this.#habits;
    if (this.#chargeShare <= taperShare) return offeredA;
    // Constant voltage, seen from outside: the battery takes less and less, in proportion to what is missing.
    const ratedW = this.charger.phases * this.charger.currentMaxA * 230;
    const acceptedW = (ratedW * (1 - this.#chargeShare)) / (1 - taperShare);
    this.#isFull = acceptedW < END_SHARE_OF_RATED * ratedW;
    return this.#isFull ? 0 : Math.min(offeredA, phaseCurrentForTerminalsA(supply, electrics, acceptedW));
  }

  #electrics(onBoardW: number): VehicleElectrics {
    return { charger: this.charger, pack: this.pack, chargeShare: this.#chargeShare, onBoardW };
  }

  #trueBattery(): { readonly voltageV: number; readonly currentA: number; readonly chargeShare: number } {
    const { batteryVoltageV, batteryCurrentA } = this.#last;
    return { voltageV: batteryVoltageV, currentA: batteryCurrentA, chargeShare: this.#chargeShare };
  }

  /** The 12 V side: fed while the car is awake, more so while it charges, and at rest when it sleeps. */
  #auxiliaryVoltageV(charging: boolean, awake: boolean): number {
    const { restingV, fedV } = this.#habits;
    if (!awake) return restingV;
    return charging ? fedV : fedV - 0.3;
  }
}

interface Habits {
  readonly startDelayMs: number;
  readonly rampUpAPerS: number;
  /** From this share of its charge on the battery limits the current. */
  readonly taperShare: number;
  readonly awakeMs: number;
  /** Alarm, radio and the 12 V battery's upkeep, as a mean. */
  readonly parkedW: number;
  readonly restingV: number;
  readonly fedV: number;
}

function drawHabits(random: SeededRandom): Habits {
  return {
    startDelayMs: random.integer(2000, 6000),
    rampUpAPerS: random.between(1.5, 6),
    taperShare: random.between(0.95, 0.985),
    awakeMs: random.integer(300_000, 900_000),
    parkedW: random.between(1, 8),
    restingV: Math.round(random.between(124, 128)) / 10,
    fedV: Math.round(random.between(138, 147)) / 10,
  };
}

const NO_SUPPLY: Supply = { voltagesV: [], feedOhm: 0, cableOhm: 0 };
const RAMP_DOWN_A_PER_S = 30;
/** A car ends the charge when the battery takes less than this share of what the charger can give. */
const END_SHARE_OF_RATED = 0.03;
