/** Asks a car which it is: harmless questions, one after the other, until one profile is left. */
import { fail, ok, type Result } from "#base/result.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { type Identification, identify, nextProbe, probeName, type ProbeAnswer } from "./identification.ts";
import type { VehicleProfile } from "./profile.ts";
import { requestBytes } from "./profile-requests.ts";
import {
  profilesOfMaker,
  readVehicleNumberHint,
  VEHICLE_NUMBER_REQUESTS,
  type VehicleNumberHint,
} from "./vehicle-number.ts";
import type { VehicleLine } from "./vehicle-line.ts";

export interface IdentifiedVehicle extends Identification {
  /** Null where the car does not tell. */
  readonly hint: VehicleNumberHint | null;
  /** How it was found out, as whole sentences. */
  readonly explanation: readonly string[];
}

/** Fails when the line or the whole car does not answer. That no profile, or several, are left is a result. */
export async function identifyVehicle(
  line: Pick<VehicleLine, "ask">,
  profiles: readonly VehicleProfile[],
): Promise<Result<IdentifiedVehicle, VehicleFault>> {
  const hint = await askForHint(line);
  if (!hint.ok) return hint;
  const ordered = orderBy(hint.value, profiles);
  const answers = new Map<string, ProbeAnswer>();
  for (let probe = nextProbe(ordered, answers); probe !== undefined; probe = nextProbe(ordered, answers)) {
    const answer = await askUntilClear(line, probe.ecu, probe.request);
    if (!answer.ok) return answer;
    answers.set(probeName(probe), answer.value);
    // What the maker's cars answer is enough; the others are asked only when none of them fits.
    if (identify(ordered.slice(0, hint.value.preferred), answers).profile !== undefined) break;
  }
  const isAsleep = hint.value.hint === null && [...answers.values()].every(({ kind }) => kind === "silent");
  if (isAsleep) return fail({ code: "VEHICLE_ASLEEP", reply: "no unit of any known car answers" });
  const found = identify(ordered, answers);
  return ok({ ...found, hint: hint.value.hint, explanation: explain(found, hint.value.hint) });
}

/** Engine or motor control, the unit that J1979 has answer service 09. */
const FIRST_UNIT: EcuAddress = { idBits: 11, requestId: 0x7e0, responseId: 0x7e8 };
const ATTEMPTS_MAX = 3;

interface Hint {
  readonly hint: VehicleNumberHint | null;
  /** How many of the ordered profiles are the maker's. */
  preferred: number;
}

/** The answer itself is dropped here: neither it nor a fault that may quote it goes any further. */
async function askForHint(line: Pick<VehicleLine, "ask">): Promise<Result<Hint, VehicleFault>> {
  for (const request of VEHICLE_NUMBER_REQUESTS) {
    const outcome = await line.ask({ ecu: FIRST_UNIT, bytes: requestBytes(request) });
    if (outcome.kind === "given-up") return fail(outcome.fault);
    const hint = outcome.kind === "payload" ? readVehicleNumberHint(outcome.payload) : undefined;
    if (hint !== undefined) return ok({ hint, preferred: profilesOfMaker(hint.maker).length });
  }
  return ok({ hint: null, preferred: 0 });
}

function orderBy({ hint }: Hint, profiles: readonly VehicleProfile[]): readonly VehicleProfile[] {
  const first = hint === null ? [] : profilesOfMaker(hint.maker);
  const preferred = first.flatMap((name) => profiles.filter((profile) => profile.name === name));
  return [...preferred, ...profiles.filter((profile) => !preferred.includes(profile))];
}

async function askUntilClear(
  line: Pick<VehicleLine, "ask">,
  ecu: EcuAddress,
  request: string,
): Promise<Result<ProbeAnswer, VehicleFault>> {
  const bytes = requestBytes(request);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const outcome = await line.ask({ ecu, bytes });
    if (outcome.kind === "given-up") return fail(outcome.fault);
    if (outcome.kind === "payload") return ok({ kind: "data", payload: outcome.payload });
    if (outcome.kind === "refused") return ok({ kind: "refused", responseCode: outcome.responseCode });
    // Damaged replies are worth another attempt; where nobody is, nobody will be.
    if (outcome.fault.code === "VEHICLE_ASLEEP") break;
  }
  return ok({ kind: "silent" });
}

function explain({ profile, candidates }: Identification, hint: VehicleNumberHint | null): readonly string[] {
  const maker = hint === null ? [] : [`The car's number begins with ${hint.maker}.`];
  const left = candidates.filter(({ verdict }) => verdict !== "excluded");
  if (profile !== undefined) {
    const reasons = left.find((candidate) => candidate.profile === profile)?.reasons ?? [];
    return [...maker, `This is ${profile.name}: ${profile.covers}.`, ...reasons];
  }
  if (left.length === 0) {
    const excluded = candidates.map((candidate) => `Not ${candidate.profile.name}: ${candidate.reasons.join(" ")}`);
    return [...maker, "It is none of the cars that are known here.", ...excluded];
  }
  const possible = left.map((candidate) => `${candidate.profile.name}: ${candidate.reasons.join(" ")}`);
  return [...maker, "Several profiles fit; name one in the configuration.", ...possible];
}
