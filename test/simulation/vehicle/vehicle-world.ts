/**
 * One charge of one car by one adapter, from a seed: physics, car, adapter, line and the production driver and watch, on
 * a simulated clock, with what the seed lets go wrong.
 */
import type { BatteryStatement } from "#core/metering/battery-statement.ts";
import type { BatteryLimits } from "#core/metering/battery-state.ts";
import { type CarModel, carModels } from "#hal/mock/obd/car-model.ts";
import type { BatterySource } from "#hal/mock/obd/battery-source.ts";
import { type ObdBench, type ObdFaults, plugObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import type { PersonaName } from "#hal/mock/obd/personas.ts";
import type { RecordedDamage } from "#hal/mock/obd/recorded-damage.ts";
import { CHARGE_SCENARIOS, type ChargeScenario } from "#hal/mock/physics/charge-scenario.ts";
import type { ChargingVehicle } from "#hal/mock/physics/charging-vehicle.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { ObdVehicle, sessionsOf } from "#hal/vehicles/obd-vehicle.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { profileMeasure } from "#hal/vehicles/profile-measure.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { MemoryRegister } from "#test/builders/hostile-ledger.ts";
import { BenchLine } from "./bench-line.ts";
import { PayloadJudge } from "./payload-judge.ts";

export interface ChargeRun {
  readonly model: CarModel;
  readonly persona: PersonaName;
  readonly seed: number;
  /** How much of the usual trouble there is; 0 is none. */
  readonly trouble?: number;
  readonly recordedDamage?: RecordedDamage | undefined;
}

export interface ChargeOutcome {
  readonly scenario: string;
  readonly statement: BatteryStatement;
  /** What really was, by the point at which it is measured. */
  readonly trueMilliWh: Readonly<Record<"battery" | "vehicle-inlet" | "charger-output", number>>;
  readonly samples: number;
  /** Faults of samples by their code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly payloads: number;
  readonly wrongPayloads: readonly string[];
  /** How often each trouble really happened. */
  readonly fired: Readonly<Record<string, number>>;
  /** What the car's counter was multiplied by; 1 is honest. */
  readonly counterLie: number;
  readonly simulatedS: number;
}

const SAMPLE_EVERY_MS = 1_000;
const STATION = 1;
const CAR = "car";
/** Before the contract, so that the driver has found the adapter. */
const SETTLE_S = 20;

export async function playVehicleCharge(run: ChargeRun): Promise<ChargeOutcome> {
  const world = new VehicleWorld(run);
  return await world.clock.runUntilSettled(world.play());
}

class VehicleWorld {
  readonly clock = new SimulatedClock({ stepsMax: 100_000_000 });
  readonly #run: ChargeRun;
  readonly #random: SeededRandom;
  readonly #scenario: ChargeScenario;
  readonly #world: ChargingWorld;
  readonly #car: ChargingVehicle;
  readonly #line = new BenchLine();
  readonly #bench: ObdBench;
  readonly #judge: PayloadJudge;
  readonly #profile: VehicleProfile;
  readonly #journal = new MemoryRegister();
  readonly #fired: Record<string, number> = {};
  readonly #refusals: Record<string, number> = {};
  readonly #counterLie: number;
  #watch: BatteryWatch;
  #vehicle: ObdVehicle;
  #samples = 0;
  readonly #true = { battery: 0, "vehicle-inlet": 0, "charger-output": 0 };

  constructor(run: ChargeRun) {
    const { model, persona, seed, trouble = 1 } = run;
    this.#run = run;
    this.#random = new SeededRandom(`${seed} ${model}`);
    const profile = vehicleProfile(model);
    if (profile === undefined) throw new Error(`${model} has no profile`);
    this.#profile = profile;
    const { directPowerMaxW } = carModels[model].vehicle;
    const scenarios = CHARGE_SCENARIOS.filter(
      ({ station }) => directPowerMaxW !== null || station.directPowerMaxW === undefined,
    );
    this.#scenario = scenarios[seed % scenarios.length] ?? scenarios[0]!;
    const { clock } = this;
    this.#world = new ChargingWorld({ seed: `${seed}`, startMs: clock.wallMs(), nowMs: () => clock.wallMs() });
    this.#world.addStation(STATION, this.#scenario.station);
    this.#car = this.#world.addVehicle(CAR, { model });
    const hasCounter = profile.counter !== null;
    const lies = this.#random.fork("lie");
    this.#counterLie = hasCounter && trouble > 0 && lies.chance(0.1) ? lies.between(1.1, 1.3) : 1;
    this.#bench = plugObdAdapter(
      {
        clock,
        battery: this.#batterySource(),
        write: (bytes) => {
          this.#line.deliver(bytes);
        },
      },
      {
        ...{ model, persona, seed: `${seed}`, faults: faultsOf(trouble) },
        ...(run.recordedDamage === undefined ? {} : { recordedDamage: run.recordedDamage }),
      },
    );
    this.#line.receive = (bytes) => {
      this.#bench.adapter.receive(bytes);
    };
    this.#judge = new PayloadJudge(
      new ObdAdapter({ link: this.#line, clock }, sessionsOf(profile)),
      this.#bench.car,
      model,
    );
    this.#vehicle = new ObdVehicle({ clock, line: this.#judge }, { profile });
    this.#watch = this.#startWatch();
  }

  async play(): Promise<ChargeOutcome> {
    const { drivenS, durationS } = this.#scenario;
    if (drivenS > 0) this.#world.drive(CAR, drivenS * 1000);
    await this.#pass(drivenS === 0 ? SETTLE_S : drivenS, () => undefined);
    this.#world.plugIn(CAR, STATION);
    await this.#watch.openCharge({ address: new Uint8Array(32).fill(1), powerMaxW: this.#powerMaxW, signedMilliWh: 0 });
    const evse = this.#world.evseView(STATION);
    const length = this.#random.fork("length").integer(Math.round(durationS / 3), durationS);
    this.#scheduleTroubles(length);
    await this.#pass(length, (second) => {
      evse.setPermittedCurrent(this.#scenario.permittedA(second));
      this.#car.comfortW = this.#scenario.comfortW(second);
    });
    evse.setPermittedCurrent(0);
    await this.#pass(90, () => undefined);
    const { statement } = this.#watch.charge;
    await this.#vehicle.close();
    return {
      ...{ scenario: this.#scenario.name, statement, trueMilliWh: this.#true, samples: this.#samples },
      ...{ refusals: this.#refusals, payloads: this.#judge.payloads, wrongPayloads: this.#judge.wrong },
      fired: { ...this.#bench.faultsFired(), ...this.#fired },
      counterLie: this.#counterLie,
      simulatedS: Math.round(this.clock.monotonicMs() / 1000),
    };
  }

  get #powerMaxW(): number {
    const { station } = this.#scenario;
    return station.directPowerMaxW ?? (station.phases ?? 3) * (station.currentMaxA ?? 16) * 250;
  }

  /** So many seconds: each the world is told what happens, and what really flows is summed; the watch looks meanwhile. */
  async #pass(seconds: number, tell: (second: number) => void): Promise<void> {
    const startMs = this.clock.monotonicMs();
    let isOver = false;
    const watching = this.#watchUntil(() => isOver);
    for (let second = 0; second < seconds; second += 1) {
      this.#world.change(() => {
        tell(second);
      });
      const before = this.#car.trueEnergy;
      await this.#until(startMs + (second + 1) * 1000);
      this.#world.change(() => undefined);
      this.#book(before, this.#car.trueEnergy);
    }
    isOver = true;
    await watching;
  }

  async #watchUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const nextMs = this.clock.monotonicMs() + SAMPLE_EVERY_MS;
      await this.#watch.look(true);
      await this.#until(Math.max(nextMs, this.clock.monotonicMs()));
    }
  }

  #book(before: ChargingVehicle["trueEnergy"], after: ChargingVehicle["trueEnergy"]): void {
    if (this.#car.station === undefined) return;
    const grown = (plane: "terminalsWh" | "inletWh" | "chargerOutputWh"): number =>
      Math.max(0, after[plane] - before[plane]) * 1000;
    this.#true.battery += grown("terminalsWh");
    this.#true["vehicle-inlet"] += grown("inletWh");
    this.#true["charger-output"] += grown("chargerOutputWh");
  }

  #batterySource(): BatterySource {
    const view = this.#world.batteryView(CAR);
    let startWh: number | undefined;
    return {
      now: () => {
        const now = view.now();
        startWh ??= now.chargedWh;
        if (this.#counterLie === 1) return now;
        return { ...now, chargedWh: startWh + (now.chargedWh - startWh) * this.#counterLie };
      },
    };
  }

  #startWatch(): BatteryWatch {
    const { clock } = this;
    const measure = profileMeasure(this.#profile);
    const limits: BatteryLimits = {
      powerMaxW: this.#profile.powerMaxW,
      usableMilliWh: null,
      countedInlet: measure.at === "battery" || measure.at === null ? undefined : measure.at,
    };
    const sample = this.#vehicle.sample.bind(this.#vehicle);
    const counted = {
      identify: () => this.#vehicle.identify(),
      supplyVoltage: () => this.#vehicle.supplyVoltage(),
      close: () => this.#vehicle.close(),
      sample: async () => {
        const result = await sample();
        this.#samples += result.ok ? 1 : 0;
        if (!result.ok) this.#refusals[result.fault.code] = (this.#refusals[result.fault.code] ?? 0) + 1;
        return result;
      },
    };
    return new BatteryWatch({
      ...{ vehicle: counted, clock, journal: this.#journal, limits, toMonotonicMs: (ms: number) => ms },
      evidence: { keep: () => Promise.resolve() },
      emit: () => undefined,
    });
  }

  /** What happens to the line, the car and the gateway during the charge. */
  #scheduleTroubles(durationS: number): void {
    const { trouble = 1 } = this.#run;
    const random = this.#random.fork("troubles");
    const at = (what: string, lastingS: readonly [number, number], begin: () => void, end: () => void): void => {
      if (!random.chance(0.3 * trouble)) return;
      // Over before the charge is: what nobody could see at its end, nobody can state.
      const startS = random.integer(30, Math.round(durationS * 0.7));
      const endS = Math.min(startS + random.integer(...lastingS), durationS - 60);
      const nowMs = this.clock.monotonicMs();
      this.clock.wakeAt(nowMs + 1000 * startS, () => {
        this.#fired[what] = (this.#fired[what] ?? 0) + 1;
        begin();
      });
      this.clock.wakeAt(nowMs + 1000 * endS, end);
    };
    at(
      "adapter pulled",
      [5, 400],
      () => {
        this.#line.pull();
      },
      () => {
        this.#line.putBack();
        this.#bench.adapter.reboot();
      },
    );
    at(
      "units asleep",
      [5, 200],
      () => {
        this.#bench.car.fallAsleep();
      },
      () => {
        this.#bench.car.wakeUp();
      },
    );
    at(
      "adapter frozen",
      [5, 120],
      () => {
        this.#bench.adapter.freeze();
      },
      () => {
        this.#bench.adapter.thaw();
        this.#bench.adapter.reboot();
      },
    );
    at(
      "bus cut",
      [5, 60],
      () => {
        this.#bench.car.cutBus();
      },
      () => {
        this.#bench.car.mendBus();
      },
    );
    at(
      "gateway restarted",
      [1, 1],
      () => {
        this.#watch = this.#startWatch();
      },
      () => undefined,
    );
  }

  #until(monotonicMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.wakeAt(monotonicMs, resolve);
    });
  }
}

/** Each of the kinds that there are, now and then: about one request in twenty has one of them. */
function faultsOf(trouble: number): ObdFaults {
  const often = 0.004 * trouble;
  const rarely = 0.0005 * trouble;
  return {
    ...{ leftover: often, glued: often, restarted: often, echoed: often, wrongSequence: often, unfinished: often },
    ...{ recorded: 2 * often, lostCharacters: rarely, lostLine: rarely, mergedLines: rarely },
    ...{ receiveError: rarely, dataError: rarely, bufferFull: rarely, reboot: rarely, lowVoltage: rarely },
    ...{ hang: rarely, searching: often, canError: rarely, busBusy: rarely, busError: rarely, feedbackError: rarely },
    ...{ fatalCanError: rarely, activityAlert: rarely / 5, pending: often, refused: often, unanswered: often },
    ...{ chatter: often, secondAnswer: rarely },
  };
}
