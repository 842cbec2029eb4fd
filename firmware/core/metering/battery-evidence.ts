/**
 * What a figure was made of: for each interval of up to five minutes of charging, the car's replies as they came. Not
 * all of them: the first, the last, one each 25 s (each 5 s at first), and those at both ends of a gap, a pause or a
 * jump of the power. Less than 30 s apart, they give the interval's energy again by the same rules, to within its
 * stated uncertainty.
 */
import { NO_BATTERY_ENERGY, openSession, takeSample } from "./battery-energy.ts";
import { GAP_MS } from "./battery-flow.ts";
import { inflowMilliW } from "./battery-integral.ts";
import { batteryEstimates, type BatteryEstimate } from "./battery-statement.ts";
import { tickSquareOf } from "./battery-counter.ts";
import type { BatteryEnergy, BatteryLimits, BatterySample, ChargeEnergy, InletSums } from "./battery-state.ts";
import { sumsBetween } from "./battery-sums.ts";

/** An interval is closed after so long, or when the charging ends. */
export const EVIDENCE_INTERVAL_MS = 300_000;
/** So many replies of an interval are kept at most, and so many bytes of one sample's. */
export const EVIDENCE_REPLIES_MAX = 44;
export const EVIDENCE_SAMPLE_BYTES_MAX = 1_024;
export const EVIDENCE_PARTS_MAX = 32;

/** The replies of one sample. */
export interface EvidenceReply {
  /** Since the interval's first sample. */
  readonly atMs: number;
  readonly charging: boolean;
  readonly plugged: boolean | null;
  readonly replies: readonly Uint8Array[];
}

/** An interval that is over. Each begins with the sample that ended the one before, unless something came between. */
export interface ClosedInterval {
  readonly fromWallMs: number;
  readonly durationMs: number;
  readonly samples: number;
  /** Of this interval alone. */
  readonly estimates: readonly BatteryEstimate[];
  readonly replies: readonly EvidenceReply[];
}

/** What is being collected. In memory: of an interval that a power cut interrupts, the replies are lost. */
export interface Evidence {
  readonly open: OpenInterval | null;
  /** The sample before, with its time on the running clock: a charge may begin between it and the next. */
  readonly previous: { readonly reply: EvidenceReply; readonly wallMs: number } | null;
}

export const NO_EVIDENCE: Evidence = { open: null, previous: null };

export interface OpenInterval {
  readonly fromMs: number;
  readonly fromWallMs: number;
  readonly fromCharge: ChargeEnergy;
  readonly replies: readonly EvidenceReply[];
  readonly latest: EvidenceReply;
  /** Power into the battery at the reply that was kept last. */
  readonly keptMilliW: number;
  readonly samples: number;
  readonly edges: number;
}

export interface EvidenceSample {
  readonly rawReplies: readonly Uint8Array[];
  readonly wallMs: number;
}

export interface CollectStep {
  readonly evidence: Evidence;
  readonly closed: ClosedInterval | null;
}

/** `states`: before and after the sample; the same one where the sample was refused. */
export function collectEvidence(
  evidence: Evidence,
  states: readonly [before: BatteryEnergy, after: BatteryEnergy],
  sample: EvidenceSample,
  usableMilliWh: number | null,
): CollectStep {
  const [before, after] = states;
  if (before.last === after.last || after.last === null) return { evidence, closed: null };
  const { open } = evidence;
  const previous = { reply: replyOf(after, sample, 0), wallMs: sample.wallMs };
  const isActive = after.stretch.isOpen || after.stretch.opening !== null;
  const isNewOpening = after.stretch.opening?.sinceMs === after.last.atMs;
  const begun = isActive ? openInterval(evidence, states, sample) : null;
  if (open === null) return { evidence: { open: begun, previous }, closed: null };
  // Nothing came of what seemed to be a charge.
  const isNothing = !before.stretch.isOpen && (begun === null || isNewOpening);
  if (isNothing) return { evidence: { open: begun, previous }, closed: null };
  if (before.stretch.isOpen && isNewOpening) {
    return { evidence: { open: begun, previous }, closed: closeInterval(open, before, usableMilliWh) };
  }
  const grown = addReply(open, states, sample);
  const isFull = grown.latest.atMs >= EVIDENCE_INTERVAL_MS && after.charge.gaps.pending === null;
  if (isActive && !isFull) return { evidence: { open: grown, previous }, closed: null };
  return { evidence: { open: begun, previous }, closed: closeInterval(grown, after, usableMilliWh) };
}

/** The interval as it stands; the charge to which it belongs may be over. */
export function closeInterval(open: OpenInterval, state: BatteryEnergy, usableMilliWh: number | null): ClosedInterval {
  const { fromWallMs, fromCharge, latest, samples, replies } = open;
  return {
    fromWallMs,
    durationMs: latest.atMs,
    samples,
    estimates: batteryEstimates(chargeBetween(fromCharge, state.charge), state.steps, usableMilliWh),
    replies: replies.at(-1) === latest ? replies : [...replies, latest],
  };
}

/**
 * The interval's energy again, from the samples that its replies give. One that begins with a charging sample goes on
 * with a charge, which needs no second word.
 *
 * @param powerMaxW of the contract; null without one
 */
export function energyAgain(
  samples: readonly BatterySample[],
  powerMaxW: number | null,
  limits: BatteryLimits,
): BatteryEnergy {
  const [first, ...rest] = samples;
  const begun = openSession(NO_BATTERY_ENERGY, powerMaxW);
  if (first === undefined) return begun;
  const state = takeSample(begun, first, limits);
  const { opening } = state.stretch;
  const goesOn = first.charging && opening !== null;
  const opened = {
    ...state,
    charge: opening?.charge ?? state.charge,
    stretch: { ...state.stretch, isOpen: true, opening: null, doubt: null },
  };
  return rest.reduce((again, next) => takeSample(again, next, limits), goesOn ? opened : state);
}

/** So many edges of an interval get replies of their own; the evenly spread ones need the rest of the room. */
const EDGES_MAX = 12;
const SPREAD_MS = 25_000;
/** An interval may turn out to be a short one, which a few replies must give again, too. */
const BEGINNING_MS = 30_000;
const BEGINNING_SPREAD_MS = 5_000;

/**
 * A charge that begins does so between two samples, and both belong to it; later intervals begin with the sample that
 * ended the one before. What a gap across a restart was, no reply can tell: the interval begins behind it.
 */
function openInterval(
  { previous, open }: Evidence,
  [before, after]: readonly [before: BatteryEnergy, after: BatteryEnergy],
  sample: EvidenceSample,
): OpenInterval | null {
  if (after.charge.gaps.pending !== null) return null;
  const atMs = after.last?.atMs ?? 0;
  const isBetween =
    open === null && previous !== null && (after.session.powerMaxW !== null || atMs - previous.reply.atMs <= GAP_MS);
  const fromMs = isBetween ? previous.reply.atMs : atMs;
  const latest = replyOf(after, sample, fromMs);
  return {
    fromMs,
    fromWallMs: isBetween ? previous.wallMs : sample.wallMs,
    fromCharge: isBetween ? before.charge : after.charge,
    replies: isBetween ? [{ ...previous.reply, atMs: 0 }, latest] : [latest],
    latest,
    keptMilliW: powerOf(after),
    samples: isBetween ? 2 : 1,
    edges: 0,
  };
}

function addReply(
  open: OpenInterval,
  [before, after]: readonly [before: BatteryEnergy, after: BatteryEnergy],
  sample: EvidenceSample,
): OpenInterval {
  const { replies, latest } = open;
  const next = replyOf(after, sample, open.fromMs);
  const isGapOrPause = before.last?.charging !== after.last?.charging || next.atMs - latest.atMs > GAP_MS;
  const powerMilliW = powerOf(after);
  const isJump = 4 * Math.abs(powerMilliW - open.keptMilliW) > Math.max(powerMilliW, open.keptMilliW, LEAST_MILLI_W);
  const isEdge = (isGapOrPause || isJump) && open.edges < EDGES_MAX;
  const spreadMs = next.atMs <= BEGINNING_MS ? BEGINNING_SPREAD_MS : SPREAD_MS;
  const isSpread = next.atMs - (replies.at(-1)?.atMs ?? 0) >= spreadMs;
  const missing = isEdge && replies.at(-1) !== latest ? [latest] : [];
  const isKept = (isEdge || isSpread) && replies.length + missing.length + 1 < EVIDENCE_REPLIES_MAX;
  return {
    ...open,
    replies: isKept ? [...replies, ...missing, next] : replies,
    latest: next,
    keptMilliW: isKept ? powerMilliW : open.keptMilliW,
    samples: open.samples + 1,
    edges: open.edges + (isEdge ? 1 : 0),
  };
}

/** A quarter of this and less is no jump of the power. */
const LEAST_MILLI_W = 1_000_000;

function powerOf({ last }: BatteryEnergy): number {
  return last === null ? 0 : inflowMilliW(last);
}

/** The replies that carry voltage and current come first; where there are too many, the last ones are left out. */
function replyOf({ last }: BatteryEnergy, { rawReplies }: EvidenceSample, fromMs: number): EvidenceReply {
  const replies: Uint8Array[] = [];
  let room = EVIDENCE_SAMPLE_BYTES_MAX;
  for (const reply of rawReplies) {
    if (tellsIdentity(reply)) continue;
    room -= reply.length;
    if (room < 0 || replies.length === EVIDENCE_PARTS_MAX) break;
    replies.push(reply);
  }
  return {
    atMs: (last?.atMs ?? 0) - fromMs,
    charging: last?.charging ?? false,
    plugged: last?.plugged ?? null,
    replies,
  };
}

/**
 * The answers in which a car gives its identification number (services 09, 22 and 1A). No profile asks for it while it
 * measures; should one ever do, evidence must still not say whose car it is.
 */
function tellsIdentity(reply: Uint8Array): boolean {
  // What its digits do not hold all together, no line of it does; almost every reply is told by that.
  if (!mayTellIdentity(reply)) return false;
  let text = "";
  for (const byte of reply) text += String.fromCharCode(byte);
  return text.split(/[\r\n>]/).some((line) => IDENTITY.test(line.replaceAll(/[^0-9A-Fa-f]/g, "").toUpperCase()));
}

/** Whether the hexadecimal digits, whatever stands between them, hold one of the answers. */
function mayTellIdentity(reply: Uint8Array): boolean {
  let digits = 0;
  for (const byte of reply) {
    const value = DIGIT_VALUES[byte] ?? NO_DIGIT;
    if (value === NO_DIGIT) continue;
    digits = ((digits << 4) | value) & 0xffffff;
    const last4 = digits & 0xffff;
    if (last4 === 0x4902 || last4 === 0x5a90 || digits === 0x62f190) return true;
  }
  return false;
}

const NO_DIGIT = 0xff;
const DIGIT_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return value < 0 ? NO_DIGIT : value;
});

/** The unit's identifier, with an extended address or without; head of a single or first frame; or the answer alone. */
const IDENTITY = /^(?:(?:[0-9A-F]{3}|[0-9A-F]{8})(?:F1)?(?:0[0-7]|1[0-9A-F]{3})|0)?(?:4902|62F190|5A90)/;

/** What was added between two states of one session. */
function chargeBetween(earlier: ChargeEnergy, later: ChargeEnergy): ChargeEnergy {
  const { counter: before } = earlier;
  const { counter: now } = later;
  const startTick = before.run?.ticks?.last.widthMilliWh ?? 0;
  const endTick = now.run?.ticks?.last.widthMilliWh ?? 0;
  const inlet = (kind: keyof ChargeEnergy["inlet"]["byKind"]): InletSums =>
    inletBetween(earlier.inlet.byKind[kind], later.inlet.byKind[kind]);
  return {
    integral: { ...sumsBetween(earlier.integral, later.integral), remainder: 0 },
    gaps: {
      ...later.gaps,
      count: later.gaps.count - earlier.gaps.count,
      bridgedMilliWh: Math.max(0, later.gaps.bridgedMilliWh - earlier.gaps.bridgedMilliWh),
    },
    counter: {
      ...now,
      run: null,
      countedMilliWh: now.countedMilliWh - before.countedMilliWh,
      covered: sumsBetween(before.covered, now.covered),
      // What was in doubt when the interval began may have turned out to be one run with what came before it.
      tickSquare: Math.max(endTick ** 2, tickSquareOf(now) - before.tickSquare + startTick ** 2),
    },
    stateOfCharge: {
      ...later.stateOfCharge,
      risenMilliPercent: later.stateOfCharge.risenMilliPercent - earlier.stateOfCharge.risenMilliPercent,
      runs:
        later.stateOfCharge.runs -
        earlier.stateOfCharge.runs +
        (earlier.stateOfCharge.lastMilliPercent === null ? 0 : 1),
    },
    inlet: {
      last: null,
      byKind: { active: inlet("active"), apparent: inlet("apparent"), "direct-current": inlet("direct-current") },
    },
  };
}

function inletBetween(earlier: InletSums, later: InletSums): InletSums {
  return {
    energyMilliWh: later.energyMilliWh - earlier.energyMilliWh,
    remainder: 0,
    samplingMicroWh: later.samplingMicroWh - earlier.samplingMicroWh,
    gapMilliWh: later.gapMilliWh - earlier.gapMilliWh,
    reactiveMilliWh: later.reactiveMilliWh - earlier.reactiveMilliWh,
  };
}
