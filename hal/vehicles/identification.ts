/** Which profiles may be the car's, given what it answered. Pure: who asks, and how, is elsewhere. */
import { hexDigits } from "#base/bytes.ts";
import { type EcuAddress, idDigits } from "#hal/protocols/obd/ecu-address.ts";
import { answerHeaderBytes } from "#hal/protocols/obd/uds.ts";
import { RESPONSE_CODES } from "#hal/protocols/obd/uds-codes.ts";
import { decodeSignals, type Quantities } from "./decode-signals.ts";
import { conditionText, holdsCondition } from "./holds-condition.ts";
import { countCells, isCellCount } from "./plausibility.ts";
import type { IdentificationTest, VehicleProfile } from "./profile.ts";
import { allVariants, requestBytes } from "./profile-requests.ts";

export interface Probe {
  readonly ecu: EcuAddress;
  readonly request: string;
}

export type ProbeAnswer =
  /** From the service byte on. */
  | { readonly kind: "data"; readonly payload: Uint8Array }
  | { readonly kind: "refused"; readonly responseCode: number }
  | { readonly kind: "silent" };

/** By `probeName`. */
export type ProbeAnswers = ReadonlyMap<string, ProbeAnswer>;

export interface Candidate {
  readonly profile: VehicleProfile;
  /** `fits`: all its tests are answered as they should. `possible`: nothing speaks against it yet. */
  readonly verdict: "fits" | "possible" | "excluded";
  readonly fitting: number;
  /** A unit wants the diagnostic session that the profile names, before it answers one of its questions. */
  readonly isKnown: boolean;
  /** Whole sentences, for people. */
  readonly reasons: readonly string[];
}

export interface Identification {
  /** Undefined where no profile fits, or several do. */
  readonly profile: VehicleProfile | undefined;
  readonly candidates: readonly Candidate[];
}

/** The probes of these profiles, each once, in their order. All of them only read. */
export function identificationProbes(profiles: readonly VehicleProfile[]): readonly Probe[] {
  const probes = new Map<string, Probe>();
  for (const { ecu, request } of profiles.flatMap(({ identification }) => identification)) {
    const probe = { ecu, request };
    if (!probes.has(probeName(probe))) probes.set(probeName(probe), probe);
  }
  return [...probes.values()];
}

/** Undefined when no further answer could tell more. */
export function nextProbe(profiles: readonly VehicleProfile[], answers: ProbeAnswers): Probe | undefined {
  const open = judgeProfiles(profiles, answers)
    .filter(({ verdict }) => verdict === "possible")
    .map(({ profile }) => profile);
  return identificationProbes(open).find((probe) => !answers.has(probeName(probe)));
}

export function judgeProfiles(profiles: readonly VehicleProfile[], answers: ProbeAnswers): readonly Candidate[] {
  return profiles.map((profile) => {
    const judged = profile.identification.map((test) => judgeTest(profile, test, answers));
    const reasons = judged.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    const fitting = judged.filter(({ verdict }) => verdict === "fits").length;
    const isKnown = judged.some(({ verdict }) => verdict === "known");
    const about = { profile, fitting, isKnown, reasons };
    if (judged.some(({ verdict }) => verdict === "excluded")) return { ...about, verdict: "excluded" };
    const fitsAll = judged.length > 0 && fitting === judged.length;
    return { ...about, verdict: fitsAll ? "fits" : "possible" };
  });
}

/**
 * The one that fits; of several that do, the one that was told apart by the most answers, if it is one. A profile that
 * is merely possible is chosen only where nothing fits and it is the only one whose unit wants its diagnostic session
 * first: none is opened to find out.
 */
export function identify(profiles: readonly VehicleProfile[], answers: ProbeAnswers): Identification {
  const candidates = judgeProfiles(profiles, answers);
  const fits = candidates.filter(({ verdict }) => verdict === "fits");
  const most = Math.max(0, ...fits.map(({ fitting }) => fitting));
  const known = candidates.filter(({ verdict, isKnown }) => verdict === "possible" && isKnown);
  const [best, ...more] = fits.length === 0 ? known : fits.filter(({ fitting }) => fitting === most);
  return { profile: more.length === 0 ? best?.profile : undefined, candidates };
}

/** `7E4/220101`. */
export function probeName({ ecu, request }: Probe): string {
  const unit = ecu.extension === undefined ? "" : `/${idDigits(ecu.extension.ecu, 11)}`;
  return `${idDigits(ecu.requestId, ecu.idBits)}${unit}/${request}`;
}

const NOT_NOW: ReadonlySet<number> = new Set([RESPONSE_CODES.busyRepeatRequest, RESPONSE_CODES.conditionsNotCorrect]);
/** A profile that names no session could never read such a unit. */
const NOT_IN_THIS_SESSION: ReadonlySet<number> = new Set([
  RESPONSE_CODES.subFunctionNotInThisSession,
  RESPONSE_CODES.serviceNotInThisSession,
]);

interface JudgedTest {
  readonly verdict: "fits" | "known" | "open" | "excluded";
  readonly reason?: string;
}

function judgeTest(profile: VehicleProfile, test: IdentificationTest, answers: ProbeAnswers): JudgedTest {
  const name = probeName(test);
  const answer = answers.get(name);
  if (answer === undefined) return { verdict: "open" };
  switch (answer.kind) {
    case "silent":
      return { verdict: "excluded", reason: `Nothing answers ${name}.` };
    case "refused": {
      const code = hexDigits(answer.responseCode, 2);
      if (NOT_NOW.has(answer.responseCode)) return { verdict: "open", reason: `${name} is refused for now: ${code}.` };
      const wantsSession = NOT_IN_THIS_SESSION.has(answer.responseCode) && profile.session !== null;
      if (wantsSession) return { verdict: "known", reason: `${name} wants the session that this car needs: ${code}.` };
      return { verdict: "excluded", reason: `${name} is refused: ${code}.` };
    }
    case "data":
      return judgeData(profile, test, answer.payload);
  }
}

function judgeData(profile: VehicleProfile, test: IdentificationTest, payload: Uint8Array): JudgedTest {
  const name = probeName(test);
  const bytes = payload.length - answerHeaderBytes(requestBytes(test.request));
  const { min, max } = test.dataBytes;
  if (bytes < min || bytes > max) {
    return { verdict: "excluded", reason: `${name} gives ${bytes} bytes, not ${min} to ${max}.` };
  }
  const read = readData(profile, test, payload);
  if (typeof read === "string") return { verdict: "excluded", reason: `${name}: ${read}` };
  const cells = countCells(read);
  if (cells !== undefined && profile.cellCounts.length > 0 && !isCellCount(profile, cells)) {
    const known = profile.cellCounts.join(", ");
    return { verdict: "excluded", reason: `${name} shows ${cells.toFixed(1)} cells, not ${known}.` };
  }
  const failed = test.conditions.find((condition) => !holdsCondition(condition, read));
  if (failed === undefined) return { verdict: "fits", reason: `${name} answers as it should.` };
  const value = read.get(failed.quantity);
  if (value === null) return { verdict: "open", reason: `${name} does not know ${failed.quantity} now.` };
  return {
    verdict: "excluded",
    reason: `${name}: ${failed.quantity} is ${value}, not as in ${conditionText(failed)}.`,
  };
}

/** Quantities by the profile's own layout, or what is wrong with them. */
function readData(profile: VehicleProfile, test: IdentificationTest, payload: Uint8Array): Quantities | string {
  let problem = "the profile does not ask this.";
  for (const variant of allVariants(profile)) {
    if (probeName(variant) !== probeName(test)) continue;
    const decoded = decodeSignals(variant, requestBytes(test.request), payload);
    if (decoded.ok) return decoded.value;
    const { fault } = decoded;
    problem =
      fault.code === "SIGNAL_IMPLAUSIBLE"
        ? `${fault.quantity} would be ${fault.value}, not ${fault.expected}.`
        : `${fault.bytes} bytes, not ${fault.expected}.`;
  }
  return problem;
}
