/**
 * A car of the bench: battery, charger, and the habits of a car on a cable. What a gateway may know of it is `battery`;
 * `trueEnergy` is for whoever judges the gateways.
 *
 *   asleep --plug, offer, wake--> awake --offer, a few seconds--> charging --full, no offer, unplug--> awake
 *     ^------------------------ some minutes without charging ------'
 */
import { assert } from "#base/assert.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { BatteryState } from "../obd/battery-source.ts";
import { BatteryManagement, type CarActivity } from "./battery-management.ts";
import { cellSpreadV, drawBatteryPack } from "./battery-pack.ts";
import type { BatteryPack } from "./battery-pack.ts";
import type { ChargingStation } from "./charging-station.ts";
import { rampCurrent } from "./current-ramp.ts";
import { cableForPowerA, directFlow, directPowerShare } from "./direct-current.ts";
import { drawDrive, motorRpm, tractionW, type Drive } from "./driving.ts";
import { EnergyAccount } from "./energy-account.ts";
import type { TrueEnergy } from "./energy-account.ts";
import { FollowedOffer } from "./followed-offer.ts";
import { InletMeter } from "./inlet-meter.ts";
import { drawOnBoardCharger } from "./on-board-charger.ts";
import type { OnBoardCharger } from "./on-board-charger.ts";
import { alternatingFlow, phaseCurrentForTerminalsA } from "./power-flow.ts";
import type { PowerFlow, Supply, VehicleElectrics } from "./power-flow.ts";
import { auxiliaryVoltageV, drawHabits, type VehicleHabits } from "./vehicle-habits.ts";
import type { VehicleModel } from "./vehicle-models.ts";

export interface BatteryNow extends BatteryState {
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
  /** Cabin and battery heating, cooling, a running radio: fed by the charger while there is one. Acts while awake. */
  comfortW = 0;
  readonly #account = new EnergyAccount();
  readonly #habits: VehicleHabits;
  readonly #inletMeter: InletMeter;
  readonly #random: SeededRandom;
  #chargeShare: number;
  #station: ChargingStation | undefined;
  #drive: Drive | undefined;
  #offeredA = 0;
  readonly #followed: FollowedOffer;
  /** Of each phase, or of the direct current cable. */
  #cableA = 0;
  #readyAtMs = Infinity;
  #sleepsAtMs: number;
  #isFull = false;
  #sessionWh = 0;
  #last: PowerFlow;
  #lastSupply: Supply = NO_SUPPLY;

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
    this.#followed = new FollowedOffer(this.#habits.reactionMs);
    this.#inletMeter = new InletMeter(random.fork("inlet"));
    this.#random = random.fork("drives");
    this.#chargeShare = options.chargeShare;
    this.#sleepsAtMs = options.startMs;
    this.#last = alternatingFlow(NO_SUPPLY, this.#electrics(0, 0), 0);
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
    return this.#cableA > 0 || (this.#offeredA > 0 && !this.#isFull && nowMs >= this.#readyAtMs);
  }

  isAwake(nowMs: number): boolean {
    return nowMs < this.#sleepsAtMs;
  }

  isDriving(nowMs: number): boolean {
    return this.#drive !== undefined && nowMs < this.#drive.untilMs;
  }

  /** Up hill and down for so long; a car on a cable stays where it is. */
  drive(durationMs: number, nowMs: number): void {
    assert(this.#station === undefined, "a car that is plugged in does not drive");
    this.#drive = drawDrive(this.#random, nowMs + durationMs);
    this.wake(nowMs + durationMs);
  }

  plugIn(station: ChargingStation, nowMs: number): void {
    assert(!this.isDriving(nowMs), "a car that drives is not plugged in");
    this.#station = station;
    this.#isFull = false;
    this.#sessionWh = 0;
    this.wake(nowMs);
  }

  /** Current ends at once, whatever it was. */
  unplug(nowMs: number): void {
    this.#station = undefined;
    this.#offeredA = 0;
    this.#followed.notice(0, nowMs);
    this.#cableA = 0;
    this.#readyAtMs = Infinity;
    this.wake(nowMs);
  }

  /** The driver ends the charge in the car, or its own limit is reached: it takes nothing more before the next plug. */
  endCharge(): void {
    this.#isFull = true;
  }

  /** The battery has cooled down, or the cabin is to be warm in the morning: it takes again what it is offered. */
  resumeCharge(): void {
    this.#isFull = false;
  }

  /** A door, the key, or a tester that asks. */
  wake(nowMs: number): void {
    this.#sleepsAtMs = Math.max(this.#sleepsAtMs, nowMs + this.#habits.awakeMs);
  }

  /** Lives through the step, and returns the flow that its station has to book. */
  advance(step: TimeStep): { readonly flow: PowerFlow; readonly phases: number } {
    const supply = this.#noticeOffer(step);
    const durationS = (step.toMs - step.fromMs) / 1000;
    const middleMs = (step.fromMs + step.toMs) / 2;
    const awake = this.isAwake(step.fromMs);
    const onBoardW = awake ? this.charger.onBoardW + this.comfortW : this.#habits.parkedW;
    const drive = this.isDriving(step.fromMs) ? this.#drive : undefined;
    const electrics = this.#electrics(onBoardW, drive === undefined ? 0 : tractionW(drive, middleMs));
    const cableA = this.#moveCurrent(step, supply, electrics);
    const flow = this.#isDirect ? directFlow(electrics, cableA) : alternatingFlow(supply, electrics, cableA);
    this.#book(flow, durationS);
    this.#lastSupply = supply;
    if (awake) this.management.record(this.#trueBattery(), durationS, this.#activity(drive !== undefined));
    if (flow.inletW > 0) this.wake(step.toMs);
    return { flow, phases: this.#isDirect ? 1 : supply.voltagesV.length };
  }

  now(nowMs: number): BatteryNow {
    const awake = this.isAwake(nowMs);
    const charging = this.#last.inletW > 0 && this.#cableA > 0;
    const cellMeanV = this.#last.batteryVoltageV / this.pack.cellsInSeries;
    const spread = cellSpreadV(this.pack, this.#chargeShare);
    const plugged = this.#station !== undefined;
    return {
      ...this.management.now(this.#trueBattery(), awake),
      cellVoltageMaxV: Math.round((cellMeanV + spread.aboveV) * 1000) / 1000,
      cellVoltageMinV: Math.round((cellMeanV - spread.belowV) * 1000) / 1000,
      auxiliaryVoltageV: auxiliaryVoltageV(this.#habits, charging, awake),
      motorRpm: this.#drive !== undefined && this.isDriving(nowMs) ? motorRpm(this.#drive, nowMs) : 0,
      plugged,
      charging,
      awake,
      inlet: this.#inletMeter.now({
        kind: this.#isDirect ? "dc" : "ac",
        plugged,
        pause: this.#station?.isFaulty === true ? "failed" : this.#isFull ? "ended" : "waiting",
        supplyV: this.#lastSupply.voltagesV,
        pathOhm: this.#lastSupply.feedOhm + this.#lastSupply.cableOhm,
        frequencyHz: this.#station?.frequencyHz(nowMs) ?? 0,
        flow: this.#last,
        sessionWh: this.#sessionWh,
      }),
    };
  }

  get #isDirect(): boolean {
    return this.#station !== undefined && this.#station.directPowerMaxW !== null;
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
    this.#followed.notice(offeredA, step.fromMs);
    this.#offeredA = offeredA;
    if (station === undefined || !station.isPowered || station.isFaulty) {
      this.#cableA = 0;
      return NO_SUPPLY;
    }
    if (station.directPowerMaxW !== null) return NO_SUPPLY;
    const phases = Math.min(station.phases, this.charger.phases);
    return station.supply(phases, (step.fromMs + step.toMs) / 2);
  }

  /** Brings the current towards its target, and returns its mean over the step. */
  #moveCurrent(step: TimeStep, supply: Supply, electrics: VehicleElectrics): number {
    const targetA = this.#targetA(supply, electrics);
    const durationS = (step.toMs - step.fromMs) / 1000;
    const waitS = targetA > 0 ? Math.max(0, (this.#readyAtMs - step.fromMs) / 1000) : 0;
    const faster = this.#isDirect ? DIRECT_RAMP_FACTOR : 1;
    const rateAPerS = faster * (targetA > this.#cableA ? this.#habits.rampUpAPerS : RAMP_DOWN_A_PER_S);
    const moved = rampCurrent({ fromA: this.#cableA, targetA, rateAPerS }, durationS, waitS);
    if (this.#cableA === 0 && moved.endA > 0) this.management.countSession(this.#isDirect ? "dc" : "ac");
    this.#cableA = moved.endA;
    return moved.meanA;
  }

  #targetA(supply: Supply, electrics: VehicleElectrics): number {
    if (this.#offeredA === 0 || this.#isFull) return 0;
    if (this.#isDirect) return this.#directTargetA(electrics);
    const offeredA = Math.min(this.#followed.currentA, this.charger.currentMaxA);
    const { taperShare } = this.#habits;
    if (this.#chargeShare <= taperShare) return offeredA;
    // Constant voltage, seen from outside: the battery takes less and less, in proportion to what is missing.
    const ratedW = this.charger.phases * this.charger.currentMaxA * 230;
    const acceptedW = (ratedW * (1 - this.#chargeShare)) / (1 - taperShare);
    this.#isFull = acceptedW < END_SHARE_OF_RATED * ratedW;
    return this.#isFull ? 0 : Math.min(offeredA, phaseCurrentForTerminalsA(supply, electrics, acceptedW));
  }

  #directTargetA(electrics: VehicleElectrics): number {
    const carMaxW = this.model.directPowerMaxW ?? 0;
    const acceptedW = carMaxW * directPowerShare(this.#chargeShare);
    this.#isFull = this.#chargeShare > DIRECT_END_SHARE || acceptedW === 0;
    if (this.#isFull) return 0;
    const powerW = Math.min(acceptedW + electrics.onBoardW, this.#station?.directPowerMaxW ?? 0);
    return Math.min(this.#offeredA, cableForPowerA(electrics, powerW));
  }

  #book(flow: PowerFlow, durationS: number): void {
    this.#account.add(flow, durationS);
    const share = this.#chargeShare + (flow.batteryCurrentA * durationS) / 3600 / this.pack.capacityAh;
    this.#chargeShare = Math.min(1, Math.max(0, share));
    if (flow.inletW > 0) this.#sessionWh += (flow.chargerOutputW * durationS) / 3600;
    this.#last = flow;
  }

  #activity(driving: boolean): CarActivity {
    if (driving) return "driving";
    if (this.#last.inletW === 0) return "standing";
    return this.#isDirect ? "charging-dc" : "charging-ac";
  }

  #electrics(onBoardW: number, motorW: number): VehicleElectrics {
    const { charger, pack } = this;
    return { charger, pack, chargeShare: this.#chargeShare, onBoardW, tractionW: motorW };
  }

  #trueBattery(): { readonly voltageV: number; readonly currentA: number; readonly chargeShare: number } {
    const { batteryVoltageV, batteryCurrentA } = this.#last;
    return { voltageV: batteryVoltageV, currentA: batteryCurrentA, chargeShare: this.#chargeShare };
  }
}

const NO_SUPPLY: Supply = { voltagesV: [], feedOhm: 0, cableOhm: 0 };
const RAMP_DOWN_A_PER_S = 30;
/** Direct current is some ten times as large as a phase's, and rises as many times as fast. */
const DIRECT_RAMP_FACTOR = 10;
/** A car ends the charge when the battery takes less than this share of what the charger can give. */
const END_SHARE_OF_RATED = 0.03;
const DIRECT_END_SHARE = 0.985;
