/**
 * `vehicle watch`: a line each second until it is stopped, with what flows and what has flowed by each estimate. A
 * fault is a line too, and the watch goes on.
 */
import { NO_BATTERY_ENERGY, takeSample } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy, BatteryLimits } from "#core/metering/battery-state.ts";
import { batteryStatement, type BatteryStatement } from "#core/metering/battery-statement.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleSample } from "#hal/ports/vehicle-link.ts";
import { type ProfileMeasure, profileMeasure } from "#hal/vehicles/profile-measure.ts";
import { batterySampleOf } from "#services/battery-sample-of.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";
import { driverOf } from "../../compose-vehicle.ts";
import { openVehicleLine } from "../../open-vehicle-line.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { explainVehicleFault } from "./vehicle-fault-text.ts";
import { vehicleOptions, type VehicleOptions } from "./vehicle-options.ts";

const WATCH_EVERY_MS = 1_000;

/** Exit 0 when at least one sample came; else as the last fault says. */
export async function runVehicleWatch(given: CommandArguments, io: CommandIo): Promise<number> {
  const stop = new AbortController();
  io.onStop(() => {
    stop.abort();
  });
  return await watchVehicle(await vehicleOptions(given, io), {
    clock: new SystemClock(),
    print: io.out,
    stop: stop.signal,
  });
}

export interface WatchTools {
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** Ends the watch. */
  readonly stop: AbortSignal;
}

export async function watchVehicle(options: VehicleOptions, { clock, print, stop }: WatchTools): Promise<number> {
  const line = await openVehicleLine(options.line, clock);
  const { vehicle, profileNow } = driverOf(options.profile, { clock, makeLine: line.makeLine }, {});
  stop.addEventListener("abort", () => void vehicle.close());
  let energy: BatteryEnergy = NO_BATTERY_ENERGY;
  let exitCode: number = EXIT.unavailable;
  let hasSample = false;
  while (!stop.aborted) {
    const nextMs = clock.monotonicMs() + WATCH_EVERY_MS;
    const sampled = await vehicle.sample();
    if (sampled.ok) {
      hasSample = true;
      const profile = profileNow();
      const limits = limitsOf(profile === undefined ? undefined : profileMeasure(profile), profile?.powerMaxW);
      energy = takeSample(energy, batterySampleOf(sampled.value, sampled.value.monotonicMs), limits);
      const statement = batteryStatement(energy, limits);
      print(options.json ? JSON.stringify(watchObject(sampled.value, statement)) : watchLine(sampled.value, statement));
    } else {
      // The link was closed because the watch is over.
      if (sampled.fault.code === "VEHICLE_CLOSED") break;
      const explained = explainVehicleFault(sampled.fault);
      ({ exitCode } = explained);
      print(options.json ? JSON.stringify(sampled.fault) : `${now(clock)}  ${explained.problem}`);
    }
    await until(Math.max(nextMs, clock.monotonicMs()), clock, stop);
  }
  await vehicle.close();
  await line.close();
  return hasSample ? EXIT.ok : exitCode;
}

function limitsOf(measure: ProfileMeasure | undefined, powerMaxW: number | undefined): BatteryLimits {
  const at = measure?.at ?? null;
  return {
    powerMaxW: powerMaxW ?? Math.max(...vehicleProfiles.map((profile) => profile.powerMaxW)),
    usableMilliWh: null,
    countedInlet: at === "battery" || at === null ? undefined : at,
  };
}

/** All of a sample in one line. */
export function watchLine(sample: VehicleSample, { estimates, isInconsistent }: BatteryStatement): string {
  const { batteryVoltageV: volts, batteryCurrentA: amperes, inlet, stateOfChargePercent: charge } = sample;
  const battery =
    volts === null || amperes === null
      ? "battery not told"
      : `${volts.toFixed(1)} V  ${amperes.toFixed(2)} A  ${((volts * amperes) / 1000).toFixed(3)} kW`;
  const state = sample.charging ? "charging" : sample.plugged === true ? "plugged in" : "not charging";
  const flowed = estimates.map(
    ({ method, energyMilliWh, uncertainty }) =>
      `${method} ${kwh(energyMilliWh)} ± ${kwh(uncertainty.expandedMilliWh)} kWh`,
  );
  return [
    new Date(sample.wallMs).toISOString(),
    battery,
    ...(inlet === null ? [] : [`inlet ${(inlet.powerW / 1000).toFixed(3)} kW ${inlet.kind}`]),
    ...flowed,
    ...(isInconsistent ? ["INCONSISTENT"] : []),
    ...(charge === null ? [] : [`${charge.toFixed(1)} %`]),
    state,
  ].join("  ");
}

function watchObject(sample: VehicleSample, statement: BatteryStatement): Readonly<Record<string, unknown>> {
  const { estimates, isInconsistent } = statement;
  return { ...sample, rawReplies: undefined, estimates, isInconsistent };
}

function kwh(milliWh: number): string {
  return (milliWh / 1_000_000).toFixed(3);
}

function now(clock: Clock): string {
  return new Date(clock.wallMs()).toISOString();
}

function until(monotonicMs: number, clock: Clock, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      stop.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.wakeAt(monotonicMs, end);
    stop.addEventListener("abort", end);
  });
}
