/** What must hold in every history, after every second of it. The numbers are those of the protocol's list. */
import { toHex } from "#base/bytes.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import type { LedgerState, Transaction } from "#core/ledger/state.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { ReportBody, Role } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import { POWER_MAX_W, type ChargeSimulation, type Said } from "./charge-world.ts";

export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** S8: nobody signs two different things for one place, whatever happened to it. */
export function checkNoEquivocation(said: readonly Said[]): Violation | undefined {
  const places = new Map<string, string>();
  for (const { by, fact, slot, key } of said) {
    const place = placeOf(by, fact, slot);
    if (place === undefined) continue;
    const before = places.get(place);
    if (before !== undefined && before !== key) {
      return { invariant: "S8", detail: `${place}: signed ${before.slice(0, 8)} and ${key.slice(0, 8)}` };
    }
    places.set(place, key);
  }
  return undefined;
}

/** Nothing that an honest gateway does, through whatever losses and restarts, is proof against it. */
export function checkNoEvidence({ misconduct }: LedgerState): Violation | undefined {
  const [did] = misconduct.keys();
  return did === undefined ? undefined : { invariant: "S10", detail: `evidence against ${did.slice(0, 8)}` };
}

/** What a gateway has said before it died, it knows after its next start: durable before anybody heard of it. */
export function checkRemembers(said: readonly Said[], by: Said["by"], state: LedgerState): Violation | undefined {
  for (const { fact } of said.filter((word) => word.by === by)) {
    if (fact?.kind !== "REPORT" && fact?.kind !== "OPEN") continue;
    if (fact.kind === "OPEN") {
      const isThere = [...state.transactions.entries().values()].some(({ openId }) => toHex(openId) === fact.key);
      if (!isThere) return { invariant: "durable", detail: `${by} has forgotten the OPEN ${fact.key.slice(0, 8)}` };
      continue;
    }
    if (fact.body.role !== by) continue;
    const transaction = state.transactions.get(toHex(fact.body.address));
    const known = transaction?.logs[fact.body.role].nextSequence ?? 0;
    if (known <= fact.body.sequence) {
      return { invariant: "durable", detail: `${by} has forgotten its report ${fact.body.sequence}` };
    }
  }
  return undefined;
}

/** S16: no two contracts share a handshake, and both sides hold the same ones. */
export function checkContracts(said: readonly Said[]): Violation | undefined {
  const byTranscript = new Map<string, string>();
  for (const { fact } of said) {
    if (fact?.kind !== "OPEN") continue;
    const transcript = toHex(fact.body.transcript);
    const before = byTranscript.get(transcript);
    if (before !== undefined && before !== fact.key) {
      return {
        invariant: "S16",
        detail: `two contracts of one handshake: ${before.slice(0, 8)}, ${fact.key.slice(0, 8)}`,
      };
    }
    byTranscript.set(transcript, fact.key);
  }
  return undefined;
}

/** No energy before both start registers are signed; S7: never more at risk than the exposure and one look. */
export function checkPower(simulation: ChargeSimulation): Violation | undefined {
  const { station, world } = simulation;
  const state = station.running?.ledger.chain.pending;
  const isFlowing = world.station(1).meterDevice.now().powerW > 100;
  if (state === undefined || !isFlowing) return undefined;
  const open = [...state.transactions.entries().values()].findLast((transaction) => transaction.state !== "CANCELLED");
  if (open === undefined) return { invariant: "contract", detail: "power flows without a contract" };
  if (open.state === "OPEN") return { invariant: "contract", detail: "power flows before both start registers" };
  const settlement = settle(chargeFactsOf(open), false);
  const own = world.station(1).meterDevice.now().importedMilliWh - open.open.startMilliWh[0];
  const slack = (POWER_MAX_W * 1000 * SLACK_SECONDS) / 3600;
  const atRisk = own - settlement.undisputedMilliWh;
  if (open.result === undefined && atRisk > open.open.terms.exposureMilliWh + slack) {
    return { invariant: "S7", detail: `${Math.round(atRisk / 1e6)} kWh at risk` };
  }
  return undefined;
}

/** A look is a second; a lease that nobody renews ends after 30 s, and that long a dead gateway may deliver. */
const SLACK_SECONDS = 120;

/** S4 and S6: the result is what `settle` makes of the facts, within its bounds, and the same for both. */
export function checkResults(simulation: ChargeSimulation): Violation | undefined {
  const states = [simulation.station, simulation.vehicle].map((node) => node.running?.ledger.chain.head.state);
  const [station, vehicle] = states;
  if (station === undefined || vehicle === undefined) return undefined;
  for (const transaction of station.transactions.entries().values()) {
    const other = vehicle.transactions.get(toHex(transaction.address));
    const found = boundsOf(transaction);
    if (found !== undefined) return found;
    if (
      toHex(station.id) === toHex(vehicle.id) &&
      JSON.stringify(other?.result) !== JSON.stringify(transaction.result)
    ) {
      return { invariant: "S4", detail: "equal heads, different results" };
    }
  }
  return undefined;
}

/** Nothing is billed twice: all results together are not more than what has passed the meter. */
export function checkEnergyBilledOnce(
  { station, world }: ChargeSimulation,
  firstMilliWh: number,
): Violation | undefined {
  const results = [...(station.running?.ledger.chain.head.state.transactions.entries().values() ?? [])];
  const billed = results.reduce((sum, { result }) => sum + (result?.billedMilliWh ?? 0), 0);
  const passed = world.station(1).meterDevice.now().importedMilliWh - firstMilliWh;
  return billed > passed ? { invariant: "once", detail: `${billed} mWh billed of ${passed} measured` } : undefined;
}

/** What has really happened, in ms of the world's clock. */
export interface TrueParking {
  readonly lastFlowMs: number;
  readonly unplugAtMs: number;
}

/**
 * Nobody pays for more time than the car has stood, and a car that stands is not said to have gone: what both have
 * signed is held against the world, for every charge that has a result.
 */
export function checkStanding(simulation: ChargeSimulation, parked: TrueParking): Violation | undefined {
  const { said, station, faults } = simulation;
  const transactions = [...(station.running?.ledger.chain.head.state.transactions.entries().values() ?? [])];
  for (const { address, result, open } of transactions) {
    if (result === undefined) continue;
    const charge = saidOf(said, address, open);
    const cost = chargeCost(charge, result.billedMilliWh);
    if (cost.minorUnits !== result.amount) {
      return { invariant: "price", detail: `${result.amount} sealed, ${cost.minorUnits} by what was signed` };
    }
    const parkedMs = cost.lines.filter(isParking).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    const trueMs = Math.max(0, parked.unplugAtMs - parked.lastFlowMs);
    const slackMs = 1000 * open.terms.readingIntervalSeconds + LOOKS_MS;
    if (parkedMs > (faults.standing === undefined ? 0 : trueMs + slackMs)) {
      return { invariant: "parking", detail: `${parkedMs / 1000} s billed, ${trueMs / 1000} s stood` };
    }
  }
  return undefined;
}

/** A look of each side, and a controller that takes its time. */
const LOOKS_MS = 5_000;

function isParking({ dimension }: { readonly dimension: string }): boolean {
  return dimension === "PARKING_TIME";
}

/** Everything signed for a charge, as a bystander has heard it: the ledger forgets the readings of settled ones. */
function saidOf(said: readonly Said[], address: Uint8Array, open: Transaction["open"]): ChargeFacts {
  const key = toHex(address);
  const own = said.flatMap(({ fact }) => {
    const isOwn = (fact?.kind === "REPORT" || fact?.kind === "COMPLETE") && toHex(fact.body.address) === key;
    return isOwn ? [fact] : [];
  });
  const reportsOf = (role: Role): readonly ReportBody[] =>
    own.flatMap((fact) => (fact.kind === "REPORT" && fact.body.role === role ? [fact.body] : []));
  const completes = own.flatMap((fact) => (fact.kind === "COMPLETE" ? [[fact.body.role, fact.body] as const] : []));
  return {
    open,
    reports: { station: reportsOf("station"), vehicle: reportsOf("vehicle") },
    completes: Object.fromEntries(completes),
    cancelled: {},
  };
}

function boundsOf({ result, open }: Transaction): Violation | undefined {
  if (result === undefined) return undefined;
  if (result.billedMilliWh > result.stationMilliWh)
    return { invariant: "S6", detail: "billed above the station's own" };
  if (result.billedMilliWh > open.terms.energyMaxMilliWh * 1.01)
    return { invariant: "S6", detail: "billed above the limit" };
  return undefined;
}

function placeOf(by: string, fact: Said["fact"], slot: number | undefined): string | undefined {
  if (slot !== undefined) return `${by} block of slot ${slot}`;
  if (fact?.kind === "REPORT") {
    return `${toHex(fact.body.address).slice(0, 8)} report ${fact.body.sequence} of the ${fact.body.role}`;
  }
  if (fact?.kind === "COMPLETE") {
    return `${toHex(fact.body.address).slice(0, 8)} completion of the ${fact.body.role}`;
  }
  return undefined;
}
