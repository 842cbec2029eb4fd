/**
 * One charge of one car by one adapter, from a seed: physics, car, adapter, line and the production driver and watch,
 * on a simulated clock, with what the seed lets go wrong.
 */
import type { BatteryStatement } from "#core/metering/battery-statement.ts";
import type { BatteryLimits } from "#core/metering/battery-state.ts";
import { type CarModel, carModels } from "#hal/mock/obd/car-model.ts";
import type { BatterySource } from "#hal/mock/obd/battery-source.ts";
import { type ObdBench, plugObdAdapter } from "#hal/mock/obd/obd-bench.ts";
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
import { faultsOf, scheduleTroubles } from "./vehicle-troubles.ts";

export interface ChargeRun {
  readonly model: CarModel;
  readonly persona: PersonaName;
  readonly seed: number;
  /** How much of the usual trouble there is; 0 is none. */
  readonly trouble?: number;
  /** The longest that the charge lasts; as the seed has it when absent. */
  readonly lengthMaxS?: number;
  readonly recordedDamage?: RecordedDamage | undefined;
  /** Called with each sample and fault, what the register has grown to and what has really flowed into the battery. */
  readonly trace?: (atMs: number, result: SampleResult, registerMilliWh: number, trueMilliWh: number) => void;
}

type SampleResult = Awaited<ReturnType<ObdVehicle["sample"]>>;

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
  /** Whether the register was known at the end: not so by an adapter that froze or could not read the car. */
  readonly isCurrent: boolean;
  /** What the car's counter was multiplied by; 1 is honest. */
  readonly counterLie: number;
  readonly simulatedS: number;
}

/** From the end of a look to the next, as the vehicle's service does it. */
const LOOK_AGAIN_MS = 1_000;
/** The charge ended 90 s before it is judged. */
const CURRENT_MS = 60_000;
const STATION = 1;
const CAR = "car";
/** One charge in eight is as long as its scenario, up to an hour; the others last 7.5 to 22.5 minutes. */
const LONG_SHARE = 1 / 8;
const SHORT_S = 1_350;
const SHORT_DRIVE_S = 300;
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
    const scenario = scenarios[seed % scenarios.length];
    if (scenario === undefined) throw new Error("there is always a scenario");
    this.#scenario = scenario;
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
    const lengths = this.#random.fork("length");
    const isLong = lengths.chance(LONG_SHARE);
    const drivenS = isLong ? this.#scenario.drivenS : Math.min(this.#scenario.drivenS, SHORT_DRIVE_S);
    const mostS = Math.min(
      this.#run.lengthMaxS ?? Number.POSITIVE_INFINITY,
      isLong ? Number.POSITIVE_INFINITY : SHORT_S,
    );
    const durationS = Math.min(this.#scenario.durationS, mostS);
    if (drivenS > 0) this.#world.drive(CAR, drivenS * 1000);
    await this.#pass(drivenS === 0 ? SETTLE_S : drivenS, () => undefined);
    this.#world.plugIn(CAR, STATION);
    await this.#watch.openCharge({ address: new Uint8Array(32).fill(1), powerMaxW: this.#powerMaxW, signedMilliWh: 0 });
    const evse = this.#world.evseView(STATION);
    const length = lengths.integer(Math.round(durationS / 3), durationS);
    this.#scheduleTroubles(length);
    await this.#pass(length, (second) => {
      evse.setPermittedCurrent(this.#scenario.permittedA(second));
      this.#car.comfortW = this.#scenario.comfortW(second);
    });
    evse.setPermittedCurrent(0);
    await this.#pass(90, () => undefined);
    const { statement } = this.#watch.charge;
    const isCurrent = this.#watch.registerAgeMs < CURRENT_MS;
    await this.#vehicle.close();
    return {
      ...{ scenario: this.#scenario.name, statement, trueMilliWh: this.#true, samples: this.#samples },
      ...{ refusals: this.#refusals, payloads: this.#judge.payloads, wrongPayloads: this.#judge.wrong },
      fired: { ...this.#bench.faultsFired(), ...this.#fired },
      isCurrent,
      counterLie: this.#counterLie,
      simulatedS: Math.round(this.clock.monotonicMs() / 1000),
    };
  }

  get #powerMaxW(): number {
    const { station } = this.#scenario;
    return station.directPowerMaxW ?? (station.phases ?? 3) * (station.currentMaxA ?? 16) * 250;
  }

  /** So many seconds: each the world is told what happens, what really flows is summed, and the watch looks. */
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
      await this.#watch.look(true);
      await this.#until(this.clock.monotonicMs() + LOOK_AGAIN_MS);
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
      usableMilliWh: measure.usableMilliWh,
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
        this.#run.trace?.(clock.monotonicMs(), result, this.#watch.registerMilliWh, this.#true.battery);
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

  #scheduleTroubles(durationS: number): void {
    const { car, adapter } = this.#bench;
    scheduleTroubles(
      { clock: this.clock, random: this.#random.fork("troubles"), fired: this.#fired, line: this.#line, car, adapter },
      { durationS, trouble: this.#run.trouble ?? 1 },
      () => {
        this.#watch = this.#startWatch();
      },
    );
  }

  #until(monotonicMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.wakeAt(monotonicMs, resolve);
    });
  }
}
