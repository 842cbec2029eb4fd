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
  const { site, options } = parts;
  const { world, clock } = site;
  const name = vehicle.gateway.name;
  const drive: Drive = { charger, vehicle, parts, pair: `${name} at ${charger.gateway.name}` };
  await sleepUntil(drive, "the hour to come", { atMs: site.tariff.plugInAtMs ?? 0 });
  const known = new Set(parts.watch.charges.keys());
  world.plugIn(name, charger.station);
  const before = energiesOf(drive);
  const start = {
    shownStationKwh: world.meterView(charger.station).now().importedMilliWh / 1e6,
    shownVehicleKwh: world.batteryView(name).now().chargedWh / 1000,
  };
  await showCode(charger, vehicle, parts);
  const contract = await untilFlowing(drive, known);

  const endsAtMs = clock.wallMs() + 60_000 * options.minutes;
  const meddling = parts.whileCharging({ charger, vehicle, endsAtMs, contract, start });
  await sleepUntil(drive, "the charge", { atMs: endsAtMs, isEarlier: () => isOver(contract) });
  await meddling;
  const end = await leave(drive, contract);
  const trueEnergy = {
    station: energyBetween(before.station, end.station),
    vehicle: energyBetween(before.vehicle, end.vehicle),
  };
  return { address: contract.address, charger, vehicle, trueEnergy };
}

interface Drive {
  readonly charger: SiteCharger;
  readonly vehicle: SiteVehicle;
  readonly parts: DriverParts;
  /** For whoever reads what was waited for in vain. */
  readonly pair: string;
}

function energiesOf({ charger, vehicle, parts }: Drive): DrivenCharge["trueEnergy"] {
  const { world } = parts.site;
  return {
    station: world.station(charger.station).trueEnergy,
    vehicle: world.vehicle(vehicle.gateway.name).trueEnergy,
  };
}

function isOver(contract: WatchedCharge): boolean {
  return contract.completedBy.size === 2;
}

/** Resolves with the contract of this plugging in, when power has flowed or the charge has ended without. */
async function untilFlowing(drive: Drive, known: ReadonlySet<string>): Promise<WatchedCharge> {
  const { vehicle, parts, pair } = drive;
  const contractOf = (): WatchedCharge | undefined =>
    [...parts.watch.charges.values()].find(
      ({ address, vehicle: did, signedBy }) =>
        !known.has(address) && did === vehicle.gateway.did && signedBy.size === 2,
    );
  await waitFor(drive, "the contract", { worldMs: AGREED_WITHIN_MS, isThere: () => contractOf() !== undefined });
  const contract = contractOf();
  if (contract === undefined) throw new BenchFailure(`${pair}: the contract is gone`);
  await waitFor(drive, "power", { worldMs: AGREED_WITHIN_MS, isThere: () => contract.hasFlowed || isOver(contract) });
  return contract;
}

/** The car has enough, stands on for as long as the driver stays, and is unplugged; what had flowed by then. */
async function leave(drive: Drive, contract: WatchedCharge): Promise<DrivenCharge["trueEnergy"]> {
  const { charger, vehicle, parts } = drive;
  const { world, clock, tariff } = parts.site;
  const name = vehicle.gateway.name;
  world.change(() => {
    world.vehicle(name).endCharge();
  });
  await sleepUntil(drive, "the stay", { atMs: clock.wallMs() + 60_000 * tariff.stayMinutes });
  const completions = { worldMs: COMPLETED_WITHIN_MS, isThere: () => isOver(contract) };
  if (!tariff.isStandingPaid) await waitFor(drive, "both completions", completions);
  const end = energiesOf(drive);
  world.unplug(name);
  await waitFor(drive, "both completions", completions);
  const outlet = parts.watch.of(charger.gateway);
  await waitFor(drive, "the pulled plug", { worldMs: AGREED_WITHIN_MS, isThere: () => !outlet.isPlugged });
  return end;
}

/** At most so much of the world's time, and what everything takes on top of it. */
async function waitFor(
  { parts, pair }: Drive,
  what: string,
  { worldMs, isThere }: { readonly worldMs: number; readonly isThere: () => boolean },
): Promise<void> {
  await parts.watch.until(`${pair}: ${what}`, worldMs / parts.options.speed + PATIENCE_MS, isThere);
}

async function sleepUntil(
  drive: Drive,
  what: string,
  { atMs, isEarlier = () => false }: { readonly atMs: number; readonly isEarlier?: () => boolean },
): Promise<void> {
  const { watch, site } = drive.parts;
  const { clock } = site;
  const worldMs = Math.max(0, atMs - clock.wallMs());
  const cancel = clock.wakeAt(clock.monotonicMs() + worldMs + 1, () => {
    watch.look();
  });
  await waitFor(drive, what, { worldMs, isThere: () => clock.wallMs() >= atMs || isEarlier() });
  cancel();
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
