/**
 * One charge as a driver lives it: plug in, show the code on the post, wait, end the charge in the car, stay for lunch,
 * unplug.
 */
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { energyBetween, type TrueEnergy } from "#hal/mock/physics/energy-account.ts";
import type { BenchOptions } from "./bench-options.ts";
import type { BenchSite, SiteCharger, SiteVehicle } from "./bench-site.ts";
import { BenchFailure, type BenchWatch, type WatchedCharge } from "./bench-watch.ts";

export interface DrivenCharge {
  readonly address: string;
  readonly charger: SiteCharger;
  readonly vehicle: SiteVehicle;
  /** What really flowed while the cable was in, behind the station and in the car: nobody but the world knows it. */
  readonly trueEnergy: { readonly station: TrueEnergy; readonly vehicle: TrueEnergy };
}

/** A charge that is under way, for whoever looks on or interferes. */
export interface RunningCharge {
  readonly charger: SiteCharger;
  readonly vehicle: SiteVehicle;
  readonly endsAtMs: number;
  readonly contract: WatchedCharge;
  /** What both devices showed when the plug went in. */
  readonly start: { readonly shownStationKwh: number; readonly shownVehicleKwh: number };
}

export interface DriverParts {
  readonly site: BenchSite;
  readonly watch: BenchWatch;
  readonly options: BenchOptions;
  /** Called once, when power flows; the driver waits for it before the cable is pulled. */
  readonly whileCharging: (charge: RunningCharge) => Promise<void>;
}

/** Real time that everything may take on top of the world's: starts, restarts, a busy machine. */
export const PATIENCE_MS = 45_000;
const AGREED_WITHIN_MS = 300_000;
/** A pause lasts ten minutes before it ends a charge, and a car's own end is believed after one. */
const COMPLETED_WITHIN_MS = 1_200_000;

export async function driveCharge(
  charger: SiteCharger,
  vehicle: SiteVehicle,
  parts: DriverParts,
): Promise<DrivenCharge> {
  const { site, watch, options, whileCharging } = parts;
  const { world, clock } = site;
  const name = vehicle.gateway.name;
  const pair = `${name} at ${charger.gateway.name}`;
  const timeoutMs = (worldMs: number): number => worldMs / options.speed + PATIENCE_MS;
  const energies = (): DrivenCharge["trueEnergy"] => ({
    station: world.station(charger.station).trueEnergy,
    vehicle: world.vehicle(name).trueEnergy,
  });

  const sleepUntil = async (what: string, atMs: number, isEarlier: () => boolean): Promise<void> => {
    const waitMs = Math.max(0, atMs - clock.wallMs());
    const cancel = clock.wakeAt(clock.monotonicMs() + waitMs + 1, () => {
      watch.look();
    });
    await watch.until(`${pair}: ${what}`, timeoutMs(waitMs), () => clock.wallMs() >= atMs || isEarlier());
    cancel();
  };
  const { plugInAtMs = 0, stayMinutes, isStandingPaid } = site.tariff;
  await sleepUntil("the hour to come", plugInAtMs, () => false);
  const known = new Set(watch.charges.keys());
  world.plugIn(name, charger.station);
  const before = energies();
  const start = {
    shownStationKwh: world.meterView(charger.station).now().importedMilliWh / 1e6,
    shownVehicleKwh: world.batteryView(name).now().chargedWh / 1000,
  };
  await showCode(charger, vehicle, parts);
  const contractOf = (): WatchedCharge | undefined =>
    [...watch.charges.values()].find(
      ({ address, vehicle: did, signedBy }) =>
        !known.has(address) && did === vehicle.gateway.did && signedBy.size === 2,
    );
  await watch.until(`${pair}: the contract`, timeoutMs(AGREED_WITHIN_MS), () => contractOf() !== undefined);
  const contract = contractOf();
  if (contract === undefined) throw new BenchFailure(`${pair}: the contract is gone`);
  const isOver = (): boolean => contract.completedBy.size === 2;
  await watch.until(`${pair}: power`, timeoutMs(AGREED_WITHIN_MS), () => contract.hasFlowed || isOver());

  const endsAtMs = clock.wallMs() + 60_000 * options.minutes;
  const meddling = whileCharging({ charger, vehicle, endsAtMs, contract, start });
  await sleepUntil("the charge", endsAtMs, isOver);
  await meddling;
  world.change(() => {
    world.vehicle(name).endCharge();
  });
  await sleepUntil("the stay", clock.wallMs() + 60_000 * stayMinutes, () => false);
  const completed = (): Promise<void> =>
    watch.until(`${pair}: both completions`, timeoutMs(COMPLETED_WITHIN_MS), isOver);
  if (!isStandingPaid) await completed();
  const end = energies();
  world.unplug(name);
  await completed();
  const outlet = watch.of(charger.gateway);
  await watch.until(`${pair}: the pulled plug`, timeoutMs(AGREED_WITHIN_MS), () => !outlet.isPlugged);
  const trueEnergy = {
    station: energyBetween(before.station, end.station),
    vehicle: energyBetween(before.vehicle, end.vehicle),
  };
  return { address: contract.address, charger, vehicle, trueEnergy };
}

/** With several posts only the driver knows at which one the car stands: the code on it tells the car's gateway. */
async function showCode(charger: SiteCharger, vehicle: SiteVehicle, { site }: DriverParts): Promise<void> {
  if (site.chargers.length === 1) return;
  const request = { command: "charge", station: charger.gateway.did, evse: 1 };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await vehicle.gateway.ask(request).catch((error: unknown) => error);
    if (isAnswer(answer) && answer.ok) return;
    if (attempt < ATTEMPTS_MAX && !isAnswer(answer)) {
      // A gateway that has just started, or is starting again, cannot be asked yet.
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      continue;
    }
    const reason = isAnswer(answer) && !answer.ok ? answer.message : String(answer);
    throw new BenchFailure(`${vehicle.gateway.name} does not take the code on the post: ${reason}`);
  }
}

const ASK_AGAIN_MS = 100;
const ATTEMPTS_MAX = 200;

function isAnswer(answer: unknown): answer is ControlAnswer {
  return typeof answer === "object" && answer !== null && "ok" in answer;
}
