/** `status`, `charge` and `end`: what can be asked of a running gateway. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { askGateway } from "#adapters/control/control-client.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { CONTROL_EVSE_MAX, type ControlAnswer } from "#adapters/control/control-message.ts";
import { rfc3339 } from "#records/civil-time.ts";
import { utcText } from "#records/quantity-text.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { lostBrokers, pseudonymText } from "./judge-health.ts";

export async function runStatus(given: CommandArguments, io: CommandIo): Promise<number> {
  const answer = await ask(given, io, { command: "status" });
  return say(answer, given, io, statusLines);
}

export async function runCharge(given: CommandArguments, io: CommandIo): Promise<number> {
  const evse = given.wholeNumber("evse", 1, CONTROL_EVSE_MAX) ?? 1;
  const answer = await ask(given, io, { command: "charge", station: given.required("station"), evse });
  return say(answer, given, io, ({ station }) => [
    `will charge at station ${String(station)}, outlet ${evse}, if that begins within an hour`,
  ]);
}

export async function runEnd(given: CommandArguments, io: CommandIo): Promise<number> {
  const answer = await ask(given, io, { command: "end" });
  return say(answer, given, io, () => ["the charge ends"]);
}

/** Of the file only the place is read: the running gateway has its own settings, even when it was changed since. */
export async function ask(
  given: CommandArguments,
  io: CommandIo,
  request: Readonly<Record<string, unknown>>,
): Promise<ControlAnswer> {
  const path = resolve(io.cwd, given.required("config"));
  return askGateway(resolve(dirname(path), await stateOf(path)), request);
}

/** Where the file cannot be read, or is half edited, its own folder is asked, as for a file that says nothing. */
async function stateOf(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  const parsed = parseGatewayConfig(text);
  return parsed.ok ? parsed.value.state : (/^state *= *"([^"\\]+)"/m.exec(text)?.[1] ?? ".");
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
    ...finalityLines(answer["finality"]),
    ...rulesLines(answer["rules"]),
    `  mesh     ${meshText(answer)}, ${peers} peers heard`,
    ...clockLines(answer["clock"]),
    `  charge   ${answer["isCharging"] === true ? "running" : "none"}`,
    ...offerLines(answer["offerFault"]),
    ...certificateLines(answer["certificate"]),
    ...pseudonymLines(answer["pseudonym"]),
    ...(answer["openDisputes"] === 0 ? [] : [`  disputes ${text("openDisputes")}: tallystick dispute list`]),
  ];
}

/** Of a vehicle that changes its identity. */
function pseudonymLines(pseudonym: unknown): readonly string[] {
  return isObject(pseudonym) ? [`  identity ${pseudonymText(pseudonym)}`] : [];
}

function finalityLines(finality: unknown): readonly string[] {
  if (!isObject(finality)) return ["  final    no block: nobody votes in this region"];
  const { final, voters, epoch } = finality;
  const serial = isObject(final) ? String(final["serial"]) : "";
  const count = Array.isArray(voters) ? voters.length : 0;
  const by = count === 1 ? "one voter, so by the operator's log alone" : `${count} voters of epoch ${String(epoch)}`;
  return [`  final    up to block ${serial}, by ${by}`];
}

/** Only what a person has to know: an update that is due, and what governors have decided. */
function rulesLines(rules: unknown): readonly string[] {
  if (!isObject(rules)) return [];
  const { isCodeOutdated, codeVersion, knownCodeVersion, pending } = rules;
  const waiting = Array.isArray(pending) ? pending.filter(isObject) : [];
  const next = waiting.find((params) => typeof params["codeVersion"] === "number");
  const due = Number(next?.["codeVersion"] ?? 0) > Number(knownCodeVersion);
  return [
    ...(isCodeOutdated === true
      ? [
          `  software OUTDATED: version ${String(codeVersion)} is asked for, this release knows ` +
            `${String(knownCodeVersion)}; charges, neither seals nor votes until it is updated`,
        ]
      : []),
    ...(due && next !== undefined
      ? [`  software update before epoch ${String(next["activeFromEpoch"])}: version ${String(next["codeVersion"])}`]
      : []),
    ...(waiting.length === 0 ? [] : [`  rules    ${waiting.length} changes decided: tallystick show rules`]),
  ];
}

function meshText({ isMeshConnected, brokers }: GoodAnswer): string {
  if (isMeshConnected !== true) return "not connected";
  const lost = lostBrokers(brokers);
  return lost === "" ? "connected" : `connected, but not with ${lost}`;
}

/** What the date is worth while nothing outside has set it: the same words as in the events. */
const SOURCE_TEXTS: Readonly<Record<string, string>> = {
  members: "the date is what other gateways say",
  station: "the date is what the station says",
  own: "seals only by its branch's own time, sells no hours",
};

function clockLines(clock: unknown): readonly string[] {
  if (!isObject(clock)) return [];
  const { state, errorMs, source, wallMs } = clock;
  const date = typeof wallMs === "number" ? `${rfc3339(wallMs)}, ` : "";
  const worth =
    state === "synced"
      ? `synchronised, at most ${String(errorMs)} ms off`
      : `not synchronised: ${SOURCE_TEXTS[String(source)] ?? String(source)}`;
  return [`  clock    ${date}${worth}`];
}

function offerLines(fault: unknown): readonly string[] {
  return isObject(fault) ? [`  tariff   not offered: ${String(fault["code"])}, it ${String(fault["detail"])}`] : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Only in a region that wants certificates. */
function certificateLines(certificate: unknown): readonly string[] {
  if (typeof certificate !== "object" || certificate === null || !("notAfter" in certificate)) return [];
  if ("isRevoked" in certificate && certificate.isRevoked === true)
    return ["  member   REVOKED: nothing new begins with it"];
  const { notAfter } = certificate;
  if (typeof notAfter !== "number") return ["  member   no certificate: tallystick ca request"];
  return [`  member   certificate until ${utcText(notAfter)}`];
}
