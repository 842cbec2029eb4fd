/**
 * How often a car may be asked. Each request wakes control units, and awake ones have emptied 12 V batteries within
 * days. Fast only while the car charges or is plugged in; otherwise a single look now and then, and only while the 12 V
 * system is being charged; nothing at all when it is low. No 12 V threshold alone tells a charging car from a parked
 * one (one was seen charging at 12.8 V), so a rise counts as much as a height.
 *
 * Reading the voltage at the adapter does not touch the car's bus and is always allowed.
 */

export interface PollingRules {
  /** From one look to the next: the first, and doubled each time nothing is found, up to the last. */
  readonly lookEveryMs: number;
  readonly lookEveryMaxMs: number;
  /** Somebody charges the 12 V system. */
  readonly chargedFromV: number;
  /** Above the lowest voltage of late: more than the adapter's step of 0.1 V and its noise. */
  readonly riseV: number;
  /** Below, the car is left alone; until it is that much higher again. */
  readonly lowV: number;
  readonly recoveredV: number;
  readonly supplyEveryMs: number;
  /** Requests in a row that nobody answered: the car sleeps. */
  readonly noDataMax: number;
  readonly asleepPauseMs: number;
  /** After the end of a charge, or a pulled plug, the car is still watched this long. */
  readonly lingerMs: number;
}

/** The study of 12 V drain reports (OVMS, WiCAN) gives the figures; rise and lingering are our own judgement. */
export const POLITE: PollingRules = {
  lookEveryMs: 5 * 60_000,
  lookEveryMaxMs: 15 * 60_000,
  chargedFromV: 13,
  riseV: 0.3,
  lowV: 12.2,
  recoveredV: 12.4,
  supplyEveryMs: 60_000,
  noDataMax: 3,
  asleepPauseMs: 15 * 60_000,
  lingerMs: 60_000,
};

export type PollingEvent =
  /** Volts at the adapter; null where it cannot tell. */
  | { readonly kind: "supply"; readonly volts: number | null; readonly atMs: number }
  | {
      readonly kind: "answered";
      readonly isCharging: boolean;
      readonly isPlugged: boolean | null;
      readonly atMs: number;
    }
  | { readonly kind: "noData"; readonly atMs: number }
  /** Somebody who knows says that a charge is about to begin: the cable, the handshake, a person. */
  | { readonly kind: "expected"; readonly atMs: number };

export interface PollingState {
  readonly isCharging: boolean;
  /** Until then the car is polled fast. */
  readonly fastUntilMs: number;
  readonly lookAgainAtMs: number;
  readonly lookEveryMs: number;
  /** After a series without an answer nothing is asked before. */
  readonly asleepUntilMs: number;
  readonly noDataInARow: number;
  /** Undefined before the first reading, null where the adapter cannot tell. */
  readonly supplyV: number | null | undefined;
  /** The lowest since the last look. */
  readonly lowestV: number | undefined;
  readonly isLow: boolean;
  readonly supplyAgainAtMs: number;
}

export type PollingAdvice =
  /** As fast as wanted. */
  | { readonly kind: "poll" }
  /** Once, and tell what came of it. */
  | { readonly kind: "look" }
  /** Only the adapter's voltage. */
  | { readonly kind: "readSupply" }
  | { readonly kind: "wait"; readonly untilMs: number; readonly why: "asleep" | "low-supply" | "parked" };

export function startPolling(nowMs: number, rules: PollingRules = POLITE): PollingState {
  return {
    isCharging: false,
    fastUntilMs: Number.NEGATIVE_INFINITY,
    lookAgainAtMs: nowMs,
    lookEveryMs: rules.lookEveryMs,
    asleepUntilMs: Number.NEGATIVE_INFINITY,
    noDataInARow: 0,
    supplyV: undefined,
    lowestV: undefined,
    isLow: false,
    supplyAgainAtMs: nowMs,
  };
}

/** What may be done now. The voltage is wanted first, since everything but a charge depends on it. */
export function pollingAdvice(state: PollingState, nowMs: number, rules: PollingRules = POLITE): PollingAdvice {
  if (nowMs >= state.supplyAgainAtMs && !state.isCharging) return { kind: "readSupply" };
  // A car that says it charges keeps its 12 V system up by itself, whatever an uncalibrated adapter shows.
  if (state.isCharging && nowMs >= state.asleepUntilMs) return { kind: "poll" };
  const wait = (why: "asleep" | "low-supply" | "parked", untilMs: number): PollingAdvice => ({
    kind: "wait",
    untilMs: Math.min(untilMs, state.supplyAgainAtMs),
    why,
  });
  if (state.isLow) return wait("low-supply", Number.POSITIVE_INFINITY);
  if (nowMs < state.asleepUntilMs) return wait("asleep", state.asleepUntilMs);
  if (nowMs < state.fastUntilMs) return { kind: "poll" };
  if (nowMs < state.lookAgainAtMs) return wait("parked", state.lookAgainAtMs);
  return maySupplyALook(state, rules) ? { kind: "look" } : wait("parked", Number.POSITIVE_INFINITY);
}

export function stepPolling(state: PollingState, event: PollingEvent, rules: PollingRules = POLITE): PollingState {
  switch (event.kind) {
    case "supply":
      return noteSupply(state, event, rules);
    case "answered":
      return noteAnswer(state, event, rules);
    case "noData":
      return noteNoData(state, event.atMs, rules);
    case "expected":
      return {
        ...state,
        fastUntilMs: event.atMs + rules.lingerMs,
        asleepUntilMs: Number.NEGATIVE_INFINITY,
        noDataInARow: 0,
      };
  }
}

/** The very first look is free: nothing is known of a car that was just plugged in to. */
function maySupplyALook(state: PollingState, rules: PollingRules): boolean {
  const { supplyV, lowestV } = state;
  // Without a voltmeter the slowest pace of all is what is left.
  if (typeof supplyV !== "number" || lowestV === undefined) return true;
  return supplyV >= rules.chargedFromV || roundedV(supplyV - lowestV) >= rules.riseV;
}

function noteSupply(
  state: PollingState,
  { volts, atMs }: Extract<PollingEvent, { kind: "supply" }>,
  rules: PollingRules,
): PollingState {
  const supplyAgainAtMs = atMs + rules.supplyEveryMs;
  if (volts === null) return { ...state, supplyV: null, lowestV: undefined, isLow: false, supplyAgainAtMs };
  const isLow = volts < (state.isLow ? rules.recoveredV : rules.lowV);
  const lowestV = state.supplyV === undefined ? undefined : Math.min(volts, state.lowestV ?? state.supplyV ?? volts);
  return { ...state, supplyV: volts, lowestV, isLow, supplyAgainAtMs };
}

function noteAnswer(
  state: PollingState,
  { isCharging, isPlugged, atMs }: Extract<PollingEvent, { kind: "answered" }>,
  rules: PollingRules,
): PollingState {
  const isBusy = isCharging || isPlugged === true;
  const answered = { ...state, isCharging, noDataInARow: 0, asleepUntilMs: Number.NEGATIVE_INFINITY };
  if (isBusy) {
    return { ...answered, fastUntilMs: atMs + rules.lingerMs, lookEveryMs: rules.lookEveryMs, lookAgainAtMs: atMs };
  }
  // Still watched after a charge; then each look that finds nothing puts the next one off.
  if (atMs < state.fastUntilMs) return { ...answered, lookAgainAtMs: atMs + rules.lookEveryMs };
  return { ...answered, ...lookLater(state, atMs, rules) };
}

function noteNoData(state: PollingState, atMs: number, rules: PollingRules): PollingState {
  const noDataInARow = state.noDataInARow + 1;
  // While it is polled fast, one silence is not a sleep; a look that nobody answers is.
  const isAsleep = noDataInARow >= rules.noDataMax;
  if (!isAsleep && (state.isCharging || atMs < state.fastUntilMs)) return { ...state, noDataInARow };
  return {
    ...state,
    ...lookLater(state, atMs, rules),
    isCharging: false,
    fastUntilMs: Number.NEGATIVE_INFINITY,
    noDataInARow: isAsleep ? 0 : noDataInARow,
    asleepUntilMs: isAsleep ? atMs + rules.asleepPauseMs : state.asleepUntilMs,
  };
}

/** The voltage of now is what a rise is measured from. */
function lookLater(
  state: PollingState,
  atMs: number,
  rules: PollingRules,
): Pick<PollingState, "lookAgainAtMs" | "lookEveryMs" | "lowestV"> {
  const everyMs = state.supplyV === null ? rules.lookEveryMaxMs : state.lookEveryMs;
  return {
    lookAgainAtMs: atMs + everyMs,
    lookEveryMs: Math.min(2 * everyMs, rules.lookEveryMaxMs),
    lowestV: typeof state.supplyV === "number" ? state.supplyV : undefined,
  };
}

/** Adapters show tenths; 12.8 - 12.5 is not 0.3 in binary. */
function roundedV(volts: number): number {
  return Math.round(volts * 100) / 100;
}
