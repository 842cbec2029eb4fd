/** `status`, `charge` and `end`: what can be asked of a running gateway. */
import { dirname, resolve } from "node:path";
import { askGateway } from "#adapters/control/control-client.ts";
import { CONTROL_EVSE_MAX, type ControlAnswer } from "#adapters/control/control-message.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";

export async function runStatus(given: CommandArguments, io: CommandIo): Promise<number> {
  const answer = await ask(given, io, { command: "status" });
  return say(answer, given, io, statusLines);
}

export async function runCharge(given: CommandArguments, io: CommandIo): Promise<number> {
  const evse = given.wholeNumber("evse", 1, CONTROL_EVSE_MAX) ?? 1;
  const answer = await ask(given, io, { command: "charge", station: given.required("station"), evse });
  return say(answer, given, io, ({ station }) => [`will charge at station ${String(station)}, outlet ${evse}`]);
}

export async function runEnd(given: CommandArguments, io: CommandIo): Promise<number> {
  const answer = await ask(given, io, { command: "end" });
  return say(answer, given, io, () => ["the charge ends"]);
}

/** The configuration itself is not read: the running gateway has its own, even when the file was changed since. */
export function ask(
  given: CommandArguments,
  io: CommandIo,
  request: Readonly<Record<string, unknown>>,
): Promise<ControlAnswer> {
  const home = dirname(resolve(io.cwd, given.required("config")));
  return askGateway(home, request);
}

type GoodAnswer = Extract<ControlAnswer, { readonly ok: true }>;

export function say(
  answer: ControlAnswer,
  given: CommandArguments,
  io: CommandIo,
  lines: (answer: GoodAnswer) => readonly string[],
): number {
  if (given.flag("json")) {
    io.out(JSON.stringify(answer));
    return answer.ok ? EXIT.ok : exitCodeOf(answer.code);
  }
  if (!answer.ok) throw new CommandError(exitCodeOf(answer.code), answer.message);
  for (const line of lines(answer)) io.out(line);
  return EXIT.ok;
}

/** What the gateway cannot do now is temporary; everything else was asked wrongly. */
function exitCodeOf(code: string): typeof EXIT.temporary | typeof EXIT.usage {
  return code === "CONTROL_NOT_CHARGING" ||
    code === "CONTROL_BUSY" ||
    code === "CONTROL_UNKNOWN_STATION" ||
    code === "DISPUTE_NOT_TAKEN"
    ? EXIT.temporary
    : EXIT.usage;
}

function statusLines(answer: GoodAnswer): readonly string[] {
  const text = (key: string): string => String(answer[key]);
  const peers = Array.isArray(answer["peers"]) ? answer["peers"].length : 0;
  return [
    `${text("name")} (${text("role")})`,
    `  device   ${text("device")}  (${text("did")})`,
    `  network  ${text("network")}`,
    `  chain    block ${text("serial")}, head ${text("head").slice(0, 12)}, ${text("waitingFacts")} facts waiting`,
    `  mesh     ${answer["isMeshConnected"] === true ? "connected" : "not connected"}, ${peers} peers heard`,
    `  charge   ${answer["isCharging"] === true ? "running" : "none"}`,
    ...(answer["openDisputes"] === 0 ? [] : [`  disputes ${text("openDisputes")}: tallystick dispute list`]),
  ];
}
