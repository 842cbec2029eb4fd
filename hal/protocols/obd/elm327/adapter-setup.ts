/**
 * Brings an adapter of unknown make and state to the one state the driver works in, and learns what it can do.
 *
 * The commands are the union that works on the widest set of adapters. Only a few must succeed: replies are read
 * without spaces and without echo anyway, so an adapter that does not know how to change those is no worse. What an
 * adapter can do is asked once; after a reset of the same adapter only its settings are restored.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { type AdapterCapabilities, capabilitiesOf, PROBE_COMMANDS, TIMEOUT_COMMAND } from "./adapter-capabilities.ts";
import { bannerOf, isOk, isTrouble, isUnknownCommand, supplyVoltageOf } from "./read-reply.ts";

export interface SetupStep {
  readonly command: string;
  readonly timeoutMs: number;
  readonly expects: "banner" | "ok" | "anything";
}

export interface SetupMemory {
  /** Of this adapter, from an earlier time; undefined before the first. */
  readonly known: AdapterCapabilities | undefined;
  /** Commands that silenced it: they are left out, and count as unknown. */
  readonly deadly: ReadonlySet<string>;
}

export interface SetupState extends SetupMemory {
  readonly step: number;
  /** Of the whole, from the reset on. */
  readonly attempt: number;
  /** Garbled replies to this step so far. */
  readonly unclear: number;
  readonly banner: string;
  readonly replies: ReadonlyMap<string, string>;
}

export interface SetupFault {
  readonly code: "ADAPTER_UNKNOWN";
  readonly command: string;
  readonly reply: string;
}

export function startSetup(memory: SetupMemory = { known: undefined, deadly: new Set() }): SetupState {
  return { ...memory, step: 0, attempt: 0, unclear: 0, banner: "", replies: new Map() };
}

/** The command to send next; undefined when the adapter is set up. */
export function nextSetupStep(state: SetupState): SetupStep | undefined {
  return stepsOf(state)[state.step];
}

/** What is known once there is no next step. */
export function capabilitiesAfter(state: SetupState): AdapterCapabilities {
  return isKnown(state) ? state.known : capabilitiesOf(state.banner, state.replies);
}

/** `text` is empty when no reply came but the adapter answers again. */
export function acceptSetupReply(state: SetupState, text: string): Result<SetupState, SetupFault> {
  const step = nextSetupStep(state);
  if (step === undefined) return ok(state);
  if (isMet(step, text)) {
    // What an adapter can do is believed for long; noise on the line must not take it away.
    if (isGarbled(step, text) && state.unclear < UNCLEAR_MAX) return ok({ ...state, unclear: state.unclear + 1 });
    const banner = step.expects === "banner" ? (bannerOf(text) ?? state.banner) : state.banner;
    const replies = new Map(state.replies).set(step.command, text);
    return ok({ ...state, banner, replies, step: state.step + 1, unclear: 0 });
  }
  // A reset in the middle means that the adapter started anew: so do we. What was left in its line buffer, or a prompt
  // that came late, costs the first reset; hence the second and third.
  if (state.attempt + 1 < ATTEMPTS_MAX) return ok({ ...startSetup(state), attempt: state.attempt + 1 });
  return fail({ code: "ADAPTER_UNKNOWN", command: step.command, reply: text.trim().slice(0, 120) });
}

const ATTEMPTS_MAX = 4;
const UNCLEAR_MAX = 2;
const AT_TIMEOUT_MS = 1_000;

const SETTINGS: readonly SetupStep[] = [
  // Includes a test of the lamps; half a second on a genuine one.
  { command: "ATZ", timeoutMs: 2_500, expects: "banner" },
  { command: "ATE0", timeoutMs: AT_TIMEOUT_MS, expects: "ok" },
  { command: "ATL0", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  { command: "ATS0", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  // Without identifiers the replies of several units cannot be told apart.
  { command: "ATH1", timeoutMs: AT_TIMEOUT_MS, expects: "ok" },
  { command: "ATAL", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  { command: "ATAT1", timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
  { command: TIMEOUT_COMMAND, timeoutMs: AT_TIMEOUT_MS, expects: "anything" },
];

const PROBES: readonly SetupStep[] = PROBE_COMMANDS.map((command) => ({
  command,
  timeoutMs: AT_TIMEOUT_MS,
  expects: "anything",
}));

function stepsOf(state: SetupState): readonly SetupStep[] {
  const steps = isKnown(state) ? SETTINGS : [...SETTINGS, ...PROBES];
  return steps.filter(({ command }) => !state.deadly.has(command));
}

function isKnown(state: SetupState): state is SetupState & { readonly known: AdapterCapabilities } {
  return state.known !== undefined && state.known.banner === state.banner;
}

function isMet(step: SetupStep, text: string): boolean {
  if (step.expects === "banner") return bannerOf(text) !== undefined;
  if (isTrouble(text, step.command, "rebooted")) return false;
  return step.expects === "anything" || isOk(text, step.command);
}

/** Neither yes nor no. Silence is a no: the adapter was brought back from it. */
function isGarbled(step: SetupStep, text: string): boolean {
  if (step.expects !== "anything" || text === "" || step.command.startsWith("ST")) return false;
  if (step.command === "ATRV" && supplyVoltageOf(text) !== undefined) return false;
  return !isOk(text, step.command) && !isUnknownCommand(text, step.command);
}
