/**
 * `vehicle probe`: which adapter, which car, what of it can be measured and how well; or exactly what is wrong and what
 * to do. Nothing of the gateway has to run for it, and the car is asked for some seconds only.
 */
import type { VehicleLine as VehicleLineConfig } from "#config/vehicle-line-config.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleFault, VehicleSample } from "#hal/ports/vehicle-link.ts";
import type { AdapterCapabilities } from "#hal/protocols/obd/elm327/adapter-capabilities.ts";
import type { Quantities } from "#hal/vehicles/decode-signals.ts";
import type { ContactFinding } from "#hal/vehicles/first-contact.ts";
import { identifyVehicle } from "#hal/vehicles/identify-vehicle.ts";
import type { CountDigitSupport } from "#hal/vehicles/line-counts.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { ObdVehicle, sessionsOf } from "#hal/vehicles/obd-vehicle.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";
import type { VehicleLine } from "#hal/vehicles/vehicle-line.ts";
import { type MakeVehicleLine, openVehicleLine, type OpenedVehicleLine } from "../../open-vehicle-line.ts";

export interface Probed {
  /** Such as `/dev/ttyUSB0 at 38400 baud`. */
  readonly place: string;
  readonly banner?: string;
  /** Undefined on a CAN bus. */
  readonly adapter?: AdapterCapabilities;
  readonly countDigit?: CountDigitSupport;
  readonly supplyV?: number | null;
  readonly profile?: VehicleProfile;
  /** How the car was recognised, as whole sentences; absent where the profile was named. */
  readonly recognition?: readonly string[];
  readonly sample?: VehicleSample;
  readonly quantities?: Quantities;
  readonly samplesPerSecond?: number;
  readonly findings?: readonly ContactFinding[];
  readonly fault?: VehicleFault;
  /** Of a serial line at which nobody answers: the speed at which somebody does. */
  readonly answersAtBaud?: number | null;
}

export interface ProbeRequest {
  readonly line: VehicleLineConfig;
  /** Undefined: the car is asked. */
  readonly profile: VehicleProfile | undefined;
}

export async function probeVehicle(request: ProbeRequest, clock: Clock): Promise<Probed> {
  const opened = await openVehicleLine(request.line, clock);
  const probed = await probe(opened, request.profile, clock);
  await opened.close();
  const isUnheard = probed.fault?.code === "VEHICLE_ADAPTER_SILENT" && probed.banner === undefined;
  return isUnheard ? { ...probed, answersAtBaud: await otherBaud(request.line, clock) } : probed;
}

async function probe(opened: OpenedVehicleLine, named: VehicleProfile | undefined, clock: Clock): Promise<Probed> {
  const line = opened.makeLine([]);
  const met = await meetAdapter(line);
  const place = opened.describe();
  const known = { ...met, place };
  if (met.fault !== undefined) return await closing(line, known);
  if (named !== undefined) {
    await line.close();
    return { ...known, ...(await readCar(opened.makeLine, named, clock)) };
  }
  const identified = await identifyVehicle(line, vehicleProfiles);
  if (!identified.ok) return await closing(line, { ...known, fault: identified.fault });
  const { profile, candidates, explanation } = identified.value;
  const recognised = { ...known, recognition: explanation };
  if (profile === undefined) {
    const left = candidates.filter(({ verdict }) => verdict !== "excluded").map((candidate) => candidate.profile.name);
    const reason = explanation.join(" ").slice(0, 1000);
    return await closing(line, { ...known, fault: { code: "VEHICLE_UNIDENTIFIED", candidates: left, reason } });
  }
  await line.close();
  return { ...recognised, ...(await readCar(opened.makeLine, profile, clock)) };
}

async function closing(line: VehicleLine, probed: Probed): Promise<Probed> {
  await line.close();
  return probed;
}

async function meetAdapter(line: VehicleLine): Promise<Omit<Probed, "place">> {
  const prepared = await line.prepare();
  if (!prepared.ok) return { fault: prepared.fault };
  const capabilities = line instanceof ObdAdapter ? line.capabilities : undefined;
  const adapter = capabilities === undefined ? {} : { adapter: capabilities };
  const supply = await line.supplyVoltage();
  if (!supply.ok) return { banner: prepared.value, ...adapter, fault: supply.fault };
  return { banner: prepared.value, ...adapter, supplyV: supply.value };
}

/** Some seconds of samples: enough for the checks of a first contact that need no charge to begin or end. */
const SAMPLES_MAX = 40;
const SAMPLING_MS = 6_000;
/** The first ones set the adapter up and read what is read rarely. */
const WARM_UP = 2;

async function readCar(
  makeLine: MakeVehicleLine,
  profile: VehicleProfile,
  clock: Clock,
): Promise<Omit<Probed, "place">> {
  const line = makeLine(sessionsOf(profile));
  const vehicle = new ObdVehicle({ line, clock }, { profile });
  let sample: VehicleSample | undefined;
  let fault: VehicleFault | undefined;
  let [count, fromMs] = [0, clock.monotonicMs()];
  const endMs = fromMs + SAMPLING_MS;
  for (let round = 0; round < SAMPLES_MAX && clock.monotonicMs() < endMs; round += 1) {
    const taken = await vehicle.sample();
    if (taken.ok) sample = taken.value;
    else fault = taken.fault;
    // A car that contradicts its profile, or sleeps, will do so again.
    if (!taken.ok && GIVES_UP.has(taken.fault.code)) break;
    if (round < WARM_UP) [count, fromMs] = [0, clock.monotonicMs()];
    else count += taken.ok ? 1 : 0;
  }
  const elapsedMs = clock.monotonicMs() - fromMs;
  const findings = vehicle.findings();
  const quantities = vehicle.presentQuantities();
  await vehicle.close();
  const isRefused = fault?.code === "VEHICLE_WRONG_PROFILE" || sample === undefined;
  return {
    ...{ profile, findings, quantities },
    ...(sample === undefined ? {} : { sample }),
    ...(count > 0 && elapsedMs > 0 ? { samplesPerSecond: (1000 * count) / elapsedMs } : {}),
    ...(line instanceof ObdAdapter ? { countDigit: line.countDigit } : {}),
    ...(isRefused && fault !== undefined ? { fault } : {}),
  };
}

const GIVES_UP: ReadonlySet<VehicleFault["code"]> = new Set([
  "VEHICLE_ADAPTER_UNFIT",
  "VEHICLE_ADAPTER_UNREACHABLE",
  "VEHICLE_ADAPTER_SILENT",
  "VEHICLE_ASLEEP",
  "VEHICLE_CLOSED",
]);

/** Null where nobody answers at any; undefined of a line without a speed, or whose speed was searched already. */
async function otherBaud(line: VehicleLineConfig, clock: Clock): Promise<number | null> {
  if (line.kind !== "serial" || line.baudRate === "auto") return null;
  const opened = await openVehicleLine({ ...line, baudRate: "auto" }, clock);
  const answered = await opened.link?.open({ onData: () => undefined, onClose: () => undefined });
  const found = answered?.ok === true ? / at (\d+) baud$/.exec(opened.describe())?.[1] : undefined;
  await opened.close();
  return found === undefined ? null : Number(found);
}
