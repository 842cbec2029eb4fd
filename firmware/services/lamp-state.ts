/**
 * What the lamps of a box show: from what its gateway tells, one event after the other, to one state of the indicator.
 *
 * Pure, and only about what a person in front of the box has to know. Of several things that hold at once the one for
 * which somebody has to do something wins; the order is that of `IndicatorState`.
 */
import type { Role } from "#core/session/facts.ts";
import type { PauseReason } from "#core/session/stop-rules.ts";
import type { IndicatorState } from "#hal/ports/indicator.ts";
import type { GatewayEvents } from "./events.ts";

export interface LampState {
  readonly role: Role;
  readonly isStarted: boolean;
  readonly isMeshUp: boolean;
  readonly isClockKnown: boolean;
  readonly isPlugged: boolean;
  readonly isMeterAway: boolean;
  /** There is no tariff that may be offered now. */
  readonly isTariffAway: boolean;
  /** When the charge point last refused an order, in monotonic ms. */
  readonly refusedAtMs: number | undefined;
  readonly charge: LampCharge | undefined;
  /** Addresses of this gateway's own last charges: the ledger tells results of everybody's. */
  readonly own: readonly string[];
  /** The last own charge was disputed, and no other has begun. */
  readonly isLastDisputed: boolean;
  /** The gateway is on its way out with an error. */
  readonly hasFailed: boolean;
}

interface LampCharge {
  readonly address: string;
  readonly phase: "agreeing" | "flowing" | "heldBack" | "idle" | "ended";
  readonly energyMilliWh: number;
}

export function lampsAtStart(role: Role): LampState {
  return {
    ...{ role, isStarted: false, isMeshUp: false, isClockKnown: true, isPlugged: false, isMeterAway: false },
    isTariffAway: false,
    ...{ refusedAtMs: undefined, charge: undefined, own: [], isLastDisputed: false, hasFailed: false },
  };
}

/** What is shown. */
export function indicatorStateOf(state: LampState): IndicatorState {
  return WHEN.find(([, holds]) => holds(state))?.[0] ?? "ready";
}

/** The most urgent first, as in `IndicatorState`. */
const WHEN: readonly (readonly [IndicatorState, (state: LampState) => boolean])[] = [
  ["fault", ({ hasFailed }) => hasFailed],
  ["attention", needsAttention],
  ["noClock", ({ isClockKnown }) => !isClockKnown],
  // The first connection is part of the start.
  ["noNetwork", ({ isStarted, isMeshUp }) => isStarted && !isMeshUp],
  ["agreeing", ({ charge }) => charge?.phase === "agreeing"],
  ["charging", ({ charge }) => charge?.phase === "flowing"],
  ["plugged", ({ isPlugged }) => isPlugged],
  ["starting", ({ isStarted }) => !isStarted],
];

function needsAttention(state: LampState): boolean {
  const { role, isMeterAway, isTariffAway, refusedAtMs, charge, isLastDisputed } = state;
  const isCharging = charge !== undefined && charge.phase !== "ended" && charge.phase !== "idle";
  // A parked car sleeps and does not answer; an outlet without its meter is of no use to anybody.
  const missesMeter = isMeterAway && (role === "station" || isCharging);
  return isLastDisputed || missesMeter || isTariffAway || refusedAtMs !== undefined || charge?.phase === "heldBack";
}

/** A charge point that works again does not say so: what it refused is shown for so long after the last time. */
export const REFUSAL_SHOWN_MS = 30_000;

/** Looks at what no event tells: the time, and whether the date can be right. */
export function lookAtTime(state: LampState, now: { monotonicMs: number; isClockKnown: boolean }): LampState {
  const { refusedAtMs } = state;
  const isOver = refusedAtMs !== undefined && now.monotonicMs - refusedAtMs >= REFUSAL_SHOWN_MS;
  return { ...state, isClockKnown: now.isClockKnown, refusedAtMs: isOver ? undefined : refusedAtMs };
}

type EventName = keyof GatewayEvents;
type EventOf<Name extends EventName> = Parameters<GatewayEvents[Name]>[0];

/** @param nowMs monotonic */
export function stepLamps<Name extends EventName>(
  state: LampState,
  name: Name,
  event: EventOf<Name>,
  nowMs: number,
): LampState {
  return STEPS[name](state, event, nowMs);
}

const unmoved = (state: LampState): LampState => state;

/** A new event is looked at here: the compiler asks for it. */
const STEPS: {
  readonly [Name in EventName]: (state: LampState, event: EventOf<Name>, nowMs: number) => LampState;
} = {
  started: (state) => ({ ...state, isStarted: true }),
  stopped: unmoved,
  certificateTaken: unmoved,
  certificateRefused: unmoved,
  certificateEnding: unmoved,
  keyRotated: unmoved,
  pseudonymMissing: unmoved,
  pseudonymLeft: unmoved,
  meshConnected: (state, { up }) => ({ ...state, isMeshUp: up }),
  // Over the other broker the mesh goes on.
  brokerConnected: unmoved,
  plugged: (state, { plugged }) => ({ ...state, isPlugged: plugged, charge: plugged ? state.charge : undefined }),
  chainRequested: unmoved,
  handshakeEnded: unmoved,
  contractSigned: (state, { address }) =>
    // Who comes next is not told of a dispute with somebody else.
    remember({ ...state, isLastDisputed: false, charge: { address, phase: "agreeing", energyMilliWh: 0 } }, address),
  powerChanged: (state, { address, flowing, reason }) =>
    remember({ ...moveCharge(state, address, phaseFor(flowing, reason)), refusedAtMs: undefined }, address),
  reportSigned: (state, { address, role, energyMilliWh }) => takeReport(state, { address, role, energyMilliWh }),
  tariffLost: (state) => ({ ...state, isTariffAway: true }),
  tariffBack: (state) => ({ ...state, isTariffAway: false }),
  // To whoever stands in front of the box it is a car that is plugged in.
  idleChanged: (state, { address, idle }) => moveCharge(state, address, idle ? "idle" : "flowing"),
  // Who hangs on another station has to be told: the end of the charge, which follows, does that.
  patternPlayed: unmoved,
  bindingChecked: unmoved,
  completed: (state, { address, reason }) => {
    const ended = remember(moveCharge(state, address, "ended"), address);
    return reason === "disagreement" || reason === "another-car" ? { ...ended, isLastDisputed: true } : ended;
  },
  resultRecorded: (state, { address, state: outcome, verdict }) =>
    state.own.includes(address)
      ? { ...state, isLastDisputed: outcome === "DISPUTED" || verdict === "DISAGREE" }
      : state,
  meterLost: (state) => ({ ...state, isMeterAway: true }),
  meterBack: (state) => ({ ...state, isMeterAway: false }),
  // Shown until it is back, however long.
  chargePointFailed: (state) => ({ ...state, refusedAtMs: Number.POSITIVE_INFINITY }),
  chargePointBack: (state) => ({ ...state, refusedAtMs: undefined }),
  refused: (state, { what }, nowMs) =>
    what === "charge point" ? { ...state, refusedAtMs: Math.max(nowMs, state.refusedAtMs ?? 0) } : state,
  peerSeen: unmoved,
  blockAppended: unmoved,
  finalMoved: unmoved,
  voteCast: unmoved,
  // Whoever stands in front of the box can charge.
  codeOutdated: unmoved,
  votesDoubted: unmoved,
  contradictionFound: unmoved,
  misconductShown: unmoved,
  branchAbandoned: unmoved,
  snapshotTaken: unmoved,
  blocksDropped: unmoved,
  boardFailed: unmoved,
  // Looked at with the time: see lookAtTime.
  clockChanged: unmoved,
  biasFound: unmoved,
  lossLearned: unmoved,
};

/** Pauses by their reason; every other reason is an end. */
const PAUSES: Readonly<Record<PauseReason, LampCharge["phase"]>> = {
  "start-registers": "agreeing",
  "credit-exhausted": "heldBack",
  "report-overdue": "heldBack",
  "meter-absent": "heldBack",
  "ledger-behind": "heldBack",
};

function phaseFor(isFlowing: boolean, reason: string): LampCharge["phase"] {
  if (isFlowing) return "flowing";
  return isPause(reason) ? PAUSES[reason] : "ended";
}

function isPause(reason: string): reason is PauseReason {
  return Object.hasOwn(PAUSES, reason);
}

/** What has ended stays so: the power is told to be off after the last word, too. */
function moveCharge(state: LampState, address: string, phase: LampCharge["phase"]): LampState {
  const known = state.charge?.address === address ? state.charge : undefined;
  if (known?.phase === "ended") return state;
  return { ...state, charge: { address, phase, energyMilliWh: known?.energyMilliWh ?? 0 } };
}

type Report = Pick<EventOf<"reportSigned">, "address" | "role" | "energyMilliWh">;

/**
 * A vehicle is not told when power flows: its own register says it. A station's last reports come after its power is
 * off, and say nothing new; after a restart the first one tells that there is a charge.
 */
function takeReport(state: LampState, { address, role, energyMilliWh }: Report): LampState {
  const known = state.charge?.address === address ? state.charge : undefined;
  if (known?.phase === "ended") return state;
  const hasGrown = energyMilliWh > (known?.energyMilliWh ?? 0);
  const phase = role === "vehicle" && hasGrown ? "flowing" : (known?.phase ?? "agreeing");
  return remember({ ...state, charge: { address, phase, energyMilliWh } }, address);
}

/** Results come some blocks later, and may be revised: more charges than this do not wait for theirs. */
const OWN_MAX = 16;

function remember(state: LampState, address: string): LampState {
  return state.own.includes(address) ? state : { ...state, own: [...state.own, address].slice(-OWN_MAX) };
}
