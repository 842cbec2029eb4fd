/** What a profile's parts say together: whether it only reads, fits its answers, and measures what it promises. */
import { fromHex } from "#base/bytes.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { isReadOnlyRequest } from "#hal/protocols/obd/read-only.ts";
import { signalsOf } from "./decode-signals.ts";
import type { ProfileRequest, RequestVariant, Signal, VehicleProfile } from "./profile.ts";
import { measureProblems } from "./measure-rules.ts";
import type { ProfileProblem } from "./profile-shape.ts";
import type { Quantity } from "./quantity.ts";

/** Of a profile whose shape holds. Empty when there is nothing to say against it. */
export function ruleProblems(profile: VehicleProfile): readonly ProfileProblem[] {
  const variants = profile.requests.flatMap((request, index) => variantsAt(request, `requests[${index}]`));
  return [
    ...variants.flatMap(([path, variant]) => requestProblems(path, variant)),
    ...variants.flatMap(([path, variant]) =>
      signalsOf(variant).flatMap((entry) => signalProblems(path, variant, entry)),
    ),
    ...sourceProblems(profile),
    ...sessionProblems(profile),
    ...measureProblems(profile),
  ];
}

function variantsAt(
  request: ProfileRequest,
  path: string,
): readonly (readonly [path: string, variant: RequestVariant])[] {
  const others = (request.otherwise ?? []).map((variant, index) => [`${path}.otherwise[${index}]`, variant] as const);
  return [[path, request], ...others];
}

/** Where a vehicle identification number is: it names a person, and nothing here needs it. */
const IDENTIFYING = new Set(["22F190", "0902", "22F18C"]);
const SERVICES = new Set([0x01, 0x21, 0x22]);
/** Every unit answers these, so that an answer has no sender. */
const FUNCTIONAL_IDS = new Set([0x7df, 0x18db33f1]);

function requestProblems(path: string, variant: RequestVariant): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const say = (key: string, problem: string): void => {
    problems.push({ path: `${path}.${key}`, problem });
  };
  const bytes = fromHex(variant.request) ?? new Uint8Array();
  const service = variant.request.slice(0, 2);
  if (!SERVICES.has(bytes[0] ?? 0)) {
    say("request", `Service ${service} is not allowed: only 01, 21 and 22 merely read.`);
  } else if (!isReadOnlyRequest(bytes)) {
    say("request", `${variant.request} has the wrong length: service ${service} has one identifier.`);
  }
  if (IDENTIFYING.has(variant.request)) say("request", `${variant.request} reads the car's number, which is private.`);
  if (variant.dataBytesMax !== undefined && variant.dataBytesMax < variant.dataBytesMin) {
    say("dataBytesMax", `${variant.dataBytesMax} is less than dataBytesMin, ${variant.dataBytesMin}.`);
  }
  return [...problems, ...addressProblems(`${path}.ecu`, variant.ecu)];
}

function addressProblems(path: string, ecu: EcuAddress): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const most = ecu.idBits === 11 ? 0x7ff : 0x1fffffff;
  for (const key of ["requestId", "responseId"] as const) {
    if (ecu[key] > most) {
      problems.push({ path: `${path}.${key}`, problem: `${hex(ecu[key])} does not fit in ${ecu.idBits} bits.` });
    }
  }
  if (FUNCTIONAL_IDS.has(ecu.requestId)) {
    const problem = `${hex(ecu.requestId)} asks every unit at once; name the one that answers.`;
    problems.push({ path: `${path}.requestId`, problem });
  }
  if (ecu.requestId === ecu.responseId && ecu.extension === undefined) {
    problems.push({
      path: `${path}.responseId`,
      problem: "A unit does not answer under the identifier it is asked by.",
    });
  }
  return problems;
}

function signalProblems(
  path: string,
  variant: RequestVariant,
  [quantity, signal]: readonly [Quantity, Signal],
): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const say = (key: string, problem: string): void => {
    problems.push({ path: `${path}.signals.${quantity}.${key}`, problem });
  };
  const end = signal.offset + signal.bytes;
  if (end > variant.dataBytesMin) {
    say("offset", `The signal ends at byte ${end}, but only ${variant.dataBytesMin} are sure to come (dataBytesMin).`);
  }
  if (signal.mask !== undefined && signal.isSigned === true) {
    say("mask", "Bits that are picked out have no sign.");
  }
  if (signal.divide === 0) say("divide", "Nothing can be divided by 0.");
  if (signal.multiply === 0) say("multiply", "Multiplied by 0 every value is the same.");
  if (signal.min > signal.max) say("min", `${signal.min} is more than max, ${signal.max}.`);
  const span = 256 ** signal.bytes;
  for (const raw of signal.invalid ?? []) {
    if (raw >= span) say("invalid", `${raw} cannot be read from ${signal.bytes} bytes.`);
  }
  const [least, most] = reach(signal);
  if (signal.min > most || signal.max < least) {
    say("min", `The bytes can give ${least} to ${most}, none of which is from ${signal.min} to ${signal.max}.`);
  }
  return problems;
}

/** The values that the raw numbers can give. */
function reach(signal: Signal): readonly [number, number] {
  const span = 256 ** signal.bytes;
  const most = signal.mask ?? span - 1;
  const raws = signal.isSigned === true ? [-span / 2, span / 2 - 1] : [0, most];
  const values = raws.map((raw) => (raw * (signal.multiply ?? 1)) / (signal.divide ?? 1) + (signal.add ?? 0));
  return [Math.min(...values), Math.max(...values)];
}

/** Each quantity has one source, so that nobody has to ask which of two counts. */
function sourceProblems(profile: VehicleProfile): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const sources = new Map<Quantity, number[]>();
  profile.requests.forEach((request, index) => {
    const told = variantsAt(request, "").flatMap(([, variant]) => signalsOf(variant).map(([quantity]) => quantity));
    for (const quantity of new Set(told)) sources.set(quantity, [...(sources.get(quantity) ?? []), index]);
  });
  for (const [quantity, [first, second]] of sources) {
    if (first === undefined || second === undefined) continue;
    const problem = `${quantity} is told by requests[${first}] already: there must be exactly one source.`;
    problems.push({ path: `requests[${second}].signals.${quantity}`, problem });
  }
  return [...problems, ...powerProblems(profile)];
}

function powerProblems(profile: VehicleProfile): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const firstOther = profile.requests.findIndex(({ pace }) => pace !== "power");
  profile.requests.forEach(({ pace }, index) => {
    if (pace !== "power" || firstOther === -1 || index < firstOther) return;
    const problem = "Requests of pace power come first: they are asked one right after the other.";
    problems.push({ path: `requests[${index}].pace`, problem });
  });
  if (firstOther === 0) {
    problems.push({ path: "requests", problem: "None has the pace power, so that a sample has nothing to be about." });
  }
  const isMeasured = tells(profile, "batteryCurrentA");
  const wanted = isMeasured ? (["batteryVoltageV", "batteryCurrentA"] as const) : [];
  for (const quantity of wanted) {
    const source = profile.requests.findIndex((request) => quantity in request.signals);
    if (source === -1) {
      problems.push({ path: "requests", problem: `No request tells ${quantity}.` });
      continue;
    }
    const request = profile.requests[source];
    if (request?.pace !== "power") {
      problems.push({ path: `requests[${source}].pace`, problem: `${quantity} must be read for each sample: power.` });
    }
    const isEverywhere = (request?.otherwise ?? []).every((variant) => quantity in variant.signals);
    if (!isEverywhere) {
      problems.push({ path: `requests[${source}].otherwise`, problem: `Each of them must tell ${quantity} too.` });
    }
  }
  if (!isMeasured && profile.inlet.length === 0) {
    const problem = "There is neither a battery current that can be trusted nor an inlet: nothing is measured.";
    problems.push({ path: "inlet", problem });
  }
  return problems;
}

function tells(profile: VehicleProfile, quantity: Quantity): boolean {
  return profile.requests.some((request) => {
    const signal = request.signals[quantity];
    return signal !== undefined && (signal.grade ?? request.grade) !== "untrusted";
  });
}

/** ISO 14229-1 programmingSession, and the safety session: a car is not to be put into them for a measurement. */
const FORBIDDEN_SESSIONS = new Set([0x00, 0x02, 0x04]);

function sessionProblems({ session }: VehicleProfile): readonly ProfileProblem[] {
  if (session === null || !FORBIDDEN_SESSIONS.has(session.type & 0x7f)) return [];
  const problem = `${hex(session.type)} is a session for programming or safety tests; reading needs none of them.`;
  return [{ path: "session.type", problem }];
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
