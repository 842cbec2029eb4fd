/**
 * What an adapter can do, found out by asking it: versions in banners are invented by half of the adapters on sale.
 *
 * Nothing here transmits on the car's bus. What only shows there (whether the count digit, own flow control or long
 * requests really work) is learned while asking.
 */
import { hexDigits } from "#base/bytes.ts";
import { isOk, readReply, supplyVoltageOf } from "./read-reply.ts";

export interface AdapterCapabilities {
  readonly banner: string;
  /** Chips of the STN family (OBDLink) answer STI and STDI; others imitate an ELM327. */
  readonly stnVersion: string | null;
  readonly stnDevice: string | null;
  /** It said OK to a command that does not exist: its other OKs prove nothing. */
  readonly saysOkToAnything: boolean;
  /** ATST: its wait for the car can be set. */
  readonly setsTimeout: boolean;
  /** ATAT1: it shortens that wait by itself. */
  readonly adaptsTimeout: boolean;
  /** ATAL: commands of more than 7 bytes. */
  readonly longCommands: boolean;
  /** ATCAF0: frames can be sent as they are, with their protocol byte made by us. */
  readonly rawFrames: boolean;
  /** ATCEA: extended addresses made by the adapter. */
  readonly extendedAddress: boolean;
  /** ATFCSM1: flow control frames with an identifier and content of ours. */
  readonly ownFlowControl: boolean;
  /** ATCP: the upper 5 bits of a 29-bit identifier; without it the whole identifier is one header. */
  readonly setsPriority: boolean;
  /** ATRV gives a voltage. */
  readonly measuresSupply: boolean;
}

/** In this order; each is sent as it stands and answered with a prompt. */
export const PROBE_COMMANDS = [
  // No adapter has it. One that forgives the start of a command could take it for ATX, which is none either.
  "ATXYZ",
  "STI",
  "STDI",
  "ATCAF0",
  "ATCAF1",
  "ATCEA",
  // Mode 1 is refused until both its identifier and its data are known.
  "ATFCSH7E0",
  "ATFCSD300000",
  "ATFCSM1",
  "ATFCSM0",
  "ATCP18",
  "ATRV",
] as const;

/** `replies`: the text of each command's reply; a command without one was not answered. */
export function capabilitiesOf(banner: string, replies: ReadonlyMap<string, string>): AdapterCapabilities {
  const accepts = (command: string): boolean => isOk(replies.get(command) ?? "", command);
  const saysOkToAnything = accepts("ATXYZ");
  return {
    banner,
    stnVersion: stnName(replies, "STI"),
    stnDevice: stnName(replies, "STDI"),
    saysOkToAnything,
    setsTimeout: accepts(TIMEOUT_COMMAND),
    adaptsTimeout: accepts("ATAT1"),
    longCommands: accepts("ATAL"),
    // A mode that cannot be left again is of no use.
    rawFrames: accepts("ATCAF0") && accepts("ATCAF1") && !saysOkToAnything,
    extendedAddress: accepts("ATCEA") && !saysOkToAnything,
    ownFlowControl: accepts("ATFCSM1"),
    setsPriority: accepts("ATCP18"),
    measuresSupply: supplyVoltageOf(replies.get("ATRV") ?? "") !== undefined,
  };
}

/** The time that the adapter waits for the car at most, unless it is told otherwise: 0x32 x 4.096 ms = 205 ms. */
export const ADAPTER_TIMEOUT_STEPS = 0x32;
export const TIMEOUT_COMMAND = timeoutCommand(ADAPTER_TIMEOUT_STEPS);

export function timeoutCommand(steps: number): string {
  return `ATST${hexDigits(steps, 2)}`;
}

/** Imitations answer STI with `?`, with OK, or with their banner; a real one names itself. */
function stnName(replies: ReadonlyMap<string, string>, command: string): string | null {
  const reply = readReply(replies.get(command) ?? "", command);
  const line = reply.kind === "lines" ? reply.lines.find((each) => /^(?:STN\d|OBDLINK)/.test(each)) : undefined;
  if (line === undefined) return null;
  const shown = (replies.get(command) ?? "").split(/[\r\n]+/).map((each) => each.trim());
  return shown.find((each) => each.replace(/[ \t]/g, "").toUpperCase() === line) ?? line;
}
