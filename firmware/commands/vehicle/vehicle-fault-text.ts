/** What is wrong with a car or its adapter, and what to do, in words for the person in the car. */
import { hexDigits } from "#base/bytes.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export interface ExplainedFault {
  /** What is wrong, in one line. */
  readonly problem: string;
  /** What to look at, or to do. */
  readonly advice: readonly string[];
  readonly exitCode: ExitCode;
}

export function explainVehicleFault(fault: VehicleFault): ExplainedFault {
  const explain: (fault: never) => ExplainedFault = EXPLAINED[fault.code];
  return explain(fault as never);
}

const { unavailable, badData } = EXIT;

type FaultOf<Code extends VehicleFault["code"]> = Extract<VehicleFault, { readonly code: Code }>;

const EXPLAINED: { readonly [Code in VehicleFault["code"]]: (fault: FaultOf<Code>) => ExplainedFault } = {
  VEHICLE_CLOSED: () => ({ problem: "stopped", advice: [], exitCode: unavailable }),
  VEHICLE_LEFT_ALONE: (fault) => ({
    problem: `the car is not asked: ${LEFT_ALONE[fault.why]}`,
    advice: [],
    exitCode: unavailable,
  }),
  VEHICLE_ADAPTER_UNREACHABLE: (fault) => ({
    problem: `no adapter at ${fault.endpoint}: ${fault.reason}`,
    advice: [
      "Is the adapter in the car's socket, does its lamp burn, and is the cable or radio link there?",
      "USB: see /dev/serial/by-id, and whether another program has the line; your user must be in group dialout.",
      "Bluetooth: pair it, then `rfcomm bind`. Wi-Fi: join the adapter's network; most are at 192.168.0.10:35000.",
    ],
    exitCode: unavailable,
  }),
  VEHICLE_ADAPTER_SILENT: (fault) => ({
    problem: `nothing answers at ${fault.endpoint}${fault.waitedMs > 0 ? ` within ${fault.waitedMs} ms` : ""}`,
    advice: [
      "On a serial line that is mostly the wrong speed: try --baud auto.",
      "Pull the adapter out of the socket and put it back; some hang until then.",
    ],
    exitCode: unavailable,
  }),
  VEHICLE_ADAPTER_UNFIT: (fault) => ({
    problem: `${fault.adapter} cannot read this car: it lacks ${fault.missing}`,
    advice: [
      "Another adapter can: one with an STN chip (OBDLink), or a real ELM327 1.4 or newer.",
      "Asking this one again is of no use. Many that call themselves v1.5 or v2.1 are imitations that lack this.",
    ],
    exitCode: unavailable,
  }),
  VEHICLE_ASLEEP: (fault) => ({
    problem: `the adapter answers, the car does not (${fault.reply})`,
    advice: [
      "It sleeps: open a door, switch it on, or plug the charging cable in, and try again.",
      "If it is awake: some cars answer in the socket only when switched on.",
      "Or it is another car than the profile's: try --profile auto.",
    ],
    exitCode: unavailable,
  }),
  VEHICLE_BAD_REPLY: (fault) => ({
    problem: `replies come, but damaged${fault.request === "" ? "" : ` (${fault.request})`}: ${fault.reason}`,
    advice: ["A weak radio link or a loose plug; try again nearer, or with another adapter."],
    exitCode: badData,
  }),
  VEHICLE_REFUSED: (fault) => ({
    problem: `the car refuses ${fault.request} (${refusalText(fault.responseCode)})`,
    advice: ["It is another car than the profile's, or it must be switched on first. Try --profile auto."],
    exitCode: badData,
  }),
  VEHICLE_WRONG_PROFILE: (fault) => ({
    problem: `this is no ${fault.profile}: ${fault.check} is ${fault.found}, expected ${fault.expected}`,
    advice: ["Nothing is measured with a profile that does not fit. Try --profile auto, or another name."],
    exitCode: badData,
  }),
  VEHICLE_UNIDENTIFIED: (fault) => ({
    problem:
      fault.candidates.length === 0
        ? "this is none of the cars that are known here"
        : `several profiles may be this car's: ${fault.candidates.join(", ")}`,
    advice: [
      fault.reason,
      fault.candidates.length === 0
        ? "A profile of one's own: --profile-file FILE; `tallystick vehicle check FILE` says whether it is one."
        : "Name one: --profile NAME.",
    ],
    exitCode: badData,
  }),
  VEHICLE_IMPLAUSIBLE: (fault) => ({
    problem: `${fault.quantity} is ${fault.value}, expected ${fault.expected}`,
    advice: ["A damaged reply if it comes once; another car than the profile's if it comes each time."],
    exitCode: badData,
  }),
};

const LEFT_ALONE: Readonly<Record<FaultOf<"VEHICLE_LEFT_ALONE">["why"], string>> = {
  asleep: "it did not answer, and is left to sleep",
  "low-supply": "its 12 V battery is low",
  parked: "it is parked, and asked now and then only",
};

/** ISO 14229-1, annex A.1. */
function refusalText(code: number): string {
  const known: Readonly<Record<number, string>> = {
    0x11: "service not supported",
    0x12: "sub-function not supported",
    0x13: "wrong length",
    0x21: "busy",
    0x22: "conditions not correct",
    0x31: "it does not know this value",
    0x33: "access denied",
    0x78: "it takes too long",
    0x7e: "not in this session",
    0x7f: "not in this session",
  };
  return `code ${hexDigits(code, 2)}: ${known[code] ?? "no reason that is known"}`;
}
