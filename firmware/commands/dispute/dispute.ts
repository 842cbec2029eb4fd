/** `dispute`: what can be done about a charge on which station and vehicle do not agree, at a running gateway. */
import type { CommandArguments } from "../command.ts";
import { notAmong } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { ask, say } from "../control.ts";
import { EXIT } from "../exit-code.ts";
import { scaled } from "./scaled-decimal.ts";

export async function runDispute(given: CommandArguments, io: CommandIo): Promise<number> {
  const [what = "", which] = given.words;
  const view = Object.hasOwn(REQUESTS, what) ? REQUESTS[what] : undefined;
  if (view === undefined) throw new CommandError(EXIT.usage, `dispute what? ${notAmong(what, Object.keys(REQUESTS))}`);
  if ((which === undefined) === view.needsAddress) {
    const problem = view.needsAddress ? `dispute ${what} which? Give its address` : `dispute ${what} takes no address`;
    throw new CommandError(EXIT.usage, problem);
  }
  const stray = OPTIONS.find((option) => given.flag(option) && !view.options.includes(option));
  if (stray !== undefined) throw new CommandError(EXIT.usage, `dispute ${what} takes no --${stray}`);
  const answered = await ask(given, io, { command: `dispute-${what}`, ...view.request(given, which ?? "") });
  if (!answered.ok) return say(answered, given, io, () => []);
  // The words of the gateway are for people; what a program reads has the same as data.
  const { lines, ...answer } = answered;
  return say(answer, given, io, () => (Array.isArray(lines) ? lines.map(String) : []));
}

interface Request {
  readonly needsAddress: boolean;
  readonly options: readonly string[];
  readonly request: (given: CommandArguments, address: string) => Readonly<Record<string, unknown>>;
}

const OPTIONS = ["all", "energy", "amount", "accept", "fault", "reason"] as const;

const REQUESTS: Readonly<Record<string, Request>> = {
  list: { needsAddress: false, options: ["all"], request: (given) => ({ all: given.flag("all") }) },
  show: { needsAddress: true, options: [], request: (_, address) => ({ address }) },
  resolve: { needsAddress: true, options: ["energy", "amount", "accept"], request: proposal },
  adjudicate: { needsAddress: true, options: ["energy", "fault", "reason"], request: ruling },
};

function proposal(given: CommandArguments, address: string): Readonly<Record<string, unknown>> {
  const [accept, amount] = [given.flag("accept"), given.text("amount")];
  const hasFigures = given.flag("energy") || amount !== undefined;
  if (accept === hasFigures) {
    throw new CommandError(EXIT.usage, "give either --accept, or --energy KWH, --amount MONEY or both");
  }
  if (accept) return { address, accept };
  return {
    address,
    ...(given.flag("energy") ? { energyMilliWh: energyIn(given) } : {}),
    ...(amount === undefined ? {} : { amount }),
  };
}

function ruling(given: CommandArguments, address: string): Readonly<Record<string, unknown>> {
  const fault = given.oneOf("fault", ["station", "vehicle", "both", "none"]);
  if (fault === undefined) throw new CommandError(EXIT.usage, "--fault is missing: station, vehicle, both or none");
  return { address, energyMilliWh: energyIn(given), fault, reason: given.required("reason") };
}

const KWH_DIGITS = 6;

function energyIn(given: CommandArguments): number {
  const text = given.required("energy");
  const energyMilliWh = scaled(text, KWH_DIGITS);
  if (energyMilliWh !== undefined) return energyMilliWh;
  throw new CommandError(EXIT.usage, `--energy: found "${text}", expected kWh such as 12.5, with at most 6 decimals`);
}
