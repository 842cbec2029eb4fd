/**
 * Brings an adapter of unknown make and state to the one state the driver works in, and learns what it is.
 *
 * The commands are the union that works on the widest set of adapters. Only a few must succeed: replies are read
 * without spaces and without echo anyway, so an adapter that does not know how to change those is no worse.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { bannerOf, readReply } from "./read-reply.ts";

export interface SetupStep {
  readonly command: string;
  readonly timeoutMs: number;
  readonly expects: "banner" | "ok" | "anything";
}

export interface SetupState {
  readonly step: number;
  /** Of the present step. */
  readonly attempt: number;
  readonly banner: string;
  /** Chips of the STN family (OBDLink) answer STI; it takes the place of the banner they imitate. */
  readonly stnVersion: string | null;
}

export interface SetupFault {
  readonly code: "ADAPTER_UNKNOWN";
  readonly command: string;
  readonly reply: string;
}

/** The reply that the adapter waits for at most, unless it is told otherwise: 0x32 x 4.096 ms. */
export const ADAPTER_TIMEOUT_STEPS = 0x32;

export const SETUP_START: SetupState = { step: 0, attempt: 0, banner: "", stnVersion: null };

/** The command to send next; undefined when the adapter is set up. */
export function nextSetupStep(state: SetupState): SetupStep | undefined {
  return STEPS[state.step];
}

export function acceptSetupReply(state: SetupState, text: string): Result<SetupState, SetupFault> {
  const step = STEPS[state.step];
  if (step === undefined) return ok(state);
  const banner = bannerOf(text);
  const isMet =
    step.expects === "anything" ||
    (step.expects === "banner" && banner !== undefined) ||
    (step.expects === "ok" && banner === undefined && isOk(text, step.command));
  if (isMet) return ok({ ...learn(state, step, text), step: state.step + 1, attempt: 0 });
  // A banner in the middle means that the adapter started anew: so do we. What was left in its line buffer, or a prompt
  // that came late, costs the first reset; hence the second and third.
  if (state.attempt + 1 < ATTEMPTS_MAX) return ok({ ...SETUP_START, attempt: state.attempt + 1 });
  return fail({ code: "ADAPTER_UNKNOWN", command: step.command, reply: text.trim().slice(0, 120) });
}

const ATTEMPTS_MAX = 3;
const AT_TIMEOUT_MS = 1_000;

const STEPS: readonly SetupStep[] = [
  // Includes a test of the lamps; half a second on a genuine one.
  { command: "ATZ", timeoutMs: 2_500, expects: "banner" },
  { command: "ATE0", timeoutMs: AT_TIMEOUT_MS, expects: "ok" },
  { command: "ATL0", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  { command: "ATS0", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  // Without identifiers the replies of several units cannot be told apart.
  { command: "ATH1", timeoutMs: AT_TIMEOUT_MS, expects: "ok" },
  { command: "ATAL", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  { command: "ATAT1", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  {
    command: `ATST${ADAPTER_TIMEOUT_STEPS.toString(16).toUpperCase()}`,
    timeoutMs: AT_TIMEOUT_MS,
    expects: "anything",
  },
  { command: "STI", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
];

function learn(state: SetupState, step: SetupStep, text: string): SetupState {
  if (step.command === "ATZ") return { ...state, banner: bannerOf(text) ?? state.banner };
  if (step.command === "STI") return { ...state, stnVersion: /STN\d+[^\r\n>]*/i.exec(text)?.[0].trim() ?? null };
  return state;
}

/** Right after a reset the echo is still on, so OK may stand behind the command itself. */
export function isOk(text: string, command: string): boolean {
  const reply = readReply(text, command);
  return reply.kind === "lines" && reply.lines.at(-1) === "OK";
}
